"""Which endpoints does a server of aiohttp have?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from apiposture.frameworks.python.asking.bodies import judge
from apiposture.frameworks.python.asking.guards import Guard, posture_of
from apiposture.frameworks.python.asking.handlers import Handlers
from apiposture.frameworks.python.asking.middleware import WHERE
from apiposture.frameworks.python.asking.situations import Situation
from apiposture.frameworks.python.reading.lists import items
from apiposture.frameworks.python.reading.objects import Code, Made, Objects, as_own, functions_of, nested
from apiposture.frameworks.python.routes.mapped import once_each
from apiposture.frameworks.python.routes.tables import VERBS, Application, Mapped, Tables
from apiposture.frameworks.routing import Entry
from apiposture.model import ir
from apiposture.model.facts import Binding, Endpoint, Posture
from apiposture.model.ir import Module
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program, walk
from apiposture.program.places import place
from apiposture.program.types import Routine

NAME = "aiohttp"

CHANGES = frozenset(("POST", "PUT", "PATCH", "DELETE"))
ROUTING = VERBS | {"route", "view"}
_PARAMETER = re.compile(r"\{(\w+)(?::[^{}]*(?:\{[^{}]*\}[^{}]*)*)?\}")


def recognised(program: Program) -> bool:
    """Does any file use the library's server? (`import aiohttp.web` only says `aiohttp`.)"""
    return any(_serves(module) for module in program.modules if module.explicit_names)


def _serves(module: Module) -> bool:
    targets = {one.target for one in module.imports}
    whole = "aiohttp" in targets and "Application" in module.calls
    return whole or any(target == "aiohttp.web" or target.startswith("aiohttp.web.") for target in targets)


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The endpoints of all applications."""
    reader = _Reader(program)
    for mapped, method in once_each(reader.tables.mapped()):
        yield reader.entry(mapped, method)


class _Reader:
    """What is known of one program's applications."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.objects = Objects(program)
        self.tables = Tables(self.objects)
        self.handlers = Handlers(self.objects)
        self._walls: dict[int, list[Guard]] = {}

    def entry(self, mapped: Mapped, method: str) -> Entry:
        """One endpoint with its posture."""
        route = mapped.route
        handler = route.handler
        path = "/" + _PARAMETER.sub(r"{\1}", mapped.path).strip("/")
        bindings = tuple(Binding(param.name, "service") for param in handler.function.params)
        name = handler.name if route.view is None else f"{route.view.simple}.{handler.function.name}"
        where = place(handler.module, handler.function.name_span if handler.function.name else handler.function.span)
        walled = any(guard.effect == "asks" for app in mapped.apps for guard in self.walls(app))
        endpoint = Endpoint(
            method, path, NAME, name, where, self.posture(mapped), bindings, "function", method in CHANGES, grouped=walled
        )  # fmt: skip
        return Entry(endpoint, handler)

    def posture(self, mapped: Mapped) -> Posture:
        """The posture behind decorators and middleware; where nothing asks, the handler's own code may."""
        handler = mapped.route.handler
        guards = [*self.handlers.above(handler, ROUTING), *(guard for app in mapped.apps for guard in self.walls(app))]
        found = posture_of(guards)
        if found.level in ("public", "unknown"):
            requests = frozenset(param.name for param in handler.function.params[-1:])
            own = list(self.handlers.own(as_own(handler, mapped.route.view), requests))
            found = posture_of([*own, *guards]) if own else found
        loose = next((app for app in mapped.apps if app.loose), None)
        if found.level == "public" and loose is not None:
            where = place(loose.made.routine.module, loose.made.call.span)
            why = "nobody is seen to pass the application in"
            return posture_of([Guard("unknown", "application", "", where, loose.made.routine.function.name, why)])
        return found

    def walls(self, app: Application) -> list[Guard]:
        """What an application's middleware asks of every caller."""
        found = self._walls.get(id(app))
        if found is None:
            found = self._walls[id(app)] = []
            for expr, routine in (written for listed, at in app.middlewares for written in items(self.objects, listed, at)):
                for middleware in self._functions(expr, routine):
                    found += self._wall(middleware)
        return found

    def _functions(self, expr: ir.Expr, routine: Routine) -> Iterator[Routine]:
        """The functions that a middleware is: itself, or what a function of the program's own makes."""
        for one in self.objects.of(expr, routine):
            if isinstance(one, Code):
                yield one.routine
            elif isinstance(one, Routine):
                yield one
            elif isinstance(one, Made) and one.declared is not None:
                yield from functions_of(self.program, one.declared, "Invoke")[:1]
        if isinstance(expr, ir.Call):
            for made_by in self.objects.of(expr.function, routine):
                if isinstance(made_by, Routine):
                    yield from (inner for inner in nested(made_by) if len(inner.function.params) == 2)

    def _wall(self, middleware: Routine) -> Iterator[Guard]:
        params = [param.name for param in middleware.function.params]
        onward = frozenset(params[-1:])
        verdict = judge(self.objects, middleware, frozenset(), frozenset(params[-2:-1]), Situation(onward=onward, view=onward))
        if not (verdict.refuses and verdict.reads):
            return
        name = middleware.function.name
        where = place(middleware.module, middleware.function.name_span)
        looked_at = {node.name for node in walk.nodes(middleware.function.body or ()) if isinstance(node, ir.Member)}
        if looked_at & WHERE or verdict.depends:
            yield Guard("unknown", "application", name, where, name, f"the middleware '{name}' refuses callers, depending on the request")
        elif not verdict.opens:
            yield Guard("asks", "application", name, where, name, "it runs before every endpoint", verdict.needs)
