"""Which queries are run by whoever goes through them, and not by a call that says so?

A loop, a call of a library that is handed one, the framework that writes an endpoint's answer: each of them lists what the query finds.
"""

from __future__ import annotations

from typing import Final

from apiposture.analysis.flow import stored
from apiposture.analysis.flow.binding import MAP
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.positions import Given
from apiposture.analysis.flow.values import Value
from apiposture.frameworks.rows import AccessRow
from apiposture.model import ir
from apiposture.model.source import Span
from apiposture.program import walk
from apiposture.program.types import TypeUse

ROW: Final = AccessRow(call="", operation="list", entity="receiver", key="receiver", why="a query is gone through")


def rows_of(frame: Frame, value: Value, expr: ir.Expr | None, span: Span) -> Value:
    """What a value holds for those who go through it: of a query that nobody ran yet, what it finds."""
    if not is_open(frame, value):
        return _with_rows_of(frame, value, span) if value.fields and value.type == MAP else value
    call = expr if type(expr) is ir.Call else ir.Call(ir.Name(frame.routine.function.name, span), (), span)
    return stored.access(frame, call, ROW, value, (), None, True, "")


def _with_rows_of(frame: Frame, value: Value, span: Span) -> Value:
    """What stands under fixed keys, each gone through: whoever shows it shows that."""
    held = value.fields or {}
    fields = {name: rows_of(frame, one, None, span) if one.query is not None else one for name, one in held.items()}
    return value.with_fields(fields) if any(fields[name] is not one for name, one in held.items()) else value


def gone_through(frame: Frame, call: ir.Call, receiver: Value) -> Value:
    """What a method is called on that takes each of the items: `[order.note for order in orders]`. A step of a query takes none."""
    taken = any(frame.knowledge.does(walk.called_name(call), does) for does in ("projects", "narrows"))
    if not taken or type(call.function) is not ir.Member or not any(type(arg.value) is ir.Lambda for arg in call.args):
        return receiver
    return rows_of(frame, receiver, call.function.object, call.span)


def all_of(frame: Frame, args: Given, gives: TypeUse | None = None) -> Given:
    """The arguments of a call, of which each query was gone through; as they are where the call gives a query itself."""
    if not any(value.query is not None or _holds_queries(value) for _, value in args) or (gives is not None and _is_store(frame, gives)):
        return args
    return [(arg, rows_of(frame, value, arg.value, arg.value.span)) for arg, value in args]


def given_to(frame: Frame, kind: TypeUse | None, args: Given) -> Given:
    """What an object is made with: where rows say that its type goes through what it is given, the queries among that are."""
    through = frame.knowledge.natures.get("goes-through")
    if not through or kind is None or not any(value.query is not None for _, value in args):
        return args
    is_through = kind.name in through or (kind.decl is not None and frame.summaries.program.is_a(kind.decl, *through))
    return all_of(frame, args) if is_through else args


def _holds_queries(value: Value) -> bool:
    return value.type == MAP and any(one.query is not None for one in (value.fields or {}).values())


def is_open(frame: Frame, value: Value) -> bool:
    """Is it a query of a store that nobody ran yet, and that asks something?"""
    if value.query is None or value.query.entity is None or value.query.empty or not value.query.predicates or value.type is None:
        return False
    return _is_store(frame, value.type)


def _is_store(frame: Frame, kind: TypeUse) -> bool:
    return not frame.knowledge.stores.isdisjoint(frame.knowledge.lineage(kind.name))
