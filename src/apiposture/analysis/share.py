"""What does the code behind one share of the endpoints do, and what is certain of the functions that were looked at?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct

from apiposture.analysis import accesses, entering, filters, flows, habits, reading
from apiposture.analysis.disclosures import Disclosures
from apiposture.analysis.exposures import Exposures
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import PRINCIPAL
from apiposture.analysis.flow.queries import Predicate
from apiposture.analysis.flow.summaries import Notes, Summaries
from apiposture.analysis.keys import entry_key, routine_key
from apiposture.analysis.knowledge import Knowledge
from apiposture.analysis.ownership import Owners
from apiposture.analysis.reach import Reach, leading_to
from apiposture.analysis.senders import proof_of
from apiposture.analysis.supplied import routines
from apiposture.analysis.units import Entered, Noted, Units, of_both
from apiposture.frameworks.library import Library, joined
from apiposture.frameworks.routing import Entry
from apiposture.model.facts import Access, Check, Disclosure, Exposure, Flow
from apiposture.model.scan import Problem
from apiposture.model.source import Place
from apiposture.program import Program
from apiposture.program.types import Routine, TypeUse

Told = Access | Flow | Exposure | Disclosure | Check
"""What names places in the program."""


class Task(Struct, frozen=True, eq=False):
    """What is asked of the program; functions of `telling` are looked at for their own sake wherever they are met.

    Of those in `noted`, by `routine_key`, it is known what there is to say. `kept`: from which files an answer was worked out is kept with
    it.
    """

    program: Program
    known: Callable[[str], Library]
    destinations: tuple[str, ...]
    telling: Sequence[Routine]
    noted: Mapping[str, Noted] = {}
    kept: bool = True


class Piece(Struct, frozen=True, eq=False):
    """Some of the work: endpoints with their numbers, and functions that are looked at in any case."""

    entries: Sequence[tuple[int, Entry]]
    alone: Sequence[Routine]


class AbandonedError(Exception):
    """Nobody wants the answer any more."""


def summaries_for(program: Program, known: Callable[[str], Library]) -> Summaries:
    """The summaries of a program that nothing was asked of yet."""
    return Summaries(program, lambda program, language: Knowledge(program, known(language)))


def worked_out(
    task: Task, pieces: Iterable[Piece], summaries: Summaries | None = None, is_wanted: Callable[[], bool] | None = None
) -> Units:
    """Evaluate everything first, then judge it. What two shares say of a function is the same, and what is in `summaries` already is not
    worked out again. Raises AbandonedError once `is_wanted` says no; what was evaluated until then stays in `summaries`.
    """
    summaries = summaries or summaries_for(task.program, task.known)
    entered: list[tuple[int, Entry, Frame | Problem | None]] = []
    failures: dict[Routine, Problem | None] = {}
    for piece in pieces:
        for index, entry in piece.entries:
            _go_on(is_wanted)
            entered.append((index, entry, _entered(summaries, entry)))
        for routine in piece.alone:
            _go_on(is_wanted)
            failures[routine] = _visited(summaries, routine)
    telling = [routine for routine in task.telling if routine in failures or summaries.knows(routine)]
    return _units(_Share(task, summaries, telling, failures), entered)


def _go_on(is_wanted: Callable[[], bool] | None) -> None:
    if is_wanted is not None and not is_wanted():
        raise AbandonedError


def _units(share: _Share, entered: Sequence[tuple[int, Entry, Frame | Problem | None]]) -> Units:
    noted: dict[str, Noted] = {}
    for routine, unit in share.noted.items():
        key = routine_key(routine)
        noted[key] = of_both(noted[key], unit) if key in noted else unit
    return Units(
        noted=noted,
        entered={entry_key(entry): share.entered(index, entry, frame) for index, entry, frame in entered},
    )


def _entered(summaries: Summaries, entry: Entry) -> Frame | Problem | None:
    try:
        for routine in entry.preludes if entry.endpoint.method == "POST" else ():
            summaries.of(routine)  # whether it only reads is asked of these
        return entering.enter(summaries, entry)
    except RecursionError:
        where = entry.endpoint.place
        message = f"The code behind '{entry.endpoint.method} {entry.endpoint.route}' is nested too deeply to be followed."
        return Problem("too-deep", message, where.path, where.line)


def _visited(summaries: Summaries, routine: Routine) -> Problem | None:
    try:
        summaries.of(routine)
    except RecursionError:
        return Problem("too-deep", f"'{routine.name}' is nested too deeply to be followed.", routine.module.path)
    return None


class _Share:
    """What was seen, and those who judge it."""

    def __init__(self, task: Task, summaries: Summaries, telling: Sequence[Routine], failures: Mapping[Routine, Problem | None]) -> None:
        program = task.program
        languages = sorted({module.language for module in program.modules})
        self.summaries = summaries
        self.reach = Reach(summaries) if task.kept else None
        self.exposures = Exposures(summaries, task.destinations)
        self.filtered = filters.filtered(summaries)
        self.owners = Owners(program, Knowledge(program, joined([task.known(language) for language in languages])))
        self.known = task.noted
        self.noted = dict(self._noted())
        self._saying = dict(self._with_something_to_say())
        self._leading = leading_to(summaries, set(self._saying))
        self.noted.update((routine, self._telling(routine, failures.get(routine))) for routine in telling)

    def _noted(self) -> Iterator[tuple[Routine, Noted]]:
        """Functions of which there is something to say."""
        for routine, notes in self.summaries.notes.items():
            if routine.function.name and (notes.sinks or notes.logs) and routine_key(routine) not in self.known:
                found, shown = self._as_declared(routine, *self._judged(notes))
                if found or shown:
                    yield routine, Noted(self._kept((routine,), (*found, *shown)), found, shown)

    def _as_declared(
        self, routine: Routine, found: tuple[Flow, ...], shown: tuple[Exposure, ...]
    ) -> tuple[tuple[Flow, ...], tuple[Exposure, ...]]:
        """The same in a function that is called after the type that declares it, for whichever heir it was worked out."""
        name, put = self._declared_name(routine), msgspec.structs.replace
        if name == routine.name:
            return found, shown
        return (
            tuple([put(one, function=name) if one.function == routine.name else one for one in found]),
            tuple([put(one, function=name) if one.function == routine.name else one for one in shown]),
        )

    def _declared_name(self, routine: Routine) -> str:
        name = routine.function.name
        for kind in self.summaries.program.lineage(routine.owner) if routine.owner is not None else ():
            if any(one.function is routine.function for one in kind.functions.get(name, ())):
                return f"{kind.name}.{name}"
        return routine.name

    def _with_something_to_say(self) -> Iterator[tuple[Routine, str]]:
        """Functions of which something is said, now or known from before, with their keys."""
        for routine, unit in self.noted.items():
            if unit.flows or unit.exposures:
                yield routine, routine_key(routine)
        for routine in self._met() if self.known else ():
            key = routine_key(routine)
            before = self.known.get(key)
            if before is not None and routine not in self.noted and (before.flows or before.exposures):
                yield routine, key

    def _met(self) -> Iterable[Routine]:
        """All functions that were come to."""
        called = (callee for callees in self.summaries.callees.values() for callee in callees)
        return {**dict.fromkeys(self.summaries.notes), **dict.fromkeys(called)}

    def _telling(self, routine: Routine, failure: Problem | None) -> Noted:
        """A function that was looked at for its own sake: that there is nothing to say of it is worth knowing as well."""
        found = self.noted.get(routine) or Noted(self._kept((routine,), ()))
        behind = tuple(key for key in self._behind(routine) if key != routine_key(routine))
        return msgspec.structs.replace(found, noted=behind, problems=(failure,) if failure else ())

    def _judged(self, notes: Notes, endpoint: int = -1) -> tuple[tuple[Flow, ...], tuple[Exposure, ...]]:
        shown = (self.exposures.of(effect, endpoint) for effect in notes.logs)
        return (
            tuple(flow for effect in notes.sinks for flow in flows.flows(effect, endpoint)),
            tuple(exposure for exposure in shown if exposure is not None),
        )

    def _own_notes(self, frame: Frame, routine: Routine) -> Notes:
        """What is certain of the code of this endpoint alone: a function without a name is an endpoint's and nobody else's."""
        own = routine if not routine.function.name else frame.routine
        return self.summaries.notes.get(own, Notes())

    def entered(self, index: int, entry: Entry, frame: Frame | Problem | None) -> Entered:
        """One endpoint."""
        if not isinstance(frame, Frame) or entry.routine is None:
            reached = self._kept(entry.preludes, (), entry.endpoint.place.path)
            return Entered(reached, problems=(frame,) if isinstance(frame, Problem) else ())
        judge = accesses.Judge(frame, self.owners, self.filtered)
        found = tuple(judge.accesses(entry, index))
        sinks, shown = self._judged(self._own_notes(frame, entry.routine), index)
        sinks = (*(flow for effect in frame.effects.sinks.values() for flow in flows.flows(effect, index)), *sinks)
        disclosures = Disclosures(self.summaries, frame, judge, entry, index, found)
        shows = disclosures.all()
        behind = (*entry.preludes, *routines(entry))
        proof = proof_of(self.summaries, entry, self.owners)
        entities = (e.entity for e in frame.effects.accesses.values() if e.entity is not None)
        return Entered(
            self._kept(behind, (*found, *sinks, *shown, *shows, *((proof,) if proof is not None else ())), *disclosures.looked_around),
            found,
            sinks,
            shown,
            tuple(dict.fromkeys(key for routine in routines(entry) for key in self._behind(routine))),
            tuple(dict.fromkeys(_compared(frame))),
            tuple(dict.fromkeys((e.name, e.decl.qualified if e.decl else "") for e in entities)),
            habits=tuple(habits.of(frame, judge, index)),
            disclosures=shows,
            reads=entry.endpoint.method == "POST" and reading.only_reads(self.summaries, frame, behind),
            proof=proof,
        )

    def _behind(self, routine: Routine) -> Iterator[str]:
        """The functions that an endpoint reaches of which there is something to say."""
        seen: set[Routine] = set()
        pending = [routine]
        while pending:
            one = pending.pop()
            if one in self._leading and one not in seen:
                seen.add(one)
                pending += self.summaries.callees.get(one, ())
                if one in self._saying:
                    yield self._saying[one]

    def _kept(self, evaluated: Iterable[Routine], facts: Iterable[Told], *paths: str) -> bytes:
        """The parts of the program that an answer hangs on: the functions that were evaluated, these files, and where it names places."""
        if self.reach is None:
            return b""
        mask = 0
        for routine in evaluated:
            mask |= self.reach.of(routine)
        for path in paths:
            mask |= self.reach.parts.file(path)
        for named in {at.path for fact in facts for at in _places(fact)}:
            mask |= self.reach.parts.places(named)
        return self.reach.encoded(mask)


def _places(fact: Told) -> Iterator[Place]:
    yield fact.place
    if not isinstance(fact, Check):
        yield from (step.place for step in fact.trace)
    if isinstance(fact, Access):
        yield from (check.place for check in fact.checks)
        yield from (step.place for step in fact.weak)


def _compared(frame: Frame) -> Iterator[tuple[str, str]]:
    """Members of entities that a query holds against the caller."""
    for effect in frame.effects.accesses.values():
        if effect.entity is not None:
            asked = [p for p in effect.predicates if PRINCIPAL in p.against and not any(x.kind == "request" for x in p.against)]
            held = [p for p in asked if _may_be_of(frame, effect.entity, p)]
            members = sorted({m for predicate in held for m in predicate.members} - {"", "sql"})
            yield from ((effect.entity.name, member) for member in members)


def _may_be_of(frame: Frame, entity: TypeUse, predicate: Predicate) -> bool:
    """May a condition be one of the entity's own members, and not only of what it is joined with?"""
    return not predicate.owners or entity.decl is None or frame.summaries.program.is_a(entity.decl, *predicate.owners)
