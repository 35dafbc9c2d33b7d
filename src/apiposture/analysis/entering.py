"""What does the code behind an endpoint do when a stranger calls it?"""

from __future__ import annotations

from typing import Final

from apiposture.analysis.flow.composition import apply
from apiposture.analysis.flow.effects import SETS
from apiposture.analysis.flow.frame import Effects, Frame
from apiposture.analysis.flow.gone_through import rows_of
from apiposture.analysis.flow.labels import APART, EMPTY, PRINCIPAL, Guard, Label, Trail
from apiposture.analysis.flow.patterns import harmless_by_pattern
from apiposture.analysis.flow.summaries import Notes, Summaries
from apiposture.analysis.flow.values import UNKNOWN, Value
from apiposture.analysis.scalars import names_nothing
from apiposture.analysis.supplied import CHOSEN, supplied
from apiposture.frameworks.routing import Entry, Held
from apiposture.model import ir
from apiposture.program.types import Routine

NO_KEY: Final = frozenset(("key",))
NO_NAME: Final = frozenset(("path",))
"""What a file holds names none."""


def enter(summaries: Summaries, entry: Entry) -> Frame | None:
    """Call an endpoint: every parameter holds what its binding says. The frame has all effects."""
    routine = entry.routine
    if routine is None or routine.function.body is None:
        return None
    frame, receiver, args = _called(summaries, entry, routine)
    value = apply(frame, routine, receiver, args, routine.function.name_span, {}).value
    frame.returned.append((rows_of(frame, value, None, routine.function.name_span), frame.facts))
    summaries.hold(frame)
    if any(supply.own for supply in entry.supplies):
        _keep_last(frame)
    return frame


def enter_inside(summaries: Summaries, entry: Entry) -> Frame | None:
    """The same, seen from within the function that answers: what it returned on each way is told apart, with what holds there."""
    routine = entry.routine
    if routine is None or not routine.function.body:
        return None
    outside, receiver, args = _called(summaries, entry, routine)
    env = {"this": receiver, **{param.name: value for param, value in zip(routine.function.params, args, strict=True)}}
    return _gone_through(Frame(summaries, routine, env, outside.effects, outside.facts))


def enter_alone(summaries: Summaries, routine: Routine) -> Frame:
    """A function, seen from within, of which nobody says what it is given."""
    receiver = summaries.program.as_use(routine.owner) if routine.owner is not None else None
    env = {"this": Value(type=receiver)}
    for index, param in enumerate(routine.function.params):
        env[param.name] = Value({Label.of("param", index): None}, summaries.param_type(routine, param))
    return _gone_through(Frame(summaries, routine, env, Effects()))


def _gone_through(frame: Frame) -> Frame:
    """The frame after its function, with a last answer where it ends without one."""
    routine, notes = frame.routine, frame.summaries.notes
    noted = notes.get(routine)
    notes[routine] = Notes()  # what is certain of the function is told of it without these arguments
    try:
        if frame.run(routine.function.body or ()):
            frame.returned.append((UNKNOWN, frame.facts))
            frame.ends.append(None)
    finally:
        if noted is None:
            del notes[routine]
        else:
            notes[routine] = noted
    frame.summaries.hold(frame)
    return frame


def _called(summaries: Summaries, entry: Entry, routine: Routine) -> tuple[Frame, Value, list[Value]]:
    """Where the endpoint is called from, after what runs before it, with the object that it is called on and its arguments."""
    outside = Routine(ir.Function("", (), None, (), (), (), (), 0, 0), routine.owner, routine.module)
    frame = Frame(summaries, outside, {}, Effects())
    sources = {binding.name: binding.source for binding in entry.endpoint.bindings}
    given = supplied(frame, entry.supplies, routine)
    frame.facts = frame.facts.union([_held(one) for one in entry.held])
    args = [given.get(param.name) or _argument(summaries, routine, param, sources) for param in routine.function.params]
    frame.env["this"] = receiver = _receiver(summaries, routine, sources, given, frame.env.pop("this", UNKNOWN))
    return frame, receiver, args


def _keep_last(frame: Frame) -> None:
    """What the methods of an endpoint's own object set is kept when all of them are through: what holds then, holds for it."""
    for number, access in frame.effects.accesses.items():
        uses = tuple(use.known(frame.facts) if use.kind in SETS else use for use in access.uses)
        frame.effects.accesses[number] = access.but(uses=uses)


def _held(one: Held) -> Guard:
    """The fact that what the caller chose was held against the caller, or that it may have been."""
    chosen = Label.of("request", one.binding.source, (one.binding.name,))
    asked = frozenset((PRINCIPAL, chosen, APART))
    return Guard.of((asked, EMPTY) if one.maybe else (asked,), one.module, one.span, True)


def _argument(summaries: Summaries, routine: Routine, param: ir.Param, sources: dict[str, str]) -> Value:
    source = sources.get(param.name, "unknown")
    kind = summaries.param_type(routine, param)
    if source in CHOSEN:
        trail = Trail(routine.module, param.span, f"the caller chooses '{param.name}' ({source})")
        clean = NO_KEY if kind is not None and names_nothing(kind) else frozenset[str]()
        if source == "file" and kind is not None and not summaries.knowledge(routine.module).is_by_nature(kind.name, "upload"):
            clean |= NO_NAME
        clean |= harmless_by_pattern(summaries.program, summaries.knowledge(routine.module), routine, param)
        return Value({Label.of("request", source, (param.name,), clean): trail}, kind)
    inside = {name.partition(".")[2]: kind for name, kind in sources.items() if name.startswith(f"{param.name}.") and kind in CHOSEN}
    if inside and source not in ("principal", "service"):
        return Value({}, kind, fields={name: _member_argument(routine, param, name, where) for name, where in inside.items()})
    if source == "principal":
        return Value({PRINCIPAL: Trail(routine.module, param.span, f"'{param.name}' is the caller's identity")}, kind)
    return Value({}, kind)


def _member_argument(routine: Routine, param: ir.Param, name: str, source: str) -> Value:
    """A member that is bound by itself, of a parameter that only collects such."""
    trail = Trail(routine.module, param.span, f"the caller chooses '{name}' ({source})")
    return Value({Label.of("request", source, (name,)): trail})


def _receiver(summaries: Summaries, routine: Routine, sources: dict[str, str], given: dict[str, Value], prepared: Value) -> Value:
    if routine.owner is None:
        return UNKNOWN
    fields = dict(prepared.fields or {})
    fields |= {name.removeprefix("this."): value for name, value in given.items() if name.startswith("this.")}
    for name, source in sources.items():
        if name.startswith("this.") and source in CHOSEN:
            member = name.removeprefix("this.")
            slot = summaries.program.slot(routine.owner, member)
            if slot is not None and (kind := summaries.program.type_of(slot)) is not None:
                trail = Trail(slot.module, slot.field.span, f"the caller chooses '{member}' ({source})")
                fields[member] = Value({Label.of("request", source, (member,)): trail}, kind)
    return Value({}, summaries.program.as_use(routine.owner), fields=fields or None)
