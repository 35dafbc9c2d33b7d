"""What are the facts about a program: endpoints, accesses, flows, exposures, secrets?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from apiposture.analysis import accesses, exposures, filters, flows
from apiposture.analysis.flow.effects import SinkEffect
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.meanings import is_generated
from apiposture.analysis.flow.summaries import Summaries
from apiposture.analysis.flow.values import PRINCIPAL
from apiposture.analysis.knowledge import Knowledge
from apiposture.analysis.ownership import Owners
from apiposture.frameworks import routing
from apiposture.frameworks.library import Library, library
from apiposture.model.facts import Access, Endpoint, Exposure, Facts, Flow, Remedy, Secret
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program
from apiposture.program.types import Routine

MAX_WRAPPERS = 3
"""A project's own logging function may call another one; more layers than this were not met."""


class Derived(Struct, frozen=True):
    """The facts, what could not be handled on the way, and the frameworks that were recognised."""

    facts: Facts
    problems: tuple[Problem, ...]
    frameworks: tuple[str, ...]


def derive(
    program: Program, settings: Sequence[SourceFile], secrets: Sequence[Secret], known: Callable[[str], Library] = library
) -> Derived:
    """Work out everything that rules may know.

    Takes the linked program, the settings files (JSON, XML, project files) and the secrets already found file by file. A routine that
    can't be evaluated is a Problem that names it; the others go on. `known` gives the library rows for a language.
    """
    routes = routing.find(program, settings)
    languages = sorted({module.language for module in program.modules})
    rows = [known(language) for language in languages]
    summaries = Summaries(program, lambda program, language: Knowledge(program, known(language)))
    problems = list(routes.problems)
    frames = list(_entered(summaries, routes.entries, problems))
    _visit_loggers(summaries, program, problems)
    owners = Owners(program, Knowledge(program, rows[0] if rows else Library()))
    endpoint_of = _reached(summaries, routes.entries)
    goes_to = exposures.destinations([d for r in rows for d in r.destination], settings)
    facts = Facts(
        tuple(entry.endpoint for entry in routes.entries),
        tuple(_accesses(summaries, routes.entries, frames, owners)),
        owners.all(),
        tuple(_flows(summaries, frames, endpoint_of)),
        tuple(_exposures(exposures.Exposures(summaries, goes_to), summaries, endpoint_of)),
        tuple(secrets),
        tuple(_remedies(rows, routes.frameworks)),
    )
    return Derived(facts, tuple(sorted(problems)), routes.frameworks)


def _entered(summaries: Summaries, entries: Sequence[routing.Entry], problems: list[Problem]) -> Iterator[Frame | None]:
    for entry in entries:
        try:
            yield accesses.enter(summaries, entry)
        except RecursionError:
            problems.append(_too_deep(entry.endpoint))
            yield None


def _too_deep(endpoint: Endpoint) -> Problem:
    message = f"The code behind '{endpoint.method} {endpoint.route}' is nested too deeply to be followed."
    return Problem("too-deep", message, endpoint.place.path, endpoint.place.line)


def _visit_loggers(summaries: Summaries, program: Program, problems: list[Problem]) -> None:
    """Evaluate what no endpoint reaches as far as it logs or uses what is unsafe in itself, and then what calls that."""
    names = frozenset(name for m in program.modules for name in summaries.knowledge(m).telling_names)
    names |= {routine.function.name for routine in program.routines if is_generated(routine.function)}
    seen: set[str] = set()
    for _ in range(MAX_WRAPPERS):
        for routine in program.routines:
            if routine.function.body and not names.isdisjoint(routine.module.calls):
                try:
                    summaries.of(routine)
                except RecursionError:
                    message = f"'{routine.name}' is nested too deeply to be followed."
                    problems.append(Problem("too-deep", message, routine.module.path))
        seen |= names
        names = frozenset(summaries.wrappers()) - seen


def _reached(summaries: Summaries, entries: Sequence[routing.Entry]) -> dict[Routine, int]:
    """For each routine the first endpoint that reaches it."""
    found: dict[Routine, int] = {}
    for index, entry in enumerate(entries):
        pending = [entry.routine] if entry.routine is not None else []
        while pending:
            routine = pending.pop()
            if routine not in found:
                found[routine] = index
                pending += summaries.callees.get(routine, ())
    return found


def _accesses(
    summaries: Summaries, entries: Sequence[routing.Entry], frames: Sequence[Frame | None], owners: Owners
) -> Iterator[Access]:
    filtered = filters.filtered(summaries)
    for frame in frames:
        for effect in frame.effects.accesses.values() if frame else ():
            if effect.entity is not None:
                for predicate in effect.predicates:
                    if PRINCIPAL in predicate.against:
                        members = [m for m in sorted(predicate.members) if m and m not in ("sql", "Id")]
                        owners.compared.update({(effect.entity.name, m): None for m in members})
    for index, (entry, frame) in enumerate(zip(entries, frames, strict=True)):
        if frame is not None:
            yield from accesses.Judge(frame, owners, filtered).accesses(entry, index)


def _flows(summaries: Summaries, frames: Sequence[Frame | None], endpoint_of: dict[Routine, int]) -> Iterator[Flow]:
    seen: set[tuple[object, str]] = set()
    composed: list[tuple[SinkEffect, int]] = [
        (effect, index) for index, frame in enumerate(frames) if frame for effect in frame.effects.sinks.values()
    ]
    direct = [(effect, endpoint_of.get(routine, -1)) for effect, routine in summaries.sinks]
    for effect, index in [*composed, *direct]:
        for flow in flows.flows(effect, index):
            if (flow.place, flow.kind) not in seen:
                seen.add((flow.place, flow.kind))
                yield flow


def _exposures(
    judge: exposures.Exposures, summaries: Summaries, endpoint_of: dict[Routine, int]
) -> Iterator[Exposure]:
    seen: set[object] = set()
    for effect, routine in summaries.logs:
        found = judge.of(effect, endpoint_of.get(routine, -1))
        if found is not None and found.place not in seen:
            seen.add(found.place)
            yield found


def _remedies(rows: Sequence[Library], frameworks: Sequence[str]) -> Iterator[Remedy]:
    for library_rows in rows:
        for row in library_rows.remedy:
            yield Remedy(", ".join(frameworks), row.rule, row.text, row.when)
