"""Which conditions is a condition made of, and of what is it one?"""

from __future__ import annotations

from typing import Final

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.named import whom
from apiposture.model import ir
from apiposture.program.types import TypeUse

SIGNS: Final = {"&": "&&", "|": "||"}
JOINS: Final = {"all": "&&", "any": "||"}


def plainly(frame: Frame, expr: ir.Expr) -> ir.Expr:
    """A condition with its parts joined as in any other: `a & b`, and what rows say joins its arguments (`and_(a, b)`)."""
    if type(expr) is ir.Binary and expr.operator in SIGNS:
        return ir.Binary(SIGNS[expr.operator], plainly(frame, expr.left), plainly(frame, expr.right), expr.span)
    if type(expr) is ir.Call and expr.args and (called := whom(frame, expr.function)) is not None:
        for kind, row, sure in frame.knowledge.rows(called.name, None, called.holder.static):
            if kind == "query" and sure and row.does == "not":
                return ir.Unary("!", plainly(frame, expr.args[0].value), expr.span)
            if kind == "query" and sure and row.does in JOINS:
                parts = [plainly(frame, arg.value) for arg in expr.args]
                joined = parts[0]
                for part in parts[1:]:
                    joined = ir.Binary(JOINS[row.does], joined, part, expr.span)
                return joined
    return expr


def conjuncts(expr: ir.Expr) -> list[ir.Expr]:
    """`a && b && c` taken apart."""
    if type(expr) is ir.Binary and expr.operator == "&&":
        return [*conjuncts(expr.left), *conjuncts(expr.right)]
    return [expr]


def is_turned(conjunct: ir.Expr) -> bool:
    """`~(Order.owner == me)`: what it finds is everything but that."""
    return type(conjunct) is ir.Unary and conjunct.operator in ("~", "!")


def orders(frame: Frame, name: str) -> bool:
    """`owner__gte`: does a condition's name ask for what comes before or behind the value, and not for what it is?"""
    return "__" in name and frame.knowledge.does(name.rpartition("__")[2], "orders")


def item_tested(kind: TypeUse | None) -> TypeUse | None:
    """The type of what a function tests: `Func<Order, bool>`, or an expression of one; None where it is no such function."""
    while kind is not None and len(kind.args) == 1 and kind.args[0].args:
        kind = kind.args[0]
    return kind.args[0] if kind is not None and len(kind.args) == 2 and kind.args[1].name in ("bool", "Boolean") else None
