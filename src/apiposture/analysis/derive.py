"""What are the facts about a program: endpoints, accesses, flows, exposures, secrets?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from apiposture.analysis import exposures
from apiposture.analysis.knowledge import Knowledge
from apiposture.analysis.ownership import Owners
from apiposture.analysis.shares import Share, evaluated
from apiposture.frameworks import routing
from apiposture.frameworks.library import Library, library
from apiposture.model.facts import Exposure, Facts, Flow, Ownership, Remedy, Secret
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program
from apiposture.program.types import TypeUse


class Derived(Struct, frozen=True):
    """The facts, what could not be handled on the way, and the frameworks that were recognised."""

    facts: Facts
    problems: tuple[Problem, ...]
    frameworks: tuple[str, ...]


def derive(
    program: Program,
    settings: Sequence[SourceFile],
    secrets: Sequence[Secret],
    known: Callable[[str], Library] = library,
    jobs: int = 1,
) -> Derived:
    """Work out everything that rules may know.

    Takes the linked program, the settings files (JSON, XML, project files) and the secrets already found file by file. A routine that
    can't be evaluated is a Problem that names it; the others go on. `known` gives the library rows for a language. With `jobs` over 1
    the endpoints' shares are evaluated side by side; the answer is the same.
    """
    routes = routing.find(program, settings)
    languages = sorted({module.language for module in program.modules})
    rows = [known(language) for language in languages]
    goes_to = exposures.destinations([d for r in rows for d in r.destination], settings)
    shares = evaluated(program, known, routes.entries, goes_to, jobs)
    owners = Owners(program, Knowledge(program, rows[0] if rows else Library()))
    owners.compared.update(dict.fromkeys(pair for share in shares for pair in share.compared))
    facts = Facts(
        tuple(entry.endpoint for entry in routes.entries),
        tuple(access for share in shares for access in share.accesses),
        _ownerships(program, owners, shares),
        tuple(_flows(shares)),
        tuple(_exposures(shares)),
        tuple(secrets),
        tuple(_remedies(rows, routes.frameworks)),
    )
    problems = {*routes.problems, *(problem for share in shares for problem in share.problems)}
    return Derived(facts, tuple(sorted(problems)), routes.frameworks)


def _ownerships(program: Program, owners: Owners, shares: Sequence[Share]) -> tuple[Ownership, ...]:
    for name, qualified in dict.fromkeys(entity for share in shares for entity in share.entities):
        declared = next((each for each in program.named(name) if each.qualified == qualified), None)
        owners.of(program.as_use(declared) if declared is not None else TypeUse(name))
    return owners.all()


def _flows(shares: Sequence[Share]) -> Iterator[Flow]:
    """One flow for each sink and kind: the one of the first endpoint that reaches it."""
    seen: set[tuple[object, str]] = set()
    for flow in sorted((flow for share in shares for flow in share.flows), key=lambda f: _first_endpoint(f.endpoint)):
        if (flow.place, flow.kind) not in seen:
            seen.add((flow.place, flow.kind))
            yield flow


def _exposures(shares: Sequence[Share]) -> Iterator[Exposure]:
    """One exposure for each log call."""
    seen: set[object] = set()
    for exposure in sorted((e for share in shares for e in share.exposures), key=lambda e: _first_endpoint(e.endpoint)):
        if exposure.place not in seen:
            seen.add(exposure.place)
            yield exposure


def _first_endpoint(index: int) -> float:
    return index if index >= 0 else float("inf")


def _remedies(rows: Sequence[Library], frameworks: Sequence[str]) -> Iterator[Remedy]:
    for library_rows in rows:
        for row in library_rows.remedy:
            yield Remedy(", ".join(frameworks), row.rule, row.text, row.when)
