"""What does a mapping hold, by name, and where is something kept in one?"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.analysis.secrets.used.scope import MAX_STEPS, Code, Scope, pairs
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Type

Entry = tuple[str, ir.Expr, Scope]
"""A name, what stands under it, and where that is written."""

def entries(expr: ir.Expr | None, scope: Scope, steps: int = 0) -> Iterator[Entry]:
    """The entries of a mapping that is written out: `{"NAME": value}`, `dict(NAME=value)`; or of a class or a module whose members they
    are, be it by its dotted name."""
    if type(expr) is ir.Collection and expr.kind == "map":
        yield from _of_pairs(expr.items, scope)
    elif type(expr) is ir.New:
        yield from _of_pairs(tuple(field.value for field in expr.fields), scope)
    elif type(expr) is ir.Call and walk.called_name(expr) in scope.code.of_entries:
        yield from ((arg.name, arg.value, scope) for arg in expr.args if arg.name)
    elif type(expr) is ir.Literal and isinstance(expr.value, str) and "." in expr.value and scope.module.explicit_names:
        yield from _members(scope.program.imported(expr.value, scope.module), scope)
    elif type(expr) is ir.Index and steps < MAX_STEPS:
        for value, inside in under(expr, scope, steps):
            yield from entries(value, inside, steps + 1)
    elif (type(expr) is ir.Name or type(expr) is ir.Member) and steps < MAX_STEPS:
        yield from _of_name(expr, scope, steps)


def under(expr: ir.Index | ir.Call, scope: Scope, steps: int = 0) -> Iterator[tuple[ir.Expr, Scope]]:
    """What stands under the key that is asked for: `SETTINGS["jwt"]["key"]`, `SETTINGS.get("key")`."""
    holder, name = asked(expr)
    for written, value, inside in entries(holder, scope, steps + 1) if name else ():
        if written == name:
            yield value, inside


def asked(expr: ir.Index | ir.Call) -> tuple[ir.Expr | None, str]:
    """What is asked for a key, and the key; empty where that is no text."""
    if type(expr) is ir.Index:
        holder, key = expr.object, expr.keys[0] if len(expr.keys) == 1 else None
    else:
        holder, key = expr.function.object, expr.args[0].value if expr.args else None  # type: ignore[union-attr]
    return holder, key.value if type(key) is ir.Literal and isinstance(key.value, str) else ""


def kept(code: Code, member: str) -> Iterator[Entry]:
    """What the program keeps under a key in a member of this name, whatever object it is of."""
    for routine in code.program.routines:
        if routine.function.has_code and (routine.function.uses is None or member in routine.function.uses):
            scope = code.scope(routine)
            for node in scope.nodes:
                for target, value in pairs(node.target, node.value) if type(node) is ir.Assign else ():
                    if type(target) is ir.Index and type(target.object) is ir.Member and target.object.name == member:
                        yield asked(target)[1], value, scope


def _of_pairs(items: tuple[ir.Expr, ...], scope: Scope) -> Iterator[Entry]:
    for item in items:
        if type(item) is ir.Collection and len(item.items) == 2 and type(item.items[0]) is ir.Literal:
            yield str(item.items[0].value), item.items[1], scope


def _of_name(expr: ir.Name | ir.Member, scope: Scope, steps: int) -> Iterator[Entry]:
    for value in scope.set_to.get(expr.id, ()) if type(expr) is ir.Name else ():
        yield from entries(value, scope, steps + 1)
    slot = scope.slot(expr)
    if slot is not None:
        yield from entries(slot.field.value, scope.within(slot), steps + 1)
    path = walk.dotted(expr)
    meant = scope.program.meaning(path, scope.module, scope.owner) if path and scope.module.explicit_names else None
    yield from _members(meant, scope)


def _members(meant: object, scope: Scope) -> Iterator[Entry]:
    """What a class or a module holds by the names of its members."""
    for one in scope.program.slots(meant) if isinstance(meant, Type) else ():
        if one.field.value is not None:
            yield one.field.name, one.field.value, scope.within(one)
