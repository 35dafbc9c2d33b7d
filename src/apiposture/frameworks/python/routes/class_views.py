"""Which functions does a class-based view serve its rule with, and what stands around each of them?"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from apiposture.frameworks.python.reading.lists import items, pairs
from apiposture.frameworks.python.reading.objects import Objects
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine, Type

VIEWS = ("get", "post", "put", "patch", "delete", "head", "options")


class Around(Struct, frozen=True, eq=False):
    """A decorator around a handler, as it is written, and where its names are looked up."""

    name: str
    args: tuple[ir.Argument, ...]
    span: int
    routine: Routine
    level: str
    scope: str


class Route(Struct, frozen=True, eq=False):
    """One rule of an application or blueprint. `around` are the decorators that stand between the rule and the handler, `before` the
    methods of the view's own object that run before it.
    """

    path: str
    methods: tuple[str, ...]
    handler: Routine
    around: tuple[Around, ...]
    view: Type | None = None
    before: tuple[Routine, ...] = ()


class ClassViews:
    """Answers for one program."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.program = objects.program

    def of(self, declared: Type, path: str, only: tuple[str, ...] | None, around: tuple[Around, ...]) -> Iterator[Route]:
        """The functions of a class-based view, with the decorators that its class lists."""
        for method in VIEWS:
            listed = self._of_class(declared, method)
            for handler in self.program.methods(declared, method)[:1]:
                if handler.function.has_body and (only is None or method.upper() in only):
                    yield Route(path, (method.upper(),), handler, (*self.below(handler), *listed, *around), declared)
        for handler in self.program.methods(declared, "dispatch_request")[:1]:
            if not any(self.program.methods(declared, method) for method in VIEWS):
                yield Route(path, only or ("GET",), handler, (*self._of_class(declared, ""), *around), declared)

    def below(self, handler: Routine) -> tuple[Around, ...]:
        """The decorators that a handler itself is written with."""
        outside = self.objects.outside(handler)
        return tuple(Around(a.name, a.args, a.span, outside, "endpoint", handler.function.name) for a in handler.function.annotations)

    def _of_class(self, declared: Type, method: str) -> list[Around]:
        """The decorators that a class lists for its methods: for all, or for each by its name."""
        found: list[Around] = []
        for name in ("decorators", "method_decorators"):
            slot = self.program.slot(declared, name)
            if slot is None:
                continue
            main = self.objects.main(slot.module)
            value = slot.field.value
            if isinstance(value, ir.Collection) and value.kind == "map":
                value, main = dict(pairs(self.objects, value, main)).get(method, (None, main))
            found += self.listed(value, main, "type", declared.simple)
        return found

    def listed(self, expr: ir.Expr | None, routine: Routine, level: str, scope: str) -> list[Around]:
        """The decorators that a list holds."""
        return [around_of(item, at, level, scope) for item, at in items(self.objects, expr, routine)]


def around_of(expr: ir.Expr, routine: Routine, level: str, scope: str) -> Around:
    """A decorator that is given as a value."""
    if isinstance(expr, ir.Call):
        return Around(walk.dotted(expr.function), expr.args, expr.span, routine, level, scope)
    return Around(walk.dotted(expr), (), expr.span, routine, level, scope)
