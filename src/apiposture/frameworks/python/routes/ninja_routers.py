"""Which operations do the APIs and routers of Django Ninja hold, and which `auth` is said nearest to each?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from apiposture.frameworks.python.reading.lists import in_loops, items, pairs
from apiposture.frameworks.python.reading.objects import Made, Objects, as_expr
from apiposture.frameworks.python.routes.nesting import Key, Step, joined, ways_down
from apiposture.frameworks.python.routes.spelling import spelled
from apiposture.model import ir
from apiposture.program import constants, walk
from apiposture.program.types import Routine, Slot

VERBS = frozenset("get post put patch delete".split())
DECORATORS = VERBS | {"api_operation"}
APIS = ("NinjaAPI",)
ROUTERS = ("Router", "RouterPaginated")

class Said(Struct, frozen=True, eq=False):
    """`auth=...` as it is written, where, and for what: endpoint, group or application."""

    expr: ir.Expr
    routine: Routine
    level: str
    scope: str


class Route(Struct, frozen=True, eq=False):
    """One operation as its router knows it."""

    path: str
    methods: tuple[str, ...]
    handler: Routine
    auth: Said | None


class Added(Struct, frozen=True, eq=False):
    """A router in another, under a prefix, with what was said when it was added."""

    prefix: str
    child: Key
    auth: Said | None


class Router(Struct, eq=False):
    """An API or router with what it holds."""

    made: Made
    is_api: bool
    auth: Said | None
    routes: list[Route]
    children: list[Added]
    held: bool = False


class Mapped(Struct, frozen=True, eq=False):
    """An operation with its path below the API, what is said nearest to it, and the API; `loose`: no API takes its router."""

    path: str
    route: Route
    auth: Said | None
    api: Router
    loose: bool


class NinjaRouters:
    """The routers of one program."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.program = objects.program
        self.known: dict[Key, Router] = {}
        for caller, call in self.program.calling(*APIS):
            self._routers(call, caller)
        for routine in self.program.routines:
            if routine.module.explicit_names and not DECORATORS.isdisjoint(routine.module.calls):
                self._decorated(routine)
        for caller, call in self.program.calling("add_router", "add_api_operation"):
            if caller.module.explicit_names and isinstance(call.function, ir.Member):
                for router in self._routers(call.function.object, caller):
                    self._added(router, call, caller)

    def _routers(self, expr: ir.Expr, routine: Routine) -> list[Router]:
        found = [one for one in self.objects.of(expr, routine) if isinstance(one, Made)]
        return [router for made in found if (router := self._router(made)) is not None]

    def _router(self, made: Made) -> Router | None:
        """The router that a call makes; None where it makes something else."""
        found = self.known.get(made.key)
        ours = made.name.partition(".")[0] == "ninja" or made.declared is not None
        if found is None and ours and self.objects.is_a(made, *ROUTERS, *APIS):
            is_api = self.objects.is_a(made, *APIS)
            auth = self._said(made.call.args, made.routine, "application" if is_api else "group", made.name.rpartition(".")[2])
            found = self.known[made.key] = Router(made, is_api, auth, [], [])
        return found

    def _decorated(self, routine: Routine) -> None:
        for one in routine.function.annotations:
            holder, _, last = one.name.rpartition(".")
            if holder and last in DECORATORS:
                outside = self.objects.outside(routine)
                for router in self._routers(as_expr(holder, one.span), outside):
                    shift = 0 if last in VERBS else 1
                    methods = (last.upper(),) if last in VERBS else tuple(self._texts(walk.argument(one, 0, "methods"), outside))
                    auth = self._said(one.args, outside, "endpoint", routine.name)
                    router.routes.append(Route(self.text(walk.argument(one, shift, "path"), outside), methods, routine, auth))

    def _added(self, router: Router, call: ir.Call, caller: Routine) -> None:
        if walk.called_name(call) == "add_api_operation":
            for handler in self.objects.of(walk.argument(call, 2, "view_func"), caller):
                if isinstance(handler, Routine):
                    methods = tuple(self._texts(walk.argument(call, 1, "methods"), caller))
                    auth = self._said(call.args, caller, "endpoint", handler.name)
                    router.routes.append(Route(self.text(walk.argument(call, 0, "path"), caller), methods, handler, auth))
            return
        auth = self._said(call.args, caller, "group", walk.dotted(call.function))
        first, second = walk.argument(call, 0, "prefix"), walk.argument(call, 1, "router")
        looped = in_loops(self.objects, caller).get((walk.dotted(first), walk.dotted(second)))
        added = [(self.text(first, caller), second, caller)] if looped is None else [(key, *written) for key, written in looped]
        for prefix, expr, at in added:
            for child in self._given(expr, at):
                router.children.append(Added(prefix, child.made.key, auth))
                child.held = True

    def _given(self, expr: ir.Expr | None, caller: Routine) -> list[Router]:
        """A router, or the one that a dotted text names."""
        text = constants.text(self.program, expr, caller.module, caller.owner) if expr is not None else None
        if text is None:
            return self._routers(expr, caller) if expr is not None else []
        found = self.program.imported(text, caller.module)
        return self._routers(found.field.value, self.objects.main(found.module)) if isinstance(found, Slot) and found.field.value else []

    def _said(self, args: Sequence[ir.Argument], routine: Routine, level: str, scope: str) -> Said | None:
        """`auth=...`, or what a mapping says that is spread into the call, the last of several."""
        given = next((arg.value for arg in args if arg.name == "auth"), None)
        if given is not None:
            return Said(given, routine, level, scope)
        spread = [entry for arg in args if arg.mode == "spread-map" for entry in pairs(self.objects, arg.value, routine)]
        written = next((written for key, written in reversed(spread) if key == "auth"), None)
        return Said(*written, level, scope) if written is not None else None

    def _texts(self, expr: ir.Expr | None, routine: Routine) -> Iterator[str]:
        for item, at in items(self.objects, expr, routine):
            text = constants.text(self.program, item, at.module, at.owner)
            if text:
                yield text.upper()

    def text(self, expr: ir.Expr | None, routine: Routine) -> str:
        """A path; parts that are not known are parameters of that name."""
        return spelled(expr, lambda part: constants.text(self.program, part, routine.module, routine.owner))

    def mapped(self) -> Iterator[Mapped]:
        """All operations, from the APIs down; those of routers that no API takes last."""
        for is_api in (True, False):
            for router in list(self.known.values()):
                if router.is_api == is_api and not router.held:
                    for way in ways_down(router, self._within):
                        yield from _at_the_end(way)

    def _within(self, router: Router) -> Iterator[tuple[Router, Added]]:
        return ((self.known[one.child], one) for one in router.children)


def _at_the_end(way: Sequence[Step[Router, Added]]) -> Iterator[Mapped]:
    """The operations of the last of several routers, each in the one before it."""
    prefix, api = "", way[0].holder
    said: tuple[Said | None, ...] = ()
    for router, added in way:
        if added is not None:
            prefix, said = joined(prefix, added.prefix), (added.auth, *said)
        said = (router.auth, *said)
    for route in way[-1].holder.routes:
        nearest = next((one for one in (route.auth, *said) if one is not None), None)
        yield Mapped(joined(prefix, route.path), route, nearest, api, not api.is_api)
