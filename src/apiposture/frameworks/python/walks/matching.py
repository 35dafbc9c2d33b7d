"""Does a known text fit a pattern of which pieces may not be known?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from apiposture.frameworks.python.walks.seen import UNKNOWN, Seen, any_of, of_truth

UNKNOWN_PIECE = None
"""A piece of a text that is not known."""

MAX_PATTERN = 300
_REPEATED_GROUP = re.compile(r"[)\]][*+{].*[)][*+{]")
"""What may take a very long time to find out: repetitions in something that is repeated."""

MATCHERS = ("match", "search", "fullmatch")
ASKS = ("startswith", "endswith")
CHANGES = frozenset("lstrip rstrip strip lower upper removeprefix removesuffix replace".split())


def matches(pattern: object, how: str, text: str) -> bool | None:
    """`re.match` and the like; None where the answer hangs on what is not known."""
    pieces = pattern if isinstance(pattern, tuple) else (pattern,)
    whole = all(isinstance(piece, str) for piece in pieces)
    written = "".join(piece if isinstance(piece, str) else ".*" for piece in pieces)
    if len(written) > MAX_PATTERN or _REPEATED_GROUP.search(written):
        return None
    try:
        found = getattr(re.compile(written), how)(text) is not None
    except re.error:
        return None
    return found if whole or not found else None


def library_match(name: str, given: Sequence[Seen], pattern: Seen) -> Seen:
    """What a function of `re` gives that is called with these; `pattern` is the first of them, as a text."""
    if name == "compile":
        return Seen("text", pattern.value if pattern.kind == "text" else (pattern.value,)) if pattern != UNKNOWN else UNKNOWN
    if name in MATCHERS and len(given) > 1 and isinstance(given[1].value, str):
        return of_truth(matches(pattern.value, name, given[1].value))
    return UNKNOWN


def text_method(text: str, name: str, given: Sequence[Seen]) -> Seen:
    """What a method of a known text gives."""
    values = [one.value for one in given if one.kind == "constant"]
    if name in ASKS and given:
        first = given[0]
        options = first.value if first.kind == "items" and isinstance(first.value, tuple) else (first,)
        return of_truth(any_of(getattr(text, name)(o.value) if isinstance(o.value, str) else None for o in options))
    if name in CHANGES and len(values) == len(given) and all(isinstance(value, str) for value in values):
        try:
            return Seen("constant", getattr(text, name)(*values))
        except TypeError:
            return UNKNOWN
    return UNKNOWN
