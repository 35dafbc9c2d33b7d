"""Does an answer tell how a test came out, of whether a file is there?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from apiposture.analysis.flow.frame import Frame
from apiposture.model import ir
from apiposture.program import walk

Shape = tuple[tuple[object, ...], ...]
"""An expression without the places of its parts."""

GOES_ON: Final = ("goes on",)


def is_told(frame: Frame, call: ir.Call | ir.New) -> bool:
    """Not where its result is thrown away, or where the two sides of a test answer the same and do nothing else but to log."""
    body = frame.routine.function.body or ()
    for block, number, statement in _statements_with(body, call):
        if isinstance(statement, ir.Eval) and statement.value is call:
            return False
        if isinstance(statement, ir.If) and any(node is call for node in walk.nodes(statement.condition)):
            return not _are_alike(frame, statement, block[number + 1 :], block is body)
    return True


def _statements_with(body: Sequence[ir.Stmt], call: ir.Call | ir.New) -> Iterator[tuple[Sequence[ir.Stmt], int, ir.Stmt]]:
    """The statements that a call stands in, each with the block around it, outermost first."""
    for number, statement in enumerate(body):
        if any(node is call for node in walk.nodes(statement)):
            yield body, number, statement
            for inner in _blocks_of(statement):
                yield from _statements_with(inner, call)


def _blocks_of(statement: ir.Stmt) -> tuple[Sequence[ir.Stmt], ...]:
    if isinstance(statement, ir.If):
        return (statement.then, statement.other)
    if isinstance(statement, ir.Try):
        return (statement.body, *(handler.body for handler in statement.handlers), statement.final)
    return (statement.body,) if isinstance(statement, ir.Block | ir.Loop) else ()


def _are_alike(frame: Frame, test: ir.If, rest: Sequence[ir.Stmt], is_last: bool) -> bool:
    """Do both sides end alike: `if not path.exists(): return ok()` before `return ok()`?"""
    sides = [_end_of(frame, side) for side in (test.then, test.other)]
    if is_last and GOES_ON in sides and sides[0] != sides[1]:
        behind = _end_of(frame, rest)
        sides = [(behind if behind != GOES_ON else _shape(None)) if side == GOES_ON else side for side in sides]
    return None not in sides and sides[0] == sides[1]


def _end_of(frame: Frame, statements: Sequence[ir.Stmt]) -> Shape | tuple[str] | None:
    """What a side answers that does nothing but to log before; None where it does more."""
    for statement in statements:
        if isinstance(statement, ir.Return):
            return _shape(statement.value)
        if not isinstance(statement, ir.Eval) or not _is_quiet(frame, statement.value):
            return None
    return GOES_ON


def _is_quiet(frame: Frame, value: ir.Expr) -> bool:
    """Does it only write to a log, or is it nothing but a word?"""
    if not isinstance(value, ir.Call):
        return isinstance(value, ir.Literal | ir.Opaque)
    holder = walk.dotted(value.function.object) if isinstance(value.function, ir.Member) else ""
    rows = frame.knowledge.rows(walk.called_name(value), None, None)
    return "log" in holder.lower() and any(kind == "log" for kind, _, _ in rows)


def _shape(expr: ir.Expr | None) -> Shape:
    return tuple(map(_part, walk.nodes(expr))) if expr is not None else ()


def _part(node: object) -> tuple[object, ...]:
    said = (getattr(node, name, None) for name in ("id", "name", "value", "operator", "kind"))
    return (type(node).__name__, *(one for one in said if isinstance(one, str | int | float | bool)))
