"""What is a text harmless for that came through a function of the project's own?"""

from __future__ import annotations

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.positions import literals
from apiposture.program.types import Routine


def taken_out(frame: Frame, routine: Routine) -> frozenset[str]:
    """The kinds of sink that a project's own function makes a text harmless for, by the calls that it, or a field that it uses, makes."""
    summaries = frame.summaries
    known = summaries.taken_out.get(routine)
    if known is None:
        mentioned = summaries.program.mentions(routine)
        told = mentioned | summaries.texts_of_members(routine.owner, mentioned)
        rows = [row for name, row in frame.knowledge.cleaning_within if name in told]
        if any(row.needs for row in rows):
            told |= literals(routine.function)
        known = summaries.taken_out[routine] = frozenset(k for row in rows if told.issuperset(row.needs) for k in row.kinds)
    return known
