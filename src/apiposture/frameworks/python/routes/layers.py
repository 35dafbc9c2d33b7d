"""Which handlers do Litestar's applications, routers and controllers hold, and what does each layer around them say?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from apiposture.frameworks.python.reading.lists import Written, items, pairs
from apiposture.frameworks.python.reading.objects import Made, Objects
from apiposture.frameworks.python.routes.spelling import spelled
from apiposture.model import ir
from apiposture.model.source import Place
from apiposture.program import constants, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

PACKAGES = ("litestar", "starlite")
VERBS = frozenset("get post put patch delete head".split())
SOCKETS = frozenset(("websocket", "websocket_listener", "websocket_stream"))
DECORATORS = VERBS | SOCKETS | {"route", "asgi"}
APPS = ("Litestar", "Starlite")
MAX_NESTING = 12


class Layer(Struct, frozen=True, eq=False):
    """What one layer says to what is below it: the arguments of a call or decorator, or the attributes of a class.

    `level` is endpoint, type, group or application, `scope` the name of what says it.
    """

    level: str
    scope: str
    place: Place
    said: dict[str, list[Written]]


class Route(Struct, frozen=True, eq=False):
    """A handler with its own paths and methods, as the layer right around it knows it."""

    handler: Routine
    paths: tuple[str, ...]
    methods: tuple[str, ...]
    own: Layer


class Mapped(Struct, frozen=True, eq=False):
    """A route with one whole path, and the layers around it, nearest first. `loose`: no application is seen to hold it."""

    path: str
    route: Route
    layers: tuple[Layer, ...]
    loose: bool


class Layers:
    """The handlers of one program."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.program = objects.program
        self.held: set[int] = set()
        """The functions that something is seen to hold."""

    def mapped(self) -> Iterator[Mapped]:
        """All routes, from the applications down; those that no application is seen to hold last."""
        for caller, call in self.program.calling(*APPS):
            for made in self.objects.of(call, caller):
                if isinstance(made, Made) and self.objects.is_a(made, *APPS):
                    yield from self._app(made)
        for declared in self.program.types:
            if any(id(route.handler.function) not in self.held for route in self._of_class(declared)):
                yield from self._controller(declared, "", (), True)
        for routine in self.program.routines:
            if id(routine.function) not in self.held and (routine.owner is None or routine.owner.kind == "module"):
                yield from self._handler(routine, "", (), True)

    def _app(self, made: Made) -> Iterator[Mapped]:
        said = _arguments(made.call.args, made.routine)
        first = walk.argument(made.call, 0, "route_handlers")
        handlers = list(items(self.objects, first, made.routine))
        for plugged in self._plugged(made):
            for name, written in self._configured(plugged):
                if name == "route_handlers":
                    handlers += items(self.objects, *written)
                else:
                    said.setdefault(name, []).append(written)
        layer = Layer("application", _simple(made), place(made.routine.module, made.call.span), said)
        yield from self._held(handlers, self.text_of(layer, "path") or "", (layer,), 0)

    def _plugged(self, app: Made) -> Iterator[Routine]:
        """The functions that may change an application's configuration before it starts."""
        for name in ("plugins", "on_app_init"):
            given = next((arg.value for arg in app.call.args if arg.name == name), None)
            for expr, routine in items(self.objects, given, app.routine):
                for one in self.objects.of(expr, routine):
                    if isinstance(one, Routine):
                        yield one
                    elif isinstance(one, Made) and one.declared is not None:
                        yield from (r for routines in one.declared.functions.values() for r in routines)

    def _configured(self, plugged: Routine) -> Iterator[tuple[str, Written]]:
        """What such a function adds: `app_config.route_handlers.extend(...)`, `app_config.guards.append(...)`, `auth.on_app_init(...)`."""
        for call in walk.calls(plugged.function.body or ()):
            function = call.function
            if not isinstance(function, ir.Member) or not call.args:
                continue
            if function.name == "on_app_init":
                yield "on_app_init", (ir.Collection("list", (function,), function.span), plugged)
            elif isinstance(function.object, ir.Member) and function.name in ("append", "extend", "update"):
                value = call.args[0].value
                given = ir.Collection("list", (value,), value.span) if function.name == "append" else value
                yield function.object.name, (given, plugged)

    def _held(self, handlers: Sequence[Written], prefix: str, layers: tuple[Layer, ...], depth: int) -> Iterator[Mapped]:
        for expr, routine in handlers:
            for one in self.objects.of(expr, routine) if depth < MAX_NESTING else ():
                if isinstance(one, Routine):
                    yield from self._handler(one, prefix, layers, False)
                elif isinstance(one, Type):
                    yield from self._controller(one, prefix, layers, False)
                elif isinstance(one, Made) and self.objects.is_a(one, "Router"):
                    said = _arguments(one.call.args, one.routine)
                    layer = Layer("group", _simple(one), place(one.routine.module, one.call.span), said)
                    path = self.text(walk.argument(one.call, 0, "path"), one.routine)
                    inner = list(items(self.objects, walk.argument(one.call, 1, "route_handlers"), one.routine))
                    yield from self._held(inner, _joined(prefix, path), (layer, *layers), depth + 1)

    def _handler(self, routine: Routine, prefix: str, layers: tuple[Layer, ...], loose: bool) -> Iterator[Mapped]:
        for route in self._routes(routine):
            self.held.add(id(routine.function))
            for path in route.paths:
                yield Mapped(_joined(prefix, path), route, (route.own, *layers), loose)

    def _controller(self, declared: Type, prefix: str, layers: tuple[Layer, ...], loose: bool) -> Iterator[Mapped]:
        decl, module = declared.decls[0]
        said = {
            slot.field.name: [(slot.field.value, self.objects.main(slot.module))]
            for slot in self.program.slots(declared)
            if slot.field.value is not None
        }
        layer = Layer("type", declared.simple, place(module, decl.name_span), said)
        for route in self._of_class(declared):
            self.held.add(id(route.handler.function))
            for path in route.paths:
                yield Mapped(_joined(_joined(prefix, self.text_of(layer, "path")), path), route, (route.own, layer, *layers), loose)

    def _of_class(self, declared: Type) -> Iterator[Route]:
        names = dict.fromkeys(name for one in self.program.lineage(declared) for name in one.functions) if declared.kind != "module" else ()
        for name in names:
            for routine in self.program.methods(declared, name)[:1]:
                yield from self._routes(routine)

    def _routes(self, routine: Routine) -> Iterator[Route]:
        """What a function's decorators make it: a handler, by the library's own decorator."""
        for one in routine.function.annotations if routine.module.explicit_names else ():
            last = one.name.rpartition(".")[2]
            meant = self.program.meaning(one.name, routine.module) if last in DECORATORS else None
            if isinstance(meant, str) and meant.partition(".")[0] in PACKAGES:
                outside = self.objects.outside(routine)
                own = Layer("endpoint", routine.name, place(routine.module, one.span), _arguments(one.args, outside))
                yield Route(routine, self._paths(one, outside), self._methods(one, last, outside), own)

    def _paths(self, one: ir.Annotation, routine: Routine) -> tuple[str, ...]:
        given = walk.argument(one, 0, "path")
        if isinstance(given, ir.Collection):
            return tuple(self.text(item, at) for item, at in items(self.objects, given, routine))
        return (self.text(given, routine),)

    def _methods(self, one: ir.Annotation, last: str, routine: Routine) -> tuple[str, ...]:
        if last in VERBS:
            return (last.upper(),)
        if last != "route":
            return ("GET",) if last in SOCKETS else ("*",)
        given = next((arg.value for arg in one.args if arg.name == "http_method"), None)
        one_or_more = ir.Collection("list", (given,), one.span) if given is not None and not isinstance(given, ir.Collection) else given
        listed = items(self.objects, one_or_more, routine)
        names = (constants.text(self.program, item, at.module, at.owner) or walk.dotted(item).rpartition(".")[2] for item, at in listed)
        return tuple(name.upper() for name in names if name)

    def text(self, expr: ir.Expr | None, routine: Routine) -> str:
        """A path; parts that are not known are parameters of that name."""
        return spelled(expr, lambda part: constants.text(self.program, part, routine.module, routine.owner))

    def text_of(self, layer: Layer, name: str) -> str:
        """A text that a layer says."""
        return next((self.text(expr, routine) for expr, routine in layer.said.get(name, ())), "")

    def listed(self, layer: Layer, name: str) -> Iterator[Written]:
        """The items of a list that a layer says."""
        for expr, routine in layer.said.get(name, ()):
            yield from items(self.objects, expr, routine)

    def entries(self, layer: Layer, name: str) -> dict[str, Written]:
        """The entries of a mapping that a layer says."""
        return {key: written for expr, routine in layer.said.get(name, ()) for key, written in pairs(self.objects, expr, routine)}


def _arguments(args: Sequence[ir.Argument], routine: Routine) -> dict[str, list[Written]]:
    found: dict[str, list[Written]] = {}
    for arg in args:
        if arg.name:
            found.setdefault(arg.name, []).append((arg.value, routine))
    return found


def _simple(made: Made) -> str:
    return made.name.rpartition(".")[2]


def _joined(prefix: str, path: str) -> str:
    return f"{prefix.rstrip('/')}/{path.lstrip('/')}".rstrip("/")
