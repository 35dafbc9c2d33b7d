"""In what does each application, router or blueprint stand, on each of the ways from the outermost down to it?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, NamedTuple, Protocol, TypeVar

from apiposture.frameworks.python.reading.objects import Made

MAX_NESTING = 12

Key = tuple[str, int]
"""What tells a holder: the place of the call that made it."""


class Holding(Protocol):
    """Something that holds routes, made by a call."""

    @property
    def made(self) -> Made: ...


Holder = TypeVar("Holder", bound=Holding)
Given = TypeVar("Given")


class Step(NamedTuple, Generic[Holder, Given]):
    """A holder on the way down, with what was said where it was put into the one before it; None of the outermost."""

    holder: Holder
    given: Given | None


Within = Callable[[Holder], Iterable[tuple[Holder, Given]]]
"""What stands right in a holder, each with what is said there."""


def ways_down(
    holder: Holder, within: Within[Holder, Given], before: tuple[Step[Holder, Given], ...] = (), given: Given | None = None
) -> Iterator[tuple[Step[Holder, Given], ...]]:
    """The ways from a holder to itself and all that it holds, outermost first; who holds itself ends them."""
    if len(before) > MAX_NESTING or any(step.holder.made.key == holder.made.key for step in before):
        return
    way = (*before, Step(holder, given))
    yield way
    for child, said in within(holder):
        yield from ways_down(child, within, way, said)


def joined(prefix: str, path: str) -> str:
    """Two paths, one behind the other."""
    return f"{prefix.rstrip('/')}/{path.lstrip('/')}" if prefix else path
