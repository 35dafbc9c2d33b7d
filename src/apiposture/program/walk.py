"""Which expressions and statements stand inside a piece of code?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Final

import msgspec

from apiposture.model import ir
from apiposture.model.looking import look_into
from apiposture.program.types import Routine

_CONTAINERS: Final = (ir.Argument, ir.Handler, ir.Function, ir.Param)
_NODES: Final = tuple(ir.Expr.__args__ + ir.Stmt.__args__)  # type: ignore[attr-defined]
_WALKED: Final = frozenset(_NODES + _CONTAINERS)


def nodes(root: Any) -> list[Any]:
    """Every expression and statement at or below `root` (a node, a tuple of nodes or a function), outermost first, in order.

    Bodies of lambdas and local functions are included; annotations are not. A list, since compiled code hands on from a generator dearly.
    """
    found: list[Any] = []
    pending: list[Any] = [root]
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind is tuple:
            pending.extend(reversed(node))
        elif kind in _WALKED:
            if kind not in _CONTAINERS:
                found.append(node)
            for name in _FIELDS[kind]:
                child = getattr(node, name)
                if child is not None:
                    pending.append(child)
    return found


def _walkable_fields(kind: type) -> tuple[str, ...]:
    skipped = {"span", "name_span", "name", "id", "kind", "mode", "operator", "type", "type_args", "returns", "annotations"}
    return tuple(name for name in kind.__struct_fields__ if name not in skipped)  # type: ignore[attr-defined]


_FIELDS: Final = {kind: _walkable_fields(kind)[::-1] for kind in _WALKED}
"""The fields of each kind, the last first: they are put on a stack."""


def calls(root: Any) -> Iterator[ir.Call]:
    """Every call at or below `root`, outermost first."""
    return (node for node in nodes(root) if type(node) is ir.Call)


def uses(function: ir.Function) -> Collection[str]:
    """The names that a function's code spells: of calls, members and variables."""
    look_into(function)
    if function.uses is not None:
        return function.uses
    found = dict.fromkeys(node.name for node in nodes(function.body or ()) if type(node) is ir.Member)
    found.update(dict.fromkeys(node.id for node in nodes(function.body or ()) if type(node) is ir.Name))
    return found


def variables(function: ir.Function) -> Iterator[str]:
    """The names of the variables that the code of a function declares or sets."""
    for node in nodes(function.body or ()):
        kind = type(node)
        if kind is ir.Declare:
            yield node.name
        elif kind is ir.Assign:
            targets = node.target.items if type(node.target) is ir.Collection else (node.target,)
            yield from (one.id for one in targets if type(one) is ir.Name)


def rewritten(root: Any, swap: Callable[[ir.Call], ir.Expr]) -> Any:
    """The same code with another expression in the place of each call, as `swap` says, which may answer the call itself."""
    kind = type(root)
    if kind is tuple:
        return tuple([rewritten(one, swap) for one in root])
    if kind not in _WALKED:
        return root
    parts = {name: rewritten(getattr(root, name), swap) for name in _FIELDS[kind]}
    changed = {name: part for name, part in parts.items() if part is not getattr(root, name) and part != getattr(root, name)}
    made = msgspec.structs.replace(root, **changed) if changed else root
    return swap(made) if kind is ir.Call else made


def called_name(call: ir.Call) -> str:
    """The last name of what is called: `Find` for `db.Orders.Find(1)`; empty where it has none."""
    function = call.function
    if type(function) is ir.Member:
        return function.name
    return function.id if type(function) is ir.Name else ""


def dotted(expr: ir.Expr | None) -> str:
    """`a.b.c` for plain names and members, else empty."""
    names: list[str] = []
    while type(expr) is ir.Member:
        names.append(expr.name)
        expr = expr.object
    if type(expr) is not ir.Name:
        return ""
    names.append(expr.id)
    return ".".join(reversed(names))


def chain(expr: ir.Expr) -> list[ir.Call]:
    """The calls of a fluent chain, outermost last: `a.B().C()` gives B's, then C's."""
    found: list[ir.Call] = []
    while True:
        if type(expr) is ir.Call:
            found.append(expr)
            expr = expr.function
        elif type(expr) is ir.Member:
            expr = expr.object
        else:
            return found[::-1]


def returned(function: ir.Function) -> Iterator[ir.Expr]:
    """The values that a function's own returns give (not those of functions inside it)."""
    pending: list[Iterable[Any]] = [function.body or ()]
    while pending:
        for statement in pending.pop():
            kind = type(statement)
            if kind is ir.Return and statement.value is not None:
                yield statement.value
            elif kind is ir.If:
                pending += (statement.then, statement.other)
            elif kind in (ir.Loop, ir.Block):
                pending.append(statement.body)
            elif kind is ir.Try:
                pending += (statement.body, statement.final, *(handler.body for handler in statement.handlers))


def argument(call: ir.Call | ir.New | ir.Annotation, position: int, name: str = "") -> ir.Expr | None:
    """The argument by name or, failing that, by position; None where it is not given."""
    for given in call.args:
        if name and given.name == name:
            return given.value
    if 0 <= position < len(call.args) and call.args[position].name is None:
        return call.args[position].value
    return None


def declared(module: ir.Module) -> Iterator[ir.Function]:
    """Every function that a file declares, accessors of its members included; files that declare the same have as many, in one order."""
    for kind in module.types:
        yield from kind.functions
        for field in kind.fields:
            yield from (accessor for accessor in (field.getter, field.setter) if accessor is not None)
    yield from module.functions


def bodies(routines: Iterable[Routine]) -> Iterator[tuple[Routine, tuple[ir.Stmt, ...]]]:
    """The routines that have a body, with it."""
    return ((routine, routine.function.body) for routine in routines if routine.function.body)
