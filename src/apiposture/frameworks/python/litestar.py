"""Which endpoints does a Litestar application have?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from apiposture.frameworks.python.asking.guards import Guard, posture_of
from apiposture.frameworks.python.asking.litestar_guards import LitestarGuards, connections, source_of
from apiposture.frameworks.python.reading.imports import imports_any
from apiposture.frameworks.python.reading.objects import Objects
from apiposture.frameworks.python.routes.layers import DECORATORS, PACKAGES, Layers, Mapped
from apiposture.frameworks.python.routes.mapped import once_each
from apiposture.frameworks.routing import Entry, Supply
from apiposture.model import ir
from apiposture.model.facts import Binding, Endpoint, Posture
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program
from apiposture.program.places import place
from apiposture.program.types import Routine

NAME = "Litestar"

CHANGES = frozenset(("POST", "PUT", "PATCH", "DELETE"))
_PARAMETER = re.compile(r"\{(?P<name>\w+)(?::(?P<type>\w+))?\}")
TYPES = {"int": "int", "float": "double", "decimal": "Decimal", "uuid": "UUID", "date": "date", "datetime": "datetime", "str": "segment"}
"""https://docs.litestar.dev/latest/usage/routing/parameters.html#supported-path-parameter-types"""

GIVEN = frozenset("request socket state scope headers cookies query body reserved_dependencies".split())
"""Parameters that the framework fills by their name."""

SENT = {"data": "body", "body": "body", "headers": "header", "cookies": "cookie", "query": "query"}
MAX_DEPTH = 6


def recognised(program: Program) -> bool:
    """Does any file import the framework?"""
    return imports_any(program, PACKAGES)


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The endpoints of all applications, and of handlers that no application is seen to hold."""
    reader = _Reader(program)
    for mapped, method in once_each(reader.layers.mapped()):
        yield reader.entry(mapped, method)


class _Reader:
    """What is known of one program's applications."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.objects = Objects(program)
        self.layers = Layers(self.objects)
        self.guards = LitestarGuards(self.objects, self.layers)

    def entry(self, mapped: Mapped, method: str) -> Entry:
        """One endpoint with its posture, and with what gives its handler's parameters their values."""
        handler = mapped.route.handler
        typed = {m["name"]: TYPES.get(m["type"] or "str", "") for m in _PARAMETER.finditer(mapped.path)}
        path = "/" + _PARAMETER.sub(r"{\g<name>}", mapped.path).strip("/")
        bindings, supplies = self.parameters(handler, typed, mapped, 0)
        before = tuple(_run(guard) for guard in self.guards.before(mapped))
        asks_at_all = any("guards" in layer.said or "on_app_init" in layer.said for layer in mapped.layers)
        style = "controller" if handler.owner is not None and handler.owner.kind != "module" else "function"
        endpoint = Endpoint(
            method, path, NAME, handler.name, place(handler.module, handler.function.name_span), self.posture(mapped),
            bindings, style, method in CHANGES, grouped=asks_at_all,
        )  # fmt: skip
        return Entry(endpoint, handler, (), (*before, *supplies))

    def posture(self, mapped: Mapped) -> Posture:
        """The posture behind the guards; where nothing asks, the handler's own code may."""
        handler = mapped.route.handler
        guards = [*self.guards.of(mapped), *self.guards.handlers.above(handler, DECORATORS)]
        found = posture_of(guards)
        if found.level == "public":
            found = posture_of([*guards, *self.guards.handlers.own(handler, connections(handler))])
        if found.level == "public" and mapped.loose:
            why = "no application in the scanned source is seen to hold it"
            return posture_of([Guard("unknown", "group", "", mapped.route.own.place, handler.name, why)])
        return found

    def parameters(
        self, routine: Routine, typed: dict[str, str], mapped: Mapped, depth: int
    ) -> tuple[tuple[Binding, ...], tuple[Supply, ...]]:
        """Where the values of a function's parameters come from: the request, or another function."""
        bindings: list[Binding] = []
        supplies: list[Supply] = []
        for param in routine.function.params:
            provider = self.guards.provided(param.name, mapped.layers) if depth < MAX_DEPTH else None
            if provider is not None and provider is not routine:
                asked = self.guards.asked(provider, mapped.layers)
                inner, below = self.parameters(provider, typed, mapped, depth + 1)
                bindings.append(Binding(param.name, "principal" if asked.identity else "service"))
                supplies.append(Supply(param.name, provider, inner, below, asked.identity))
                continue
            bindings.append(Binding(param.name, _source(param, routine, typed)))
            if typed.get(param.name):
                supplies.append(Supply(param.name, None, (bindings[-1],), type=typed[param.name]))
        return tuple(bindings), tuple(supplies)


def _run(guard: Routine) -> Supply:
    """A guard only runs: what it compares holds for the handler."""
    return Supply("", guard, tuple(Binding(param.name, "service") for param in guard.function.params))


def _source(param: ir.Param, routine: Routine, typed: dict[str, str]) -> str:
    if param.name in typed:
        return "route"
    if param.name in SENT:
        return SENT[param.name]
    if param.name in GIVEN or param.name in connections(routine):
        return "service"
    return source_of(param) or "query"
