"""Which way does a test go, whatever the function is given?

Known are tests of constants (`7 * 6 - margin > 20`, of names that are set once and to that), whether a name that holds a constant holds
anything, and whether an object has a member that its type has.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.values import Value
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine

MAX_DEPTH: Final = 6
MAX_TEXT: Final = 200
"""Texts and numbers beyond this many characters or digits are not worked out."""

OPERATIONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "%": operator.mod,
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip

Constant = str | int | bool


def certain(frame: Frame, condition: ir.Expr) -> bool | None:
    """The outcome of a test; None where it hangs on something that is not known here."""
    kind = type(condition)
    if kind is ir.Unary and condition.operator == "!":  # type: ignore[union-attr]
        inner = certain(frame, condition.operand)  # type: ignore[union-attr]
        return None if inner is None else not inner
    if kind is ir.Binary and condition.operator in ("&&", "||"):  # type: ignore[union-attr]
        sides = (certain(frame, condition.left), certain(frame, condition.right))  # type: ignore[union-attr]
        short = condition.operator == "||"  # type: ignore[union-attr]
        return short if short in sides else None if None in sides else not short
    if kind is ir.Name:
        return _given(frame, condition.id)  # type: ignore[union-attr]
    asked = _asked_if_there(condition) if type(condition) is ir.Binary else ""
    if asked and is_there(frame.env.get(asked)):
        return condition.operator == "!="  # type: ignore[union-attr]
    if kind is ir.Call:
        return True if _has_member(frame, condition) else None  # type: ignore[arg-type]
    found = _constant(frame, condition, 0) if kind in (ir.Binary, ir.Literal) else None
    return found if isinstance(found, bool) else None


def _given(frame: Frame, name: str) -> bool | None:
    """The truth that a parameter is given where its function is run with it; None where it may be set to another, or isn't known."""
    value = frame.env.get(name)
    if value is None or value.labels or value.constants is None or len(value.constants) != 1 or not isinstance(value.constants[0], bool):
        return None
    function = frame.routine.function
    is_set = any(type(n) is ir.Assign and type(n.target) is ir.Name and n.target.id == name for n in walk.nodes(function.body or ()))
    return None if is_set or all(param.name != name for param in function.params) else value.constants[0]


def _asked_if_there(condition: ir.Binary) -> str:
    """The name in `name == null` or `name != null`; empty for all others."""
    against_null = type(condition.right) is ir.Literal and condition.right.value is None
    is_asked = against_null and condition.operator in ("==", "!=")
    return condition.left.id if is_asked and type(condition.left) is ir.Name else ""


def is_there(value: Value | None) -> bool:
    """Is it one of some constants, none of which is null?"""
    return value is not None and bool(value.constants) and not value.labels and None not in value.constants  # type: ignore[operator]


def _constant(frame: Frame, expr: ir.Expr, depth: int) -> Constant | None:
    """What an expression is that is made of constants alone; None for all others."""
    kind = type(expr)
    if kind is ir.Literal:
        value = expr.value  # type: ignore[union-attr]
        return value if isinstance(value, str | int) else None
    if depth >= MAX_DEPTH:
        return None
    if kind is ir.Name:
        value = _set_once(frame).get(expr.id)  # type: ignore[union-attr]
        return _constant(frame, value, depth + 1) if value is not None else None
    if kind is ir.Index:
        return _character(frame, expr, depth)  # type: ignore[arg-type]
    if kind is ir.Binary and expr.operator in OPERATIONS:  # type: ignore[union-attr]
        # What stands on the right is mostly nothing: `order == null`.
        right = _constant(frame, expr.right, depth + 1)  # type: ignore[union-attr]
        left = _constant(frame, expr.left, depth + 1) if right is not None else None  # type: ignore[union-attr]
        return None if left is None or right is None else _worked_out(expr.operator, left, right)  # type: ignore[union-attr]
    return None


def _character(frame: Frame, expr: ir.Index, depth: int) -> str | None:
    """One character of a constant text."""
    text = _constant(frame, expr.object, depth + 1)
    at = _constant(frame, expr.keys[0], depth + 1) if len(expr.keys) == 1 else None
    is_there = isinstance(text, str) and isinstance(at, int) and -len(text) <= at < len(text)
    return text[at] if is_there else None  # type: ignore[index]


def _worked_out(sign: str, left: Constant, right: Constant) -> Constant | None:
    if isinstance(left, str) != isinstance(right, str) or (isinstance(left, str) and sign in "-*%"):
        return None
    try:
        found = OPERATIONS[sign](left, right)
    except ArithmeticError:
        return None
    return found if isinstance(found, bool) or len(str(found)) <= MAX_TEXT else None


def _set_once(frame: Frame) -> dict[str, ir.Expr]:
    """The names that a function sets at one place, with what they are set to; parameters are none."""
    known = frame.summaries.set_once
    found = known.get(frame.routine)
    if found is None:
        found = known[frame.routine] = _names_set_once(frame.routine)
    return found


def _names_set_once(routine: Routine) -> dict[str, ir.Expr]:
    found: dict[str, ir.Expr] = {}
    several = {param.name for param in routine.function.params}
    for node in walk.nodes(routine.function.body or ()):
        for name, value in _sets(node):
            if name in found or value is None:
                several.add(name)
            else:
                found[name] = value
    return {name: value for name, value in found.items() if name not in several}


def _sets(node: Any) -> list[tuple[str, ir.Expr | None]]:
    """The names that one node sets, each with the whole value where it is set to that."""
    kind = type(node)
    if kind is ir.Declare and node.value is not None:
        return [(node.name, node.value)]
    if kind is ir.Assign:
        plain = type(node.target) is ir.Name and node.operator == "="
        return [(node.target.id, node.value)] if plain else [(name, None) for name in _names_in(node.target)]
    if kind is ir.Loop and node.target is not None:
        return [(name, None) for name in _names_in(node.target)]
    if kind is ir.Lambda:
        return [(param.name, None) for param in node.function.params]
    if kind is ir.Try:
        return [(handler.name, None) for handler in node.handlers if handler.name]
    if kind is ir.Unary and node.operator in ("++", "--"):
        return [(name, None) for name in _names_in(node.operand)]
    return []


def _names_in(expr: ir.Expr) -> list[str]:
    return [one.id for one in walk.nodes(expr) if type(one) is ir.Name]


def _has_member(frame: Frame, call: ir.Call) -> bool:
    if not frame.knowledge.does(walk.called_name(call), "has-member") or len(call.args) < 2:
        return False
    holder, name = call.args[0].value, call.args[1].value
    known = frame.env.get(holder.id) if type(holder) is ir.Name else None
    declared = known.type.decl if known is not None and known.type is not None else None
    if declared is None or type(name) is not ir.Literal or not isinstance(name.value, str):
        return False
    program = frame.summaries.program
    return program.slot(declared, name.value) is not None or bool(program.methods(declared, name.value))
