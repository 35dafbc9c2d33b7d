"""Which process takes which piece of the work next?

Neighbours lead to the same code, and what two processes come to is worked out in both: so each begins at an end of its own, goes on from
there, and helps the others only when it is done.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

LITTLE = 2
"""So much is taken at a time: more would leave a process waiting at the end."""

MOST = 250
"""More pieces are not made of a stretch: their numbers are single bytes in a pipe, and a byte is read by one process alone."""

Work = TypeVar("Work")


class Turns:
    """The places of a list of work, split among so many processes; made before they part."""

    def __init__(self, length: int, processes: int) -> None:
        bounds = [length * number // processes for number in range(processes + 1)]
        self._stretches = [_pieces(start, end) for start, end in pairwise(bounds)]
        for stretch in self._stretches[1::2]:
            stretch.reverse()
        self._numbers = [_filled(len(stretch)) for stretch in self._stretches]

    def of(self, process: int, work: Sequence[Work]) -> Iterator[Sequence[Work]]:
        """The pieces that a process gets hold of: those of its own stretch, then what is left of the one beside it, then of the others."""
        others = sorted(range(len(self._stretches)), key=lambda number: (number != process, number != process ^ 1))
        for number in others:
            while taken := os.read(self._numbers[number], 1):
                start, end = self._stretches[number][taken[0]]
                yield work[start:end]

    def close(self) -> None:
        """Nobody asks any more."""
        for numbers in self._numbers:
            os.close(numbers)


def _pieces(start: int, end: int) -> list[tuple[int, int]]:
    size = max(LITTLE, -(-(end - start) // MOST))
    return [(at, min(at + size, end)) for at in range(start, end, size)]


def _filled(count: int) -> int:
    """A pipe that holds the numbers below `count`, in order, and then ends."""
    reader, writer = os.pipe()
    os.write(writer, bytes(range(count)))
    os.close(writer)
    return reader
