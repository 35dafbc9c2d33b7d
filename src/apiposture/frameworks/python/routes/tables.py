"""Which routes do aiohttp's applications and route tables hold?"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from apiposture.frameworks.python.reading.lists import Written, items
from apiposture.frameworks.python.reading.objects import Code, Made, Objects, as_expr
from apiposture.frameworks.python.routes.nesting import Key, ways_down
from apiposture.frameworks.python.routes.spelling import spelled
from apiposture.model import ir
from apiposture.program import constants, walk
from apiposture.program.types import Routine, Type

VERBS = frozenset("get post put patch delete head options".split())
DECORATORS = VERBS | {"route"}
ADDS = {**{f"add_{verb}": verb.upper() for verb in VERBS}, "add_route": "", "add_view": "*"}
"""Methods of a router that add one route, with its method; `add_route` is told it."""

LATER = ("add_routes", "add_subapp", "add_resource")
VIEWS = ("get", "post", "put", "patch", "delete", "head", "options")
PACKAGE = "aiohttp."


class Route(Struct, frozen=True, eq=False):
    """One route. `view` is the class whose method serves it."""

    path: str
    methods: tuple[str, ...]
    handler: Routine
    view: Type | None = None


class Application(Struct, eq=False):
    """An application or route table with what it holds. `loose`: a parameter that nobody is seen to pass."""

    made: Made
    routes: list[Route]
    children: list[tuple[str, Key]]
    middlewares: list[Written]
    held: bool = False
    loose: bool = False


class Mapped(Struct, frozen=True, eq=False):
    """A route with its whole path, and the applications that it stands in, nearest first."""

    path: str
    route: Route
    apps: tuple[Application, ...]


class Tables:
    """The routes of one program."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.program = objects.program
        self.known: dict[Key, Application] = {}
        self._gather()

    def _gather(self) -> None:
        for caller, call in self.program.calling("Application", "RouteTableDef"):
            self._applications(call, caller)
        for routine in self.program.routines:
            if routine.module.explicit_names and not DECORATORS.isdisjoint(routine.module.calls):
                self._decorated(routine)
        for declared in self.program.types:
            self._decorated_view(declared)
        for caller, call in self.program.calling(*ADDS, *LATER, "append", "extend"):
            if caller.module.explicit_names:
                self._called(call, caller)
        self._renamed()

    def _applications(self, expr: ir.Expr | None, routine: Routine) -> list[Application]:
        """The applications and tables that an expression stands for; `app.router` stands for its application."""
        if isinstance(expr, ir.Member) and expr.name in ("router", "middlewares"):
            return self._applications(expr.object, routine)
        found: list[Application] = []
        for made in self.objects.of(expr, routine):
            ours = isinstance(made, Made) and (made.name.startswith(PACKAGE) or made.declared is not None)
            if ours and isinstance(made, Made) and self.objects.is_a(made, "Application", "RouteTableDef"):
                found.append(self._application(made))
        if not found and isinstance(expr, ir.Name):
            for value, is_item in self.objects.bindings(routine).get(expr.id, ()):
                if not is_item and isinstance(value, ir.Member):  # `router = app.router`
                    found += self._applications(value, routine)
            found = found or self._passed_in(expr, routine)
        return found

    def _application(self, made: Made) -> Application:
        found = self.known.get(made.key)
        if found is None:
            given = next((arg.value for arg in made.call.args if arg.name == "middlewares"), None)
            found = self.known[made.key] = Application(made, [], [], [(given, made.routine)] if given is not None else [])
        return found

    def _passed_in(self, name: ir.Name, routine: Routine) -> list[Application]:
        """An application that a function is given by nobody in the scanned source: what it asks of callers can't be told."""
        param = next((one for one in routine.function.params if one.name == name.id), None)
        if param is None or param.type is None or param.type.name.rpartition(".")[2] != "Application":
            return []
        made = Made(ir.Call(ir.Name("Application", param.span), (), param.span), routine, f"{PACKAGE}web.Application", None)
        if made.key not in self.known:
            self.known[made.key] = Application(made, [], [], [], loose=True)
        return [self.known[made.key]]

    # -- what is written -----------------------------------------------------------------------------------------------

    def _decorated(self, routine: Routine) -> None:
        """`@routes.get("/path")`."""
        for one in routine.function.annotations:
            holder, _, last = one.name.rpartition(".")
            if holder and last in DECORATORS:
                outside = self.objects.outside(routine)
                for app in self._applications(as_expr(holder, one.span), outside):
                    first = walk.argument(one, 0)
                    method = last.upper() if last != "route" else (self._text(first, outside) or "*").upper()
                    app.routes.append(Route(self._path(first if last != "route" else walk.argument(one, 1), outside), (method,), routine))

    def _decorated_view(self, declared: Type) -> None:
        """`@routes.view("/path")` on a class."""
        for one, module in declared.annotations:
            holder, _, last = one.name.rpartition(".")
            if last == "view" and holder and module.explicit_names:
                main = self.objects.main(module)
                for app in self._applications(as_expr(holder, one.span), main):
                    app.routes += self._views(declared, self._path(walk.argument(one, 0), main))

    def _called(self, call: ir.Call, caller: Routine) -> None:
        function = call.function
        if not isinstance(function, ir.Member) or not call.args:
            return
        name = function.name
        if name in ("append", "extend"):
            if isinstance(function.object, ir.Member) and function.object.name == "middlewares":
                given = call.args[0].value
                for app in self._applications(function.object, caller):
                    app.middlewares.append((ir.Collection("list", (given,), given.span) if name == "append" else given, caller))
            return
        if name == "add_route" and len(call.args) == 2:
            self._of_resource(call, function, caller)
            return
        for app in self._applications(function.object, caller):
            if name in ADDS:
                app.routes += self._added(call, ADDS[name], caller)
            elif name == "add_routes":
                self._listed(app, call.args[0].value, caller)
            elif name == "add_subapp" and len(call.args) > 1:
                for child in self._applications(call.args[1].value, caller):
                    app.children.append((self._path(call.args[0].value, caller), child.made.key))
                    child.held = True

    def _renamed(self) -> None:
        """`add_route = app.router.add_route`, and what is called by that name."""
        for routine in self.program.routines:
            if not routine.module.explicit_names or "router" not in walk.uses(routine.function):
                continue
            for name, values in self.objects.bindings(routine).items():
                for value, is_item in values:
                    if not is_item and isinstance(value, ir.Member) and value.name in ADDS:
                        self._by_name(name, value, routine)

    def _by_name(self, name: str, method: ir.Member, routine: Routine) -> None:
        apps = self._applications(method.object, routine)
        for call in walk.calls(routine.function.body or ()) if apps else ():
            if isinstance(call.function, ir.Name) and call.function.id == name:
                for app in apps:
                    app.routes += self._added(call, ADDS[method.name], routine)

    def _added(self, call: ir.Call, method: str, caller: Routine) -> Iterator[Route]:
        """One route, as `add_get(path, handler)` or `add_route(method, path, handler)` tell."""
        shift = 0 if method else 1
        told = method or (self._text(walk.argument(call, 0, "method"), caller) or "*").upper()
        path = self._path(walk.argument(call, shift, "path"), caller)
        yield from self._handled(walk.argument(call, shift + 1, "handler"), path, told, caller)

    def _of_resource(self, call: ir.Call, function: ir.Member, caller: Routine) -> None:
        """`resource.add_route("GET", handler)`, of a resource that `add_resource("/path")` gave."""
        values = [function.object]
        if isinstance(function.object, ir.Name):
            values = [value for value, is_item in self.objects.bindings(caller).get(function.object.id, ()) if not is_item]
        for value in values:
            for inner in walk.calls(value):
                if walk.called_name(inner) == "add_resource" and isinstance(inner.function, ir.Member) and inner.args:
                    method = (self._text(call.args[0].value, caller) or "*").upper()
                    for app in self._applications(inner.function.object, caller):
                        app.routes += self._handled(call.args[1].value, self._path(inner.args[0].value, caller), method, caller)

    def _listed(self, app: Application, expr: ir.Expr, caller: Routine) -> None:
        """`add_routes([web.get("/path", handler), ...])`, or a table of its own."""
        for table in self._applications(expr, caller):
            app.children.append(("", table.made.key))
            table.held = True
        for item, routine in items(self.objects, expr, caller):
            if isinstance(item, ir.Call) and item.args:
                name = walk.called_name(item)
                if name in VERBS or name in ("view", "route"):
                    method = "" if name == "route" else "*" if name == "view" else name.upper()
                    app.routes += self._added(item, method, routine)

    def _handled(self, expr: ir.Expr | None, path: str, method: str, caller: Routine) -> Iterator[Route]:
        found = self.objects.of(expr, caller)
        if not found and isinstance(expr, ir.Member):  # a method of an object that is passed in
            found = [one for holder in self.objects.of(expr.object, caller) for one in self.objects.member(holder, expr.name)]
        for one in found:
            if isinstance(one, Code):
                yield Route(path, (method,), one.routine)
            elif isinstance(one, Routine):
                yield Route(path, (method,), one)
            elif isinstance(one, Type):
                yield from self._views(one, path, method)
            elif isinstance(one, Made) and one.declared is not None:
                yield from (Route(path, (method,), called) for called in self.program.methods(one.declared, "Invoke")[:1])

    def _views(self, declared: Type, path: str, method: str = "*") -> Iterator[Route]:
        for name in VIEWS:
            for handler in self.program.methods(declared, name)[:1]:
                if method in ("*", name.upper()) and handler.function.has_body:
                    yield Route(path, (name.upper(),), handler, declared)

    def _text(self, expr: ir.Expr | None, routine: Routine) -> str | None:
        if isinstance(expr, ir.Member) and expr.name.startswith("METH_"):  # `hdrs.METH_GET`
            return {"METH_ANY": "*"}.get(expr.name, expr.name.removeprefix("METH_"))
        return constants.text(self.program, expr, routine.module, routine.owner) if expr is not None else None

    def _path(self, expr: ir.Expr | None, routine: Routine) -> str:
        """A path; parts that are not known are parameters of that name."""
        return spelled(expr, lambda part: self._text(part, routine))

    # -- together ------------------------------------------------------------------------------------------------------

    def mapped(self) -> Iterator[Mapped]:
        """All routes, from the applications down; those of tables that no application takes as well."""
        for app in list(self.known.values()):
            if not app.held:
                for way in ways_down(app, self._within):
                    prefix = "".join(path.rstrip("/") for _, path in way if path is not None)
                    apps = tuple(one for one, _ in reversed(way))
                    yield from (Mapped(f"{prefix}{route.path}", route, apps) for route in apps[0].routes)

    def _within(self, app: Application) -> Iterator[tuple[Application, str]]:
        return ((self.known[key], path) for path, key in app.children)
