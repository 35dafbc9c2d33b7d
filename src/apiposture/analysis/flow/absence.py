"""Does the outcome of a test say that there is nothing, so that on that way there is nothing to protect?"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import Guard
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Type


def is_absence(expr: ir.Expr, truth: bool) -> bool:
    """Does the outcome say that something is null? Then there is nothing to protect on that way."""
    if type(expr) is ir.Unary and expr.operator == "!":
        return is_absence(expr.operand, not truth)
    if type(expr) is not ir.Binary or expr.operator not in ("==", "!=", "&&"):
        return False
    if expr.operator == "&&":  # `found is { } order`: a pattern's variable is always set
        sides = (expr.left, expr.right)
        return not truth and all(type(side) is ir.Assign or is_absence(side, False) for side in sides)
    null = any(type(side) is ir.Literal and side.value is None for side in (expr.left, expr.right))
    return null and (expr.operator == "==") == truth


def is_nothing(frame: Frame, expr: ir.Expr, truth: bool) -> bool:
    """`if found and found.owner != me`: does the outcome say that there is no such object? Then there is none to protect on that way."""
    if type(expr) is ir.Unary and expr.operator == "!":
        return is_nothing(frame, expr.operand, not truth)
    if not truth and type(expr) is ir.Binary and expr.operator == "&&":  # `found is Order order`: a pattern's variable is always set
        return all(type(side) is ir.Assign or is_nothing(frame, side, False) for side in (expr.left, expr.right))
    if not truth and type(expr) is ir.Binary and expr.operator == "is":
        return _is_of_its_type(frame, expr)
    if truth or type(expr) is not ir.Name:
        return False
    value = frame.seen(expr)
    declared = value.type.decl if value.type is not None else None
    is_declared = declared is not None and declared.kind in ("class", "record")
    return is_declared and any(label.kind == "object" and not label.path for label in value.labels)


def _is_of_its_type(frame: Frame, test: ir.Binary) -> bool:
    """`order is Order`: is it asked whether an object is of a type that it is of whenever it is there?"""
    value, wanted = frame.seen(test.left), frame.seen(test.right).static
    declared = value.type.decl if value.type is not None else None
    if declared is None or not isinstance(wanted, Type) or not any(x.kind == "object" and not x.path for x in value.labels):
        return False
    return declared is wanted or any(base is wanted for base, _ in frame.summaries.program.ancestors(declared))


def is_no_text(frame: Frame, expr: ir.Expr, truth: bool, others: Sequence[Sequence[Guard]]) -> bool:
    """`if url and not is_local(url)`: does the outcome say that what the other side finds to be harmless is empty?"""
    if type(expr) is ir.Unary and expr.operator == "!":
        return is_no_text(frame, expr.operand, not truth, others)
    if type(expr) is ir.Binary and (expr.operator == "||") != truth and expr.operator in ("&&", "||"):
        return any(is_no_text(frame, side, truth, others) for side in (expr.left, expr.right))
    if type(expr) is ir.Call and truth and len(expr.args) == 1 and frame.knowledge.does(walk.called_name(expr), "is-empty"):
        expr, truth = expr.args[0].value, False
    if truth or type(expr) is not ir.Name:
        return False
    labels = frozenset(frame.seen(expr).labels)
    checked = (guard for found in others for guard in found if guard.clears)
    return bool(labels) and any(labels <= side for guard in checked for side in guard.alternatives)
