"""Which queries are run by whoever goes through them, and not by a call that says so?

A loop, a call of a library that is handed one, the framework that writes an endpoint's answer: each of them lists what the query finds.
"""

from __future__ import annotations

from apiposture.analysis.flow import stored
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.positions import Given
from apiposture.analysis.flow.values import Value
from apiposture.frameworks.rows import AccessRow
from apiposture.model import ir
from apiposture.model.source import Span
from apiposture.program.types import TypeUse

ROW = AccessRow(call="", operation="list", entity="receiver", key="receiver", why="a query is gone through")


def rows_of(frame: Frame, value: Value, expr: ir.Expr | None, span: Span) -> Value:
    """What a value holds for those who go through it: of a query that nobody ran yet, what it finds."""
    if not is_open(frame, value):
        return value
    call = expr if type(expr) is ir.Call else ir.Call(ir.Name(frame.routine.function.name, span), (), span)
    return stored.access(frame, call, ROW, value, (), None, True, "")


def all_of(frame: Frame, args: Given, gives: TypeUse | None = None) -> Given:
    """The arguments of a call, of which each query was gone through; as they are where the call gives a query itself."""
    if not any(value.query is not None for _, value in args) or (gives is not None and _is_store(frame, gives)):
        return args
    return [(arg, rows_of(frame, value, arg.value, arg.value.span)) for arg, value in args]


def is_open(frame: Frame, value: Value) -> bool:
    """Is it a query of a store that nobody ran yet, and that asks something?"""
    if value.query is None or value.query.entity is None or value.query.empty or not value.query.predicates or value.type is None:
        return False
    return _is_store(frame, value.type)


def _is_store(frame: Frame, kind: TypeUse) -> bool:
    return not frame.knowledge.stores.isdisjoint(frame.knowledge.lineage(kind.name))
