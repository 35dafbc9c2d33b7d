"""What does a function of the project's own hand on to the framework that registers resources: `api.add_for_shop(Orders, "/orders")`?"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from apiposture.frameworks.python.reading.objects import Objects
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine


class Registered(Struct, frozen=True, eq=False):
    """A resource and its paths as a caller gives them; `holder` is what they are added to. `made_of`: what is made of each path."""

    holder: tuple[ir.Expr, Routine]
    resource: tuple[ir.Expr, Routine]
    paths: tuple[ir.Expr, ...]
    made_of: tuple[ir.Lambda | None, Routine]


class HandedOn:
    """The functions of one program that take a resource, and pass it to `name`."""

    def __init__(self, objects: Objects, name: str) -> None:
        self.objects = objects
        self.within: dict[str, list[tuple[Routine, ir.Call]]] = {}
        """By the name of such a function: it, and the call in it."""
        for routine, call in objects.program.calling(name):
            if routine.module.explicit_names and _param(routine, call.args[0].value if call.args else None) is not None:
                self.within.setdefault(routine.function.name, []).append((routine, call))

    def is_inside(self, routine: Routine) -> bool:
        """Is it one of these functions?"""
        return any(one is routine for one, _ in self.within.get(routine.function.name, ()))

    def all(self) -> Iterator[Registered]:
        """What callers give to them."""
        for caller, call in self.objects.program.calling(*self.within):
            for routine, inner in self.within[walk.called_name(call)]:
                given = _given(routine, call)
                holder = self._holder(call, caller, routine, inner, given)
                resource = given.get(_param(routine, inner.args[0].value) or "")
                if holder is not None and resource:
                    paths, made_of = _paths(routine, inner, given)
                    yield Registered(holder, (resource[0], caller), paths, (made_of, routine))

    def _holder(
        self, call: ir.Call, caller: Routine, routine: Routine, inner: ir.Call, given: dict[str, list[ir.Expr]]
    ) -> tuple[ir.Expr, Routine] | None:
        """What the framework's function is called on, as the caller knows it: its own object, an argument, or what both know."""
        if not isinstance(inner.function, ir.Member):
            return None
        written = inner.function.object
        if walk.dotted(written) in ("this", "super") or (isinstance(written, ir.Call) and walk.called_name(written) == "super"):
            return (call.function.object, caller) if isinstance(call.function, ir.Member) else None
        if routine not in self.objects.of(call.function, caller):
            return None
        name = _param(routine, written)
        if name is None:
            return written, routine
        return (given[name][0], caller) if given.get(name) else None


def _param(routine: Routine, expr: ir.Expr | None) -> str | None:
    name = walk.dotted(expr) if expr is not None else ""
    return name if any(param.name == name for param in routine.function.params) else None


def _given(routine: Routine, call: ir.Call) -> dict[str, list[ir.Expr]]:
    """What each parameter is given; the one that takes the rest may be given several."""
    found: dict[str, list[ir.Expr]] = {}
    params = [param for param in routine.function.params if param.mode != "rest-map"]
    for at, arg in enumerate(arg for arg in call.args if not arg.name and not arg.mode):
        param = params[min(at, len(params) - 1)] if params else None
        if param is not None and (at < len(params) or param.mode == "rest"):
            found.setdefault(param.name, []).append(arg.value)
    found.update({arg.name: [arg.value] for arg in call.args if arg.name})
    return found


def _paths(routine: Routine, inner: ir.Call, given: dict[str, list[ir.Expr]]) -> tuple[tuple[ir.Expr, ...], ir.Lambda | None]:
    """The paths that come through, and what is done to each: `urls = [scoped(url) for url in urls]`."""
    names = [walk.dotted(arg.value) for arg in inner.args[1:] if not arg.name and arg.mode != "spread-map"]
    paths = tuple(path for name in names for path in given.get(name, ()))
    for node in walk.nodes(routine.function.body or ()):
        if isinstance(node, ir.Assign) and walk.dotted(node.target) in names and isinstance(node.value, ir.Call):
            made = node.value
            if walk.called_name(made) == "map" and made.args and isinstance(made.args[0].value, ir.Lambda):
                return paths, made.args[0].value
    return paths, None
