"""What does the shelf of secrets hold: the formats of providers, and names by which libraries tell that a text is a secret?"""

from __future__ import annotations

import re
from fnmatch import translate
from functools import cache, lru_cache
from typing import Literal

import msgspec
from msgspec import Struct

from apiposture import shipped

Says = Literal["signs", "makes-key", "logs-in"]


class Format(Struct, frozen=True, forbid_unknown_fields=True):
    """One provider's format. The group `secret` of the pattern is the value, or the whole match.

    `keywords` stand in the text wherever the pattern matches (case counts). `checksum` names a function of this file. `files` are
    patterns of base names: the row holds only there, and needs no keyword. `bare` leaves the edges to the pattern. `entropy` is
    the least Shannon entropy, in bits a character. `gate` says what must stand in the text before a keyword is worth a look: `guid` a
    GUID soon after it, `dotted` a long word with two dots around it. Examples are lists of pieces, so that no file holds a whole token.
    """

    id: str
    title: str
    pattern: str
    severity: str
    why: str
    keywords: tuple[str, ...] = ()
    gate: str = ""
    checksum: str = ""
    certainty: str = "high"
    files: tuple[str, ...] = ()
    bare: bool = False
    entropy: float = 0.0
    yes: tuple[tuple[str, ...], ...] = ()
    no: tuple[tuple[str, ...], ...] = ()


class Named(Struct, frozen=True, forbid_unknown_fields=True):
    """Names that say the same of a text; a `*` in them stands for any signs.

    `signs`: a setting of this name is what an application signs with, however weak it is. `makes-key`: a call of this name makes a key of
    the text that it is given. `logs-in`: a call of this name takes the name of a user and a password.
    """

    says: Says
    names: tuple[str, ...]
    why: str


class _Shelf(Struct, frozen=True, forbid_unknown_fields=True):
    format: tuple[Format, ...] = ()
    name: tuple[Named, ...] = ()


@cache
def _files() -> tuple[_Shelf, ...]:
    """What each file of the shelf holds, in the order of their names."""
    return shipped.made("secrets", tuple[_Shelf, ...], _read_all)


def _read_all() -> tuple[_Shelf, ...]:
    found = shipped.names("apiposture.frameworks", "secrets", ".toml")
    return tuple(msgspec.convert(shipped.table("apiposture.frameworks", f"secrets/{name}"), _Shelf) for name in found)


@cache
def formats() -> tuple[Format, ...]:
    """Every format that we ship."""
    return tuple(row for file in _files() for row in file.format)


@cache
def named(says: Says) -> tuple[str, ...]:
    """Every name that says this."""
    return tuple(name for file in _files() for row in file.name if row.says == says for name in row.names)


@lru_cache(8192)
def is_named(name: str, says: Says) -> bool:
    """Does the name say this? Capitals count."""
    return _pattern(says).match(name) is not None


@cache
def _pattern(says: Says) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, named(says))))
