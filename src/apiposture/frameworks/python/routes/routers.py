"""Which routes do applications and routers hold, with everything that stands around them?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from apiposture.frameworks.python.reading.objects import Made, Objects, as_expr, nested
from apiposture.frameworks.python.routes.class_views import Around
from apiposture.frameworks.python.routes.named_decorators import NamedDecorators
from apiposture.frameworks.python.routes.nesting import Key, Step, ways_down
from apiposture.frameworks.python.routes.routing_decorators import Making, RoutingDecorators
from apiposture.frameworks.python.routes.spelling import MAX_DEPTH, spelled
from apiposture.model import ir
from apiposture.program import constants, walk
from apiposture.program.types import Routine, Type

APPS = ("FastAPI", "Starlette")
ROUTERS = ("APIRouter", "Router", *APPS)
VERBS = frozenset("get post put patch delete head options trace".split())
DECORATORS = VERBS | {"api_route", "route", "websocket", "websocket_route"}

class Said(Struct, frozen=True, eq=False):
    """A list of dependencies as it is written, with the routine that it stands in."""

    expr: ir.Expr | None
    routine: Routine
    span: int
    level: str
    scope: str


class Route(Struct, frozen=True, eq=False):
    """One route as its router knows it."""

    path: str
    methods: tuple[str, ...]
    handler: Routine
    at: tuple[Routine, int]
    said: tuple[Said, ...]
    websocket: bool = False
    answer: ir.Expr | None = None
    """The declared type of what it answers (`response_model`)."""
    picked: bool = False
    """Are members of the answer picked or left out by their names (`response_model_exclude`)?"""
    by: tuple[Around, ...] = ()
    """The decorator of the project's own that made the route, which may put something around the handler."""


class Include(Struct, frozen=True, eq=False):
    """A router inside another, or an application mounted under a path (`apart`: what guards the outer one does not guard it)."""

    child: Key
    prefix: str
    said: tuple[Said, ...]
    apart: bool = False


class Router(Struct, eq=False):
    """An application or router with what it holds."""

    made: Made
    is_app: bool
    prefix: str
    said: tuple[Said, ...]
    routes: list[Route]
    includes: list[Include]
    included: bool = False


class Mapped(Struct, frozen=True, eq=False):
    """A route with its whole path, and all that is said around it, nearest first. `loose`: its router is in no application."""

    path: str
    route: Route
    said: tuple[Said, ...]
    app: Router
    loose: bool = False


class Routers:
    """The routers of one program."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.program = objects.program
        self.known: dict[Key, Router] = {}
        self.named = NamedDecorators(objects, DECORATORS)
        self.own = RoutingDecorators(objects, DECORATORS)
        self._gather()

    def _gather(self) -> None:
        for routine, around in self._all():
            for annotation in routine.function.annotations:
                said, at = self.named.written_out(annotation, around)
                if "." in said.name and said.name.rpartition(".")[2] in DECORATORS:
                    self._decorated(routine, said, around, at)
        for routine, around in self._decorated_at_all():
            for annotation in routine.function.annotations:
                for making in self.own.made_by(annotation, around):
                    self._made_by_own(routine, annotation, making)
        for caller, call in self.program.calling(
            "include_router", "add_api_route", "mount", "add_route", "add_websocket_route", "add_api_websocket_route"
        ):
            if caller.module.explicit_names and type(call.function) is ir.Member:
                for router in self._routers(call.function.object, caller):
                    self._added(router, call, caller, walk.called_name(call))
        for caller, call in self.program.calling("FastAPI"):
            for made in self.objects.of(call, caller):
                if isinstance(made, Made):
                    self.router(made)

    def _all(self) -> Iterator[tuple[Routine, Routine]]:
        """Every function that may be decorated, inside of functions too, with where its decorators are looked up."""
        for routine in self.program.routines:
            if not routine.module.explicit_names:
                continue
            if not DECORATORS.isdisjoint(routine.module.calls) or self.named.names_any(routine) or self.named.makes_any(routine):
                if routine.function.annotations:
                    yield routine, self.objects.outside(routine)
                yield from ((inner, routine) for inner in nested(routine) if inner.function.annotations)

    def _decorated_at_all(self) -> Iterator[tuple[Routine, Routine]]:
        """Every function with decorators, by whatever names."""
        for routine in self.program.routines:
            if routine.module.explicit_names and routine.function.annotations:
                yield routine, self.objects.outside(routine)
        yield from ((routine, around) for routine, around in self._all() if around.function.name != "<main>")

    def _routers(self, expr: ir.Expr, routine: Routine) -> list[Router]:
        found = [one for one in self.objects.of(expr, routine) if isinstance(one, Made)]
        return [router for made in found if (router := self.router(made)) is not None]

    def router(self, made: Made) -> Router | None:
        """The router that a call makes; None where it makes something else."""
        found = self.known.get(made.key)
        if found is None and self.objects.is_a(made, *ROUTERS):
            is_app = self.objects.is_a(made, *APPS)
            level = "application" if is_app else "group"
            scope = made.name.rpartition(".")[2]
            given = next((a.value for a in made.call.args if a.name == "dependencies"), None)
            said = [Said(given, made.routine, given.span, level, scope)] if given is not None else []
            prefix = self._text(next((a.value for a in made.call.args if a.name == "prefix"), None), made.routine)
            said += self._constructed(made.declared, level)
            if prefix is None:
                prefix = self._default_prefix(made.declared)
            found = self.known[made.key] = Router(made, is_app, prefix, tuple(said), [], [])
        return found

    def _constructed(self, declared: Type | None, level: str) -> Iterator[Said]:
        """What a router class of the project's own says to its base in its constructor."""
        for constructor in self.program.methods(declared, ".ctor") if declared is not None else ():
            for call in walk.calls(constructor.function.body or ()):
                given = next((arg.value for arg in call.args if arg.name == "dependencies"), None)
                if given is not None and walk.called_name(call) == ".ctor":
                    yield Said(given, constructor, given.span, level, declared.simple if declared else "")

    def _default_prefix(self, declared: Type | None) -> str:
        for constructor in self.program.methods(declared, ".ctor") if declared is not None else ():
            for call in walk.calls(constructor.function.body or ()):
                given = next((arg.value for arg in call.args if arg.name == "prefix"), None)
                if walk.called_name(call) == ".ctor" and (text := self._text(given, constructor)) is not None:
                    return text
        return ""

    def _decorated(self, routine: Routine, annotation: ir.Annotation, around: Routine, at: Routine) -> None:
        """A route by a decorator; `at` is where the router is looked up."""
        holder, _, last = annotation.name.rpartition(".")
        for router in self._routers(as_expr(holder, annotation.span), at):
            path = self._path(walk.argument(annotation, 0, "path"), around)
            given = next((arg.value for arg in annotation.args if arg.name == "dependencies"), None)
            said = (Said(given, at, annotation.span, "endpoint", routine.function.name),) if given is not None else ()
            methods = (last.upper(),) if last in VERBS else self._methods(annotation.args, around)
            socket = last.startswith("websocket")
            answer = walk.argument(annotation, -1, "response_model")
            where, picked = (routine, annotation.span), _picks(annotation)
            router.routes.append(Route(path, ("GET",) if socket else methods, routine, where, said, socket, answer, picked))

    def _made_by_own(self, handler: Routine, annotation: ir.Annotation, making: Making) -> None:
        """A route by a decorator of the project's own."""
        call, name, last = making.call, handler.function.name, making.method.name
        by = Around(annotation.name, annotation.args, annotation.span, making.around, "endpoint", name)
        for router in self._routers(making.method.object, making.at):
            path = spelled(walk.argument(call, 0, "path"), lambda part: self._text(*making.written(part)))
            given, at = making.written(walk.argument(call, -1, "dependencies"))
            said = (Said(given, at, annotation.span, "endpoint", name),) if given is not None else ()
            methods = (last.upper(),) if last in VERBS else self._methods(call.args, making.told)
            answer, _ = making.written(walk.argument(call, -1, "response_model"))
            socket, where = last.startswith("websocket"), (handler, annotation.span)
            router.routes.append(Route(path, ("GET",) if socket else methods, handler, where, said, socket, answer, _picks(call), (by,)))

    def around(self, route: Route) -> Iterator[Around]:
        """The decorators between a route and its handler: those below the one that says the route, and none that says another."""
        yield from route.by
        handler = route.handler
        where = self.objects.outside(handler)
        said = handler.function.annotations
        at = next((i for i, one in enumerate(said) if route.at == (handler, one.span)), -1)
        for one in said[at + 1 :]:
            if one.name.rpartition(".")[2] not in DECORATORS:
                yield Around(one.name, one.args, one.span, where, "endpoint", handler.function.name)

    def _methods(self, args: tuple[ir.Argument, ...], routine: Routine) -> tuple[str, ...]:
        given = next((arg.value for arg in args if arg.name == "methods"), None)
        texts = [self._text(item, routine) for item in (given.items if type(given) is ir.Collection else ())]
        return tuple(text.upper() for text in texts if text) or ("GET",)

    def _added(self, router: Router, call: ir.Call, caller: Routine, name: str) -> None:
        given = next((arg.value for arg in call.args if arg.name == "dependencies"), None)
        said = (Said(given, caller, given.span, "group", written(call)),) if given is not None else ()
        if name == "include_router":
            prefix = self._text(next((arg.value for arg in call.args if arg.name == "prefix"), None), caller) or ""
            for child in self._routers(walk.argument(call, 0, "router") or call, caller):
                router.includes.append(Include(child.made.key, prefix, said))
                child.included = True
        elif name == "mount":
            for child in self._routers(walk.argument(call, 1, "app") or call, caller):
                router.includes.append(Include(child.made.key, self._path(walk.argument(call, 0, "path"), caller), said, True))
                child.included = True
        else:
            self._route(router, call, caller, name, said)

    def _route(self, router: Router, call: ir.Call, caller: Routine, name: str, said: tuple[Said, ...]) -> None:
        path = self._path(walk.argument(call, 0, "path"), caller)
        for handler in self.objects.of(walk.argument(call, 1, "endpoint") or walk.argument(call, 1, "route"), caller):
            if isinstance(handler, Routine):
                socket = "websocket" in name
                methods = ("GET",) if socket else self._methods(call.args, caller)
                own = tuple(Said(one.expr, one.routine, one.span, "endpoint", handler.function.name) for one in said)
                answer = walk.argument(call, -1, "response_model")
                router.routes.append(Route(path, methods, handler, (caller, call.span), own, socket, answer, _picks(call)))

    def _text(self, expr: ir.Expr | None, routine: Routine, depth: int = 0) -> str | None:
        found = constants.text(self.program, expr, routine.module, routine.owner) if expr is not None else None
        if found is None and type(expr) is ir.Member:
            return self._of_member(expr, routine)
        if found is None and type(expr) is ir.Name and depth < MAX_DEPTH:
            bound = self.objects.bindings(routine).get(expr.id, [])
            found = self._text(bound[0][0], routine, depth + 1) if len(bound) == 1 else None
        return found

    def _of_member(self, expr: ir.Member, routine: Routine) -> str | None:
        """A text in a member of an object of the program's own: `settings.PREFIX`."""
        for holder in self.objects.of(expr.object, routine):
            declared = holder.declared if isinstance(holder, Made) else holder if isinstance(holder, Type) else None
            slot = self.program.slot(declared, expr.name) if declared is not None else None
            if slot is not None and slot.field.value is not None:
                return constants.text(self.program, slot.field.value, slot.module, slot.owner)
        return None

    def _path(self, expr: ir.Expr | None, routine: Routine) -> str:
        """A path; parts that are not known are parameters of that name."""
        return spelled(expr, lambda part: self._text(part, routine))

    # -- together ------------------------------------------------------------------------------------------------------

    def mapped(self) -> Iterator[Mapped]:
        """All routes, from the applications down; those of routers that are in no application last."""
        for loose in (False, True):
            for router in self.known.values():
                if not router.included and router.is_app is not loose:
                    for way in ways_down(router, self._within):
                        yield from _at_the_end(way, loose)

    def _within(self, router: Router) -> Iterator[tuple[Router, Include]]:
        return ((self.known[one.child], one) for one in router.includes if one.child in self.known)


def _at_the_end(way: Sequence[Step[Router, Include]], loose: bool) -> Iterator[Mapped]:
    """The routes of the last of several routers, each in the one before it."""
    prefix, said, app = "", tuple[Said, ...](), way[0].holder
    for router, include in way:
        if include is not None:
            app = router if include.apart and router.is_app else app
            said = () if include.apart else (*include.said, *said)
            prefix += include.prefix
        prefix, said = prefix + router.prefix, (*router.said, *said)
    for route in way[-1].holder.routes:
        yield Mapped(prefix + route.path, route, (*route.said, *said), app, loose)


def written(call: ir.Call) -> str:
    """A call as a reader knows it."""
    return walk.dotted(call.function) or walk.called_name(call)


def _picks(said: ir.Annotation | ir.Call) -> bool:
    return any(arg.name in ("response_model_exclude", "response_model_include") for arg in said.args)
