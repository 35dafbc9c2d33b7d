"""Which endpoints does a FastAPI or Starlette application have?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from apiposture.frameworks.python.asking.checkers import is_told
from apiposture.frameworks.python.asking.dependencies import REQUESTS, Dependencies, Dependency, bound
from apiposture.frameworks.python.asking.guards import Guard, posture_of, shared_key
from apiposture.frameworks.python.asking.handlers import Handlers
from apiposture.frameworks.python.asking.middleware import walls
from apiposture.frameworks.python.asking.parameters import Asked, Held, marker
from apiposture.frameworks.python.asking.shared_key import asks_for_key
from apiposture.frameworks.python.reading.imports import imports_any
from apiposture.frameworks.python.reading.objects import Code, Made, Objects
from apiposture.frameworks.python.routes.mapped import once_each
from apiposture.frameworks.python.routes.routers import Mapped, Route, Router, Routers, Said
from apiposture.frameworks.python.walks.decorated import Decorated
from apiposture.frameworks.routing import Answer, Entry, Supply
from apiposture.model import ir
from apiposture.model.facts import Binding, Endpoint, Posture
from apiposture.model.ir import Module
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

NAME = "FastAPI"

CHANGES = frozenset(("POST", "PUT", "PATCH", "DELETE"))
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
_WHOLE = re.compile(r"\{(\w+):path\}")
MAX_DEPTH = 6


def recognised(program: Program) -> bool:
    """Does any file import the framework?"""
    return imports_any(program, ("fastapi", "starlette"))


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The endpoints of all applications, and of routers that no application is seen to include."""
    reader = _Reader(program)
    for mapped, method in once_each(reader.routers.mapped()):
        yield reader.entry(mapped, method)


class _Reader:
    """What is known of one program's applications."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.objects = Objects(program)
        self.routers = Routers(self.objects)
        self.dependencies = Dependencies(self.objects)
        self.handlers = Handlers(self.objects)
        self.decorated = Decorated(self.objects)
        self.whole: frozenset[str] = frozenset()
        """The parameters of the route at hand that may hold slashes."""
        self._walls: dict[int, list[Guard]] = {}
        self._guarded: dict[int, bool] = {}

    def entry(self, mapped: Mapped, method: str) -> Entry:
        """One endpoint with its posture, and with what gives its handler's parameters their values."""
        route = mapped.route
        handler = route.handler
        path = "/" + _PARAMETER.sub(r"{\1}", mapped.path).strip("/")
        names = frozenset(_PARAMETER.findall(mapped.path))
        self.whole = frozenset(_WHOLE.findall(mapped.path))
        guards = list(self.guards(mapped))
        posture = self.posture(mapped, guards)
        bindings, supplies = self.parameters(handler, names, 0)
        before = [
            self.supply("", dependency, names, 0)
            for said in mapped.said
            for dependency in self.dependencies.in_list(said.expr, said.routine)
        ]
        where = place(handler.module, handler.function.name_span)
        endpoint = Endpoint(
            method, path, NAME, handler.name, where, posture, tuple(bindings), "function", method in CHANGES,
            grouped=self.is_guarded(mapped.app), proof=shared_key(guards),
        )  # fmt: skip
        arounds = reversed(list(self.routers.around(route)))
        wrapped = [one for around in arounds for one in self.decorated.of_handler(around, handler, bindings, supplies)]
        supplied = (*(one for one in before if one is not None), *wrapped, *supplies)
        return Entry(endpoint, handler, (), supplied, answer=self.answer(route))

    def answer(self, route: Route) -> Answer:
        """What is written out of a result: all of it, but where a type is declared for it; then that type's members alone."""
        handler, (at, _) = route.handler, route.at
        if route.picked:
            return Answer(True, True)
        if route.answer is not None:
            said = [name for one in walk.nodes(route.answer) if (name := walk.dotted(one))]
            is_none = type(route.answer) is ir.Literal
            return Answer(True, not is_none, self._types(said, at.module))
        said = list(_names(handler.function.returns)) if handler.function.returns is not None else []
        return Answer(True, bool(self._types(said, handler.module)), self._types(said, handler.module))

    def _types(self, names: Sequence[str], module: Module) -> tuple[Type, ...]:
        found = (self.program.find_type(name, module) for name in names)
        return tuple(dict.fromkeys(one for one in found if one is not None and one.kind in ("class", "record")))

    # -- posture -------------------------------------------------------------------------------------------------------

    def posture(self, mapped: Mapped, guards: Sequence[Guard]) -> Posture:
        """The posture behind the guards; where nothing asks, the application's middleware and the handler's own code may."""
        found = posture_of(guards)
        if found.level == "public":
            found = posture_of([*guards, *self.own(mapped), *self.walls(mapped.app)])
        elif found.level == "unknown":
            found = posture_of([*guards, *self.own(mapped, demanded=True)])
        if found.level == "public" and mapped.loose:
            where = place(mapped.app.made.routine.module, mapped.app.made.call.span)
            why = "no application in the scanned source is seen to include its router"
            return posture_of([Guard("unknown", "group", "", where, mapped.app.made.name, why)])
        return found

    def guards(self, mapped: Mapped) -> Iterator[Guard]:
        """The decorators and dependencies of the handler, those of its class, of its routers and of the application, nearest first."""
        handler = mapped.route.handler
        for around in self.routers.around(mapped.route):
            yield from self.handlers.around(around)
        for param in handler.function.params:
            dependency = self.dependencies.of_param(param, handler)
            if dependency is not None:
                yield from self.guard(dependency, "endpoint", handler.name, param.span, handler)
        if handler.owner is not None and handler.owner.kind != "module":
            yield from self.of_class(handler.owner)
        for said in mapped.said:
            yield from self.said(said)

    def said(self, said: Said) -> Iterator[Guard]:
        """The guards in one list of dependencies."""
        found = self.dependencies.in_list(said.expr, said.routine)
        for dependency in found:
            yield from self.guard(dependency, said.level, said.scope, dependency.span)
        if not found and not (type(said.expr) is ir.Literal or (type(said.expr) is ir.Collection and not said.expr.items)):
            why = "the list of its dependencies could not be followed"
            yield Guard("unknown", said.level, said.scope, place(said.routine.module, said.span), "dependencies", why)

    def of_class(self, declared: Type) -> Iterator[Guard]:
        """What a class-based view and its bases declare as attributes, or take in their constructor."""
        for slot, asked in self.dependencies.of_type(declared):
            level = "type" if slot.owner is declared else "base"
            yield from _guard(asked, level, slot.owner.simple, slot.module, slot.field.span, f"{slot.owner.simple}.{slot.field.name}")
        for constructor in self.program.methods(declared, ".ctor")[:1]:
            for param in constructor.function.params:
                dependency = self.dependencies.of_param(param, constructor)
                if dependency is not None:
                    yield from self.guard(dependency, "type", declared.simple, param.span, constructor)

    def guard(self, dependency: Dependency, level: str, scope: str, span: int, at: Routine | None = None) -> Iterator[Guard]:
        """What one dependency asks, as a guard."""
        module = (at or dependency.routine).module
        asked = self.dependencies.asked(dependency)
        if asked.effect != "nothing":
            key = asked.effect == "asks" and not asked.needs and self._is_key(dependency)
            yield Guard(asked.effect, level, scope, place(module, span), dependency.text, asked.why, asked.needs, key)

    def _is_key(self, dependency: Dependency) -> bool:
        """Does it ask for a key that all share who may come?"""
        asking = [one for one in dependency.objects if isinstance(one, Routine)]
        if len(asking) != 1 or len(dependency.objects) != 1:
            return False
        params = asking[0].function.params
        known = [(param.name, self.dependencies.of_param(param, asking[0])) for param in params]
        of_ours = any(one is not None and any(isinstance(each, Routine | Code) for each in one.objects) for _, one in known)
        sent = frozenset(param.name for param in params if not (param.type is not None and param.type.name.rpartition(".")[2] in REQUESTS))
        return not of_ours and asks_for_key(self.objects, asking[0], sent)

    def own(self, mapped: Mapped, demanded: bool = False) -> Iterator[Guard]:
        """A handler that reads a credential itself, and refuses without. `demanded`: only of one that has to be sent to it."""
        handler = mapped.route.handler
        held = Held({})
        requests = frozenset(p.name for p in handler.function.params if p.type is not None and p.type.name.rpartition(".")[2] in REQUESTS)
        for param in handler.function.params:
            dependency = self.dependencies.of_param(param, handler)
            if dependency is not None:
                held = held.with_dependency(param.name, self.dependencies.asked(dependency))
            elif marker(param) in ("header", "cookie"):
                held = held.with_header(param)
        if demanded and not held.demanded:
            return
        verdict = held.judged(self.objects, handler, requests, heeded=True)
        if held.demanded and verdict.asks and not verdict.refuses:
            where = place(handler.module, handler.function.name_span)
            yield Guard("asks", "endpoint", handler.name, where, handler.function.name, "its own code asks what was sent", verdict.needs)
        if verdict.depends and verdict.at is not None:
            why = f"'{handler.function.name}' refuses some callers, depending on more than the credential"
            yield Guard("unknown", "endpoint", handler.name, place(*verdict.at), handler.function.name, why)
        elif verdict.authenticates and verdict.at is not None:
            module, span = verdict.at
            why = "its own code refuses callers without a valid credential"
            yield Guard("asks", "endpoint", handler.name, place(module, span), handler.function.name, why, verdict.needs)

    def walls(self, app: Router) -> list[Guard]:
        """What the application's middleware asks of every caller."""
        found = self._walls.get(id(app))
        if found is None:
            found = self._walls[id(app)] = list(walls(self.objects, app))
        return found

    def is_guarded(self, app: Router) -> bool:
        """Has the application any authorization configured at all?"""
        found = self._guarded.get(id(app))
        if found is None:
            self._guarded[id(app)] = False
            mine = (mapped for mapped in self.routers.mapped() if mapped.app is app)
            found = self._guarded[id(app)] = any(g.effect == "asks" for mapped in mine for g in self.guards(mapped))
        return found

    # -- parameters ----------------------------------------------------------------------------------------------------

    def parameters(self, routine: Routine, route: frozenset[str], depth: int) -> tuple[list[Binding], list[Supply]]:
        """Where the values of a function's parameters come from: the request, or another function."""
        bindings: list[Binding] = []
        supplies: list[Supply] = []
        for param in routine.function.params:
            dependency = self.dependencies.of_param(param, routine)
            if dependency is None:
                bindings.append(bound(self.program, param, routine, route))
                supplies += self.segment(param, bindings[-1])
                continue
            supply = self.supply(param.name, dependency, route, depth)
            supplies += [supply] if supply is not None else []
            asked = self.dependencies.asked(dependency)
            identity = asked.identity or (asked.effect != "nothing" and supply is None)
            bindings.append(Binding(param.name, "principal" if identity and (supply is None or supply.identity) else "service"))
        if routine.owner is not None and routine.owner.kind != "module":
            for slot, asked in self.dependencies.of_type(routine.owner):
                dependency = self.dependencies.of_slot(slot)
                supply = self.supply(f"this.{slot.field.name}", dependency, route, depth) if dependency is not None else None
                supplies += [supply] if supply is not None else []
                bindings.append(Binding(f"this.{slot.field.name}", "principal" if asked.identity else "service"))
        return bindings, supplies

    def segment(self, param: ir.Param, binding: Binding) -> Iterator[Supply]:
        """A text that stands for one part of the route: there is no slash in it, unless it is declared to be a path."""
        is_text = param.type is None or param.type.name == "string"
        if binding.source == "route" and is_text and param.name not in self.whole:
            yield Supply(param.name, None, (binding,), type="segment")

    def supply(self, name: str, dependency: Dependency, route: frozenset[str], depth: int) -> Supply | None:
        """The function that gives a parameter its value."""
        if depth > MAX_DEPTH or not dependency.objects:
            return None
        one = dependency.objects[0]
        made: Type | None = None
        if isinstance(one, Made) and one.declared is not None:
            routines = self.program.methods(one.declared, "Invoke")
        elif isinstance(one, Type):
            made = one
            routines = self.program.methods(one, ".ctor")
        else:
            routines = [one] if isinstance(one, Routine) else [one.routine] if isinstance(one, Code) else []
        if not routines:
            return self._of_fields(name, made, route) if made is not None else None
        bindings, supplies = self.parameters(routines[0], route, depth + 1)
        identity = self._identifies(routines[0]) or (isinstance(one, Made) and is_told(self.program, one))
        return Supply(name, routines[0], tuple(bindings), tuple(supplies), identity, made)

    def _of_fields(self, name: str, made: Type, route: frozenset[str]) -> Supply:
        """A class that takes its fields from the request."""
        found = [Binding(slot.field.name, "route" if slot.field.name in route else "query") for slot in self.program.slots(made)]
        return Supply(name, None, tuple(found), (), False, made)

    def _identifies(self, routine: Routine) -> bool:
        """Does the function itself turn a credential into the caller? What stands behind another that does is followed instead."""
        for param in routine.function.params:
            dependency = self.dependencies.of_param(param, routine)
            if dependency is not None and self.dependencies.asked(dependency).identity:
                one = dependency.objects[0] if dependency.objects else None
                return isinstance(one, Made)
        return self.dependencies.asked(Dependency(None, routine, 0, "", (routine,))).identity


def _guard(asked: Asked, level: str, scope: str, module: ir.Module, span: int, text: str) -> Iterator[Guard]:
    if asked.effect != "nothing":
        yield Guard(asked.effect, level, scope, place(module, span), text, asked.why, asked.needs)


def _names(ref: ir.TypeRef) -> Iterator[str]:
    """The names that a type is written with."""
    yield ref.name
    for one in ref.args:
        yield from _names(one)
