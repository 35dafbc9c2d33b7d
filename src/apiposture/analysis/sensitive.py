"""Does the name of a member or variable say that it holds something sensitive, and of what kind?

Names are split into words by case, underscores and digits, and matched on whole words: what stands *after* a term must carry it
on (`PasswordText`) and not turn it into something about it (`PasswordPolicyId`, `TokenCount`). The type and its owner are context.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from typing import Final

from apiposture.analysis.taxonomy import Kind, Term, kinds, terms, vocabulary
from apiposture.program.types import Slot

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_GLUED: Final = ("password", "passwd", "passphrase", "apikey", "secretkey", "privatekey", "accesstoken", "authtoken")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[\])?")


@lru_cache(65536)
def words_of(name: str) -> tuple[str, ...]:
    """The lower-case words of a name, without digits: `userSSN2` is `user ssn`, `OAuthToken` is `oauth token`."""
    words = (word.lower() for word in _WORD.findall(name.replace("OAuth", "Oauth")))
    return tuple(part for word in words for part in _unglued(word))


def _unglued(word: str) -> tuple[str, ...]:
    """`dbpasswd` is `db passwd`; only for endings that no other word has."""
    for ending in _GLUED:
        if word.endswith(ending) and word != ending:
            return word[: -len(ending)], ending
    return (word,)


def singular(word: str) -> str:
    """A word without the ending of several."""
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _same(written: str, wanted: str) -> bool:
    return written == wanted or singular(written) == wanted


def is_of_whole(kind: str) -> bool:
    """Is a thing of this kind only as a whole, and no part of it by itself?"""
    known = _by_kind().get(kind)
    return known is not None and known.as_whole


@lru_cache(65536)
def kinds_of(name: str, type_name: str = "", owner: str = "") -> tuple[str, ...]:
    """The kinds of sensitive data that a member or variable of this name holds, gravest first; () if none.

    `type_name` is its type as the code writes it, `owner` the type it is a member of; both may be empty.
    """
    said = _said_by(name)
    if said is None:
        return ()
    owner_words = words_of(owner)
    if owner_words and owner_words[-1] in vocabulary().speaking_owners:
        return ()
    named, plain = said
    found = named | _by_owner(plain, owner_words)
    kept = [kind for kind in kinds() if kind.name in found and _type_fits(kind, type_name)]
    return tuple(kind.name for kind in sorted(kept, key=lambda kind: (-kind.weight, kind.name)))


@lru_cache(65536)
def _said_by(name: str) -> tuple[frozenset[str], str] | None:
    """The kinds that a name stands for by itself, and its words; None where it stands for none, whatever it is a member of."""
    words, known = words_of(name), vocabulary()
    if not words or (len(words) > 1 and words[0] in known.questions) or known.made_safe.intersection(words):
        return None
    found, plain = frozenset(_by_name(words)), " ".join(words)
    return (found, plain) if found or plain in _owned() else None


def kinds_of_parameter(name: str, type_name: str, others: Iterable[str]) -> tuple[str, ...]:
    """The same of a function's parameter: the others that stand beside it are context, and so is the function's name."""
    found = kinds_of(name, type_name)
    if not found:
        return ()
    beside = {word for other in others for word in words_of(other)}
    plain = " ".join(words_of(name))
    return tuple(kind for kind in found if beside.isdisjoint(_by_kind()[kind].not_beside.get(plain, ())))


def kinds_of_member(name: str, type_name: str, owner: str, slots: Callable[[], Iterable[Slot]]) -> tuple[str, ...]:
    """The same of a type's member: the numbers that the type holds as well (`slots`, asked only where they count) are context."""
    found = kinds_of(name, type_name, owner)
    plain = " ".join(words_of(name))
    if not any(plain in _by_kind()[kind].not_with for kind in found):
        return found
    fields = [slot.field for slot in slots()]
    beside = {" ".join(words_of(f.name)) for f in fields if _shape_of(f.type.name if f.type is not None else "") in ("number", "")}
    return tuple(kind for kind in found if beside.isdisjoint(_by_kind()[kind].not_with.get(plain, ())))


def may_be_object(kind: str, name: str) -> bool:
    """May a member or variable that is of this kind by its name as well hold an object: a `session`, where nothing else is said of it?"""
    known, words = _by_kind().get(kind), words_of(name.rpartition(".")[2])
    return known is not None and len(words) == 1 and words[0] in known.whole and words[0] in known.things


def does_for_others(type_name: str) -> bool:
    """Do objects of a library's type do something for others, as its name says?"""
    return _last_word(type_name) in vocabulary().acting


def shows_what_it_holds(type_name: str) -> bool:
    """Is the text form of an object of a library's type made of what it was made with, as its name says?"""
    return _last_word(type_name) in vocabulary().showing


def _last_word(name: str) -> str:
    words = words_of(name)
    return words[-1] if words else ""


def _by_name(words: tuple[str, ...]) -> set[str]:
    """Kinds whose term stands in the name and is not turned into something else by what is around it."""
    found: set[str] = set()
    start = 0
    while start < len(words):
        matched = _term_at(words, start)
        if matched is None:
            start += 1
            continue
        if _stands(words, start, matched):
            found.add(matched.kind.name)
        start += len(matched.words)
    return found


def _term_at(words: tuple[str, ...], start: int) -> Term | None:
    known = terms()
    plain = singular(words[start])
    for first in (plain,) if plain == words[start] else (words[start], plain):
        for term in known.get(first, ()):
            here = words[start : start + len(term.words)]
            complete = len(here) == len(term.words) and all(map(_same, here, term.words))
            if complete and (not term.whole or len(here) == len(words)):
                return term
    return None


def _stands(words: tuple[str, ...], start: int, term: Term) -> bool:
    known = vocabulary()
    before, after = words[:start], words[start + len(term.words) :]
    if known.amounts.intersection(before) or (before and before[-1] in known.questions):
        return False
    if before and before[-1] in term.kind.not_after.get(term.words[0], ()):
        return False
    for word in after:
        if word in known.connectors:
            return True
        if word not in known.carriers:
            return False
    return True


def _by_owner(plain: str, owner_words: tuple[str, ...]) -> set[str]:
    if not owner_words:
        return set()
    owner = f" {' '.join(owner_words)} "
    return {kind for kind, owners in _owned().get(plain, ()) if any(f" {wanted} " in owner for wanted in owners)}


@cache
def _owned() -> dict[str, list[tuple[str, Sequence[str]]]]:
    """The kinds that a name stands for in some owners, with these."""
    found: dict[str, list[tuple[str, Sequence[str]]]] = {}
    for kind in kinds():
        for row in kind.owned:
            for name in row.names:
                found.setdefault(name, []).append((kind.name, row.owners))
    return found


@lru_cache(4096)
def _shape_of(type_name: str) -> str:
    """`text`, `number`, `date`, `flag` or `object`; empty where nothing is known."""
    known = vocabulary()
    shape = ""
    for part in _IDENTIFIER.findall(type_name.rpartition(".")[2] if "<" not in type_name else type_name):
        plain = part.removesuffix("[]")
        if part in known.texts or plain in known.texts:
            return "text"
        if plain in known.containers:
            continue
        for one, names in (("flag", known.flags), ("number", known.numbers), ("date", known.dates)):
            if plain in names:
                shape = one
                break
        else:
            shape = "object"
    return shape


def _type_fits(kind: Kind, type_name: str) -> bool:
    shape = _shape_of(type_name)
    if shape == "flag":
        return False
    if shape == "number":
        return kind.numbers
    if shape == "date":
        return kind.dates
    if shape == "object":
        return any(kind.name in _by_name(words_of(part)) for part in _IDENTIFIER.findall(type_name))
    return True


@cache
def _by_kind() -> dict[str, Kind]:
    return {kind.name: kind for kind in kinds()}


def weight_of(kind: str) -> int:
    """How bad the disclosure of this kind is, 0 to 100; 0 for an unknown kind."""
    found = _by_kind().get(kind)
    return found.weight if found else 0


def severity_of(kind: str) -> str:
    """The severity of one such value in a log: critical, high, medium or low."""
    found = _by_kind().get(kind)
    return found.severity if found else "low"


def counts_alone(kind: str) -> bool:
    """Whether one value of this kind in a log is worth a finding by itself."""
    found = _by_kind().get(kind)
    return found is not None and found.alone


_MAKES_SAFE: Final = re.compile(
    r"mask|redact|obfuscat|hash|encrypt|scrub|anonymi|pseudonym|censor|digest|tokeni[sz]e|truncate|protect", re.I
)


@lru_cache(maxsize=65536)
def makes_safe(function: str) -> bool:
    """Does a function's name say that its result shows no sensitive value any more?"""
    return bool(_MAKES_SAFE.search(function)) and not function.lower().startswith(("un", "de", "verify", "check", "is"))
