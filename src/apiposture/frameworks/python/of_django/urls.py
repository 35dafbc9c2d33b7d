"""Which paths do a Django project's URL configurations hold, and which views stand behind them?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import Struct

from apiposture.frameworks.python.of_django.texts import Texts
from apiposture.frameworks.python.reading.django_settings import Settings, values_of
from apiposture.frameworks.python.reading.objects import Foreign, Made, Objects
from apiposture.frameworks.python.routes.class_views import Around
from apiposture.frameworks.python.routes.paths_of_patterns import from_regex
from apiposture.model import ir
from apiposture.program import constants, walk
from apiposture.program.types import Routine, Slot, Type

PATHS = frozenset(("path", "re_path", "url"))
MAX_NESTING = 14


class View(Struct, frozen=True, eq=False):
    """What a path leads to: a function, a class or something of a library, and what is put around it there.

    `actions` are the methods of a ViewSet by HTTP method, `given` what `as_view` is called with.
    """

    target: Routine | Type | Foreign
    around: tuple[Around, ...] = ()
    actions: tuple[tuple[str, str], ...] = ()
    given: tuple[ir.Argument, ...] = ()
    said: Routine | None = None


class Registered(Struct, frozen=True, eq=False):
    """A ViewSet in a router, with the prefix that it is registered under."""

    prefix: str
    view: View
    slash: bool
    span: int
    routine: Routine


class Pattern(Struct, frozen=True, eq=False):
    """One path with its view, or with the registration of a router. The place is where it is written.

    `name` is the URL's own, empty where it has none and None where that is not known, `spaces` are the name spaces around it.
    """

    route: str
    view: View
    span: int
    routine: Routine
    registered: Registered | None = None
    name: str | None = None
    spaces: tuple[str, ...] = ()


class Above(NamedTuple):
    """What stands before a path: the part of the route, and the name spaces."""

    route: str
    spaces: tuple[str, ...] = ()

    def within(self, space: str | None) -> Above:
        """The same, one name space further in."""
        return self._replace(spaces=(*self.spaces, space)) if space else self


TOP = Above("")


class Urls:
    """The patterns of one program."""

    def __init__(self, objects: Objects, settings: Settings) -> None:
        self.objects = objects
        self.program = objects.program
        self.settings = settings
        self.texts = Texts(objects, settings)
        self.reached: set[int] = set()
        self.mounted: dict[tuple[str, int], str] = {}
        """Where objects stand that bring paths of their own (`path("api/", api.urls)`), once all paths were asked for."""
        self._registered: dict[tuple[str, int], list[Registered]] = {}
        self._gather()

    def all(self) -> Iterator[Pattern]:
        """All paths: from the root configurations that settings name, then from those that nothing includes."""
        homes = [t for t in self.program.types if t.kind == "module" and "urlpatterns" in t.fields]
        for slot in self.settings.slots("ROOT_URLCONF"):
            text = self._text(slot.field.value, self.objects.main(slot.module))
            home = self.program.imported(text, slot.module) if text else None
            if isinstance(home, Type) and id(home) not in self.reached:
                yield from self.of_home(home, TOP, 0)
        included = self._included(homes)
        for first in (True, False):
            for home in homes:
                if id(home) not in self.reached and (not first or id(home) not in included):
                    yield from self.of_home(home, TOP, 0)

    def _included(self, homes: list[Type]) -> set[int]:
        found: set[int] = set()
        for caller, call in self.program.calling("include"):
            if caller.module.explicit_names and call.args:
                text = self._text(call.args[0].value, caller)
                home = self.program.imported(text, caller.module) if text else None
                found |= {id(home)} if isinstance(home, Type) else set()
        return found

    def of_home(self, home: Type, above: Above, depth: int) -> Iterator[Pattern]:
        """The paths of a module."""
        if depth > MAX_NESTING:
            return
        self.reached.add(id(home))
        yield from self._variable("urlpatterns", self.objects.main(home.decls[0][1]), above, depth)

    def _variable(self, name: str, main: Routine, above: Above, depth: int) -> Iterator[Pattern]:
        for value in values_of(self.objects, name, main):
            if not (isinstance(value, ir.Name) and value.id == name):
                yield from self.listed(value, main, above, depth + 1, name)

    def listed(self, expr: ir.Expr, routine: Routine, above: Above, depth: int, within: str = "") -> Iterator[Pattern]:
        """The paths in a list, however it is put together."""
        if depth > MAX_NESTING:
            return
        if isinstance(expr, ir.Collection | ir.Opaque):
            for item in expr.items if isinstance(expr, ir.Collection) else expr.parts:
                yield from self.listed(item, routine, above, depth + 1, within)
        elif isinstance(expr, ir.Binary):
            for side in (expr.left, expr.right):
                yield from self.listed(side, routine, above, depth + 1, within)
        elif isinstance(expr, ir.Choice):
            for side in (expr.then, expr.other):
                yield from self.listed(side, routine, above, depth + 1, within)
        elif isinstance(expr, ir.Name | ir.Member):
            yield from self._named(expr, routine, above, depth, within)
        elif isinstance(expr, ir.Call):
            yield from self._call(expr, routine, above, depth)

    def _named(self, expr: ir.Expr, routine: Routine, above: Above, depth: int, within: str) -> Iterator[Pattern]:
        if isinstance(expr, ir.Member) and expr.name == "urls":
            for made in self.objects.of(expr.object, routine):
                if isinstance(made, Made):
                    self.mounted.setdefault(made.key, above.route)
                    yield from self._router(made, above, depth)
            return
        path = walk.dotted(expr)
        if path == within:
            return
        found = self.program.meaning(path, routine.module, routine.owner) if path else None
        if isinstance(found, Slot):
            yield from self._variable(found.field.name, self.objects.main(found.module), above, depth)
        elif isinstance(found, Type) and found.kind == "module":
            yield from self.of_home(found, above, depth + 1)
        elif routine.function.name != "<main>":
            for value in values_of(self.objects, path, routine):
                yield from self.listed(value, routine, above, depth + 1, path)

    def _call(self, call: ir.Call, routine: Routine, above: Above, depth: int) -> Iterator[Pattern]:
        name = walk.called_name(call)
        if name in PATHS and call.args:
            yield from self._path(call, routine, above, depth)
        elif name in ("i18n_patterns", "format_suffix_patterns", "patterns", "list", "tuple", "sorted"):
            for arg in call.args:
                if arg.name is None:
                    yield from self.listed(arg.value, routine, above, depth + 1)
        else:
            for called in self.objects.of(call.function, routine)[:1]:
                if isinstance(called, Routine):
                    for value in walk.returned(called.function):
                        yield from self.listed(value, called, above, depth + 1)

    def _path(self, call: ir.Call, routine: Routine, above: Above, depth: int) -> Iterator[Pattern]:
        written = walk.argument(call, 0, "route" if walk.called_name(call) == "path" else "regex")
        written = written if written is not None else call.args[0].value
        text = self.texts.of(written, routine)
        part = text if walk.called_name(call) == "path" else from_regex(text)
        route = above.route + part
        below = Above(route, above.spaces)
        view = walk.argument(call, 1, "view")
        if isinstance(view, ir.Call) and "include" in walk.called_name(view) and view.args:
            yield from self.included(view, routine, below, depth + 1)
        elif isinstance(view, ir.Collection) and view.items:
            yield from self.listed(view.items[0], routine, below, depth + 1)
        elif isinstance(view, ir.Member) and view.name == "urls":
            yield from self._named(view, routine, below, depth + 1, "")
        elif view is not None:
            found = self.view(view, routine, 0)
            if found is not None:
                yield Pattern(route, found, call.span, routine, None, self._name(call, routine), above.spaces)

    def _name(self, call: ir.Call, routine: Routine) -> str | None:
        """The name of a URL: empty where it has none."""
        given = next((arg.value for arg in call.args if arg.name == "name"), None) or walk.argument(call, 3)
        return self._text(given, routine) if given is not None else ""

    def included(self, call: ir.Call, routine: Routine, above: Above, depth: int) -> Iterator[Pattern]:
        """What `include(...)` brings: a module by its name, a list, or a list with a name space."""
        expr = call.args[0].value
        space = self._text(walk.argument(call, 1, "namespace"), routine)
        text = self._text(expr, routine)
        if text is not None:
            home = self.program.imported(text, routine.module)
            if isinstance(home, Type):
                yield from self.of_home(home, above.within(space or self._app(home)), depth + 1)
        elif isinstance(expr, ir.Collection) and expr.kind == "tuple" and expr.items:
            app = self._text(expr.items[1], routine) if len(expr.items) > 1 else None
            yield from self.listed(expr.items[0], routine, above.within(space or app), depth + 1)
        else:
            yield from self.listed(expr, routine, above.within(space), depth + 1)

    def _app(self, home: Type) -> str | None:
        slot = home.fields.get("app_name")
        return self._text(slot.field.value, self.objects.main(slot.module)) if slot is not None else None

    def _text(self, expr: ir.Expr | None, routine: Routine) -> str | None:
        return constants.text(self.program, expr, routine.module, routine.owner) if expr is not None else None

    # -- views ---------------------------------------------------------------------------------------------------------

    def view(self, expr: ir.Expr, routine: Routine, depth: int) -> View | None:
        """What the second argument of a path stands for; decorators that are called on a view are put around it."""
        if depth > MAX_NESTING:
            return None
        if isinstance(expr, ir.Call):
            return self._called_view(expr, routine, depth)
        if isinstance(expr, ir.Lambda):
            return View(Routine(expr.function, routine.owner, routine.module))
        text = self._text(expr, routine)
        if text is not None:
            found = self.program.imported(text, routine.module)
            return View(found if isinstance(found, Type | Routine) else Foreign(text)) if not isinstance(found, Slot) else None
        meant = self.program.meaning(walk.dotted(expr), routine.module, routine.owner) if walk.dotted(expr) else None
        if isinstance(meant, Slot) and meant.field.value is not None:
            return self.view(meant.field.value, self.objects.main(meant.module), depth + 1)
        if isinstance(meant, Routine | Type):
            return View(meant)
        if isinstance(meant, str):
            return View(Foreign(meant))
        local = self.objects.bindings(routine).get(walk.dotted(expr), ())
        held = (self.view(value, routine, depth + 1) for value, item in local if not item)
        return next((one for one in held if one is not None), None)

    def _called_view(self, call: ir.Call, routine: Routine, depth: int) -> View | None:
        function = call.function
        if isinstance(function, ir.Member) and function.name == "as_view":
            meant = (one.declared if isinstance(one, Made) else one for one in self.objects.of(function.object, routine))
            target = next((one for one in meant if isinstance(one, Type | Foreign)), None)
            if target is None:
                return View(Foreign(walk.dotted(function.object)), (), (), call.args, routine)
            return View(target, (), tuple(self._actions(call, routine)), call.args, routine)
        given = [arg.value for arg in call.args if not isinstance(arg.value, ir.Literal)]
        inner = next((found for one in given if (found := self.view(one, routine, depth + 1)) is not None), None)
        if inner is not None and isinstance(inner.target, Type) and not any(isinstance(one, ir.Call) for one in given):
            made_of = next((one for one in self.objects.of(function, routine)[:1] if isinstance(one, Type)), None)
            if made_of is not None:  # an object that is called: `OrderPreview(OrderForm)`
                return View(made_of, (), (), call.args, routine)
        if inner is not None:
            made = function if isinstance(function, ir.Call) else call
            around = Around(walk.dotted(made.function), made.args, call.span, routine, "endpoint", "urlpatterns")
            return View(inner.target, (around, *inner.around), inner.actions, inner.given, inner.said)
        for called in self.objects.of(function, routine)[:1]:
            if isinstance(called, Routine):  # a function that makes the view
                made_by = (self.view(value, called, depth + 1) for value in walk.returned(called.function))
                return next((one for one in made_by if one is not None), View(called))
            if isinstance(called, Foreign):
                return View(called, (), (), call.args, routine)
            if isinstance(called, Type):
                return View(called, (), (), call.args, routine)
        return None

    def _actions(self, call: ir.Call, routine: Routine) -> Iterator[tuple[str, str]]:
        """`{"get": "list", "post": "create"}`."""
        given = walk.argument(call, 0, "actions")
        if isinstance(given, ir.Name):
            meant = self.program.meaning(given.id, routine.module, routine.owner)
            given = meant.field.value if isinstance(meant, Slot) else given
        for item in given.items if isinstance(given, ir.Collection) and given.kind == "map" else ():
            if isinstance(item, ir.Collection) and len(item.items) == 2:
                method, action = (self._text(one, routine) for one in item.items)
                if method and action:
                    yield method.upper(), action

    # -- routers -------------------------------------------------------------------------------------------------------

    def _gather(self) -> None:
        for caller, call in self.program.calling("register"):
            if not (caller.module.explicit_names and isinstance(call.function, ir.Member) and len(call.args) > 1):
                continue
            found = self.objects.of(walk.argument(call, 1, "viewset"), caller)
            target = next((one for one in found if isinstance(one, Type | Foreign)), None)
            if target is None:
                continue
            for made in self.objects.of(call.function.object, caller):
                if isinstance(made, Made):
                    prefix = self.texts.of(walk.argument(call, 0, "prefix"), caller)
                    one = Registered(from_regex(prefix), View(target), self._slash(made), call.span, caller)
                    self._registered.setdefault(made.key, []).append(one)

    def _slash(self, made: Made) -> bool:
        given = next((arg.value for arg in made.call.args if arg.name == "trailing_slash"), None)
        return not (isinstance(given, ir.Literal) and given.value is False)

    def _router(self, made: Made, above: Above, depth: int) -> Iterator[Pattern]:
        """All that is registered with a router; a nested one (drf-nested-routers) stands below an object of its parent."""
        if made.name.endswith("NestedSimpleRouter") or made.name.endswith("NestedDefaultRouter"):
            below = self.texts.of(walk.argument(made.call, 1, "parent_prefix"), made.routine)
            lookup = next((arg.value for arg in made.call.args if arg.name == "lookup"), None) or walk.argument(made.call, 2)
            name = self.texts.of(lookup, made.routine) or "nested"
            above = above._replace(route=f"{above.route}{self._above(made, depth)}{below}/<{name}_pk>/")
        seen: set[tuple[str, int]] = set()
        for one in self._registered.get(made.key, ()):
            if (at := (one.routine.module.path, one.span)) not in seen:
                seen.add(at)
                yield Pattern(above.route + one.prefix, one.view, one.span, one.routine, one, None, above.spaces)

    def _above(self, made: Made, depth: int) -> str:
        parent = walk.argument(made.call, 0, "parent_router")
        for outer in self.objects.of(parent, made.routine) if depth < MAX_NESTING else ():
            if isinstance(outer, Made) and outer.name.rpartition(".")[2].startswith("Nested"):
                below = self.texts.of(walk.argument(outer.call, 1, "parent_prefix"), outer.routine)
                lookup = next((arg.value for arg in outer.call.args if arg.name == "lookup"), None)
                return f"{self._above(outer, depth + 1)}{below}/<{self.texts.of(lookup, outer.routine) or 'nested'}_pk>/"
        return ""


def routes_by_name(patterns: Iterable[Pattern]) -> dict[str, str]:
    """The paths of the URLs that have a name, by it and the name spaces before it."""
    return {":".join((*pattern.spaces, pattern.name)): pattern.route for pattern in patterns if pattern.name}
