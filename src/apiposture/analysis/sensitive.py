"""Does the name of a member or variable say that it holds something sensitive, and of what kind?

Names are split into words by case, underscores and digits, and matched on whole words: what stands *after* a term must carry it
on (`PasswordText`) and not turn it into something about it (`PasswordPolicyId`, `TokenCount`). The type and its owner are context.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib import resources

import msgspec
from msgspec import Struct

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_GLUED = ("password", "passwd", "passphrase", "apikey", "secretkey", "privatekey", "accesstoken", "authtoken")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[\])?")


class Owned(Struct, frozen=True, forbid_unknown_fields=True):
    """Names that say little by themselves (`Number`), but do in a type of one of these names (`CreditCard`)."""

    owners: tuple[str, ...]
    names: tuple[str, ...]


class Kind(Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of sensitive data. `weight` (0 to 100) tells how bad its disclosure is.

    `alone`: one such value in a log is worth a finding by itself. `terms` are words in a row, wherever they stand in a name;
    `whole` must be the whole name. `not_after` maps a term's first word to words that change its meaning when they stand just
    before it. `numbers` and `dates`: values of such types are sensitive too.
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
    numbers: bool = False
    dates: bool = False
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


class _Term(Struct, frozen=True):
    words: tuple[str, ...]
    kind: Kind
    whole: bool


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds of the taxonomy, by name."""
    folder = resources.files("apiposture.frameworks") / "sensitive"
    rows = [entry for entry in folder.iterdir() if entry.name.endswith(".toml") and entry.name != "vocabulary.toml"]
    read = [msgspec.convert(tomllib.loads(entry.read_text("utf-8")), Kind) for entry in rows]
    return tuple(sorted(read, key=lambda kind: kind.name))


@cache
def _vocabulary() -> Vocabulary:
    text = (resources.files("apiposture.frameworks") / "sensitive" / "vocabulary.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Vocabulary)


@cache
def _terms() -> dict[str, tuple[_Term, ...]]:
    """Every term under its first word, longest first; `credit card` is also met as `creditcard`."""
    found: dict[str, list[_Term]] = {}
    for kind in kinds():
        for phrase in kind.terms + kind.whole:
            words = tuple(phrase.split())
            for spelling in {words, ("".join(words),)}:
                found.setdefault(spelling[0], []).append(_Term(spelling, kind, phrase in kind.whole))
    return {first: tuple(sorted(terms, key=lambda term: (-len(term.words), term.kind.name))) for first, terms in found.items()}


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


def _singular(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _same(written: str, wanted: str) -> bool:
    return written == wanted or _singular(written) == wanted


@lru_cache(65536)
def kinds_of(name: str, type_name: str = "", owner: str = "") -> tuple[str, ...]:
    """The kinds of sensitive data that a member or variable of this name holds, gravest first; () if none.

    `type_name` is its type as the code writes it, `owner` the type it is a member of; both may be empty.
    """
    words = words_of(name)
    vocabulary = _vocabulary()
    if not words or (len(words) > 1 and words[0] in vocabulary.questions) or vocabulary.made_safe.intersection(words):
        return ()
    owner_words = words_of(owner)
    if owner_words and owner_words[-1] in vocabulary.speaking_owners:
        return ()
    found = _by_name(words) | _by_owner(words, owner_words)
    kept = [kind for kind in kinds() if kind.name in found and _type_fits(kind, type_name)]
    return tuple(kind.name for kind in sorted(kept, key=lambda kind: (-kind.weight, kind.name)))


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


def _term_at(words: tuple[str, ...], start: int) -> _Term | None:
    terms = _terms()
    for first in dict.fromkeys((words[start], _singular(words[start]))):
        for term in terms.get(first, ()):
            here = words[start : start + len(term.words)]
            complete = len(here) == len(term.words) and all(map(_same, here, term.words))
            if complete and (not term.whole or len(here) == len(words)):
                return term
    return None


def _stands(words: tuple[str, ...], start: int, term: _Term) -> bool:
    vocabulary = _vocabulary()
    before, after = words[:start], words[start + len(term.words) :]
    if vocabulary.amounts.intersection(before) or (before and before[-1] in vocabulary.questions):
        return False
    if before and before[-1] in term.kind.not_after.get(term.words[0], ()):
        return False
    for word in after:
        if word in vocabulary.connectors:
            return True
        if word not in vocabulary.carriers:
            return False
    return True


def _by_owner(words: tuple[str, ...], owner_words: tuple[str, ...]) -> set[str]:
    if not owner_words:
        return set()
    name = " ".join(words)
    owner = f" {' '.join(owner_words)} "
    return {
        kind.name for kind in kinds() for row in kind.owned if name in row.names and any(f" {wanted} " in owner for wanted in row.owners)
    }


@lru_cache(4096)
def _shape_of(type_name: str) -> str:
    """`text`, `number`, `date`, `flag` or `object`; empty where nothing is known."""
    vocabulary = _vocabulary()
    shape = ""
    for part in _IDENTIFIER.findall(type_name.rpartition(".")[2] if "<" not in type_name else type_name):
        plain = part.removesuffix("[]")
        if part in vocabulary.texts or plain in vocabulary.texts:
            return "text"
        if plain in vocabulary.containers:
            continue
        for known, names in (("flag", vocabulary.flags), ("number", vocabulary.numbers), ("date", vocabulary.dates)):
            if plain in names:
                shape = known
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


_MAKES_SAFE = re.compile(r"mask|redact|obfuscat|hash|encrypt|scrub|anonymi|pseudonym|censor|digest|tokeni[sz]e|truncate|protect", re.I)


@lru_cache(maxsize=4096)
def makes_safe(function: str) -> bool:
    """Does a function's name say that its result shows no sensitive value any more?"""
    return bool(_MAKES_SAFE.search(function)) and not function.lower().startswith(("un", "de", "verify", "check", "is"))
