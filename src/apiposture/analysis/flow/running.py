"""What does a library's call give that runs a function it is handed: `run_in_threadpool(load, db, id)`, `asyncio.to_thread(load, id)`?

What the function gives, called with the arguments that stand behind it.
"""

from __future__ import annotations

from typing import Final

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.positions import Given
from apiposture.analysis.flow.values import Value
from apiposture.model import ir

PLACES: Final = (("runs", 0), ("runs-second", 1))


def run_given(frame: Frame, call: ir.Call, name: str, args: Given) -> Value | None:
    """The answer of the function that is handed over; None where a call runs none."""
    for says, place in PLACES:
        if place < len(args) and frame.knowledge.does(name, says) and args[place][0] is call.args[place]:
            return frame.value(_as_call(frame, call, place)) if _is_function(frame, *args[place]) else None
    return None


def _is_function(frame: Frame, arg: ir.Argument, value: Value) -> bool:
    """Is it a function of the program's, or a library's of which rows tell: `session.get`?"""
    known = value.handed is not None or value.code is not None
    return known or (type(arg.value) is ir.Member and arg.value.name in frame.knowledge.calls)


def _as_call(frame: Frame, call: ir.Call, place: int) -> ir.Call:
    """The call of that function; the same each time, since what is known of calls is kept by the call."""
    known = frame.summaries.written_otherwise.get(id(call))
    if known is None or known[0] is not call:
        made = ir.Call(call.args[place].value, call.args[place + 1 :], call.span)
        known = frame.summaries.written_otherwise[id(call)] = (call, made)
    return known[1]
