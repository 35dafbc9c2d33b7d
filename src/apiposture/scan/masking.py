"""How does no credential of the scanned code leave the scanner?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from apiposture.model.facts import Secret
from apiposture.model.source import Place

_SHORTEST = 6
"""Shorter values also occur as words; they are masked where they stand, not wherever they occur."""

PATH = "path"
"""Where something stands is no code that is quoted: a folder may be called like a password, and must be found all the same."""

QUOTES = "'\"`"
"""A secret that is a plain word (a service's name is many a test password) is one only in quotes: elsewhere the word is meant."""

Shown = TypeVar("Shown", bound=Struct)


class Mask(Struct, frozen=True):
    """A stretch of one line that holds (part of) a secret, and what is shown instead: as long, so that columns hold."""

    path: str
    line: int
    start: int
    end: int
    value: str
    shown: str


def masks_for(secrets: Sequence[Secret], text_of: Callable[[str], str]) -> list[Mask]:
    """One mask for each line of each secret, and of each piece that it is put together of."""
    lines: dict[str, list[str]] = {}
    found = []
    for place, shown in ((place, shown) for one in secrets for place, shown in ((one.place, one.masked), *((p, "") for p in one.pieces))):
        path = place.path
        if path not in lines:
            lines[path] = text_of(path).split("\n")
        for number, start, end in _stretches(place, lines[path]):
            value = lines[path][number - 1][start:end].rstrip("\r")
            masked = shown if place.end_line in (0, place.line) else ""
            found.append(Mask(path, number, start, start + len(value), value, _as_long(masked, len(value))))
    return found


def _as_long(masked: str, length: int) -> str:
    """The mask stretched in its middle: `AKIA****7Q` for a value of any length."""
    head, stars, tail = masked.partition("*")
    tail = tail.lstrip("*") if stars else ""
    gap = length - len(head) - len(tail)
    return head + "*" * gap + tail if stars and gap > 0 else "*" * length


def masked_lines(snippets: dict[str, dict[int, str]], masks: Sequence[Mask]) -> dict[str, dict[int, str]]:
    """The snippets with every secret masked where it stands."""
    shown = {path: dict(lines) for path, lines in snippets.items()}
    for mask in masks:
        line = shown.get(mask.path, {}).get(mask.line)
        if line is not None and len(line) > mask.start:
            shown[mask.path][mask.line] = line[: mask.start] + mask.shown[: len(line) - mask.start] + line[mask.end :]
    return shown


def masked(whole: Shown, masks: Sequence[Mask]) -> Shown:
    """The same with every secret masked wherever code is quoted: messages, traces, texts of calls."""
    instead = {text: shown for mask in masks if len(mask.value) >= _SHORTEST for text, shown in _spellings(mask)}
    encoded = msgspec.json.encode(whole) if instead else b""
    present = [value for value in instead if msgspec.json.encode(value)[1:-1] in encoded]
    if not present:
        return whole
    present.sort(key=len, reverse=True)
    return msgspec.convert(_replaced(msgspec.to_builtins(whole), present, instead), type(whole), strict=False)


def _spellings(mask: Mask) -> list[tuple[str, str]]:
    """The texts in which the secret is recognised, each with what is shown instead."""
    if not mask.value.isalpha():
        return [(mask.value, mask.shown)]
    return [(f"{quote}{mask.value}{quote}", f"{quote}{mask.shown}{quote}") for quote in QUOTES]


def _stretches(place: Place, lines: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """The place, line by line: number, start and end column from 0."""
    last = max(place.line, place.end_line)
    for number in range(place.line, min(last, len(lines)) + 1):
        end = place.end_column - 1 if number == last and place.end_column else len(lines[number - 1])
        yield number, place.column - 1 if number == place.line else 0, end


def _replaced(value: Any, present: Sequence[str], instead: dict[str, str]) -> Any:
    if isinstance(value, str):
        for secret in present:
            value = value.replace(secret, instead[secret])
        return value
    if isinstance(value, dict):
        return {key: item if key == PATH else _replaced(item, present, instead) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_replaced(item, present, instead) for item in value]
    return value
