"""What stands in a list or a mapping, wherever its parts are written?"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.frameworks.python.reading.objects import Objects
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine, Slot, Type

MAX_DEPTH = 8
COPIES = frozenset(("list", "tuple", "set", "dict"))

Written = tuple[ir.Expr, Routine]
"""An expression, and the code in which its names are looked up."""


def items(objects: Objects, expr: ir.Expr | None, routine: Routine, depth: int = 0) -> Iterator[Written]:
    """The items of a list: through names, `+`, `*spread`, copies, and what callers pass. What can't be followed gives none."""
    if expr is None or depth > MAX_DEPTH:
        return
    if isinstance(expr, ir.Collection):
        for item in expr.items:
            if isinstance(item, ir.Opaque) and item.kind == "spread" and item.parts:
                yield from items(objects, item.parts[0], routine, depth + 1)
            else:
                yield item, routine
    elif isinstance(expr, ir.Binary):
        for side in (expr.left, expr.right):
            yield from items(objects, side, routine, depth + 1)
    elif isinstance(expr, ir.Call):
        yield from _called(objects, expr, routine, depth)
    else:
        for value, at in _behind(objects, expr, routine, depth):
            yield from items(objects, value, at, depth + 1)


def pairs(objects: Objects, expr: ir.Expr | None, routine: Routine) -> Iterator[tuple[str, Written]]:
    """The entries of a mapping that have a text for a key."""
    for item, at in items(objects, expr, routine):
        if isinstance(item, ir.Collection) and len(item.items) == 2:
            key, value = item.items
            if isinstance(key, ir.Literal) and isinstance(key.value, str):
                yield key.value, (value, at)


def in_loops(objects: Objects, routine: Routine) -> dict[tuple[str, str], list[tuple[str, Written]]]:
    """The entries that loops go through, by the names that they are given: `for prefix, router in ROUTERS.items()`."""
    found: dict[tuple[str, str], list[tuple[str, Written]]] = {}
    for node in walk.nodes(routine.function.body or ()):
        if not isinstance(node, ir.Loop) or not isinstance(node.target, ir.Collection) or not isinstance(node.iterable, ir.Call):
            continue
        function = node.iterable.function
        names = [walk.dotted(item) for item in node.target.items]
        if len(names) == 2 and isinstance(function, ir.Member) and function.name == "items":
            found[names[0], names[1]] = list(pairs(objects, function.object, routine))
    return found


def _called(objects: Objects, call: ir.Call, routine: Routine, depth: int) -> Iterator[Written]:
    if walk.called_name(call) in COPIES:
        if call.args and not call.args[0].name:
            yield from items(objects, call.args[0].value, routine, depth + 1)
        return
    for called in objects.of(call.function, routine):
        if isinstance(called, Routine):
            for value in walk.returned(called.function):
                yield from items(objects, value, called, depth + 1)


def _behind(objects: Objects, expr: ir.Expr, routine: Routine, depth: int) -> Iterator[Written]:
    """What a name is set to."""
    path = walk.dotted(expr)
    if not path:
        return
    local = [value for value, is_item in objects.bindings(routine).get(path, ()) if not is_item]
    if local:
        yield from ((value, routine) for value in local)
    elif any(param.name == path for param in routine.function.params):
        yield from objects.passed(path, routine, depth)
    else:
        slot = _slot(objects, path, routine)
        if slot is not None and slot.field.value is not None:
            yield slot.field.value, objects.main(slot.module)


def _slot(objects: Objects, path: str, routine: Routine) -> Slot | None:
    """A variable of a module, or a member of a class that it is asked of by the class's name: `Base.decorators`."""
    found = objects.program.meaning(path, routine.module, routine.owner)
    holder, _, name = path.rpartition(".")
    if found is None and holder:
        declared = objects.program.meaning(holder, routine.module, routine.owner)
        return objects.program.slot(declared, name) if isinstance(declared, Type) else None
    return found if isinstance(found, Slot) else None
