"""Is a question one about the kind of what it looks at?"""

from __future__ import annotations

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.named import path_of
from apiposture.model import ir
from apiposture.model.ir import Module
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type


def asks_kind(frame: Frame, expr: ir.Expr) -> bool:
    """Does a question ask of which type something is, itself or in a function that does nothing else?

    Of other questions there may be a third answer: who is of no level that is asked for is still somebody.
    """
    if _is_type_test(frame.summaries.program, expr, frame.module, frame.owner):
        return True
    if type(expr) is not ir.Call:
        return False
    found = frame.summaries.program.meaning(path_of(frame, expr.function), frame.module, frame.owner)
    if not isinstance(found, Routine):
        return False
    given = list(walk.returned(found.function))
    return bool(given) and all(_is_type_test(frame.summaries.program, one, found.module, found.owner) for one in given)


def _is_type_test(program: Program, expr: ir.Expr, module: Module, owner: Type | None) -> bool:
    if type(expr) is not ir.Binary or expr.operator != "is" or not (name := walk.dotted(expr.right)):
        return False
    found = program.meaning(name, module, owner)
    return isinstance(found, Type) and found.kind != "module"
