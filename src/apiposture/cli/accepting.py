"""Which command accepts a finding?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from apiposture.cli.options import configured, since_option, tree_options

if TYPE_CHECKING:
    from apiposture.model.finding import Finding
    from apiposture.model.scan import Scan

HERE = (Path("."),)


@click.command(short_help="Accept a finding, with a reason.")
@click.argument("fingerprint")
@tree_options
@since_option
@click.option("--reason", required=True, metavar="TEXT", help="Why it is accepted.")
@click.option("--until", default="", metavar="DATE", help="The last day on which that holds (2027-03-31).")
@click.option("--owner", default="", metavar="NAME", help="Who answers for it.")
@click.option("--ticket", default="", metavar="ID", help="Where it is tracked.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
def ignore(
    fingerprint: str,
    paths: Sequence[Path],
    since: str | None,
    reason: str,
    until: str,
    owner: str,
    ticket: str,
    dry_run: bool,
    **options: Any,
) -> int:
    """Write into the configuration that the finding with this FINGERPRINT is accepted. It stays in every machine output, marked; after
    the last day it is back, and a decision that meets nothing any more is reported.
    """
    from apiposture.cli.scanning import beginning, check_revision, scanned
    from apiposture.files import common_root
    from apiposture.model.error import PostureError
    from apiposture.reports.text import visible
    from apiposture.scan.acceptance import Acceptance, checked, file_for, with_row

    acceptance = checked(Acceptance(reason, until, owner, ticket), date.today().isoformat())
    wanted, paths = beginning(fingerprint), paths or HERE
    check_revision(since)
    config = configured(paths, **options)
    finding = the_one(wanted, scanned(paths, config, since=since or ""))
    file = file_for(config, common_root(paths))
    before, after = with_row(file, finding, acceptance)
    click.echo(visible(finding.message))
    for line in after[len(before) :].strip().split("\n"):
        click.echo(f"+ {line}")
    if dry_run:
        click.echo(f"Nothing was written (--dry-run) to {file}.", err=True)
        return 0
    try:
        file.write_text(after, "utf-8")
    except OSError as error:
        raise PostureError(f"'{file}' could not be written: {(error.strerror or 'unknown reason').lower()}.") from None
    click.echo(f"wrote {file}:{before.count(chr(10)) + 2}", err=True)
    return 0


def the_one(fingerprint: str, scan: Scan) -> Finding:
    """The finding that is meant. Raises PostureError where there is none, more than one, or one that was accepted already."""
    from apiposture.cli.scanning import with_fingerprint
    from apiposture.model.error import PostureError
    from apiposture.model.finding import BEFORE, KNOWN

    found = with_fingerprint(fingerprint, scan)
    if len(found) > 1:
        several = ", ".join(f"{finding.fingerprint[:12]} ({finding.rule})" for finding in found)
        raise PostureError(f"Several findings have a fingerprint that starts with '{fingerprint}': {several}; give more of it.")
    accepted = found[0].suppressed_by
    if accepted is not None and not accepted.reason.startswith((KNOWN, BEFORE)):
        place = f"{accepted.place.path}:{accepted.place.line}"
        raise PostureError(f"Finding '{found[0].fingerprint[:8]}' is accepted already, in {place}: {accepted.reason}")
    return found[0]
