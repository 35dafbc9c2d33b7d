"""Which variables do the files of an environment set?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from apiposture.model.source import Place, SourceFile

_LINE: Final = re.compile(
    r"""(?mx) ^ [ \t]* (?:export [ \t]+)? (?P<name>[A-Za-z_]\w*) [ \t]* = [ \t]* (?P<quote>["']?) (?P<value>[^"'\s\#]+) (?P=quote)
    [ \t]* (?:\#.*)? \r?$"""
)


def variables(files: Sequence[SourceFile]) -> dict[str, list[tuple[Place, str, str]]]:
    """Each variable's values by its name: where one stands, what it is, and the name again."""
    found: dict[str, list[tuple[Place, str, str]]] = {}
    for source in files:
        for match in _LINE.finditer(source.text):
            found.setdefault(match["name"], []).append((_place(source, *match.span("value")), match["value"], match["name"]))
    return found


def _place(source: SourceFile, start: int, end: int) -> Place:
    line = source.text.count("\n", 0, start) + 1
    first = source.text.rfind("\n", 0, start) + 1
    return Place(source.path, line, start - first + 1, line, end - first + 1)
