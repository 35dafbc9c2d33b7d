"""What are the facts about a program: endpoints, accesses, flows, exposures, secrets?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from apiposture.analysis import exposures
from apiposture.analysis.clients import Clients
from apiposture.analysis.derived import Derived
from apiposture.analysis.keys import entry_key
from apiposture.analysis.knowledge import Knowledge
from apiposture.analysis.memory import Memory
from apiposture.analysis.ownership import Owners
from apiposture.analysis.recalling import Since, recall, routes_of, since
from apiposture.analysis.routed import kept
from apiposture.analysis.secrets.used import with_used
from apiposture.analysis.shares import evaluated
from apiposture.analysis.units import Entered, Noted, Routed, Units, renumbered
from apiposture.frameworks import routing
from apiposture.frameworks.library import Library, joined, library
from apiposture.frameworks.routing import Routing
from apiposture.languages import suffixes_of
from apiposture.model.facts import Endpoint, Exposure, Facts, Flow, Ownership, Remedy, Secret
from apiposture.model.looking import looking
from apiposture.model.source import SourceFile
from apiposture.program import Program
from apiposture.program.types import TypeUse

CHANGING = ("update", "delete", "create", "link")
"""What code does to stored objects that is more than to look at them."""


def derive(
    program: Program,
    settings: Sequence[SourceFile],
    secrets: Callable[[], Sequence[Secret]] = tuple,
    known: Callable[[str], Library] = library,
    jobs: int = 1,
    memory: Memory | None = None,
) -> Derived:
    """Work out everything that rules may know.

    Takes the linked program, the settings files (JSON, XML, project files) and who knows the secrets that were found file by file; they may
    still be searched for, and are asked for last. A routine that can't be evaluated is a Problem that names it; the others go on. `known`
    gives the library rows for a language. With `jobs` over 1 shares of the endpoints are evaluated side by side; what `memory` knows of
    units whose code did not change is not evaluated again, and it is given what is known now. The answer is the same.
    """
    languages = sorted({module.language for module in program.modules})
    rows = [known(language) for language in languages]
    then = since(memory, program, rows) if memory else None
    routes, routed = routes_now(program, settings, memory, then)
    goes_to = exposures.destinations([d for r in rows for d in r.destination], settings)
    keys = [entry_key(entry) for entry in routes.entries]
    past = recall(then, routes.entries, keys) if then else Units()
    units = evaluated(program, known, routes.entries, keys, goes_to, jobs, past, kept=memory is not None)
    if memory:
        memory.keep(units, routed)
    entered = [units.entered[key] for key in keys]
    return put_together(program, settings, routes, entered, units.noted, secrets(), known)


def routes_now(
    program: Program, settings: Sequence[SourceFile], memory: Memory | None, then: Since | None
) -> tuple[Routing, Routed | None]:
    """What frameworks show, and what is kept of it for the next time. They are not asked where they would say what they said `then`."""
    known = routes_of(then, program) if then else None
    if known is not None:
        return known
    with looking() as seen:
        routes = routing.find(program, settings)
    program.looked_into |= seen
    return routes, kept(routes, program, program.looked_into) if memory else None


class Standing:
    """What the program says for all: whose things are, and by which clients it sends."""

    def __init__(self, program: Program, rows: Sequence[Library]) -> None:
        self.clients = Clients(program, [row for library in rows for row in library.client])
        self._program = program
        self._knowledge = Knowledge(program, joined(rows))
        self._owners: Owners | None = None

    def owners(self, compared: Mapping[tuple[str, str], None]) -> Owners:
        """Whose things are, where the code holds these members against the caller."""
        if self._owners is None or self._owners.compared.keys() != compared.keys():
            self._owners = Owners(self._program, self._knowledge)
            self._owners.compared.update(compared)
        return self._owners


def put_together(
    program: Program,
    settings: Sequence[SourceFile],
    routes: Routing,
    units: Sequence[Entered],
    noted: Mapping[str, Noted],
    secrets: Sequence[Secret],
    known: Callable[[str], Library],
    standing: Standing | None = None,
) -> Derived:
    """The facts, from what each endpoint does (in their order) and what is certain of functions.

    What `standing` holds already is not asked again.
    """
    languages = sorted({module.language for module in program.modules})
    rows = [known(language) for language in languages]
    entered = [renumbered(unit, index) for index, unit in enumerate(units)]
    standing = standing or Standing(program, rows)
    owners = standing.owners(dict.fromkeys(pair for unit in entered for pair in unit.compared))
    first = _first_endpoints(entered)
    facts = Facts(
        tuple(_endpoint(entry.endpoint, unit) for entry, unit in zip(routes.entries, entered, strict=True)),
        tuple(access for unit in entered for access in unit.accesses),
        _ownerships(program, owners, entered),
        tuple(standing.clients.unserved(_flows(entered, noted, first))),
        tuple(_exposures(entered, noted, first)),
        with_used(program, secrets, rows, settings),
        tuple(_remedies(languages, rows, routes.frameworks)),
        habits=tuple(habit for unit in entered for habit in unit.habits),
        disclosures=tuple(one for unit in entered for one in unit.disclosures),
    )
    behind = [problem for unit in entered for problem in unit.problems]
    behind += (problem for unit in noted.values() for problem in unit.problems)
    return Derived(facts, tuple(sorted({*routes.problems, *behind})), routes.frameworks)


def _endpoint(endpoint: Endpoint, unit: Entered) -> Endpoint:
    """Where an endpoint answers to any method, what its code does to stored objects says whether it changes something; one that is sent a
    question by POST, and for certain only answers it, changes nothing."""
    if unit.proof is not None:
        endpoint = msgspec.structs.replace(endpoint, proof=unit.proof)
    if endpoint.changes_state and unit.reads:
        return msgspec.structs.replace(endpoint, changes_state=False)
    if endpoint.method != "*" or endpoint.changes_state:
        return endpoint
    return msgspec.structs.replace(endpoint, changes_state=any(access.operation in CHANGING for access in unit.accesses))


def _ownerships(program: Program, owners: Owners, entered: Sequence[Entered]) -> tuple[Ownership, ...]:
    for name, qualified in dict.fromkeys(entity for unit in entered for entity in unit.entities):
        declared = next((each for each in program.named(name) if each.qualified == qualified), None)
        owners.of(program.as_use(declared) if declared is not None else TypeUse(name))
    return owners.all()


def _first_endpoints(entered: Sequence[Entered]) -> dict[str, int]:
    """For each function of which something was noted, the first endpoint that reaches it."""
    found: dict[str, int] = {}
    for index, unit in enumerate(entered):
        for key in unit.noted:
            found.setdefault(key, index)
    return found


def _flows(entered: Sequence[Entered], noted: Mapping[str, Noted], first: Mapping[str, int]) -> Iterator[Flow]:
    """One flow for each sink and kind: the one of the first endpoint that reaches it."""
    put = msgspec.structs.replace
    found = [flow for unit in entered for flow in unit.flows]
    found += [put(flow, endpoint=first.get(key, -1)) for key, unit in noted.items() for flow in unit.flows]
    return _one_each(found, lambda flow: (flow.place, flow.kind))


def _exposures(entered: Sequence[Entered], noted: Mapping[str, Noted], first: Mapping[str, int]) -> Iterator[Exposure]:
    """One exposure for each log call."""
    put = msgspec.structs.replace
    found = [exposure for unit in entered for exposure in unit.exposures]
    found += [put(exposure, endpoint=first.get(key, -1)) for key, unit in noted.items() for exposure in unit.exposures]
    return _one_each(found, lambda exposure: exposure.place)


Reached = TypeVar("Reached", Flow, Exposure)


def _one_each(found: Iterable[Reached], by: Callable[[Reached], object]) -> Iterator[Reached]:
    seen: set[object] = set()
    for one in sorted(found, key=lambda one: one.endpoint if one.endpoint >= 0 else float("inf")):
        if by(one) not in seen:
            seen.add(by(one))
            yield one


def _remedies(languages: Sequence[str], rows: Sequence[Library], frameworks: Sequence[str]) -> Iterator[Remedy]:
    for language, library_rows in zip(languages, rows, strict=True):
        for row in library_rows.remedy:
            yield Remedy(", ".join(frameworks), row.rule, row.text, row.when, suffixes_of(language))
