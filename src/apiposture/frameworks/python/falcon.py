"""Which endpoints does a Falcon application have?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from apiposture.frameworks.python.asking.bodies import judge
from apiposture.frameworks.python.asking.guards import Guard, posture_of
from apiposture.frameworks.python.asking.handlers import Handlers
from apiposture.frameworks.python.reading.imports import imports_any
from apiposture.frameworks.python.reading.lists import items
from apiposture.frameworks.python.reading.objects import Code, Made, Objects, as_own, functions_of
from apiposture.frameworks.routing import Entry, Supply
from apiposture.model import ir
from apiposture.model.facts import Binding, Endpoint, Posture
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program, constants, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

NAME = "Falcon"

APPS = ("App", "API")
CHANGES = frozenset(("POST", "PUT", "PATCH", "DELETE"))
RESPONDERS = ("get", "post", "put", "patch", "delete", "head", "options", "websocket")
_PARAMETER = re.compile(r"\{(?P<name>\w+)(?::(?P<converter>\w+)(?:\([^{}]*\))?)?\}")
TYPES = {"int": "int", "float": "double", "uuid": "UUID", "dt": "datetime", "": "segment"}
"""https://falcon.readthedocs.io/en/stable/api/routing.html#field-converters"""


def recognised(program: Program) -> bool:
    """Does any file import the framework?"""
    return imports_any(program, ("falcon",))


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The responders of all resources that an application is given."""
    reader = _Reader(program)
    seen: set[tuple[str, str, int]] = set()
    for route in reader.routes():
        key = (route.method, route.path, route.responder.function.span)
        if key not in seen:
            seen.add(key)
            yield reader.entry(route)


class Route(Struct, frozen=True, eq=False):
    """One responder of a resource at a path; `app` is None where nobody is seen to make the application."""

    method: str
    path: str
    responder: Routine
    resource: Type
    app: Made | None
    call: ir.Call
    routine: Routine


class _Reader:
    """What is known of one program's applications."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.objects = Objects(program)
        self.handlers = Handlers(self.objects)
        self._walls: dict[tuple[str, int], list[Guard]] = {}

    def routes(self) -> Iterator[Route]:
        """`app.add_route("/orders/{order_id}", Orders(), suffix="one")`."""
        for caller, call in self.program.calling("add_route"):
            if not (caller.module.explicit_names and isinstance(call.function, ir.Member)):
                continue
            found = [one for one in self.objects.of(call.function.object, caller) if isinstance(one, Made)]
            apps = [one for one in found if self.is_app(one)]
            if found and not apps:
                continue  # another framework's
            path = self._text(walk.argument(call, 0, "uri_template"), caller)
            suffix = self._text(next((arg.value for arg in call.args if arg.name == "suffix"), None), caller)
            for one in self.objects.of(walk.argument(call, 1, "resource"), caller):
                declared = one.declared if isinstance(one, Made) else one if isinstance(one, Type) else None
                for method in RESPONDERS if declared is not None else ():
                    name = f"on_{method}_{suffix}" if suffix else f"on_{method}"
                    for responder in self.program.methods(declared, name)[:1] if declared is not None else ():
                        verb = "GET" if method == "websocket" else method.upper()
                        assert declared is not None
                        yield Route(verb, path or "", responder, declared, apps[0] if apps else None, call, caller)

    def is_app(self, made: Made) -> bool:
        """Is it an application of the framework, or of a class that extends one?"""
        ours = made.name.partition(".")[0] == "falcon" or made.declared is not None
        return ours and self.objects.is_a(made, *APPS)

    def _text(self, expr: ir.Expr | None, routine: Routine) -> str | None:
        return constants.text(self.program, expr, routine.module, routine.owner) if expr is not None else None

    def entry(self, route: Route) -> Entry:
        """One responder as an endpoint, with its posture."""
        responder = route.responder
        typed = {m["name"]: TYPES.get(m["converter"] or "", "") for m in _PARAMETER.finditer(route.path)}
        path = "/" + _PARAMETER.sub(r"{\g<name>}", route.path).strip("/")
        params = responder.function.params
        bindings = tuple(Binding(p.name, "route" if p.name in typed else "service" if i < 2 else "unknown") for i, p in enumerate(params))
        supplies = tuple(Supply(b.name, None, (b,), type=typed[b.name]) for b in bindings if b.source == "route" and typed[b.name])
        walled = route.app is not None and any(guard.effect == "asks" for guard in self.walls(route.app))
        endpoint = Endpoint(
            route.method, path, NAME, f"{route.resource.simple}.{responder.function.name}",
            place(responder.module, responder.function.name_span), self.posture(route), bindings, "function", route.method in CHANGES,
            grouped=walled,
        )  # fmt: skip
        return Entry(endpoint, responder, (), supplies)

    # -- posture -------------------------------------------------------------------------------------------------------

    def posture(self, route: Route) -> Posture:
        """The posture behind hooks, decorators and middleware; where nothing asks, the responder's own code may."""
        responder = route.responder
        guards = [*self._hooks(route), *self.handlers.above(responder, ("before", "after"))]
        guards += self.walls(route.app) if route.app is not None else []
        found = posture_of(guards)
        if found.level in ("public", "unknown"):
            requests = frozenset(param.name for param in responder.function.params[:1])
            own = list(self.handlers.own(as_own(responder, route.resource), requests))
            found = posture_of([*own, *guards]) if own else found
        if found.level == "public" and route.app is None:
            where = place(route.routine.module, route.call.span)
            why = "nobody is seen to pass the application in"
            return posture_of([Guard("unknown", "application", "", where, route.routine.function.name, why)])
        return found

    def _hooks(self, route: Route) -> Iterator[Guard]:
        """`@falcon.before(check)` on a responder or on its class."""
        own = [(one, self.objects.outside(route.responder), "endpoint") for one in route.responder.function.annotations]
        of_class = [(one, self.objects.main(module), "type") for one, module in route.resource.annotations]
        for one, at, level in (*own, *of_class):
            if one.name.rpartition(".")[2] == "before" and one.args:
                for hook in self._functions(one.args[0].value, at):
                    yield from self.handlers.before(hook, level, frozenset(param.name for param in hook.function.params[:1]))

    def _functions(self, expr: ir.Expr, routine: Routine) -> Iterator[Routine]:
        for one in self.objects.of(expr, routine):
            if isinstance(one, Routine | Code):
                yield one.routine if isinstance(one, Code) else one
            elif isinstance(one, Made) and one.declared is not None:
                yield from functions_of(self.program, one.declared, "Invoke")[:1]

    def walls(self, app: Made) -> list[Guard]:
        """What the application's middleware asks of every caller: `process_request` and `process_resource`."""
        found = self._walls.get(app.key)
        if found is None:
            found = self._walls[app.key] = []
            given = next((arg.value for arg in app.call.args if arg.name == "middleware"), None)
            listed = list(items(self.objects, given, app.routine)) or ([(given, app.routine)] if given is not None else [])
            added = [
                (call.args[0].value, caller)
                for caller, call in self.program.calling("add_middleware")
                if call.args and isinstance(call.function, ir.Member) and app in self.objects.of(call.function.object, caller)
            ]
            for expr, routine in (*listed, *added):
                for one in self.objects.of(expr, routine):
                    if isinstance(one, Made) and one.declared is not None:
                        found += self._wall(one.declared)
        return found

    def _wall(self, declared: Type) -> Iterator[Guard]:
        for name in ("process_request", "process_resource"):
            for hook in functions_of(self.program, declared, name)[:1]:
                requests = frozenset(param.name for param in hook.function.params[:1])
                if hook.function.has_body and not judge(self.objects, hook, frozenset(), requests).opens:
                    yield from self.handlers.before(hook, "application", requests)
