"""Which command settles findings by itself?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from apiposture.cli import output
from apiposture.cli.options import complete_rule, configured, tree_options

if TYPE_CHECKING:
    from apiposture.scan.mending import Mend

HERE = (Path("."),)


@click.command(short_help="Settle what can be settled safely, as a diff first.")
@tree_options
@click.option("--rule", "chosen", multiple=True, shell_complete=complete_rule, metavar="RULE", help="Only this rule. May be repeated.")
@click.option("-y", "--yes", is_flag=True, help="Write without asking.")
def fix(paths: Sequence[Path], chosen: Sequence[str], yes: bool, **options: Any) -> int:
    """Show, as a diff, the edits that settle findings below PATHS and are safe by construction; ask; write them.

    Each edit was tried before it is shown: the finding is gone, and nothing new is there. Parameters take the place of SQL that is put
    together, safe loaders that of unsafe ones. A declaration that asks for a login changes what the program does: it is proposed where its
    rule is named (--rule AP004) and nowhere else.
    """
    from apiposture.config import RuleChoice
    from apiposture.files import common_root
    from apiposture.model.error import PostureError
    from apiposture.reports.text import visible
    from apiposture.scan.mending import written

    paths = paths or HERE
    rules = tuple(rule.upper() for rule in chosen)
    config = configured(paths, rules=RuleChoice(select=rules) if rules else None, **options)
    found = proposed(paths, config, rules)
    if not found:
        click.echo("Nothing here can be settled by an edit that is safe by construction.", err=True)
        return 0
    for mend in found:
        click.echo(visible(f"{mend.finding.rule}: {mend.finding.message}{' (changes behaviour)' if mend.asked else ''}"), err=True)
    base = output.way_from_project(common_root(paths))
    for mend in found:
        output.write(mend.diff(base), None)
    count = f"{len(found)} edit{'s' * (len(found) != 1)}"
    if not yes and (sys.stdin is None or not sys.stdin.isatty()):
        click.echo(f"Nothing was written: say --yes to write {count}, or hand the diff to `git apply`.", err=True)
        return 0
    if not yes and not click.confirm(f"Write {count}?", err=True):
        return 0
    root = common_root(paths)
    for mend in found:
        if not written(root, mend):
            raise PostureError(f"'{mend.finding.place.path}' changed meanwhile, or is not UTF-8; it was not touched.")
        click.echo(f"edited {mend.finding.place.path}", err=True)
    return 0


def proposed(paths: Sequence[Path], config: Any, rules: Sequence[str]) -> list[Mend]:
    """The edits, each tried."""
    from apiposture.analysis.units import Units
    from apiposture.model.scan import Scan
    from apiposture.scan import Gathered, gather, judge
    from apiposture.scan.mending import mends
    from apiposture.scan.together import derived_with

    today = date.today().isoformat()

    def looked_at(files: Gathered, past: Units) -> tuple[Scan, Units]:
        derived, units = derived_with(files, config, past)
        return judge(files, config, today, derived=derived), units

    gathered = gather(paths, config)
    return list(mends(gathered, judge(gathered, config, today), config, looked_at, rules))
