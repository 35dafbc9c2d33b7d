"""What is a method of the program's that is named and not called: `ids.Select(Load)`, `Retry(_orders.Find)`?

It is the function that calls it with what it is given, as if that were written out: `id => Load(id)`.
"""

from __future__ import annotations

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.values import Value
from apiposture.model import ir
from apiposture.program.types import Type


def called_later(frame: Frame, written: ir.Name | ir.Member, declared: Type | None) -> Value | None:
    """The function that a name stands for, which is a method of this type; None where it is none, or hands back by a parameter."""
    methods = frame.summaries.program.methods(declared, _last(written)) if declared is not None else ()
    params = methods[0].function.params if methods else ()
    if not methods or any(param.mode in ("out", "ref") for param in params):
        return None
    place = written.span
    taken = tuple([ir.Param(f"(given {number})", None, None, (), "", place) for number in range(len(params))])
    given = tuple([ir.Argument(ir.Name(param.name, place)) for param in taken])
    body = (ir.Return(ir.Call(written, given, place), place),)
    return Value(code=ir.Lambda(ir.Function("", taken, None, body, (), (), (), place, place), place))


def _last(written: ir.Name | ir.Member) -> str:
    return written.id if type(written) is ir.Name else written.name  # type: ignore[union-attr]
