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


FIRST: Final = "first"


def gives_first(frame: Frame, holder: Value) -> bool:
    """Is it a query that gives the first of what it finds, so that one of them may be asked for by its place?"""
    rows = frame.knowledge.rows(FIRST, holder.type, None) if frame.module.explicit_names and holder.static is None else ()
    return any(kind == "access" and sure for kind, _, sure in rows)


def as_first(frame: Frame, item: ir.Index) -> ir.Call:
    """One of what a query finds, as the call that gives its first one: `Order.objects.filter(id=id)[0]`."""
    return _written_once(frame, item, ir.Call(ir.Member(item.object, FIRST, item.span, item.span), (), item.span))


def _as_call(frame: Frame, call: ir.Call, place: int) -> ir.Call:
    """The call of that function."""
    return _written_once(frame, call, ir.Call(call.args[place].value, call.args[place + 1 :], call.span))


def _written_once(frame: Frame, written: ir.Expr, otherwise: ir.Call) -> ir.Call:
    """What something could be written as; the same each time, since what is known of calls is kept by the call."""
    known = frame.summaries.written_otherwise.get(id(written))
    if known is None or known[0] is not written:
        known = frame.summaries.written_otherwise[id(written)] = (written, otherwise)
    return known[1]
