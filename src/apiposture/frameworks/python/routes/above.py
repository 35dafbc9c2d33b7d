"""To which methods of its bases does a handler hand on before it does anything: `return super().post(order_id)`?

What such a method is decorated with is asked of whoever calls the handler.
"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type


def handed_on_to(program: Program, view: Type, handler: Routine) -> Iterator[Routine]:
    """These methods, nearest first."""
    name = handler.function.name
    versions = program.methods(view, name)
    at = next((i for i, one in enumerate(versions) if one.function is handler.function), len(versions))
    for one, above in zip(versions[at:], versions[at + 1 :], strict=False):
        if not _begins_with(one.function, f"super.{name}"):
            return
        yield above


def _begins_with(function: ir.Function, called: str) -> bool:
    """Is this what a function calls first, whoever calls it with whatever?"""
    for statement in function.body or ():
        value = statement.value if isinstance(statement, ir.Eval | ir.Return | ir.Declare) else None
        value = value.value if isinstance(value, ir.Assign) else value
        if not isinstance(value, ir.Literal):
            return isinstance(value, ir.Call) and walk.dotted(value.function) == called
    return False
