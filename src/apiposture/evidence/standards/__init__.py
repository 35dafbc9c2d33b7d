"""Which criteria can a scan speak to, how strongly, and what does it not show?

The shelf's standards are found by listing the folder: each `<name>.toml` with `<name>.md` beside it, and the published ids of the standard
in `ids/<name>.txt`. A row that names an id which is not published, or says too little, does not load.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any, Literal

import msgspec
from msgspec import Struct

from apiposture import shipped

__all__ = ["ACTIVITIES", "SCOPES", "Criterion", "Row", "Standard", "Unmapped", "Unsupported", "load", "names", "page"]

ACTIVITIES = ("gate", "history", "inventory", "exceptions", "integrity")
"""What the product does, besides its rules: a scan for every change, their record, the list of endpoints, the register of what was
accepted, and the pack itself.
"""

SCOPES = {"S": "Security", "A": "Availability", "C": "Confidentiality", "PI": "Processing integrity", "P": "Privacy"}

Strength = Literal["operates", "tests", "informs"]
Scope = Literal["S", "A", "C", "PI", "P"]


class Criterion(Struct, frozen=True, forbid_unknown_fields=True):
    """One criterion of the standard, with a title of our own. It is in scope where all categories that it `needs` are declared."""

    id: str
    title: str
    needs: tuple[Scope, ...] = ()


class Row(Struct, frozen=True, forbid_unknown_fields=True):
    """What rules or activities (`subjects`) say of a criterion.

    `strength`: operates (the scan is the control activity), tests (an attribute of the entity's control), informs (decides nothing).
    `only` narrows it to findings of these weaknesses. `article` is the reference that texts about this product give instead.
    """

    subjects: tuple[str, ...]
    criterion: str
    strength: Strength
    rationale: str
    not_shown: str
    focus: str = ""
    needs: tuple[Scope, ...] = ()
    only: tuple[str, ...] = ()
    article: str = ""
    status: Literal["reviewed", "proposed"] = "reviewed"


class Unsupported(Struct, frozen=True, forbid_unknown_fields=True):
    """Criteria that a scan says nothing about, and why."""

    ids: tuple[str, ...]
    why: str


class Unmapped(Struct, frozen=True, forbid_unknown_fields=True):
    """Rules that say nothing of any criterion, and why. A rule of the product is either mapped or named here."""

    rules: tuple[str, ...]
    why: str


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    publisher: str
    edition: str
    version: str
    reviewed: str
    reviewed_by: str
    criterion: tuple[Criterion, ...]
    row: tuple[Row, ...]
    unsupported: tuple[Unsupported, ...] = ()
    unmapped: tuple[Unmapped, ...] = ()


class Standard(Struct, frozen=True):
    """A published list of criteria and what we say of it. `version` is that of our rows."""

    name: str
    title: str
    publisher: str
    edition: str
    version: str
    reviewed: str
    reviewed_by: str
    criteria: tuple[Criterion, ...]
    rows: tuple[Row, ...]
    unsupported: tuple[Unsupported, ...]
    unmapped: tuple[Unmapped, ...]


@cache
def names() -> tuple[str, ...]:
    """The standards on the shelf, SOC 2 first."""
    found = [name.removesuffix(".toml") for name in shipped.names(__name__, "", ".toml")]
    return tuple(sorted(found, key=lambda name: name != "soc2"))


def page(name: str) -> str:
    """The page of a standard, as Markdown. A name that is not on the shelf is a KeyError."""
    if name not in names():
        raise KeyError(name)
    return shipped.text(__name__, f"{name}.md")


@cache
def published(name: str) -> frozenset[str]:
    """The ids that the standard itself has."""
    return frozenset(shipped.text(__name__, f"ids/{name}.txt").split("\n")) - {""}


@cache
def load(name: str) -> Standard:
    """A standard of the shelf. A name that is not on it is a KeyError; rows that can't be trusted are a ValueError that names them."""
    if name not in names():
        raise KeyError(name)
    return standard_from(name, shipped.table(__name__, f"{name}.toml"), published(name))


def standard_from(name: str, found: dict[str, Any], ids: Collection[str]) -> Standard:
    """The standard that a table spells, held against the published ids."""
    read = msgspec.convert(found, _File)
    told = {criterion.id for criterion in read.criterion}
    for where, wanted in (
        *(("criterion", each.id) for each in read.criterion),
        *(("row", each.criterion) for each in read.row),
        *(("unsupported", each) for group in read.unsupported for each in group.ids),
    ):
        if wanted not in ids:
            raise ValueError(f"Standard '{name}': {where} '{wanted}' is none of the published ids.")
    for row in read.row:
        if row.criterion not in told:
            raise ValueError(f"Standard '{name}': criterion '{row.criterion}' of a row has no title.")
        if not row.subjects or not row.rationale or not row.not_shown:
            raise ValueError(f"Standard '{name}': a row of '{row.criterion}' lacks a subject, a rationale or what it does not show.")
    if doubled := told.intersection(each for group in read.unsupported for each in group.ids):
        raise ValueError(f"Standard '{name}': {', '.join(sorted(doubled))} is both supported and not.")
    mapped = {subject for row in read.row for subject in row.subjects}
    if doubled := mapped.intersection(rule for group in read.unmapped for rule in group.rules):
        raise ValueError(f"Standard '{name}': {', '.join(sorted(doubled))} is both mapped and not.")
    facts = {key: getattr(read, key) for key in ("title", "publisher", "edition", "version", "reviewed", "reviewed_by")}
    rows = tuple(row for row in read.row if row.status == "reviewed")
    return Standard(name, **facts, criteria=read.criterion, rows=rows, unsupported=read.unsupported, unmapped=read.unmapped)
