"""What do the routines that run before an endpoint give it?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from apiposture.analysis.flow.composition import apply
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import BY_NAME, PRINCIPAL, Label, Trail
from apiposture.analysis.flow.values import UNKNOWN, Value
from apiposture.analysis.scalars import names_nothing
from apiposture.frameworks.routing import Entry, Supply
from apiposture.model import ir
from apiposture.model.facts import Binding
from apiposture.program.types import Routine, TypeUse
from apiposture.program.variables import bindings_of

CHOSEN: Final = ("route", "query", "body", "header", "cookie", "form", "file")
"""Kinds of request data that the caller chooses."""

NO_KEY: Final = frozenset(("key",))
NAMED: Final = frozenset((BY_NAME,))


def supplied(frame: Frame, supplies: Sequence[Supply], taker: Routine) -> dict[str, Value]:
    """The values by the names that `taker` is given them under. What the routines do counts as done by the endpoint."""
    found: dict[str, Value] = {}
    for supply in supplies:
        if supply.own and supply.routine is not None:
            _prepare(frame, supply.routine, supply.bindings)
            continue
        value = given(frame, supply, taker)
        if supply.name:
            found[supply.name] = value
    return found


def _prepare(frame: Frame, routine: Routine, bindings: Sequence[Binding]) -> None:
    """Call a method of the endpoint's own object, which is kept as `this`: what is set in it stays set."""
    if "this" not in frame.env and routine.owner is not None:
        frame.env["this"] = Value({}, frame.summaries.program.as_use(routine.owner))
    sources = {binding.name: binding.source for binding in bindings}
    args = [argument(frame, routine, param, sources.get(param.name, "unknown")) for param in routine.function.params]
    apply(frame, routine, frame.env.get("this", UNKNOWN), args, routine.function.name_span, {})


def given(frame: Frame, supply: Supply, taker: Routine) -> Value:
    """The value that one routine gives to another."""
    program = frame.summaries.program
    kind = program.as_use(supply.made) if supply.made is not None else None
    routine = supply.routine
    if routine is None and supply.type:
        return _made_of(supply, taker)
    if routine is None:
        return Value({}, kind, fields={binding.name: _chosen_member(frame, supply, binding) for binding in supply.bindings})
    inside = supplied(frame, [one for one in supply.supplies if not supply.identity], routine)
    answer = frame.summaries.return_type(routine)
    if supply.identity:
        trail = Trail(routine.module, routine.function.name_span, f"'{routine.function.name}' gives the caller's identity")
        return Value({PRINCIPAL: trail}, kind or answer)
    sources = {binding.name: binding.source for binding in supply.bindings}
    args = [
        inside.get(param.name) or argument(frame, routine, param, sources.get(param.name, "unknown")) for param in routine.function.params
    ]
    fields = {name.removeprefix("this."): value for name, value in inside.items() if name.startswith("this.")}
    if kind is None:
        owner = program.as_use(routine.owner) if routine.owner is not None else None
        value = apply(frame, routine, Value({}, owner, fields=fields or None), args, routine.function.name_span, {}).value
        return value if value.type is not None else value.typed(answer)
    made = Value({}, kind, fields=fields)
    frame.env["new"] = made
    apply(frame, routine, made, args, routine.function.name_span, bindings_of(program, kind, kind.decl))
    return frame.env.pop("new", made)


SEGMENT: Final = "segment"
"""The type of a text that is one part of a route: there is no slash in it."""

NO_PATH: Final = frozenset(("path", "archive"))


def _made_of(supply: Supply, taker: Routine) -> Value:
    source = supply.bindings[0].source
    at = next((param.span for param in taker.function.params if param.name == supply.name), taker.function.name_span)
    trail = Trail(taker.module, at, f"the caller chooses '{supply.name}' ({source})")
    if supply.type == SEGMENT:
        return Value({Label.of("request", source, (supply.name,), NO_PATH): trail}, TypeUse("string"))
    return Value({Label.of("request", source, (supply.name,)): trail}, TypeUse(supply.type))


def argument(frame: Frame, routine: Routine, param: ir.Param, source: str) -> Value:
    """What a parameter holds that comes from the request."""
    kind = frame.summaries.param_type(routine, param)
    if source in CHOSEN:
        trail = Trail(routine.module, param.span, f"the caller chooses '{param.name}' ({source})")
        clean = NAMED if param.mode == "rest-map" else NO_KEY if _is_no_key(kind) else frozenset[str]()
        return Value({Label.of("request", source, (param.name,), clean): trail}, kind)
    if source == "principal":
        return Value({PRINCIPAL: Trail(routine.module, param.span, f"'{param.name}' is the caller's identity")}, kind)
    return Value({}, kind) if kind is not None else UNKNOWN


def _is_no_key(kind: TypeUse | None) -> bool:
    return kind is not None and names_nothing(kind)


def _chosen_member(frame: Frame, supply: Supply, binding: Binding) -> Value:
    slot = frame.summaries.program.slot(supply.made, binding.name) if supply.made is not None else None
    if slot is None:
        return UNKNOWN
    kind = frame.summaries.program.type_of(slot)
    trail = Trail(slot.module, slot.field.span, f"the caller chooses '{binding.name}' ({binding.source})")
    return Value({Label.of("request", binding.source, (binding.name,)): trail}, kind)


def routines(entry: Entry) -> list[Routine]:
    """The endpoint's routine, and all that run before it to give it something."""
    found = [entry.routine] if entry.routine is not None else []
    pending = list(entry.supplies)
    while pending:
        one = pending.pop()
        found += [one.routine] if one.routine is not None else []
        pending += one.supplies
    return found
