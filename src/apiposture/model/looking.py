"""Into the code of which functions does a piece of work look?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_SEEN: list[set[int]] = []
"""What is looked into, for each who asks, innermost last."""


@contextmanager
def looking() -> Iterator[set[int]]:
    """The functions, by their ids, of which the code or the names in it are looked at meanwhile."""
    seen: set[int] = set()
    _SEEN.append(seen)
    try:
        yield seen
    finally:
        _SEEN.pop()
        if _SEEN:
            _SEEN[-1] |= seen


def look_into(function: object) -> None:
    """Say that a function's code is looked at."""
    if _SEEN:
        _SEEN[-1].add(id(function))
