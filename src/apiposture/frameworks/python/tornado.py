"""Which endpoints does a Tornado application have?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from apiposture.frameworks.python.asking.guards import Guard, posture_of
from apiposture.frameworks.python.asking.handlers import Handlers
from apiposture.frameworks.python.reading.lists import items
from apiposture.frameworks.python.reading.objects import Made, Objects, as_own
from apiposture.frameworks.python.routes.paths_of_patterns import from_regex
from apiposture.frameworks.routing import Entry, Supply
from apiposture.model import ir
from apiposture.model.facts import Binding, Endpoint, Posture
from apiposture.model.ir import Module
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program, constants, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

NAME = "Tornado"

CHANGES = frozenset(("POST", "PUT", "PATCH", "DELETE"))
VIEWS = ("get", "post", "put", "patch", "delete", "head", "options", "open")
HANDLERS = ("RequestHandler", "WebSocketHandler")
SPECS = ("url", "URLSpec", "Rule")
_GROUP = re.compile(r"\((?!\?[:=!])(?:\?P<\w+>)?((?:[^()\\]|\\.)*)\)")
_NUMBER = re.compile(r"(?:\\d|\[0-9\])(?:[+*]|\{\d+(?:,\d*)?\})?")
_PARAMETER = re.compile(r"<(\w+)>")


def recognised(program: Program) -> bool:
    """Does any file use the framework's server? (`import tornado.web` only says `tornado`.)"""
    return any(_serves(module) for module in program.modules if module.explicit_names)


def _serves(module: Module) -> bool:
    targets = {one.target for one in module.imports}
    bases = (base.name for declared in module.types for base in declared.bases)
    whole = "tornado" in targets and any(name.startswith(("tornado.web.", "tornado.websocket.")) for name in bases)
    return whole or any(target.startswith(("tornado.web", "tornado.routing")) for target in targets)


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The methods of all handlers that an application is given."""
    reader = _Reader(program)
    seen: set[tuple[str, str, int]] = set()
    taken: set[tuple[str, str]] = set()
    for route in (*reader.routes(), *reader.kept()):
        if route.loose and (route.pattern, route.view.qualified) in taken:
            continue
        taken.add((route.pattern, route.view.qualified))
        for method, handler in reader.methods(route.view):
            key = (method, route.pattern, handler.function.span)
            if key not in seen:
                seen.add(key)
                yield reader.entry(route, method, handler)


class Route(Struct, frozen=True, eq=False):
    """One pattern with the class that serves it."""

    pattern: str
    view: Type
    loose: bool = False
    """No application is seen to take the list that it stands in."""


class _Reader:
    """What is known of one program's applications."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.objects = Objects(program)
        self.handlers = Handlers(self.objects)

    def routes(self) -> Iterator[Route]:
        """The patterns of all applications: made, extended, or given more handlers later."""
        for caller, call in self.program.calling("Application", "add_handlers", "RuleRouter", ".ctor", "__init__"):
            if caller.module.explicit_names:
                given = self._given(call, caller)
                for item, at in items(self.objects, given, caller) if given is not None else ():
                    yield from self._spec(item, at)

    def kept(self) -> Iterator[Route]:
        """What stands in a module's own lists of patterns and handlers, whoever takes them: `default_handlers = [(r"/users", Users)]`."""
        for module in self.program.modules:
            home = self.program.home(module) if module.explicit_names else None
            for slot in home.fields.values() if home is not None else ():
                if isinstance(slot.field.value, ir.Collection):
                    main = self.objects.main(module)
                    found = [route for item, at in items(self.objects, slot.field.value, main) for route in self._spec(item, at)]
                    yield from (Route(one.pattern, one.view, True) for one in found if self.program.is_a(one.view, *HANDLERS))

    def _given(self, call: ir.Call, caller: Routine) -> ir.Expr | None:
        """The list of handlers that a call takes; None where it makes something else."""
        name = walk.called_name(call)
        if name == "add_handlers":
            return walk.argument(call, 1, "host_handlers")
        if name in (".ctor", "__init__"):  # `super().__init__(handlers)`, `Application.__init__(self, handlers)`
            is_app = caller.owner is not None and self.program.is_a(caller.owner, "Application")
            return walk.argument(call, 0 if name == ".ctor" else 1, "handlers") if is_app else None
        made = [one for one in self.objects.of(call, caller) if isinstance(one, Made)]
        ours = not made or any(one.name.partition(".")[0] == "tornado" or one.declared is not None for one in made)
        return (walk.argument(call, 0, "handlers") or walk.argument(call, 0, "rules")) if ours else None

    def _spec(self, item: ir.Expr, routine: Routine) -> Iterator[Route]:
        """`(r"/orders/(\\d+)", OrderHandler)` or `url(r"/orders", OrderHandler)`."""
        first: ir.Expr | None = None
        second: ir.Expr | None = None
        if isinstance(item, ir.Collection) and len(item.items) > 1:
            first, second = item.items[:2]
        elif isinstance(item, ir.Call) and walk.called_name(item) in SPECS:
            first, second = walk.argument(item, 0, "pattern"), walk.argument(item, 1, "handler")
        pattern = constants.text(self.program, first, routine.module, routine.owner) if first is not None else None
        for one in self.objects.of(second, routine) if pattern is not None else ():
            if isinstance(one, Type):
                yield Route(pattern or "", one)

    def methods(self, view: Type) -> Iterator[tuple[str, Routine]]:
        """The methods that a handler's class serves; a web socket is opened by GET."""
        for name in VIEWS:
            for handler in self.program.methods(view, name)[:1]:
                if handler.function.has_body and (name != "open" or self.program.is_a(view, "WebSocketHandler")):
                    yield ("GET" if name == "open" else name.upper()), handler

    def entry(self, route: Route, method: str, handler: Routine) -> Entry:
        """One method of a handler as an endpoint, with its posture."""
        names = [param.name for param in handler.function.params]
        path, typed = _path(route.pattern, names)
        bindings = tuple(Binding(name, "route" if name in typed else "unknown") for name in names)
        supplies = tuple(Supply(b.name, None, (b,), type=typed[b.name]) for b in bindings if typed.get(b.name))
        endpoint = Endpoint(
            method, path, NAME, f"{route.view.simple}.{handler.function.name}", place(handler.module, handler.function.name_span),
            self.posture(route, handler), bindings, "function", method in CHANGES, grouped=True,
        )  # fmt: skip
        return Entry(endpoint, handler, (), supplies)

    def posture(self, route: Route, handler: Routine) -> Posture:
        """The posture behind decorators and `prepare`; where nothing asks, the method's own code may."""
        view = route.view
        guards: list[Guard] = [] if self._knows_everybody(view) else list(self.handlers.above(handler))
        for hook in self.program.methods(view, "prepare")[:1]:
            if hook.function.has_body:
                guards += [*self.handlers.above(hook), *self.handlers.before(as_own(hook, view), "type" if hook.owner is view else "base")]
        found = posture_of(guards)
        found = posture_of([*self.handlers.own(as_own(handler, view)), *guards]) if found.level == "public" else found
        if found.level == "public" and route.loose:
            where = place(handler.module, handler.function.name_span)
            why = "no application in the scanned source is seen to take the list that its handler stands in"
            return posture_of([Guard("unknown", "group", "", where, view.simple, why)])
        return found

    def _knows_everybody(self, view: Type) -> bool:
        """Does a handler's `get_current_user` give somebody in any case? Then `@authenticated` turns nobody away."""
        found = next((one for one in self.program.methods(view, "get_current_user") if one.function.has_body), None)
        given = list(walk.returned(found.function)) if found is not None else []
        return bool(given) and all(map(_is_there, given))


def _is_there(value: ir.Expr) -> bool:
    """Is it something, whatever was sent: `self.get_cookie("user") or "guest"`?"""
    if isinstance(value, ir.Binary) and value.operator == "??":
        return _is_there(value.right)
    return bool(value.value) if isinstance(value, ir.Literal) else isinstance(value, ir.Collection) and bool(value.items)


def _path(pattern: str, names: Sequence[str]) -> tuple[str, dict[str, str]]:
    """A pattern as a path, with what is known of its parameters: groups without a name are given in order."""
    unnamed = iter(names)
    path = _PARAMETER.sub(lambda m: "{" + (next(unnamed, m[1]) if m[1] in ("path", "part") else m[1]) + "}", from_regex(pattern))
    parameters = re.findall(r"\{(\w+)\}", path)
    groups = [match[1] for match in _GROUP.finditer(pattern)]
    kinds = ["int" if _NUMBER.fullmatch(group) else "segment" if "." not in group else "" for group in groups]
    typed = dict(zip(parameters, kinds, strict=False)) if len(parameters) == len(groups) else dict.fromkeys(parameters, "")
    return "/" + path.strip("/"), typed
