"""Does a call take out of a text all but a few characters, by a pattern that it is given, or that is kept elsewhere?

`Regex.Replace(name, "[^a-z]", "")`, `Unsafe.Replace(name, "")` with a field, `Unsafe().Replace(name, "")` with a function that the compiler
writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.members import is_fixed
from apiposture.analysis.flow.patterns import patterns_in
from apiposture.analysis.flow.positions import Given, texts_of
from apiposture.analysis.flow.values import Value
from apiposture.frameworks.rows import Clean
from apiposture.model import ir
from apiposture.program import constants, walk
from apiposture.program.types import Slot, Type

KEPT: Final = re.compile(r"\[\^(?:[\w\-_.]|\\[wd\-.])*\][+*]?")
"""A pattern that matches all but letters, digits, and what else no interpreter stumbles over."""


def takes_effect(frame: Frame, row: Clean, call: ir.Call, receiver: Value, args: Given) -> bool:
    """Does what a row needs stand in the call, so that its result is harmless?"""
    if row.keeps:
        given = patterns_in(receiver, [value for _, value in args[:2]])
        return any(map(KEPT.fullmatch, given)) or any(map(KEPT.fullmatch, _kept_elsewhere(frame, call)))
    if not row.needs:
        return True
    first, rest = (texts_of(ir.Call(call.function, given, call.span)) for given in (call.args[:1], call.args[1:]))
    return not first.isdisjoint(row.needs) and rest.isdisjoint(row.unless)


def _kept_elsewhere(frame: Frame, call: ir.Call) -> Iterator[str]:
    """The pattern that the object holds which a method is called on, where the code says so in one place."""
    holder = call.function.object if type(call.function) is ir.Member else None
    program, owner = frame.summaries.program, frame.owner
    if type(holder) is ir.Call and owner is not None:
        for routine in program.methods(owner, walk.called_name(holder))[:1]:
            if not routine.function.has_body:
                yield from _written(frame, routine.function.annotations, routine.module, routine.owner)
    slot = _slot(frame, holder) if holder is not None else None
    if slot is None:
        return
    yield from _written(frame, slot.field.annotations, slot.module, slot.owner)
    made = slot.field.value
    given = made.args if type(made) is ir.New or type(made) is ir.Call else ()
    if given and (is_fixed(slot) or slot.module.explicit_names):
        yield from _text(frame, given[0].value, slot.module, slot.owner)


def _slot(frame: Frame, holder: ir.Expr) -> Slot | None:
    path, program = walk.dotted(holder), frame.summaries.program
    if frame.module.explicit_names:
        found = program.meaning(path, frame.module, frame.owner)
        return found if isinstance(found, Slot) else None
    name = path.removeprefix("this.")
    return program.slot(frame.owner, name) if frame.owner is not None and name and "." not in name else None


def _written(frame: Frame, annotations: tuple[ir.Annotation, ...], module: ir.Module, owner: Type | None) -> Iterator[str]:
    """The pattern of which the compiler writes an object."""
    for one in annotations:
        if one.args and frame.knowledge.marked((one,), "writes-pattern"):
            yield from _text(frame, one.args[0].value, module, owner)


def _text(frame: Frame, expr: ir.Expr, module: ir.Module, owner: Type | None) -> Iterator[str]:
    found = constants.text(frame.summaries.program, expr, module, owner)
    if found is not None:
        yield found
