"""What does an endpoint tell of what its program holds for private, beside the accesses that are judged?"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.analysis.accesses import Judge
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.trust import CALLER, marks
from apiposture.model.facts import Habit


def of(frame: Frame, judge: Judge, index: int) -> Iterator[Habit]:
    """Each habit of one endpoint once."""
    for entity in sorted(_shown(judge)):
        yield Habit(index, "shown", entity)
    for name in sorted(_asked(frame)):
        yield Habit(index, "asked", name)


def _shown(judge: Judge) -> set[str]:
    """The people whose records are shown to whoever knows their names: not the caller's own, found by the caller's name."""
    named = (one for one in judge.marked if one.access.number in judge.shown and judge.is_known(one, "called"))
    others = (one.access for one in named if CALLER not in one.key.union(*one.predicates))
    return {access.entity.name for access in others if access.entity is not None}


def _asked(frame: Frame) -> set[str]:
    """The names of what the caller chose, and was itself held against the caller whichever way it went: no object that was found by it."""
    found: set[str] = set()
    for guard in frame.facts:
        if guard.alternatives and all(CALLER in marks(labels) for labels in guard.alternatives):
            plain = [labels for labels in guard.alternatives if not any(x.kind == "object" for x in labels)]
            found |= {x.path[-1] for labels in plain for x in labels if x.kind == "request" and x.path}
    return found
