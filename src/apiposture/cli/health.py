"""Which command says what the scanner recognises here, what not, and why?"""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from apiposture import __version__
from apiposture.cli import output
from apiposture.cli.options import PATH, configured, tree_options

if TYPE_CHECKING:
    from apiposture.config import Config
    from apiposture.model.scan import Scan

FINE, NOTE, WRONG = "ok", "note", "problem"
SIGNS = {FINE: "✓", NOTE: "·", WRONG: "✗"}
COLORS = {FINE: "green", NOTE: "yellow", WRONG: "red"}
SIGN = r'[^\n] tool +ApiPosture |\{\s*"tool": "apiposture"'
"""How what this command writes begins."""
MOST = 5
"""Examples of one kind: enough to go and look."""
HERE = (Path("."),)


class Remark(NamedTuple):
    """One thing that was looked at: how it is, what it is, and what there is to say."""

    state: str
    about: str
    text: str


@click.command(short_help="Say what is recognised here, what is not, and why.")
@tree_options
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", help="How it is shown.")
@click.option("-o", "--output", "output_file", type=PATH, metavar="FILE", help="Write it here, not to standard output.")
def doctor(paths: Sequence[Path], form: str, output_file: Path | None, **options: Any) -> int:
    """Look at PATHS (here, where none is given) and at the tool itself: languages, frameworks, endpoints that are not resolved, files that
    could not be read, configuration, decisions that no longer hold, CI. Ends with 4 where a scan would be incomplete.
    """
    from apiposture.cli.outcome import CLEAN, INCOMPLETE
    from apiposture.cli.scanning import scanned
    from apiposture.files import common_root

    paths = paths or HERE
    output.check_file(output_file, paths, SIGN)
    config = configured(paths, **options)
    scan = scanned(paths, config)
    remarks = [*of_the_tool(config), *of_the_tree(scan), *of_the_decisions(scan, config), *of_the_pipeline(common_root(paths))]
    output.write(as_json(remarks) if form == "json" else as_text(remarks, output.has_color(output_file)), output_file)
    return INCOMPLETE if sum(problem.blocks for problem in scan.problems) > config.allow_problems else CLEAN


def as_text(remarks: Sequence[Remark], color: bool = False) -> str:
    """One line a remark; those on the same thing stand below each other."""
    from apiposture.reports.text import visible, wrapped

    wide = max(output.width(None), 60)
    lines, before = [], ""
    for state, about, text in remarks:
        for number, piece in enumerate(wrapped(visible(text), wide - 18)):
            sign = SIGNS[state] if number == 0 else " "
            name = about if number == 0 and about != before else ""
            sign = click.style(sign, fg=COLORS[state], bold=True) if color and number == 0 else sign
            lines.append(f"{sign} {name:<14}  {piece}".rstrip())
        before = about
    return "\n".join(lines) + "\n"


def as_json(remarks: Sequence[Remark]) -> str:
    """The same for a program."""
    found = {"tool": "apiposture", "version": __version__, "schema": 1, "remarks": [remark._asdict() for remark in remarks]}
    return json.dumps(found, indent=2) + "\n"


def of_the_tool(config: Config) -> Iterator[Remark]:
    """Which tool this is, which configuration holds, and where it keeps what it remembers."""
    from apiposture.analysis.flow import frame
    from apiposture.scan.cache import cache_folder

    compiled = "pure Python" if (frame.__file__ or "").endswith(".py") else "compiled"
    yield Remark(FINE, "tool", f"ApiPosture {__version__} ({compiled}) on Python {platform.python_version()}, {platform.system()}")
    yield Remark(FINE, "configuration", config.source or "none: the defaults hold (`apiposture init` writes one)")
    yield Remark(FINE, "cache", str(cache_folder()) if config.cache else "switched off")


def of_the_tree(scan: Scan) -> Iterator[Remark]:
    """What was read, what was recognised in it, and what was not resolved."""
    from apiposture.reports.figures import figures, listed

    languages = Counter(file.language for file in scan.files if file.language)
    for name, count in languages.most_common():
        lines = sum(file.lines for file in scan.files if file.language == name)
        yield Remark(FINE, "languages", f"{name}: {count:,} files, {lines:,} lines")
    if scan.nodes:
        share = 100 * scan.opaque / scan.nodes
        yield Remark(FINE if share < 1 else NOTE, "languages", f"{share:.2f} % of the code is in constructs that are not modelled")
    places = Counter(endpoint.framework for endpoint in scan.endpoints)
    for framework in scan.frameworks:
        yield Remark(FINE, "frameworks", framework)
    yield Remark(FINE if places else NOTE, "endpoints", listed(figures(scan).endpoints))
    unresolved = [endpoint for endpoint in scan.endpoints if endpoint.posture.level == "unknown"]
    for endpoint in unresolved[:MOST]:
        where = f"{endpoint.place.path}:{endpoint.place.line}"
        yield Remark(NOTE, "not resolved", f"{endpoint.method} {endpoint.route} ({where}): {endpoint.posture.why}")
    if len(unresolved) > MOST:
        yield Remark(NOTE, "not resolved", f"{len(unresolved) - MOST} more; `apiposture endpoints` lists all of them")
    yield from problems(scan)


def problems(scan: Scan) -> Iterator[Remark]:
    """What could not be handled, the worst first, a few of each kind."""
    kinds: dict[tuple[bool, str], list[str]] = {}
    for problem in scan.problems:
        where = f" ({problem.path}{f':{problem.line}' if problem.line else ''})" if problem.path else ""
        kinds.setdefault((not problem.blocks, problem.kind), []).append(f"{problem.message}{where}")
    for (mild, kind), messages in sorted(kinds.items()):
        for message in messages[:MOST]:
            yield Remark(NOTE if mild else WRONG, kind, message)
        if len(messages) > MOST:
            yield Remark(NOTE if mild else WRONG, kind, f"{len(messages) - MOST} more of this kind")


def of_the_decisions(scan: Scan, config: Config) -> Iterator[Remark]:
    """What is accepted, and what could be held tighter. Decisions that ran out or meet nothing are problems of the scan already."""
    from apiposture.cli.outcome import slack
    from apiposture.cli.scanning import configured_baseline
    from apiposture.model.finding import KNOWN
    from apiposture.scan import known_from

    accepted = [finding for finding in scan.findings if finding.suppressed_by is not None and finding.suppressed_by.reason != KNOWN]
    if accepted:
        yield Remark(FINE, "accepted", f"{len(accepted)} finding{'s' * (len(accepted) != 1)}, each with a reason")
    report = configured_baseline(config)
    if report is not None:
        known = known_from(report).fingerprints
        gone = len(known - {finding.fingerprint for finding in scan.findings})
        advice = f"; {gone} gone: renew it with `apiposture scan --format baseline:{report} --fail-on none`" if gone else ""
        yield Remark(NOTE if gone else FINE, "baseline", f"{len(known) - gone} of {len(known)} findings are still there{advice}")
    for note in slack(scan, config):
        yield Remark(NOTE, "ratchet", note)


def of_the_pipeline(root: Path) -> Iterator[Remark]:
    """Where a change is scanned, and what a comparison needs."""
    from apiposture.model.error import PostureError
    from apiposture.pipelines import names, place
    from apiposture.pipelines.plan import HOOK, runs_us, top_of
    from apiposture.repository import find

    top = top_of(root)
    written = {name: place(name) for name in names()}
    there = [name for name, each in written.items() if runs_us(top, each)]
    for name in there:
        if name == HOOK and not is_switched_on(root):
            yield Remark(NOTE, "pipeline", f"{written[name].title}: written, not switched on (`pre-commit install` does)")
        else:
            yield Remark(FINE, "pipeline", written[name].title)
    for name, each in written.items():
        if name not in there and each.beside and (top / each.beside).is_file():
            yield Remark(NOTE, "pipeline", f"{each.title}: '{each.beside}' alone changes nothing: {each.then}")
    if not there:
        yield Remark(NOTE, "pipeline", "no CI file or hook runs apiposture (`apiposture init` writes them)")
    try:
        repository = find(root)
    except PostureError as error:
        yield Remark(NOTE, "git", str(error))
        return
    if repository is None:
        yield Remark(NOTE, "git", "no repository: --diff has nothing to compare with")
    elif repository.is_shallow:
        yield Remark(NOTE, "git", "a shallow clone: --diff needs the commit where a change began (fetch-depth: 0)")
    else:
        yield Remark(FINE, "git", "the history is whole: --diff REF works")


def is_switched_on(root: Path) -> bool:
    """Did `pre-commit install` put its script where git runs it?"""
    from apiposture.model.error import PostureError
    from apiposture.repository import find

    try:
        repository = find(root)
    except PostureError:
        return False
    hook = repository.shared / "hooks" / "pre-commit" if repository is not None else root
    return hook.is_file() and "pre-commit" in hook.read_text("utf-8", "replace")
