"""Where is sensitive data met, in one table, or for a program?"""

from __future__ import annotations

import json
from itertools import groupby

import msgspec

from apiposture.model.facts import Datum
from apiposture.model.scan import Inventory
from apiposture.reports.json import well_formed
from apiposture.reports.text import visible, wrapped

SIGN = (
    r"[a-z-]+\n  (enters by|stored in|logged to|sent by) |\d+ kinds? of sensitive data|"
    r'\{\s*"tool": "apiposture"|<svg [^>]*><title>Sensitive data in '
)
"""How what `data` writes begins."""
VERBS = {"enters": "enters by", "stored": "stored in", "logged": "logged to", "leaves": "sent by"}


def as_table(inventory: Inventory, width: int) -> str:
    """Kind by kind, gravest first: where it comes in, where it is kept, where it is logged, where it leaves."""
    lines: list[str] = []
    for kind, group in groupby(inventory.data, key=lambda datum: datum.kind):
        lines += [f"{kind}", *(line for datum in group for line in row(datum, max(width, 60))), ""]
    return "\n".join([*lines, summary(inventory), ""])


def row(datum: Datum, width: int) -> list[str]:
    """One point: what happens there, where, and what holds the data."""
    place = f"{datum.place.path}:{datum.place.line}"
    told = f"{datum.where}  ({', '.join(datum.what)})  {place}"
    head = f"  {VERBS[datum.role]:<10} "
    pieces = wrapped(visible(told), width - len(head))
    return [head + pieces[0], *(" " * len(head) + piece for piece in pieces[1:])]


def summary(inventory: Inventory) -> str:
    """How many kinds, and how many points of each role."""
    roles = {role: sum(datum.role == role for datum in inventory.data) for role in VERBS}
    kinds = len({datum.kind for datum in inventory.data})
    told = ", ".join(f"{count} {role}" for role, count in roles.items() if count)
    return f"{kinds} kind{'s' * (kinds != 1)} of sensitive data{': ' if told else ''}{told}"


def as_json(inventory: Inventory) -> str:
    """Everything that is known, for a program."""
    found = {"tool": "apiposture", "version": inventory.version, "schema": 1, "data": msgspec.to_builtins(inventory.data)}
    return json.dumps(well_formed(found), indent=2) + "\n"
