"""Which command puts the scanner into a project?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from apiposture import __version__
from apiposture.cli import output
from apiposture.cli.options import PATH, configured

if TYPE_CHECKING:
    from apiposture.config import Config
    from apiposture.model.scan import Scan
    from apiposture.pipelines.plan import Proposal

INSTALL = f"pip install apiposture=={__version__}"
LONGEST_SHOWN = 80
"""Lines of a file that are shown before it is written; a baseline may be longer than anybody reads."""


def complete_place(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The CI systems that a shell may offer."""
    from apiposture.pipelines import names, place

    return [CompletionItem(name, help=place(name).title) for name in names() if name.startswith(incomplete)]


@click.command(short_help="Put the scanner into a project: configuration, CI, hook, baseline.")
@click.argument("root", type=PATH, default=".")
@click.option(
    "--ci", "places", multiple=True, metavar="NAME", shell_complete=complete_place,
    help="github, gitlab, azure, jenkins or bitbucket, not those that are recognised. May be repeated.",
)  # fmt: skip
@click.option("--install", default=INSTALL, metavar="COMMAND", help=f"How CI installs the tool (default: {INSTALL}).")
@click.option("--hook/--no-hook", default=True, help="Write a pre-commit hook.")
@click.option("--baseline/--no-baseline", default=True, help="Accept what stands there today.")
@click.option("-y", "--yes", is_flag=True, help="Write without asking.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
def init(root: Path, places: Sequence[str], install: str, hook: bool, baseline: bool, yes: bool, dry_run: bool) -> int:
    """Look at the project in ROOT (here, where none is given), show what it needs so that every change is scanned, ask, and write it.

    A file that is there already is never touched.
    """
    from apiposture.model.error import PostureError
    from apiposture.pipelines.plan import Wishes, proposals, top_of, write

    check_places(places)
    if not root.is_dir():
        raise PostureError(f"'{root}' is no folder; name the project's.")
    if not install.strip() or any(not character.isprintable() for character in install):
        raise PostureError("'--install' must be one command on one line.")
    if not str(root.resolve()).isprintable():
        raise PostureError("The folder's name has signs that no CI file can hold; name another.")
    config = configured((root,), None)
    scan = looked_at(root, config)
    standing = standing_findings(scan) if baseline else ""
    there = Path(config.source) if config.source else None
    wanted = proposals(root, scan, Wishes(install, tuple(places), hook, standing, there, config.baseline))
    click.echo(seen(root, scan, places), err=True)
    if not wanted:
        click.echo("Nothing to write: everything is there.", err=True)
        return 0
    for proposal in wanted:
        show(proposal)
    if dry_run:
        click.echo(f"Nothing was written (--dry-run): {told(wanted)}.", err=True)
        return 0
    if not yes and not agreed(wanted):
        return 0
    for path in write(top_of(root), wanted):
        click.echo(f"wrote {path}", err=True)
    click.echo(next_steps(wanted), err=True)
    return 0


def check_places(places: Sequence[str]) -> None:
    """A CI system that nobody knows is said before the work."""
    from difflib import get_close_matches

    from apiposture.model.error import PostureError
    from apiposture.pipelines import names

    known = [name for name in names() if name != "precommit"]
    for each in places:
        if each not in known:
            near = get_close_matches(each, known, 1)
            advice = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}."
            raise PostureError(f"CI system '{each}' is not known; {advice}")


def looked_at(root: Path, config: Config) -> Scan:
    """What a scan of the project says today."""
    from apiposture.cli.scanning import scanned

    return scanned((root,), config)


def standing_findings(scan: Scan) -> str:
    """The baseline that is needed; empty where nothing stands there."""
    from apiposture.reports import render
    from apiposture.reports.baseline import is_standing

    return render("baseline", scan) if any(map(is_standing, scan.findings)) else ""


def seen(root: Path, scan: Scan, places: Sequence[str]) -> str:
    """What was recognised, in three lines."""
    from apiposture.pipelines import place
    from apiposture.pipelines.plan import seen_in, what_was_seen
    from apiposture.reports.figures import listed, told
    from apiposture.reports.text import visible

    systems = [place(name).title for name in places or seen_in(root)]
    nothing = "none was recognised; name one with --ci"
    lines = [f"Seen      {visible(what_was_seen(scan))}", f"CI        {', '.join(systems) or nothing}", f"Findings  {listed(told(scan))}"]
    lines += [f"problem: {visible(problem.message)}" for problem in scan.problems if problem.blocks]
    return "\n".join(lines) + "\n"


def show(proposal: Proposal) -> None:
    """A file as it would be written; a long one is cut, and says so."""
    lines = proposal.text.rstrip("\n").split("\n")
    cut = [f"... {len(lines) - LONGEST_SHOWN} more lines"] if len(lines) > LONGEST_SHOWN else []
    text = "".join(f"  {line}".rstrip() + "\n" for line in [*lines[:LONGEST_SHOWN], *cut])
    path = f"+++ {proposal.path}"
    if output.has_color(None):
        path, text = click.style(path, fg="green", bold=True), click.style(text, dim=True)
    output.write(f"{path}: {proposal.why}\n{text}\n", None)


def told(wanted: Sequence[Proposal]) -> str:
    """`2 files: apiposture.toml, .gitlab-ci.yml`."""
    return f"{len(wanted)} file{'s' * (len(wanted) != 1)}: {', '.join(proposal.path for proposal in wanted)}"


def agreed(wanted: Sequence[Proposal]) -> bool:
    """Does whoever sits there want it? Where nobody does, nothing is written without --yes."""
    from apiposture.model.error import PostureError

    if sys.stdin is None or not sys.stdin.isatty():
        raise PostureError(f"Nothing was written: nobody can be asked here; say --yes to write {told(wanted)}.")
    return click.confirm(f"Write {told(wanted)}?", err=True)


def next_steps(wanted: Sequence[Proposal]) -> str:
    """What is left to do by hand."""
    from apiposture.pipelines import place

    steps = [proposal.then for proposal in wanted if proposal.then]
    if any(proposal.why == place("precommit").title and not proposal.then for proposal in wanted):
        steps.append("pre-commit install")
    steps.append("commit the new files")
    return "\nNext:\n" + "\n".join(f"  - {step}" for step in steps)
