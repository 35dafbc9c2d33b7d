"""Where is sensitive data met, in one table, or for a program?"""

from __future__ import annotations

import json
from itertools import groupby

import msgspec
from rich.cells import cell_len

from apiposture.model.facts import Datum
from apiposture.model.scan import Inventory
from apiposture.reports.frame import Line
from apiposture.reports.json import well_formed
from apiposture.reports.terminal import colored
from apiposture.reports.text import visible, wrapped

SIGN = (
    r"[a-z-]+\n  (enters by|stored in|logged to|sent by) |\d+ kinds? of sensitive data|"
    r'\{\s*"tool": "apiposture"|<svg [^>]*><title>Sensitive data in '
)
"""How what `data` writes begins."""
VERBS = {"enters": "enters by", "stored": "stored in", "logged": "logged to", "leaves": "sent by"}


NOUNS = {"enters": ("way in", "ways in"), "stored": ("store", "stores"), "logged": ("log", "logs"), "leaves": ("way out", "ways out")}
STYLES = {"enters": "blue", "stored": "green", "logged": "yellow", "leaves": "red"}
KIND, FAINT = "bold", "dim"


def as_table(inventory: Inventory, width: int, color: bool = False) -> str:
    """Kind by kind, gravest first: where it comes in, where it is kept, where it is logged, where it leaves."""
    lines: list[Line] = []
    for kind, group in groupby(inventory.data, key=lambda datum: datum.kind):
        lines += [[(kind, KIND)], *(line for datum in group for line in row(datum, max(width, 60))), []]
    lines.append([(summary(inventory), "")])
    return colored(lines, max(width, 60)) if color else "".join("".join(text for text, _ in line) + "\n" for line in lines)


def row(datum: Datum, width: int) -> list[Line]:
    """One point: what happens there, where, and what holds the data; the line of code, below them where it does not fit."""
    head = f"  {VERBS[datum.role]:<10} "
    place = visible(f"{datum.place.path}:{datum.place.line}")
    *above, last = wrapped(visible(f"{datum.where}  ({', '.join(datum.what)})"), width - len(head))
    fits = cell_len(last) + 2 + cell_len(place) <= width - len(head)
    lines: list[Line] = [[(piece, "")] for piece in above]
    if fits:
        lines.append([(last, ""), (f"  {place}", FAINT)])
    else:
        lines += [[(last, "")], *([(piece, FAINT)] for piece in wrapped(place, width - len(head)))]
    return [[(" " * len(head), "") if number else (head, STYLES[datum.role]), *line] for number, line in enumerate(lines)]


def summary(inventory: Inventory) -> str:
    """How many kinds, and at how many points each role is."""
    roles = {role: sum(datum.role == role for datum in inventory.data) for role in VERBS}
    kinds = len({datum.kind for datum in inventory.data})
    told = ", ".join(f"{count} {NOUNS[role][count != 1]}" for role, count in roles.items() if count)
    return f"{kinds} kind{'s' * (kinds != 1)} of sensitive data{': ' if told else ''}{told}"


def as_json(inventory: Inventory) -> str:
    """Everything that is known, for a program."""
    found = {"tool": "apiposture", "version": inventory.version, "schema": 1, "data": msgspec.to_builtins(inventory.data)}
    return json.dumps(well_formed(found), indent=2) + "\n"
