"""How does an operation of a GraphQL schema appear as an endpoint, and where is the schema mounted?

An operation is a field of `Query`, `Mutation` or `Subscription`: `CALL /graphql/Query.order`, below the path at which the schema is served.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from apiposture.frameworks.python.asking.bodies import judge
from apiposture.frameworks.python.asking.dependencies import Dependencies
from apiposture.frameworks.python.asking.guards import Guard, posture_of
from apiposture.frameworks.python.asking.handlers import Handlers
from apiposture.frameworks.python.asking.situations import Situation
from apiposture.frameworks.python.of_django.guards import DjangoGuards
from apiposture.frameworks.python.reading.django_settings import Settings
from apiposture.frameworks.python.reading.imports import imports_any
from apiposture.frameworks.python.reading.objects import Foreign, Made, Objects
from apiposture.frameworks.python.routes.class_views import around_of
from apiposture.frameworks.routing import Entry, Supply
from apiposture.model import ir
from apiposture.model.facts import Binding, Endpoint, Posture
from apiposture.model.source import Place
from apiposture.program import constants, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

MOUNTING = ("path", "re_path", "url", "add_url_rule", "mount", "add_route", "add_websocket_route", "include_router", "Route", "Mount")
PACKAGES = frozenset("strawberry graphene graphene_django ariadne ariadne_django starlette_graphene3 flask_graphql graphql_server".split())
HANGS_ON = frozenset(("self", "root", "parent", "info", "_info", "_", "obj", "_root", "_obj", "source"))
ROOTS = ("Query", "Mutation", "Subscription")


class Operation(Struct, frozen=True, eq=False):
    """One field of a root type. `guards` stand before its resolver; without one, only its declaration is known."""

    root: str
    name: str
    place: Place
    resolver: Routine | None
    guards: tuple[Guard, ...]
    types: dict[str, str] = {}


class Mount(Struct, frozen=True):
    """Where a schema is served, and what guards it there."""

    path: str
    guards: tuple[Guard, ...]


class Graph:
    """What is known of one program's schemas."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.program = objects.program
        self.handlers = Handlers(objects)
        self.django = DjangoGuards(objects, Settings(objects), {}) if imports_any(self.program, ("django",)) else None
        self.mounts = list(self._mounts())

    def entries(self, framework: str, operations: Iterable[Operation]) -> Iterator[Entry]:
        """Each operation once, as an endpoint: several schemas may share a root type."""
        seen: set[tuple[str, str, str, int]] = set()
        for operation in operations:
            key = (operation.root, operation.name, operation.place.path, operation.place.line)
            if key not in seen:
                seen.add(key)
                yield self.entry(framework, operation)

    def entry(self, framework: str, operation: Operation) -> Entry:
        """An operation as an endpoint, with its posture."""
        path = self.mounts[0].path.strip("/") if self.mounts else ""
        route = f"/{path}/{operation.root}.{operation.name}" if path else f"/{operation.root}.{operation.name}"
        resolver = operation.resolver
        params = resolver.function.params if resolver is not None else ()
        bindings = tuple(Binding(p.name, _source(p.name)) for p in params)
        supplies = tuple(
            Supply(b.name, None, (b,), type=operation.types[b.name]) for b in bindings if b.source == "body" and b.name in operation.types
        )
        endpoint = Endpoint(
            "CALL", route, framework, resolver.name if resolver is not None else f"{operation.root}.{operation.name}", operation.place,
            self.posture(operation), bindings, "graphql", operation.root == "Mutation", grouped=True,
        )  # fmt: skip
        return Entry(endpoint, resolver, (), supplies)

    def posture(self, operation: Operation) -> Posture:
        """The posture behind permissions, decorators and what guards the mount; where nothing asks, the resolver's own code may."""
        guards = [*operation.guards, *(guard for mount in self.mounts[:1] for guard in mount.guards)]
        found = posture_of(guards)
        if found.level in ("public", "unknown") and operation.resolver is not None:
            own = list(self.own(operation.resolver))
            found = posture_of([*own, *guards]) if own else found
        if found.level == "public" and not self.mounts:
            why = "nobody is seen to serve the schema"
            return posture_of([Guard("unknown", "application", "", operation.place, operation.name, why)])
        return found

    def own(self, resolver: Routine) -> Iterator[Guard]:
        """A resolver that looks at the caller itself, and raises or gives nothing to guests."""
        infos = frozenset(param.name for param in resolver.function.params if _source(param.name) == "service")
        verdict = judge(self.objects, resolver, frozenset(), infos, Situation(by_any=True))
        if verdict.closes and verdict.at is not None:
            where, name = place(*verdict.at), resolver.function.name
            if verdict.unasked:
                why = f"'{name}' refuses callers without a login for some requests only"
                yield Guard("unknown", "handler", resolver.name, where, name, why)
                return
            why = "its own code refuses callers without a login"
            yield Guard("asks", "handler", resolver.name, where, name, why, verdict.needs)

    # -- mounts --------------------------------------------------------------------------------------------------------

    def _mounts(self) -> Iterator[Mount]:
        for caller, call in self.program.calling(*MOUNTING):
            if not caller.module.explicit_names:
                continue
            for arg in call.args:
                served = self._served(arg.value, caller)
                if served is not None:
                    path = self._path(call, caller, served)
                    yield Mount(path, tuple(self._around(arg.value, call, caller)))
                    break

    def _served(self, expr: ir.Expr, caller: Routine) -> Made | Type | Foreign | None:
        """The library's view, application or router that an expression makes or names."""
        for node in (expr, *walk.calls(expr)):
            function = node.function if isinstance(node, ir.Call) else node
            if isinstance(function, ir.Member) and function.name == "as_view":
                function = function.object
            for one in self.objects.of(node if function is node else function, caller):
                name = one.name if isinstance(one, Made | Foreign) else ""
                declared = one.declared if isinstance(one, Made) else one if isinstance(one, Type) else None
                ours = name.partition(".")[0] in PACKAGES or (declared is not None and self._extends(declared))
                if ours and isinstance(one, Made | Type | Foreign):
                    return one
        return None

    def _extends(self, declared: Type) -> bool:
        refs = [(ref, at, one) for one in self.program.lineage(declared) for ref, at in one.bases]
        found = (self.program.meaning(ref.name, at, one) for ref, at, one in refs)
        return any(isinstance(one, str) and one.partition(".")[0] in PACKAGES and "GraphQL" in one for one in found)

    def _path(self, call: ir.Call, caller: Routine, served: Made | Type | Foreign) -> str:
        named = next((arg.value for arg in call.args if arg.name in ("prefix", "path", "rule", "route")), None)
        first = named if named is not None else call.args[0].value
        found = constants.text(self.program, first, caller.module, caller.owner) or ""
        if isinstance(served, Made):
            inner = next((arg.value for arg in served.call.args if arg.name in ("path", "prefix")), None)
            found += (constants.text(self.program, inner, served.routine.module) if inner is not None else None) or ""
        return found.strip("^$")

    def _around(self, expr: ir.Expr, call: ir.Call, caller: Routine) -> Iterator[Guard]:
        """What is put around the view where it is mounted: decorators, a class of the project's own, a list of dependencies."""
        while isinstance(expr, ir.Call) and walk.called_name(expr) != "as_view" and expr.args:
            if not self._is_library(expr.function, caller):
                around = around_of(expr.function, caller, "application", "graphql")
                if self.django is not None:
                    yield from self.django.around(around)
                else:
                    yield from self.handlers.around(around)
            expr = expr.args[0].value
        function = expr.function if isinstance(expr, ir.Call) else expr
        if isinstance(function, ir.Member) and function.name == "as_view" and self.django is not None:
            for one in self.objects.of(function.object, caller):
                if isinstance(one, Type):
                    yield from (guard for guard in self.django.of_class(one) if guard.effect == "asks")
        made = next((one for one in self.objects.of(expr, caller) if isinstance(one, Made)), None)
        for holder, at in ((call, caller), *([(made.call, made.routine)] if made is not None else [])):
            yield from self._depended(holder.args, at)

    def _is_library(self, function: ir.Expr, caller: Routine) -> bool:
        return any(isinstance(one, Foreign) and one.name.partition(".")[0] in PACKAGES for one in self.objects.of(function, caller))

    def _depended(self, args: Sequence[ir.Argument], caller: Routine) -> Iterator[Guard]:
        given = next((arg.value for arg in args if arg.name == "dependencies"), None)
        dependencies = Dependencies(self.objects)
        for dependency in dependencies.in_list(given, caller) if given is not None else ():
            asked = dependencies.asked(dependency)
            if asked.effect != "nothing":
                where = place(caller.module, dependency.span)
                yield Guard(asked.effect, "application", "graphql", where, dependency.text, asked.why, asked.needs)


def _source(name: str) -> str:
    """The arguments of an operation come from the body; what it hangs on (`self`, `root`) and `info` do not."""
    return "service" if name in HANGS_ON or name.startswith("__") else "body"


def camel(name: str) -> str:
    """A name as GraphQL spells it: `order_items` is `orderItems`."""
    first, *rest = name.lstrip("_").split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)
