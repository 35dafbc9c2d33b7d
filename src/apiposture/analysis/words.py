"""Which words say whose something is?"""

from __future__ import annotations

import re
from functools import cache

import msgspec
from msgspec import Struct

from apiposture import shipped


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """The rows of `frameworks/ownership/owners.toml`."""

    person: frozenset[str]
    perhaps: frozenset[str]
    tenant: frozenset[str]
    alone: frozenset[str]
    audit: frozenset[str]
    public: frozenset[str]
    found_by: tuple[str, ...]
    told: tuple[str, ...]
    secret: tuple[str, ...]
    natural: tuple[str, ...]
    called: tuple[str, ...]
    logs_in: tuple[str, ...]
    proven_by: tuple[str, ...]
    withheld: tuple[str, ...]
    likely: frozenset[str]
    identifiers: tuple[str, ...]
    refers: tuple[str, ...]
    rights: tuple[str, ...]
    logged_in: tuple[str, ...]
    open: tuple[str, ...]


@cache
def words() -> Words:
    """The words that say whose something is."""
    return msgspec.convert(shipped.table("apiposture.frameworks", "ownership/owners.toml"), Words)


@cache
def pattern(row: str) -> re.Pattern[str]:
    """One of the rows of patterns, by its name, as one pattern to search a name with."""
    return re.compile("|".join(getattr(words(), row)), re.IGNORECASE)


@cache
def names_right(name: str) -> bool:
    """Does a member's name say that it is about what somebody may?"""
    return pattern("rights").search(name) is not None
