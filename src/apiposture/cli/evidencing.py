"""Which commands serve the audit?"""

from __future__ import annotations

import click

from apiposture.cli import output


@click.group(short_help="Evidence that an auditor can verify alone.")
def evidence() -> None:
    """What the scans of a period say about the criteria of a standard."""


@evidence.command(short_help="Which criteria a scan can speak to.")
@click.argument("name", required=False)
def standards(name: str | None) -> None:
    """The standards on the shelf, or of standard NAME each criterion with what speaks to it, and what is not supported."""
    from apiposture.cli.standard_table import as_list, as_table
    from apiposture.evidence.standards import names
    from apiposture.model.error import PostureError

    if name is None:
        output.write(as_list(), None)
    elif name in names():
        output.write(as_table(name), None)
    else:
        raise PostureError(f"Standard '{name}' does not exist; there are {', '.join(names())}.")
