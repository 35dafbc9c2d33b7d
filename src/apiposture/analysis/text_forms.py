"""Which members does a type's own text form show: `ToString`, `__repr__`?

It is read off the form's own code, which counts as declared (`program/surface`): whoever logs an object hangs on no more than that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from apiposture.analysis.sensitive import makes_safe
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

MEASURES: Final = frozenset(("Length", "Count", "LongLength", "HasValue", "IsEmpty"))
"""Members that tell how much there is of something, and not what."""

COUNTS: Final = frozenset(("len", "bool", "hash", "id", "type", "IsNullOrEmpty", "IsNullOrWhiteSpace", "GetHashCode", "GetType", "nameof"))
"""Functions that tell of something, and not what it is."""

SHOWING: Final = frozenset(("+", "??", "or", "%"))
"""Operators whose answer shows what stands on their sides; a comparison's does not."""


FORM: Final = "ToString"

PICKED: Final = "."
"""What stands behind a name of which the text form shows one member: `Answer.` and `Content` for `Answer.Content`."""


def shown_members(overrides: Sequence[Routine]) -> frozenset[str] | None:
    """The names that a type's own text form shows, or None where it has none of its own."""
    for routine in overrides:
        function = routine.function
        if not function.params and function.body is not None:
            return frozenset(_stated(function.body))
    return None


def text_form(program: Program, declared: Type) -> frozenset[str] | None:
    """The names of the members that an object's text form shows, with those that they are worked out of; None where it has none of its own,
    or leaves it to another function.
    """
    forms = program.methods(declared, FORM)
    shown = shown_members(forms)
    if shown is None or "super" in shown:
        return None
    if FORM in shown:  # that of another object, or one of its own that is told how much to show
        shown |= {name for one in forms if one.function.params for name in _stated(one.function.body or ())}
    getters = (slot.field.getter for name in shown if (slot := program.slot(declared, name)) is not None)
    names = shown | {name for getter in getters if getter is not None for name in _stated(getter.body or ())}
    return None if any(program.methods(declared, name) for name in names - {FORM}) else names


def _stated(body: Sequence[ir.Stmt]) -> Iterator[str]:
    """The names that statements work into a text; what they ask on the way is not among them."""
    for statement in body:
        match statement:
            case ir.Return(value=value) | ir.Declare(value=value):
                if value is not None:
                    yield from _shown(value)
            case ir.Eval(value=ir.Assign(value=value)) | ir.Eval(value=value):
                yield from _shown(value)
            case ir.If(then=then, other=other):
                yield from _stated(then)
                yield from _stated(other)
            case ir.Block(body=inner):
                yield from _stated(inner)
            case ir.Throw():
                pass
            case _:
                yield from _mentioned(statement)


def _shown(expr: ir.Expr) -> Iterator[str]:
    """The names of what is in the text that an expression is."""
    match expr:
        case ir.Name(id=name):
            yield name
        case ir.Member(object=holder, name=name):
            if name not in MEASURES:
                yield name
                yield from _picked(holder)
        case ir.Literal(value=str() as text):
            yield text
        case ir.Call():
            name = walk.called_name(expr)
            if not makes_safe(name) and name not in COUNTS:
                yield name
                called_on = [expr.function.object] if type(expr.function) is ir.Member else []
                for part in (*called_on, *(arg.value for arg in expr.args)):
                    yield from _shown(part)
        case ir.Binary(operator=operator, left=left, right=right):
            if operator in SHOWING:
                yield from _shown(left)
                yield from _shown(right)
        case ir.Choice(then=then, other=other):
            yield from _shown(then)
            yield from _shown(other)
        case ir.Unary():
            return
        case ir.Template(parts=parts):
            for part in parts:
                yield from _shown(part)
        case _:
            yield from _mentioned(expr)


def _picked(holder: ir.Expr) -> Iterator[str]:
    """What stands for an object of which one member is shown."""
    match holder:
        case ir.Name(id=name):
            yield name + PICKED
        case ir.Member(object=outer, name=name):
            yield name + PICKED
            yield from _picked(outer)
        case _:
            yield from _shown(holder)


def _mentioned(part: object) -> Iterator[str]:
    """All names that stand in it, in texts too."""
    for node in walk.nodes(part):
        match node:
            case ir.Name(id=name) | ir.Member(name=name):
                yield name
            case ir.Literal(value=str() as text):
                yield text
