"""What does one read from a member that the program adds to another type?"""

from __future__ import annotations

from apiposture.analysis.flow.callee import Callee, written
from apiposture.analysis.flow.calls import composed
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.targets import added
from apiposture.analysis.flow.values import Value
from apiposture.model import ir


def added_member(frame: Frame, holder: Value, expr: ir.Member) -> Value | None:
    """What the function gives that works the member out, which takes the object alone; None where it is no such member."""
    found = added(frame, holder, expr.name)
    if not found:
        return None
    call = ir.Call(expr, (), expr.span)
    value = composed(frame, call, Callee(holder, expr.name, written(expr.object)), (), found)
    told = frame.told_by.pop(id(call), None)
    if told is not None:
        frame.told_by[id(expr)] = told
    frame.results[id(expr)] = value
    return value
