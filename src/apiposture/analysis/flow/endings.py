"""What do the ways on which a function ends say together?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

from apiposture.analysis.flow.effects import CHANGES, NOTHING, Facts, either_asked
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import Labels
from apiposture.analysis.flow.values import Value


def ensured(ends: Sequence[Facts], frame: Frame) -> Facts:
    """What holds behind a function, whichever way it went through: of one that can do nothing but refuse, one of its tests or another."""
    if len(ends) > 1 and _only_refuses(frame):
        return reduce(either_asked, ends)
    return frozenset.intersection(*ends)


def _only_refuses(frame: Frame) -> bool:
    """Does a function refuse some, answer nothing, and change nothing? Then whom it lets through is all that it says."""
    effects = frame.effects
    if not frame.refuses or frame.yielded or effects.saves or effects.writes:
        return False
    if any(one.operation in CHANGES or one.uses for one in effects.accesses.values()):
        return False
    return all(not value.labels and value.constants is None and value.type is None for value, _ in frame.returned)


def when(told: Sequence[tuple[Facts | None, Facts | None]], ensures: Facts) -> tuple[Facts, Facts]:
    """What holds where the answer is true, and where it is false: on all ways that may give it."""
    sides = [[facts for facts in side if facts is not None] for side in zip(*told, strict=True)] if told else [[], []]
    yes, no = (frozenset.intersection(*side) - ensures if side else NOTHING for side in sides)
    return yes, no


def side_by_side(value: Value) -> Iterator[Labels]:
    """What an answer shows side by side, under keys of its own: what is within an object of a type is a part of that."""
    yield value.labels
    if value.type is None or value.type.decl is None:
        for one in (value.fields or {}).values():
            yield from side_by_side(one)
