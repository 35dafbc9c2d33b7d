"""Which commands scan a tree?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from apiposture.cli import output
from apiposture.cli.options import (
    CERTAINTIES,
    PATH,
    SEVERITIES,
    complete_format,
    complete_rule,
    configured,
    since_option,
    store_options,
    tree_options,
    who_options,
)
from apiposture.cli.progress import ProgressBar

if TYPE_CHECKING:
    from apiposture.config import Config
    from apiposture.model.finding import Finding
    from apiposture.model.scan import Scan

HERE = (Path("."),)
SHORTEST = 4
"""Characters of a fingerprint that tell findings apart well enough to ask for one."""


@click.command(short_help="Find who can reach what they should not.")
@tree_options
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="The least severity that ends with exit code 1 (default: high).")
@click.option(
    "--format", "formats", multiple=True, shell_complete=complete_format, metavar="NAME[:FILE]",
    help="terminal, json, sarif, html, markdown, comment, github, gitlab, codequality, junit or csv. May be repeated.",
)  # fmt: skip
@click.option("-o", "--output", "output_file", type=PATH, metavar="FILE", help="Write the report here, not to standard output.")
@click.option("--rule", "chosen", multiple=True, shell_complete=complete_rule, metavar="RULE", help="Run this rule only. May be repeated.")
@click.option("--baseline", type=PATH, metavar="FILE", help="Accept the findings of this earlier JSON or SARIF report.")
@click.option("--diff", "since", metavar="REF", help="Report only what the change since this git revision brings in.")
@click.option("--min-certainty", type=click.Choice(CERTAINTIES), help="Show findings of at least this certainty; all count.")
@click.option("--persona", type=click.Choice(("regular", "auditor")), default="regular", help="For whom: an auditor is told more.")
@click.option("--record", "recorded", is_flag=True, help="Add the result to the project's history (needs the extra 'store').")
@store_options
@who_options
@click.option("-q", "--quiet", is_flag=True, help="No notes and no progress.")
@click.option("-v", "--verbose", is_flag=True, help="More about each finding, and a stack trace should this tool fail.")
def scan(
    paths: Sequence[Path],
    formats: Sequence[str],
    output_file: Path | None,
    chosen: Sequence[str],
    baseline: Path | None,
    since: str | None,
    persona: str,
    recorded: bool,
    quiet: bool,
    verbose: bool,
    **options: Any,
) -> int:
    """Read the source below PATHS (here, where none is given) and report what an attacker could reach, with proof."""
    from apiposture.cli.outcome import exit_code, gated, held_back, slack
    from apiposture.config import RuleChoice
    from apiposture.files import common_root

    started, began = perf_counter(), datetime.now(UTC)
    paths = paths or HERE
    targets = output.targets(formats, output_file, paths)
    check_formats(targets)
    check_revision(since)
    keeping = {name: options.pop(name) for name in ("store", "project", "operator", "run")}
    config = configured(paths, rules=RuleChoice(select=tuple(rule.upper() for rule in chosen)) if chosen else None, **options)
    result = scanned(paths, config, quiet, baseline, since or "")
    if recorded:
        from apiposture.cli.recording import keep

        keep(result, paths, config, quiet, **keeping)
    personas = ("regular", "auditor") if persona == "auditor" else ("regular",)
    whole = not since
    failing = gated(result, config, personas, whole)
    shown = {
        "certainty": config.min_certainty,
        "personas": personas,
        "details": verbose,
        "base": output.way_from_repository(common_root(paths)),
        "gate": frozenset(finding.fingerprint for finding in failing),
        "started": told(began),
        "finished": told(datetime.now(UTC)),
    }
    for target in targets:
        output.write(rendered(target, result, elapsed=perf_counter() - started, **shown), target.file)
    hidden = [f for f in failing if CERTAINTIES.index(f.certainty) > CERTAINTIES.index(config.min_certainty)]
    if hidden and not quiet:
        noun = "finding counts" if len(hidden) == 1 else "findings count"
        click.echo(f"note: {len(hidden)} {noun} that --min-certainty {config.min_certainty} does not show.", err=True)
    for note in (*held_back(result, config), *slack(result, config)) if whole and not quiet else ():
        click.echo(f"note: {note}", err=True)
    return exit_code(result, config, personas, whole)


@click.command(short_help="Show every endpoint with its posture.")
@tree_options
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", help="How they are shown.")
@click.option("-o", "--output", "output_file", type=PATH, metavar="FILE", help="Write them here, not to standard output.")
def endpoints(paths: Sequence[Path], form: str, output_file: Path | None, **options: Any) -> int:
    """Every endpoint below PATHS, who may call it, and the line that decided it."""
    import msgspec

    from apiposture.cli.endpoint_table import SIGN, as_json, as_table
    from apiposture.cli.outcome import exit_code

    paths = paths or HERE
    output.check_file(output_file, paths, SIGN)
    config = msgspec.structs.replace(configured(paths, **options), fail_on="none")
    result = listed(paths, config)
    shown = as_json(result) if form == "json" else as_table(result, output.screen(output_file), output.has_color(output_file))
    output.write(shown, output_file)
    for problem in result.problems:
        if problem.blocks:
            click.echo(f"problem: {problem.message}", err=True)
    return exit_code(result, config, ())


@click.command(short_help="Show where sensitive data enters, stays and leaves.")
@tree_options
@click.option("--format", "form", type=click.Choice(("table", "json", "svg")), default="table", help="How it is shown.")
@click.option("-o", "--output", "output_file", type=PATH, metavar="FILE", help="Write it here, not to standard output.")
def data(paths: Sequence[Path], form: str, output_file: Path | None, **options: Any) -> int:
    """Where each kind of sensitive data below PATHS enters, is stored, is logged, and leaves for other services: a map, not a judgement."""
    import msgspec

    from apiposture.cli.data_table import SIGN, as_json, as_table
    from apiposture.cli.outcome import CLEAN, INCOMPLETE
    from apiposture.reports.dataflow import drawn
    from apiposture.scan.together import data_map

    paths = paths or HERE
    output.check_file(output_file, paths, SIGN)
    config = msgspec.structs.replace(configured(paths, **options), fail_on="none")
    progress = ProgressBar(False)
    try:
        found = data_map(paths, config, progress)
    finally:
        progress.clear()
    if form == "table":
        output.write(as_table(found, output.width(output_file), output.has_color(output_file)), output_file)
    else:
        output.write(as_json(found) if form == "json" else drawn(found), output_file)
    blocking = [problem for problem in found.problems if problem.blocks]
    for problem in blocking:
        click.echo(f"problem: {problem.message}", err=True)
    return INCOMPLETE if len(blocking) > config.allow_problems else CLEAN


@click.command(short_help="Show how a finding came about.")
@click.argument("fingerprint")
@tree_options
@since_option
def why(fingerprint: str, paths: Sequence[Path], since: str | None, **options: Any) -> int:
    """Source, steps and sink of the finding with this FINGERPRINT, and the checks that were looked for and not found."""
    import msgspec

    wanted, paths = beginning(fingerprint), paths or HERE
    check_revision(since)
    result = scanned(paths, configured(paths, **options), since=since or "")
    found = tuple(with_fingerprint(wanted, result))
    one = msgspec.structs.replace(result, findings=found)
    output.write(rendered(output.Target("terminal", None), one, details=True, suppressed=True, personas=("regular", "auditor")), None)
    return 0


def beginning(fingerprint: str) -> str:
    """The beginning of a fingerprint, as it was given. Raises PostureError where it is too little to mean one finding."""
    from apiposture.model.error import PostureError

    wanted = fingerprint.strip().lower()
    if len(wanted) < SHORTEST:
        raise PostureError(f"'{fingerprint}' is too short; give at least the first {SHORTEST} characters of a fingerprint.")
    return wanted


def with_fingerprint(wanted: str, scan: Scan) -> list[Finding]:
    """The findings whose fingerprint begins so. Raises PostureError where there is none."""
    from apiposture.model.error import PostureError
    from apiposture.rules.identity import names_of

    found = [finding for finding in scan.findings if any(name.startswith(wanted) for name in names_of(finding))]
    if not found:
        told = f"No finding here has a fingerprint that starts with '{wanted}'"
        raise PostureError(f"{told}; `apiposture scan` shows them. One that only a comparison finds needs its --diff here, too.")
    return found


def configured_baseline(config: Config) -> Path | None:
    """The report that the configuration names, from its own folder."""
    return Path(config.source).parent / config.baseline if config.baseline else None


def scanned(paths: Sequence[Path], config: Config, quiet: bool = False, baseline: Path | None = None, since: str = "") -> Scan:
    """Scan with a bar for those who wait. The day is read here, and nowhere below."""
    from apiposture.scan import known_from
    from apiposture.scan import scan as run_scan

    report = baseline or configured_baseline(config)
    known = known_from(report) if report else None
    progress = ProgressBar(quiet)
    try:
        return run_scan(paths, config, progress, date.today().isoformat(), known, since)
    finally:
        progress.clear()


def listed(paths: Sequence[Path], config: Config) -> Scan:
    """The endpoints alone, with a bar for those who wait."""
    from apiposture.scan.together import inventory

    progress = ProgressBar(False)
    try:
        return inventory(paths, config, progress)
    finally:
        progress.clear()


def told(moment: datetime) -> str:
    """`2026-11-26T15:40:00`, in UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def rendered(target: output.Target, scan: Scan, **shown: Any) -> str:
    """The report's text, for the place that it goes to."""
    from apiposture.reports import Options, render
    from apiposture.rules import guide

    options = Options(color=output.has_color(target.file), width=output.width(target.file), guide=guide, **shown)
    return render(target.format, scan, options)


def check_revision(since: str | None) -> None:
    """An empty revision is a slip (a variable of a script that was not set), and would compare with nothing."""
    from apiposture.model.error import PostureError

    if since is not None and not since.strip():
        raise PostureError("An empty revision was given for '--diff'; name a branch, a tag or a commit.")


def check_formats(targets: Sequence[output.Target]) -> None:
    """A format that nobody knows is said before the work, not after it."""
    from apiposture.model.error import PostureError
    from apiposture.reports import names

    for target in targets:
        if target.format not in names():
            from difflib import get_close_matches

            near = get_close_matches(target.format, names(), 1)
            advice = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(names())}."
            raise PostureError(f"Format '{target.format}' does not exist; {advice}")
