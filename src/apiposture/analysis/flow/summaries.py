"""What does each function of the program do, worked out once?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Final

from apiposture.analysis.flow import binding, calls, expressions, meanings, statements
from apiposture.analysis.flow.effects import NOTHING, SETS, Facts, LogEffect, SinkEffect, Summary, either, of_that_one, opaque
from apiposture.analysis.flow.endings import ensured, leaves, told_apart, when
from apiposture.analysis.flow.filling import held_at_end
from apiposture.analysis.flow.frame import Effects, Frame, tells
from apiposture.analysis.flow.handled import handled, takes_its_own
from apiposture.analysis.flow.inheriting import forget
from apiposture.analysis.flow.itself import itself
from apiposture.analysis.flow.labels import PRINCIPAL, Label, Trail, Way
from apiposture.analysis.flow.named import default_type
from apiposture.analysis.flow.positions import characters
from apiposture.analysis.flow.queries import Query
from apiposture.analysis.flow.sketches import Sketch
from apiposture.analysis.flow.values import Value, flat, objects_in
from apiposture.analysis.flow.ways import way
from apiposture.analysis.knowledge import Knowledge
from apiposture.frameworks.library import library
from apiposture.model import ir
from apiposture.model.ir import Module
from apiposture.model.source import Span
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Slot, Type, TypeUse

__all__ = ["Summaries", "calls", "expressions", "statements", "way"]

RECURSION: Final = 30_000
MAX_NESTING: Final = 100
"""Calls are followed this deep; what lies deeper passes its data through. No real program was seen to come near it."""

CHAINED: Final = 2
"""A member may hold the caller's identity because another member does; so many links are followed."""

MAX_RING: Final = 8
"""Functions that call each other in a ring of so many are worked out one after the other; a larger ring is taken as it is found."""

OUTERMOST: Final = sys.maxsize

Messages = tuple[frozenset[Type], frozenset[Type]]
"""The kinds of messages that libraries hand to their handlers, and those that the program does."""

SHARED: Final = (
    *("dispatch", "inherited", "set_once", "taken_out", "first_types", "checked"),
    *("_knowledge", "_accessors", "_sketches", "_handlers", "_messages"),
)
"""What does not depend on how far identities are followed."""


class Notes:
    """What is certain of one function without knowing who calls it: sinks that request data reaches there, and its logs."""

    __slots__ = ("logs", "sinks")

    def __init__(self) -> None:
        self.sinks: list[SinkEffect] = []
        self.logs: list[LogEffect] = []


class Summaries:
    """The summaries of one program's functions, made when they are first asked for.

    A summary depends on the program alone, never on which function was asked about before: functions that call each other in a
    ring are entered where the first of them stands (by path and position), whoever of them is asked for. `links` says how
    far a member's identity is followed through other members; `below` follows it one link less.

    Left for those who want to know what a summary was worked out from: `callees` of each routine, the members that it `asked` about
    whether they hold the caller, and the routines by which that was `answered`; the files at whose functions it `looked_around`.
    """

    def __init__(self, program: Program, knowledge: Callable[[Program, str], Knowledge] | None = None, links: int = CHAINED) -> None:
        sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION))
        self.program = program
        self.dispatch: dict[object, list[Routine]] = {}
        self.set_once: dict[Routine, dict[str, ir.Expr]] = {}
        self.inherited: dict[tuple[Routine, Type], Routine] = {}
        self.notes: dict[Routine, Notes] = {}
        self.taken_out: dict[Routine, frozenset[str]] = {}
        self.first_types: dict[int, TypeUse | None] = {}
        self.being_made: set[int] = set()
        self.written_otherwise: dict[int, tuple[ir.Expr, ir.Call]] = {}
        self.checked: dict[int, tuple[frozenset[str], bool]] = {}
        self.callees: dict[Routine, dict[Routine, None]] = {}
        self.called_on: dict[Routine, dict[Span, str]] = {}
        self.asked: dict[Routine, dict[tuple[Type, str], None]] = {}
        self.looked_around: dict[Routine, dict[str, None]] = {}
        self.answered: dict[tuple[Type, str], list[Routine]] = {}
        self._make = knowledge or (lambda program, language: Knowledge(program, library(language)))
        self._knowledge: dict[str, Knowledge] = {}
        self._summaries: dict[Routine, Summary] = {}
        self._within: dict[Routine, tuple[Summary, int]] = {}
        self._active: dict[Routine, int] = {}
        self._back = OUTERMOST
        self._accessors: dict[int, Routine] = {}
        self._principals: dict[tuple[Type, str], bool] = {}
        self._sketches: dict[Type, Sketch] = {}
        self._handlers: dict[str, dict[Type, list[Type]]] = {}
        self._messages: dict[str, Messages] = {}
        self.below = self._with_fewer(links - 1) if links else None

    def _with_fewer(self, links: int) -> Summaries:
        """Summaries of the same program that follow identities less far; what does not depend on that is shared."""
        below = Summaries(self.program, self._make, links)
        for name in SHARED:
            setattr(below, name, getattr(self, name))
        return below

    def knowledge(self, module: Module) -> Knowledge:
        """The library rows for a module's language."""
        found = self._knowledge.get(module.language)
        if found is None:
            found = self._knowledge[module.language] = self._make(self.program, module.language)
        return found

    def of(self, routine: Routine) -> Summary:
        """The routine's summary. A routine that is being evaluated (recursion) passes its parameters through."""
        if self._active:
            self.callees.setdefault(next(reversed(self._active)), {})[routine] = None
        known = self._summaries.get(routine)
        if known is not None:
            return known
        at = self._active.get(routine)
        if at is not None or len(self._active) >= MAX_NESTING:
            self._back = self._back if at is None else min(self._back, at)
            return opaque(routine)
        within = self._within.get(routine)
        if within is not None:
            self._back = min(self._back, within[1])
            return within[0]
        return self._settled(routine)

    def knows(self, routine: Routine) -> bool:
        """Was the routine evaluated?"""
        return routine in self._summaries

    def drop(self, routines: Iterable[Routine], questions: Iterable[tuple[Type, str]]) -> None:
        """Forget what was worked out of these functions and what was answered to these questions."""
        for routine in routines:
            for known in (self._summaries, self.notes, self.callees, self.called_on, self.asked, self.looked_around, self.set_once):
                known.pop(routine, None)
            self.taken_out.pop(routine, None)
        for question in questions:
            self._principals.pop(question, None)
            if self.below is not None:
                self.below.answered.pop(question, None)

    def drop_code(self, module: Module, types: Iterable[Type]) -> None:
        """Forget what was read off a module's code, and that of its types, without evaluating it."""
        for declared in types:
            self._sketches.pop(declared, None)
        forget(self.program, self.dispatch, self.inherited, module, frozenset(types))
        self.checked.clear()
        self.first_types.clear()

    def _settled(self, routine: Routine) -> Summary:
        """Evaluate a routine: for good where it leads back to none that is being evaluated, else for the time being."""
        around, depth = self._back, len(self._active)
        summary, back = self._entered(routine)
        if back < depth:
            self._within[routine] = (summary, back)
            self._back = min(around, back)
            return summary
        found = self._first_of_ring(routine, summary, depth) if back == depth else {routine: summary}
        self._back = around
        self._summaries.update(found)
        return self._summaries.get(routine) or self._settled(routine)

    def _first_of_ring(self, routine: Routine, summary: Summary, depth: int) -> dict[Routine, Summary]:
        """Enter a ring where the first of its functions stands, whoever was asked for; the others can then know what that one does."""
        ring = {routine: summary, **self._ring(depth)}
        first = min(ring, key=_position)
        if first is not routine:
            entered, back = self._entered(first)
            within = self._ring(depth)
            ring = {first: entered, **within} if back >= depth else {routine: summary}
        return {first: ring[first]} if len(ring) <= MAX_RING and first in ring else ring

    def _entered(self, routine: Routine) -> tuple[Summary, int]:
        """The routine's summary, and the outermost of the functions being evaluated that it led back to."""
        self._back = OUTERMOST
        self._active[routine] = len(self._active)
        try:
            summary = self._evaluate(routine)
        finally:
            del self._active[routine]
        return summary, self._back

    def _ring(self, depth: int) -> dict[Routine, Summary]:
        """The functions that led back to the one at this depth, with what was found of them on the way; it is kept no longer."""
        ring = {routine: summary for routine, (summary, back) in self._within.items() if back >= depth}
        for routine in ring:
            del self._within[routine]
        return ring

    def _evaluate(self, routine: Routine) -> Summary:
        function = routine.function
        self.notes[routine] = Notes()
        frame = Frame(self, routine, {}, Effects())
        if routine.owner is not None:
            frame.env["this"] = itself(frame, routine.owner)
        for index, param in enumerate(function.params):
            frame.env[param.name] = self._parameter(frame, index, param)
        answer = self.return_type(routine)
        frame.tells = tells(answer, routine.module)
        goes_on = frame.run(function.body or ())
        if goes_on and frame.tells:
            frame.told.append((None, frame.facts))
        for index, held in held_at_end(frame, function).items():
            frame.effects.writes[(index, "")] = held
        ends = [facts for _, facts in frame.returned] + ([frame.facts] if goes_on else [])
        ensures = ensured(ends, frame) if ends else NOTHING
        self.hold(frame)
        returns = told_apart(frame.result(), frame.apart, ensures)
        if routine.function.returns is not None and (returns.type is None or binding.stays_apart(answer)):
            returns = returns.typed(answer)
        return Summary(
            returns,
            tuple(frame.effects.accesses.values()),
            tuple(frame.effects.sinks.values()),
            tuple(log for log in frame.effects.logs.values() if any(x.kind == "param" for x in log.labels)),
            ensures,
            tuple((index, name, value) for (index, name), value in frame.effects.writes.items()),
            frame.effects.saves,
            when(frame, ensures),
            frame.refuses,
            frame.effects.saved, tuple(frame.effects.called_back), leaves(frame, ends),
        )  # fmt: skip

    def _parameter(self, frame: Frame, index: int, param: ir.Param) -> Value:
        kind = frame.type(param.type) if param.type is not None else default_type(frame, param) or self.param_type(frame.routine, param)
        holds_nothing = kind is not None and frame.knowledge.is_by_nature(kind.name, "empty")
        labels: dict[Label, Way] = {} if holds_nothing else {Label.of("param", index): None}
        if kind is not None and self.knowledge(frame.module).principal_types & {kind.name}:
            labels[PRINCIPAL] = Trail(frame.module, param.span, f"'{param.name}' is the caller's identity")
        for row in self.knowledge(frame.module).library.source:
            if row.type and kind is not None and row.type == kind.name and not row.call and not row.member:
                labels[Label.of("request", row.kind, (param.name,))] = None
        knowledge = self.knowledge(frame.module)
        asks = kind is not None and bool(kind.args) and not knowledge.stores.isdisjoint(knowledge.lineage(kind.name))
        query = Query(kind.args[-1], origin=index) if asks and kind is not None else None
        return meanings.marked_parameter(frame, Value(labels, kind, query=query), param)

    def hold(self, frame: Frame, since: int = 0) -> None:
        """What holds whenever an object is handed to the caller holds for its access, of those that were loaded since."""
        returned = [(flat(value), facts, objects) for value, facts in frame.returned if (objects := objects_in(value))]
        for number, access in frame.effects.accesses.items() if returned else ():
            held: Facts | None = None
            for labels, facts, objects in returned:
                if number > since and number in objects:
                    facts |= of_that_one(labels, number, frame.module, access.spot.span)
                    held = facts if held is None else either(held, facts)
            if held is not None:
                # What a loader sets on the object that it hands over (a text decrypted, a flag) belongs to loading it.
                uses = tuple(use for use in access.uses if frame.effects.saves or use.kind not in SETS)
                frame.effects.accesses[number] = access.but(held=access.held | held, uses=uses)

    def look_around(self, modules: Iterable[Module]) -> None:
        """Note that what is being evaluated hangs on functions of these files that it need not call."""
        if self._active:
            self.looked_around.setdefault(next(reversed(self._active)), {}).update(dict.fromkeys(module.path for module in modules))

    def accessor(self, slot: Slot, function: ir.Function) -> Routine:
        """The one routine of a property's accessor, or of the function that it holds."""
        found = self._accessors.get(id(function))
        if found is None:
            found = self._accessors[id(function)] = Routine(function, slot.owner, slot.module)
        return found

    def texts_of_members(self, owner: Type | None, names: Iterable[str]) -> set[str]:
        """What the values of those members of a type are written with that have one of these names: texts, and names of calls."""
        found: set[str] = set()
        for name in sorted(names) if owner is not None else ():
            slot = owner.fields.get(name) if owner is not None else None
            value = slot.field.value if slot is not None else None
            for node in walk.nodes((value,)) if value is not None else ():
                if type(node) is ir.Literal and isinstance(node.value, str):
                    found.update(characters(node.value))
                elif type(node) is ir.Call:
                    found.add(walk.called_name(node))
        return found

    def param_type(self, routine: Routine, param: ir.Param) -> TypeUse | None:
        """A parameter's declared type, or the one that its name stands for where none is declared."""
        if param.type is None:
            return self.knowledge(routine.module).conventions.get(param.name)
        return self._type(routine, param.type)

    def return_type(self, routine: Routine) -> TypeUse | None:
        """A function's declared result."""
        return self._type(routine, routine.function.returns)

    def _type(self, routine: Routine, ref: ir.TypeRef | None) -> TypeUse | None:
        if ref is None:
            return None
        params = routine.function.type_params
        variables = frozenset([param.name for param in params]) if params else frozenset()
        return self.knowledge(routine.module).unwrap(self.program.use(ref, routine.module, routine.owner, variables))

    def handlers(self, interface: str) -> dict[Type, list[Type]]:
        """For each message type, the types that implement a library's generic `interface` for it."""
        found = self._handlers.get(interface)
        if found is None:
            found = self._handlers[interface] = {}
            for declared, message in handled(self.program, interface):
                found.setdefault(message, []).append(declared)
        return found

    def messages(self, module: Module) -> Messages:
        """The types for which somebody implements an interface by which handlers are found: a library's, and one of the program's own."""
        found = self._messages.get(module.language)
        if found is None:
            rows = self.knowledge(module).library.dispatch
            uses = (one for declared in self.program.types for one in self.program.ancestors(declared))
            own = [use.args[0].decl for base, use in uses if base is not None and use.args and base.is_interface and takes_its_own(base)]
            named = dict.fromkeys(row.handler for row in rows if not row.handler.startswith("*"))
            libraries = frozenset(message for one in named for message in self.handlers(one))
            found = self._messages[module.language] = (libraries, frozenset(message for message in own if message is not None))
        return found

    # -- what is certain without a caller ------------------------------------------------------------------------------

    def note_sink(self, frame: Frame, effect: SinkEffect) -> None:
        """Keep a sink that request data reaches in the function itself, or that is unsafe as such."""
        if effect.row.inherent or any(x.kind == "request" and not _handed_in(frame, x, effect.labels) for x in effect.labels):
            self.notes.setdefault(frame.routine, Notes()).sinks.append(effect)

    def note_log(self, frame: Frame, effect: LogEffect) -> None:
        """Keep every log call: what it shows is judged once for all callers."""
        self.notes.setdefault(frame.routine, Notes()).logs.append(effect)

    def assigned(self, frame: Frame, holder: Value, name: str, value: Value, written: ir.Expr | None, span: Span) -> Value:
        """A member of an object is set; the answer is the value, marked where that was reported."""
        return meanings.assigned(frame, holder, name, value, written, span)

    def is_principal(self, declared: Type, name: str) -> bool:
        """Does a member hold the caller's identity, because the program sets it from there and from nowhere else?"""
        if self.below is None:
            return False
        key = (declared, name)
        if self._active:
            self.asked.setdefault(next(reversed(self._active)), {})[key] = None
        found = self._principals.get(key)
        if found is None:
            found = self._principals[key] = self.below.sets_from_principal(declared, name)
        return found

    def sets_from_principal(self, declared: Type, name: str) -> bool:
        """The same, asked of summaries that follow one link less."""
        holders = (declared, *self.program.heirs(declared))
        sketches = [self._sketch(holder) for holder in holders]
        slots = [holder.fields[name] for holder in holders if holder is not declared and name in holder.fields]
        getters = [self.accessor(slot, slot.field.getter) for slot in slots if slot.field.getter and slot.field.getter.body]
        # Only who can know the caller is evaluated: what else sets the member keeps what it stands for.
        named = [(sketch, routine) for sketch in sketches for routine in sketch.mentioning(name) if self._speaks_of_callers(routine)]
        setters = [routine for sketch, routine in named if sketch.sets(routine, name)]
        getters = [routine for routine in getters if self._speaks_of_callers(routine)]
        self.answered[(declared, name)] = [*setters, *getters]
        values = [v for routine in setters for i, n, v in self.of(routine).writes if i == -1 and n == name]
        values += [self.of(routine).returns for routine in getters]
        sets = [value for value in values if value.constants is None]
        return bool(sets) and all(PRINCIPAL in value.everything() for value in sets)

    def _speaks_of_callers(self, routine: Routine) -> bool:
        """Does a function, or one of its type that it names, use a name by which library rows know the caller?"""
        names = self.knowledge(routine.module).caller_names
        mentioned = self.program.mentions(routine)
        if not mentioned.isdisjoint(names):
            return True
        if routine.owner is None:
            return False
        speaking = self._sketch(routine.owner).speaking(names)
        return not mentioned.isdisjoint(speaking)

    def _sketch(self, holder: Type) -> Sketch:
        found = self._sketches.get(holder)
        if found is None:
            found = self._sketches[holder] = Sketch(holder, self.program)
        return found


def _handed_in(frame: Frame, label: Label, labels: Iterable[Label]) -> bool:
    """Is it read from an uploaded file that a caller handed in? Then it is that caller who knows what was checked of it."""
    params = frame.routine.function.params
    uploads = {i for i, param in enumerate(params) if param.type is not None and frame.knowledge.is_by_nature(param.type.name, "upload")}
    return label.key == "file" and any(x.kind == "param" and x.key in uploads and x.path[-1:] == label.path[-1:] for x in labels)


def _position(routine: Routine) -> tuple[str, Span, str, str]:
    return routine.module.path, routine.function.span, routine.function.name, routine.owner.qualified if routine.owner is not None else ""
