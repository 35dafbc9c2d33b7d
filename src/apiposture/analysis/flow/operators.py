"""What do the operators, indexers and accessors do that the program declares itself, and as what does an object take itself apart?

They are calls that are not written as such: `finder / id`, `orders[id]`, `session.Wanted = id`, `var (order, lines) = found`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from apiposture.analysis.flow.composition import apply
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.values import UNKNOWN, Value
from apiposture.model.source import Span
from apiposture.program.types import Slot
from apiposture.program.variables import bindings_of

ELEMENT: Final = "this[]"
"""What a type declares that is asked for a key (an indexer)."""

TAKES_APART: Final = "Deconstruct"


def by_operator(frame: Frame, operator: str, operands: Sequence[Value], span: Span) -> Value | None:
    """What an operator gives that the type of one of its operands declares; None where none does."""
    for operand in operands:  # a method of the first one, or a function of all of them
        declared = operand.type.decl if operand.type is not None else None
        for routine in frame.summaries.program.methods(declared, f"operator {operator}") if declared is not None else ():
            if len(routine.function.params) == len(operands):
                return apply(frame, routine, UNKNOWN, operands, span, {}).value
            if operand is operands[0] and len(routine.function.params) == len(operands) - 1:
                return apply(frame, routine, operand, operands[1:], span, {}).value
    return None


def by_key(frame: Frame, holder: Value, keys: Sequence[Value], span: Span) -> Value | None:
    """What an object gives under a key, where its type says how; None where that does not."""
    slot = _indexer(frame, holder)
    getter = slot.field.getter if slot is not None else None
    if slot is None or getter is None or not getter.body:
        return None
    bound = bindings_of(frame.summaries.program, holder.type, slot.owner)
    value = apply(frame, frame.summaries.accessor(slot, getter), holder, keys, span, bound).value
    return value if value.type is not None else value.typed(frame.knowledge.unwrap(frame.summaries.program.type_of(slot)))


def set_by_key(frame: Frame, holder: Value, keys: Sequence[Value], value: Value, span: Span) -> bool:
    """Set what stands in an object under a key, where its type says how; whether it does."""
    slot = _indexer(frame, holder)
    setter = slot.field.setter if slot is not None else None
    if slot is None or setter is None or not setter.body:
        return False
    apply(frame, frame.summaries.accessor(slot, setter), holder, [*keys, value], span, {})
    return True


def _indexer(frame: Frame, holder: Value) -> Slot | None:
    declared = holder.type.decl if holder.type is not None else None
    return frame.summaries.program.slot(declared, ELEMENT) if declared is not None else None


def with_member(frame: Frame, holder: Value, name: str, value: Value, span: Span) -> Value:
    """The object after one of its members was set; a setter with a body does what it does, and sets other members by it."""
    declared = holder.type.decl if holder.type is not None else None
    slot = frame.summaries.program.slot(declared, name) if declared is not None else None
    holder = holder.with_field(name, value)
    if slot is None or slot.field.setter is None or not slot.field.setter.body:
        return holder
    frame.env[SET] = holder
    apply(frame, frame.summaries.accessor(slot, slot.field.setter), holder, [value], span, {})
    return frame.env.pop(SET)


SET: Final = "(the object that is set)"
"""The name under which an object is known while one of its members is set; no program can use it."""


def taken_apart(frame: Frame, value: Value, count: int, span: Span) -> list[Value] | None:
    """As what an object takes itself apart into so many; None where its type does not say it."""
    declared = value.type.decl if value.type is not None else None
    for routine in frame.summaries.program.methods(declared, TAKES_APART) if declared is not None else ():
        if len(routine.function.params) == count:
            outs = apply(frame, routine, value, [UNKNOWN] * count, span, {}).outs
            return [outs.get(place, UNKNOWN) for place in range(count)]
    return None
