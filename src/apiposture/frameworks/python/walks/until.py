"""What does a function do up to where it hands on, in the words of the IR?

It ends where it hands on, and throws where it answers by itself: what holds behind it, holds for what it hands on to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from apiposture.model import ir
from apiposture.model.source import Span
from apiposture.program import walk


def up_to(statements: Sequence[ir.Stmt], lands: Callable[[ir.Call], bool]) -> tuple[ir.Stmt, ...]:
    """A function's statements up to the calls that `lands` knows, as those of one that throws where it does not come so far."""
    return (*handing_on(statements, lands), refuses(statements[-1].span if statements else 0))


def handing_on(statements: Sequence[ir.Stmt], lands: Callable[[ir.Call], bool]) -> tuple[ir.Stmt, ...]:
    """The statements up to where they hand on, which is their end; where they answer by themselves, they throw."""
    found: list[ir.Stmt] = []
    for statement in statements:
        span = statement.span
        if isinstance(statement, ir.If) and not any(map(lands, walk.calls(statement.condition))):
            then, other = handing_on(statement.then, lands), handing_on(statement.other, lands)
            found.append(ir.If(statement.condition, then, other, span))
        elif isinstance(statement, ir.Try):
            caught = tuple(msgspec.structs.replace(one, body=handing_on(one.body, lands)) for one in statement.handlers)
            found.append(ir.Try(handing_on(statement.body, lands), caught, handing_on(statement.final, lands), span))
        elif isinstance(statement, ir.Block | ir.Loop):
            found.append(msgspec.structs.replace(statement, body=handing_on(statement.body, lands)))
        elif any(map(lands, walk.calls(statement))):
            return (*found, ir.Return(None, span))
        elif isinstance(statement, ir.Return):
            before = (ir.Eval(statement.value, span),) if statement.value is not None else ()
            return (*found, *before, refuses(span))
        else:
            found.append(statement)
    return tuple(found)


def refuses(span: Span) -> ir.Stmt:
    """A statement that refuses the caller."""
    return ir.Throw(ir.Call(ir.Name("PermissionDenied", span), (), span), span)
