"""Of which library's type is something of which nothing says it, by what it is given: `db.query(Order)`, `db.get(Order, id)`?

Where no types are written, a session comes into a function as any other value. What is asked for a stored type, or to run a query of one,
is one.
"""

from __future__ import annotations

from apiposture.analysis.flow.callee import Callee
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.positions import Given
from apiposture.analysis.flow.values import Value
from apiposture.analysis.words import words
from apiposture.model import ir
from apiposture.program.types import Type, TypeUse


def as_told(frame: Frame, call: ir.Call, callee: Callee, args: Given) -> Callee:
    """Who is called, on an object of the type that rows know for being given such things; so is the name that holds it, from now on."""
    receiver = callee.receiver
    if not frame.module.explicit_names or not _is_open(receiver) or not args:
        return callee
    for owner, place in frame.knowledge.told_by_arguments(callee.name):
        if place < len(args) and _is_of_stored(frame, args[place][1]):
            known = receiver.typed(TypeUse(owner))
            holder = call.function.object if type(call.function) is ir.Member else None
            if type(holder) is ir.Name and frame.env.get(holder.id) is receiver:
                frame.env[holder.id] = known
            return callee.on(known)
    return callee


def _is_open(receiver: Value) -> bool:
    """Is nothing known of it but perhaps where it came from?"""
    known = (receiver.type, receiver.static, receiver.query, receiver.fields, receiver.items, receiver.constants, receiver.code)
    return all(one is None for one in known)


def _is_of_stored(frame: Frame, value: Value) -> bool:
    """Is it a type with an identifier, or a query for objects of such a type?"""
    asked = value.query.entity if value.query is not None else None
    return is_stored_type(frame, value) or (asked is not None and asked.decl is not None and _is_stored(frame, asked.decl))


def is_stored_type(frame: Frame, value: Value) -> bool:
    """Is it a type of the program's itself, whose objects have an identifier?"""
    return type(value.static) is Type and _is_stored(frame, value.static)


def _is_stored(frame: Frame, declared: Type) -> bool:
    if declared.kind not in ("class", "record"):
        return False
    program = frame.summaries.program
    use = program.as_use(declared)
    return any(program.slot(declared, name) or frame.knowledge.member_type(use, name) for name in words().identifiers)
