"""Which literals does the program make a key of, whatever they are called and wherever they stand?

What one file says on its own is found by the other files of this package; here constants are followed from the place where a key is
made to the literal behind them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from apiposture.analysis.secrets.context import is_material
from apiposture.analysis.secrets.shown import fingerprint, masked
from apiposture.analysis.tests import may_be_test
from apiposture.frameworks.library import Library
from apiposture.model import ir
from apiposture.model.facts import Secret
from apiposture.model.ir import Module
from apiposture.model.source import Span
from apiposture.program import Program, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Slot, Type

FEWEST_BYTES = 5
"""A list of fewer different numbers is no key, and neither are so many zeros."""

MAX_STEPS = 4
"""Constants and variables that are defined through more steps than this are not followed."""


class _Making(NamedTuple):
    """The names of types that take a key, of calls that turn a text into its bytes, and of calls and members that take these."""

    keys: frozenset[str]
    bytes: frozenset[str]
    takers: frozenset[str]
    members: frozenset[str]


class _Found(NamedTuple):
    """What is written out for a key, where it stands, and the name it was given. `size`: how long it is between quotes; of bytes, 0."""

    value: str
    span: Span
    module: Module
    name: str
    size: int = 0


def with_used(program: Program, known: Sequence[Secret], rows: Sequence[Library]) -> tuple[Secret, ...]:
    """The secrets found file by file, and those that the program's use of a literal tells; what use tells goes first.

    The library `rows` say what takes a key, and what makes the bytes of one.
    """
    making = _Making(
        frozenset(row.name for library in rows for row in library.nature if row.says == "key"),
        frozenset(row.call.rpartition(".")[2] for library in rows for row in library.bytes),
        frozenset(row.call.rpartition(".")[2] for library in rows for row in library.key if not row.call.endswith("=")),
        frozenset(row.call.removesuffix("=") for library in rows for row in library.key if row.call.endswith("=")),
    )
    used = {secret.place: secret for secret in _keys(program, making)}
    if not used:
        return tuple(known)
    kept = [secret for secret in known if not any(_overlap(secret, other) for other in used.values())]
    return tuple(sorted((*kept, *used.values()), key=lambda secret: (secret.place, secret.kind)))


def _overlap(one: Secret, other: Secret) -> bool:
    a, b = one.place, other.place
    return a.path == b.path and a.line == b.line and a.column < b.end_column and b.column < a.end_column


def _keys(program: Program, making: _Making) -> Iterator[Secret]:
    """The literals behind the bytes that a key is made of, in each function that turns a text into bytes."""
    for routine in dict.fromkeys(routine for routine, _ in program.calling(*making.bytes, *making.takers)):
        body = routine.function.body
        local = {node.name: node.value for node in walk.nodes(body) if type(node) is ir.Declare and node.value is not None}
        for node in walk.nodes(body):
            for taker, given in _taken(node, local, making):
                for found in _behind(program, routine, given, local, making):
                    yield from _secret(found, taker)


def _taken(node: ir.Expr | ir.Stmt, local: dict[str, ir.Expr], making: _Making) -> Iterator[tuple[str, ir.Expr]]:
    """What an expression takes for a key, each with the name of what takes it."""
    if type(node) is ir.Assign and type(node.target) is ir.Member and type(node.target.object) is ir.Name:
        owner = _type_made(local.get(node.target.object.id))
        if f"{owner}.{node.target.name}" in making.members:
            yield node.target.name, node.value
    if type(node) is ir.New:
        kind = _type_made(node)
        if kind in making.keys and node.args:
            yield kind, node.args[0].value
        yield from ((arg.name, arg.value) for arg in node.fields if arg.name and f"{kind}.{arg.name}" in making.members)
    if type(node) is ir.Call and node.args and walk.called_name(node) in making.takers:
        yield walk.called_name(node), node.args[0].value


def _type_made(expr: ir.Expr | None) -> str:
    """The type of an object that is made here: by its constructor, or by a call of its type (`Aes.Create()`)."""
    if type(expr) is ir.New and expr.type is not None:
        return expr.type.name.rpartition(".")[2]
    return walk.dotted(expr.function).rpartition(".")[0].rpartition(".")[2] if type(expr) is ir.Call else ""


def _behind(program: Program, routine: Routine, given: ir.Expr, local: dict[str, ir.Expr], making: _Making) -> Iterator[_Found]:
    """The literal that the bytes come from, where it is one: directly, by a variable of the function, or by a constant; or the bytes."""
    steps = 0
    name = ""
    while type(given) is ir.Name and given.id in local and steps < MAX_STEPS:
        name, given, steps = given.id, local[given.id], steps + 1
    if (constant := _constant(program, given, routine.module, routine.owner)) is not None:
        yield from _of_bytes(constant.field.value, constant.module, constant.field.name)
    yield from _of_bytes(given, routine.module, name)
    yield from _literal(program, given, routine.module, routine.owner, name, 0)
    if type(given) is ir.Call and walk.called_name(given) in making.bytes and given.args:
        text = given.args[0].value
        if type(text) is ir.Name and text.id in local:
            yield from _literal(program, local[text.id], routine.module, routine.owner, text.id, 0)
        else:
            yield from _literal(program, text, routine.module, routine.owner, "", 0)


def _literal(program: Program, expr: ir.Expr | None, module: Module, owner: Type | None, name: str, steps: int) -> Iterator[_Found]:
    if type(expr) is ir.Literal:
        if isinstance(expr.value, str) and is_material(expr.value):
            yield _Found(expr.value, expr.span, module, name, len(expr.value))
        return
    slot = _constant(program, expr, module, owner) if steps <= MAX_STEPS else None
    if slot is not None:
        yield from _literal(program, slot.field.value, slot.module, slot.owner, slot.field.name, steps + 1)


def _of_bytes(expr: ir.Expr | None, module: Module, name: str) -> Iterator[_Found]:
    """The bytes of a list that is written out: `new byte[] { 0x2f, 0x91, ... }`."""
    values = [item.value for item in expr.items if type(item) is ir.Literal] if type(expr) is ir.Collection else []
    numbers = [value for value in values if type(value) is int and 0 <= value < 256]
    if type(expr) is ir.Collection and len(numbers) == len(expr.items) and len(set(numbers)) >= FEWEST_BYTES:
        yield _Found(bytes(numbers).hex(), expr.span, module, name)


def _constant(program: Program, expr: ir.Expr | None, module: Module, owner: Type | None) -> Slot | None:
    """The constant that a name stands for, if it is one."""
    member = expr.name if type(expr) is ir.Member else expr.id if type(expr) is ir.Name else ""
    path = walk.dotted(expr.object) if type(expr) is ir.Member else ""
    holder = program.find_type(path, module, owner) if path and path != "this" else owner
    slot = program.slot(holder, member) if holder is not None and member else None
    is_set = slot is not None and (slot.field.kind == "constant" or not {"readonly", "static"}.isdisjoint(slot.field.modifiers))
    return slot if is_set else None


def _secret(found: _Found, kind: str) -> Iterator[Secret]:
    value = found.value
    if may_be_test(found.module.path):
        return
    context = "" if value in found.name else found.name[:80]
    named = f" of '{context}'" if context else ""
    why = f"The literal{named} becomes the key of '{kind}': whoever has the source can sign or decrypt."
    at = place(found.module, _inner(found.span, found.size) if found.size else found.span)
    yield Secret("signing-key", "Signing key written out", at, masked(value), fingerprint(value), "high", "high", context, why)


def _inner(span: int, size: int) -> int:
    """The span without the quotes around the text, as far as these can be told from its size."""
    start, end = span >> 32, span & 0xFFFFFFFF
    more = end - start - size
    return (start + more - 1) << 32 | (end - 1) if more in (2, 3) else span


__all__ = ["with_used"]
