"""How does no credential of the scanned code leave the scanner?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from apiposture.model.facts import Secret
from apiposture.model.scan import Scan
from apiposture.model.source import Place

_SHORTEST = 6
"""Shorter values also occur as words; they are masked where they stand, not wherever they occur."""


def without_secrets(scan: Scan, secrets: Sequence[Secret], text_of: Callable[[str], str]) -> Scan:
    """The scan, with every secret's value masked in snippets, messages, traces and wherever else code is quoted."""
    if not secrets:
        return scan
    snippets = {path: dict(lines) for path, lines in scan.snippets.items()}
    masks: dict[str, str] = {}
    for secret in secrets:
        lines = text_of(secret.place.path).split("\n")
        for number, start, end in _stretches(secret.place, lines):
            value = lines[number - 1][start:end].rstrip("\r")
            shown = secret.masked if secret.place.line == max(secret.place.line, secret.place.end_line) else ""
            mask = (shown + "*" * len(value))[: len(value)]
            line = snippets.get(secret.place.path, {}).get(number)
            if line is not None:
                snippets[secret.place.path][number] = line[:start] + mask[: max(0, len(line) - start)] + line[end:]
            if len(value) >= _SHORTEST:
                masks[value] = mask
    return _masked(msgspec.structs.replace(scan, snippets=snippets), masks)


def _stretches(place: Place, lines: Sequence[str]) -> list[tuple[int, int, int]]:
    """The place, line by line: number, start and end column from 0."""
    last = max(place.line, place.end_line)
    return [
        (
            number,
            place.column - 1 if number == place.line else 0,
            place.end_column - 1 if number == last and place.end_column else len(lines[number - 1]),
        )
        for number in range(place.line, min(last, len(lines)) + 1)
    ]


def _masked(scan: Scan, masks: dict[str, str]) -> Scan:
    encoded = msgspec.json.encode(scan)
    present = [value for value in masks if msgspec.json.encode(value)[1:-1] in encoded]
    if not present:
        return scan
    present.sort(key=len, reverse=True)
    return msgspec.convert(_replaced(msgspec.to_builtins(scan), present, masks), Scan, strict=False)


def _replaced(value: Any, present: Sequence[str], masks: dict[str, str]) -> Any:
    if isinstance(value, str):
        for secret in present:
            value = value.replace(secret, masks[secret])
        return value
    if isinstance(value, dict):
        return {key: _replaced(item, present, masks) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_replaced(item, present, masks) for item in value]
    return value
