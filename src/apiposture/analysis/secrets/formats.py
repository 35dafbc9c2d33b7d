"""Which formats do providers give their keys and tokens, and does a text that looks like one prove it by its checksum?

The formats are rows below `frameworks/secrets`. A row's `keywords` are searched first, as plain text; its `pattern` only around them.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from fnmatch import translate
from functools import cache, cached_property
from math import log2

import msgspec
from msgspec import Struct

from apiposture.analysis.secrets.shelf import Format, formats

BEFORE, AFTER = 160, 700
_SHORTEST = 16
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DOTTED = 58
_TAILS = {
    "underscore": (re.compile(r"_(?=[A-Za-z_-]*\d|[A-Za-z]{30})[A-Za-z0-9_-]{10,}"), 24),
    "hyphen": (re.compile(r"-(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{8,}"), 24),
    "guid": (re.compile(r"-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"), 60),
}
"""What the tail of a token looks like, and how far before it the keyword begins at most."""


class _Ready:
    """A row, and its pattern, which is compiled when a keyword of it is met: most never are."""

    def __init__(self, row: Format) -> None:
        self.row = row

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        row = self.row
        edges = row.pattern if row.bare else rf"(?<![A-Za-z0-9_])(?:{row.pattern})(?![A-Za-z0-9_])"
        return re.compile(edges, re.MULTILINE)


_Keywords = dict[str, tuple[_Ready, ...]]


class Plan(Struct, frozen=True):
    """Rows by what must be in a text before their keywords are worth a look, and those of certain files."""

    gated: dict[str, _Keywords]
    by_file: tuple[tuple[_Ready, re.Pattern[str]], ...]


_GATES = ("always", "url", "dotted", "underscore", "hyphen", "guid")


def plan_of(rows: Iterable[Format]) -> Plan:
    """The rows, ready to be searched for."""
    gates: dict[str, dict[str, list[_Ready]]] = {gate: {} for gate in _GATES}
    by_file = []
    for row in rows:
        ready = _Ready(row)
        if row.files:
            by_file.append((ready, re.compile("|".join(map(translate, row.files)))))
        for keyword in row.keywords:
            gate = row.gate or {"_": "underscore", "-": "hyphen", "/": "url"}.get(keyword[-1], "always")
            gates[gate].setdefault(keyword, []).append(ready)
    gated = {gate: {word: tuple(found) for word, found in words.items()} for gate, words in gates.items()}
    return Plan(gated, tuple(by_file))


@cache
def shipped() -> Plan:
    """Every format that we ship, ready to be searched for."""
    return plan_of(formats())


def search(path: str, text: str, literals: str, plan: Plan) -> Iterator[tuple[Format, int, int]]:
    """Every place in the text that has one of the formats: the row, start and end of the value.

    `literals` is the part of the text where keywords are looked for: literals and comments of a program, or the text itself.
    """
    words = [word for word in literals.split() if len(word) >= _SHORTEST]
    if words:
        long_words = "\n".join(words)
        yield from _around_keywords(text, long_words, plan.gated["always"])
        if "://" in long_words:
            yield from _around_keywords(text, long_words, plan.gated["url"])
        dotted = "\n".join([word for word in words if len(word) >= _DOTTED and word.count(".") > 1])
        yield from _around_keywords(text, dotted, plan.gated["dotted"])
    for gate, (pattern, before) in _TAILS.items():
        seen = "\n".join([text[max(0, match.start() - before) : match.end()] for match in pattern.finditer(text)])
        if seen:
            yield from _around_keywords(text, seen, plan.gated[gate])
    if plan.by_file:
        name = path.rpartition("/")[2].lower()
        for ready, names in plan.by_file:
            if names.match(name):
                yield from _proven(ready.row, ready.pattern.finditer(text))


def _around_keywords(text: str, literals: str, keywords: _Keywords) -> Iterator[tuple[Format, int, int]]:
    for keyword in filter(literals.__contains__, keywords):
        for start, end in _windows(text, keyword):
            for ready in keywords[keyword]:
                yield from _proven(ready.row, ready.pattern.finditer(text, start, end))


def _windows(text: str, keyword: str) -> Iterator[tuple[int, int]]:
    """Stretches around the keyword, joined where they overlap."""
    at = text.find(keyword)
    while at >= 0:
        start, end = max(0, at - BEFORE), at + AFTER
        at = text.find(keyword, at + 1)
        while 0 <= at < end:
            end = at + AFTER
            at = text.find(keyword, at + 1)
        yield start, min(len(text), end)


def _proven(row: Format, matches: Iterable[re.Match[str]]) -> Iterator[tuple[Format, int, int]]:
    for match in matches:
        start, end = match.span("secret") if "secret" in match.re.groupindex else match.span()
        value = match.string[start:end]
        if row.checksum and not CHECKSUMS[row.checksum](value):
            continue
        if row.entropy and entropy_of(value) < row.entropy:
            continue
        yield row, start, end


_LOGARITHMS = tuple(count * log2(count) if count else 0.0 for count in range(4096))


def entropy_of(value: str) -> float:
    """Shannon entropy in bits a character."""
    if not value:
        return 0.0
    value = value[:4095]
    size = len(value)
    # Sorted: the order of a sum of floats must not depend on the order of a set.
    return (_LOGARITHMS[size] - sum(sorted(_LOGARITHMS[value.count(sign)] for sign in set(value)))) / size


def crc32_base62(value: str) -> bool:
    """GitHub and npm: the last six characters are the CRC-32 of what follows the prefix, in base 62."""
    body = value.rpartition("_")[2]
    return base62(zlib.crc32(body[:-6].encode())) == body[-6:]


def base62(number: int) -> str:
    """Six digits in base 62."""
    digits = ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return digits


def aws_key_id(value: str) -> bool:
    """An AWS key identifier carries its account number in base 32, and documentation says EXAMPLE in its own."""
    if value.endswith("EXAMPLE") or len(set(value[4:])) < 6:
        return False
    try:
        decoded = base64.b32decode(value[4:])
    except binascii.Error:
        return False
    account = (int.from_bytes(decoded[:6], "big") & 0x7FFFFFFFFF80) >> 7
    return account < 10**12


def _claims_of(value: str) -> dict[str, object]:
    """The claims of a JSON web token whose header names an algorithm that signs; empty for anything else."""
    parts = value.split(".")
    try:
        header, claims = (msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2])
    except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError, ValueError):
        return {}
    if not isinstance(header, dict) or not isinstance(claims, dict):
        return {}
    return claims if str(header.get("alg", "none")).lower() != "none" and claims.get("name") != "John Doe" else {}


ENDED_BY = 1_767_225_600
"""The start of 2026: a token that ended before this tool was made has ended for whoever runs it, so that no clock is asked."""


def ending_jwt(value: str) -> bool:
    """A signed JSON web token that ends some day, and had not ended when this tool was made."""
    end = _claims_of(value).get("exp")
    return end is not None and not (isinstance(end, int | float) and end < ENDED_BY)


def endless_jwt(value: str) -> bool:
    """A signed JSON web token without an end."""
    claims = _claims_of(value)
    return bool(claims) and "exp" not in claims


def mixed(value: str) -> bool:
    """Random text has digits and letters, and few characters often; a placeholder (`xxxx`, `0000`) has neither."""
    body = value[-24:]
    return len(set(body)) > 7 and any(sign.isdigit() for sign in value) and any(sign.isalpha() for sign in value)


def numbered(value: str) -> bool:
    """A token whose first part is the number of its account, in base 64."""
    opening = value.partition(".")[0]
    try:
        return base64.b64decode(opening + "=" * (-len(opening) % 4)).isdigit()
    except binascii.Error:
        return False


CHECKSUMS: dict[str, Callable[[str], bool]] = {
    "crc32_base62": crc32_base62,
    "aws_key_id": aws_key_id,
    "ending_jwt": ending_jwt,
    "endless_jwt": endless_jwt,
    "mixed": mixed,
    "numbered": numbered,
}
