"""Which kinds of sensitive data are there, and by which words are they known?"""

from __future__ import annotations

from functools import cache

import msgspec
from msgspec import Struct

from apiposture import shipped


class Owned(Struct, frozen=True, forbid_unknown_fields=True):
    """Names that say little by themselves (`Number`), but do in a type of one of these names (`CreditCard`)."""

    owners: tuple[str, ...]
    names: tuple[str, ...]


class Kind(Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of sensitive data. `weight` (0 to 100) tells how bad its disclosure is.

    `alone`: one such value in a log is worth a finding by itself. `terms` are words in a row, wherever they stand in a name;
    `whole` must be the whole name. `not_after` maps a term's first word to words that change its meaning when they stand just
    before it, `not_beside` maps a whole name to words of other parameters, or of the function, that change its meaning: the address beside
    a port. `not_with` does the same for a member: words of numbers that its type holds as well. `things` are words that are as well the
    names of what programs store. `numbers` and `dates`: values of such types are sensitive
    too. `as_whole`: what is taken out of it is not of this kind.
    """

    name: str
    title: str
    severity: str
    weight: int
    alone: bool
    why: str
    terms: tuple[str, ...]
    whole: tuple[str, ...] = ()
    not_after: dict[str, tuple[str, ...]] = {}
    not_beside: dict[str, tuple[str, ...]] = {}
    not_with: dict[str, tuple[str, ...]] = {}
    things: tuple[str, ...] = ()
    numbers: bool = False
    dates: bool = False
    as_whole: bool = False
    owned: tuple[Owned, ...] = ()
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()


class Vocabulary(Struct, frozen=True, forbid_unknown_fields=True):
    """Words that change what a name means, and what the names of types say; explained in `vocabulary.md`."""

    carriers: frozenset[str]
    connectors: frozenset[str]
    questions: frozenset[str]
    amounts: frozenset[str]
    made_safe: frozenset[str]
    speaking_owners: frozenset[str]
    texts: frozenset[str]
    numbers: frozenset[str]
    dates: frozenset[str]
    flags: frozenset[str]
    containers: frozenset[str]
    acting: frozenset[str]
    showing: frozenset[str]


class Term(Struct, frozen=True):
    """A term of a kind, word by word; `whole` says that it must be the whole name."""

    words: tuple[str, ...]
    kind: Kind
    whole: bool


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds of the taxonomy, by name."""
    rows = [name for name in shipped.names("apiposture.frameworks", "sensitive", ".toml") if name != "vocabulary.toml"]
    read = [msgspec.convert(shipped.table("apiposture.frameworks", f"sensitive/{name}"), Kind) for name in rows]
    return tuple(sorted(read, key=lambda kind: kind.name))


@cache
def vocabulary() -> Vocabulary:
    """The words of `vocabulary.toml`."""
    return msgspec.convert(shipped.table("apiposture.frameworks", "sensitive/vocabulary.toml"), Vocabulary)


@cache
def terms() -> dict[str, tuple[Term, ...]]:
    """Every term under its first word, longest first; `credit card` is also met as `creditcard`."""
    found: dict[str, list[Term]] = {}
    for kind in kinds():
        for phrase in kind.terms + kind.whole:
            words = tuple(phrase.split())
            for spelling in {words, ("".join(words),)}:
                found.setdefault(spelling[0], []).append(Term(spelling, kind, phrase in kind.whole))
    return {first: tuple(sorted(terms, key=lambda term: (-len(term.words), term.kind.name))) for first, terms in found.items()}
