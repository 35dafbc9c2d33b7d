"""Is something done whenever a function comes to its end? What is done only sometimes takes nothing away for good."""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.analysis.flow.labels import Label
from apiposture.analysis.flow.values import Value, join
from apiposture.model import ir
from apiposture.model.source import Span, end_of, start_of
from apiposture.program import walk
from apiposture.program.types import Routine


def is_always_done(routine: Routine, at: Span) -> bool:
    """Does the function come by there on all ways that don't end with an error?"""
    return _is_passed(routine.function.body or (), at)


def _is_passed(body: Sequence[ir.Stmt], at: Span) -> bool:
    for statement in body:
        if start_of(statement.span) <= start_of(at) and end_of(at) <= end_of(statement.span):
            return _is_passed_inside(statement, at)
        if any(type(node) in (ir.Return, ir.Jump) for node in walk.nodes(statement)):
            return False
    return False


def _is_passed_inside(statement: ir.Stmt, at: Span) -> bool:
    match statement:
        case ir.Block(body=body) | ir.Try(body=body, handlers=()):
            return _is_passed(body, at)
        case ir.Loop(body=body) if statement.iterable is not None:
            return _is_passed(body, at)  # each item, and of none there is nothing to take
        case ir.Eval(value=ir.Assign() | ir.Call() as done) | ir.Return(value=ir.Call() as done):
            return done.span == at
    return False


def or_as_before(value: Value, label: Label, name: str) -> Value:
    """What a member of a parameter holds that is set only sometimes."""
    return join((value, Value({Label.of(label.kind, label.key, (*label.path, name)): None})))
