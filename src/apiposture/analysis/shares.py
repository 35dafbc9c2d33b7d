"""What does the code behind some of the endpoints do? A share is evaluated for itself, so that two can be worked on side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

import msgspec
from msgspec import Struct

from apiposture.analysis import accesses, filters, flows
from apiposture.analysis.exposures import Exposures
from apiposture.analysis.flow.effects import SinkEffect
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.meanings import is_generated
from apiposture.analysis.flow.summaries import Summaries
from apiposture.analysis.flow.values import PRINCIPAL
from apiposture.analysis.knowledge import Knowledge
from apiposture.analysis.ownership import Owners
from apiposture.frameworks.library import Library
from apiposture.frameworks.routing import Entry
from apiposture.model.facts import Access, Endpoint, Exposure, Flow
from apiposture.model.scan import Problem
from apiposture.program import Program
from apiposture.program.types import Routine

SHARES = 2
SMALL = 150
"""A program with fewer endpoints is one share. The number of shares never depends on the machine: what a recursive function
does is approximated from where it is entered, so other shares could give another answer."""

MAX_WRAPPERS = 3
"""A project's own logging function may call another one; more layers than this were not met."""


class Share(Struct, frozen=True):
    """What was found behind one share of the endpoints. `compared` are (entity, member) that the code holds against the caller,
    `entities` (name, qualified name) of what is accessed."""

    accesses: tuple[Access, ...]
    flows: tuple[Flow, ...]
    exposures: tuple[Exposure, ...]
    compared: tuple[tuple[str, str], ...]
    entities: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]


def evaluated(
    program: Program, known: Callable[[str], Library], entries: Sequence[Entry], destinations: tuple[str, ...], jobs: int
) -> list[Share]:
    """All shares, in order; in processes of their own where `jobs` allows and the system can fork."""
    count = SHARES if len(entries) >= SMALL else 1
    works = [_Work(program, known, entries, destinations, number, count) for number in range(count)]
    if jobs < 2 or count < 2 or not hasattr(os, "fork"):
        return [work.share() for work in works]
    others = [_forked(work) for work in works[1:]]
    return [works[0].share(), *(answer() for answer in others)]


def _forked(work: _Work) -> Callable[[], Share]:
    """Start the work in a child process; the answer waits for it. If the child dies, the work is done here."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            with os.fdopen(writer, "wb") as pipe:
                pipe.write(msgspec.msgpack.encode(work.share()))
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writer)

    def answer() -> Share:
        with os.fdopen(reader, "rb") as pipe:
            data = pipe.read()
        _, status = os.waitpid(child, 0)
        return msgspec.msgpack.decode(data, type=Share) if status == 0 else work.share()

    return answer


class _Work:
    """One share, before it is evaluated: every endpoint whose number falls into it, and the modules that fall to it otherwise."""

    def __init__(
        self,
        program: Program,
        known: Callable[[str], Library],
        entries: Sequence[Entry],
        destinations: tuple[str, ...],
        number: int,
        count: int,
    ) -> None:
        self.program = program
        self.known = known
        self.destinations = destinations
        self.number = number
        self.count = count
        size = -(-len(entries) // count)
        self.first = number * size
        self.entries = entries[self.first : self.first + size]
        self.problems: list[Problem] = []

    def share(self) -> Share:
        """Evaluate it."""
        summaries = Summaries(self.program, lambda program, language: Knowledge(program, self.known(language)))
        frames = list(self._entered(summaries))
        self._visit_loggers(summaries)
        endpoint_of = _reached(summaries, self.entries, self.first)
        effects = [e for frame in frames if frame for e in frame.effects.accesses.values() if e.entity is not None]
        return Share(
            tuple(self._accesses(summaries, frames)),
            tuple(_flows(summaries, frames, endpoint_of, self.first)),
            tuple(_exposures(Exposures(summaries, self.destinations), summaries, endpoint_of)),
            tuple(dict.fromkeys(_compared(frames))),
            tuple(dict.fromkeys((e.entity.name, e.entity.decl.qualified if e.entity.decl else "") for e in effects if e.entity)),
            tuple(self.problems),
        )

    def _entered(self, summaries: Summaries) -> Iterator[Frame | None]:
        for entry in self.entries:
            try:
                yield accesses.enter(summaries, entry)
            except RecursionError:
                self.problems.append(_too_deep(entry.endpoint))
                yield None

    def _accesses(self, summaries: Summaries, frames: Sequence[Frame | None]) -> Iterator[Access]:
        filtered = filters.filtered(summaries)
        language = self.program.modules[0].language if self.program.modules else ""
        owners = Owners(self.program, Knowledge(self.program, self.known(language)))
        for index, (entry, frame) in enumerate(zip(self.entries, frames, strict=True)):
            if frame is not None:
                yield from accesses.Judge(frame, owners, filtered).accesses(entry, self.first + index)

    def _visit_loggers(self, summaries: Summaries) -> None:
        """Evaluate what no endpoint reaches as far as it logs or uses what is unsafe in itself, and then what calls that."""
        routines = self.program.routines
        names = frozenset(name for m in self.program.modules for name in summaries.knowledge(m).telling_names)
        names |= {routine.function.name for routine in routines if is_generated(routine.function, summaries.knowledge(routine.module))}
        mine = {id(m) for position, m in enumerate(self.program.modules) if position % self.count == self.number}
        seen: set[str] = set()
        for _ in range(MAX_WRAPPERS):
            for routine in routines:
                if id(routine.module) in mine and not names.isdisjoint(routine.module.calls) and _calls_one(self.program, routine, names):
                    self._visit(summaries, routine)
            seen |= names
            names = frozenset(summaries.wrappers()) - seen

    def _visit(self, summaries: Summaries, routine: Routine) -> None:
        try:
            summaries.of(routine)
        except RecursionError:
            message = f"'{routine.name}' is nested too deeply to be followed."
            self.problems.append(Problem("too-deep", message, routine.module.path))


def _calls_one(program: Program, routine: Routine, names: frozenset[str]) -> bool:
    """Does the function itself use something of one of these names?"""
    return not names.isdisjoint(program.mentions(routine))


def _too_deep(endpoint: Endpoint) -> Problem:
    message = f"The code behind '{endpoint.method} {endpoint.route}' is nested too deeply to be followed."
    return Problem("too-deep", message, endpoint.place.path, endpoint.place.line)


def _reached(summaries: Summaries, entries: Sequence[Entry], first: int) -> dict[Routine, int]:
    """For each routine the first endpoint that reaches it."""
    found: dict[Routine, int] = {}
    for index, entry in enumerate(entries):
        pending = [entry.routine] if entry.routine is not None else []
        while pending:
            routine = pending.pop()
            if routine not in found:
                found[routine] = first + index
                pending += summaries.callees.get(routine, ())
    return found


def _compared(frames: Sequence[Frame | None]) -> Iterator[tuple[str, str]]:
    """Members of entities that a query holds against the caller."""
    effects = (effect for frame in frames if frame for effect in frame.effects.accesses.values())
    for effect in effects:
        if effect.entity is not None:
            held = [predicate for predicate in effect.predicates if PRINCIPAL in predicate.against]
            members = sorted({m for predicate in held for m in predicate.members} - {"", "sql", "Id"})
            yield from ((effect.entity.name, member) for member in members)


def _flows(
    summaries: Summaries, frames: Sequence[Frame | None], endpoint_of: dict[Routine, int], first: int
) -> Iterator[Flow]:
    composed: list[tuple[SinkEffect, int]] = [
        (effect, first + index) for index, frame in enumerate(frames) if frame for effect in frame.effects.sinks.values()
    ]
    direct = [(effect, endpoint_of.get(routine, -1)) for routine, notes in summaries.notes.items() for effect in notes.sinks]
    for effect, index in [*composed, *direct]:
        yield from flows.flows(effect, index)


def _exposures(judge: Exposures, summaries: Summaries, endpoint_of: dict[Routine, int]) -> Iterator[Exposure]:
    for routine, notes in summaries.notes.items():
        for effect in notes.logs:
            found = judge.of(effect, endpoint_of.get(routine, -1))
            if found is not None:
                yield found
