"""Which route does a decorator of the project's own make of what it is put on: `@protected(router.get, "/orders", ["read"])`?

It hands the function to a router's method, which it knows itself or is given: `return method(path, dependencies=[...])(function)`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from apiposture.frameworks.python.reading.objects import Objects, nested
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine


class Routing(NamedTuple):
    """A decorator that makes a route: the function that is told its arguments, and the router's decorator that it puts on at last."""

    told: Routine
    call: ir.Call


class Making(NamedTuple):
    """One use of such a decorator: the router's method and where that is looked up, what it is called with by the code that is `told` the
    arguments, and what these are, by their names there, which are written in the code `around` the function.
    """

    method: ir.Member
    at: Routine
    args: tuple[ir.Argument, ...]
    told: Routine
    around: Routine
    given: Mapping[str, ir.Expr]

    @property
    def call(self) -> ir.Call:
        """The router's method as it is called."""
        return ir.Call(self.method, self.args, self.method.span)

    def written(self, value: ir.Expr | None) -> tuple[ir.Expr | None, Routine]:
        """What the project's decorator was given, where a value is only that, and the code in which it stands."""
        given = self.given.get(value.id) if isinstance(value, ir.Name) else None
        return (value, self.told) if given is None else (given, self.around)


class RoutingDecorators:
    """Answers for one program; `methods` are those of routers that serve what they decorate."""

    def __init__(self, objects: Objects, methods: Collection[str]) -> None:
        self.objects = objects
        self.methods = methods
        self._known: dict[int, list[Routing]] = {}

    def made_by(self, one: ir.Annotation, around: Routine) -> Iterator[Making]:
        """The routes that a decorator makes of the function that it is put on."""
        meant = self.objects.program.meaning(one.name, around.module, around.owner) if one.name else None
        if not isinstance(meant, Routine):
            return
        if id(meant.function) not in self._known:
            self._known[id(meant.function)] = list(self._in(meant))
        for routing in self._known[id(meant.function)]:
            given = _given(meant.function, one)
            method, at = routing.call.function, meant
            if isinstance(method, ir.Name):
                method, at = given.get(method.id, method), around
            if isinstance(method, ir.Member) and method.name in self.methods:
                yield Making(method, at, (*routing.call.args, *_handed(routing, one)), meant, around, given)

    def _in(self, told: Routine) -> Iterator[Routing]:
        """`return router.get(path)`, and `return method(path)(function)` in the function that is put on."""
        for value in walk.returned(told.function):
            if isinstance(value, ir.Call) and self._is_method(value, told):
                yield Routing(told, value)
        for inner in nested(told):
            put_on = inner.function.params[0].name if inner.function.params else ""
            for call in walk.calls(inner.function.body or ()) if put_on and self._is_given_back(inner, told) else ():
                by = call.function
                handed = call.args[0].value if len(call.args) == 1 else None
                if isinstance(by, ir.Call) and self._is_method(by, told) and handed is not None and self._stands_for(handed, put_on, inner):
                    yield Routing(told, by)

    def _is_method(self, call: ir.Call, told: Routine) -> bool:
        """Is it a router's method by its name, or one that the decorator is given?"""
        if isinstance(call.function, ir.Name):
            return any(param.name == call.function.id and not param.mode for param in told.function.params)
        return isinstance(call.function, ir.Member) and call.function.name in self.methods

    def _is_given_back(self, inner: Routine, told: Routine) -> bool:
        return any(isinstance(value, ir.Name) and value.id == inner.function.name for value in walk.returned(told.function))

    def _stands_for(self, expr: ir.Expr, put_on: str, inner: Routine) -> bool:
        """Is it what the decorator is put on, or something around that?"""
        if not isinstance(expr, ir.Name):
            return isinstance(expr, ir.Call) and any(self._stands_for(arg.value, put_on, inner) for arg in expr.args)
        if expr.id == put_on or any(one.function.name == expr.id for one in nested(inner)):
            return True
        bound = self.objects.bindings(inner).get(expr.id, [])
        return any(isinstance(value, ir.Call) and self._stands_for(value, put_on, inner) for value, _ in bound)


def _given(function: ir.Function, one: ir.Annotation) -> dict[str, ir.Expr]:
    """What each parameter of the decorator is given, or left to."""
    found = {param.name: walk.argument(one, i, param.name) for i, param in enumerate(function.params) if not param.mode}
    left = {param.name: param.default for param in function.params}
    return {name: value for name, written in found.items() if (value := written or left[name]) is not None}


def _handed(routing: Routing, one: ir.Annotation) -> Iterator[ir.Argument]:
    """What the decorator is given by other names than its own, and hands on: `**kwargs`."""
    rest = {param.name for param in routing.told.function.params if param.mode == "rest-map"}
    if any(arg.mode and isinstance(arg.value, ir.Name) and arg.value.id in rest for arg in routing.call.args):
        own = {param.name for param in routing.told.function.params}
        yield from (arg for arg in one.args if arg.name and arg.name not in own)
