"""Which constant does an expression stand for, across files?"""

from __future__ import annotations

from typing import Final

from apiposture.model import ir
from apiposture.model.ir import Expr, Module
from apiposture.program.linked import Program
from apiposture.program.types import Slot, Type
from apiposture.program.walk import dotted

MAX_DEPTH: Final = 12
"""Constants defined through more steps than this are not followed: cycles end here."""


def constant(
    program: Program, expr: Expr | None, module: Module, within: Type | None = None, depth: int = 0
) -> str | int | float | bool | None:
    """The literal behind `expr`: through constants and static fields of other files, `+` and templates; None where it is no constant."""
    if depth > MAX_DEPTH or expr is None:
        return None
    if type(expr) is ir.Literal:
        return expr.value
    if type(expr) is ir.Binary and expr.operator == "+":
        return _joined(program, (expr.left, expr.right), module, within, depth)
    if type(expr) is ir.Template:
        return _joined(program, expr.parts, module, within, depth)
    if module.explicit_names and type(expr) in (ir.Name, ir.Member):
        return _explicit(program, expr, module, within, depth)
    if type(expr) is ir.Name:
        return _named(program, expr.id, module, within, depth)
    if type(expr) is ir.Member:
        return _member(program, expr, module, within, depth)
    if type(expr) is ir.Cast:
        return constant(program, expr.value, module, within, depth + 1)
    return None


def text(program: Program, expr: Expr | None, module: Module, within: Type | None = None) -> str | None:
    """The constant as text, or None where it is no constant text."""
    found = constant(program, expr, module, within)
    return found if isinstance(found, str) else None


def _explicit(program: Program, expr: Expr, module: Module, within: Type | None, depth: int) -> str | int | float | bool | None:
    """What a name leads to in a file that declares or imports all its names; the members of the own object are the type's."""
    path = dotted(expr)
    holder, _, name = path.rpartition(".")
    found = program.meaning(path, module, within) if path else None
    if isinstance(found, Slot):
        return constant(program, found.field.value, found.module, None, depth + 1) if _is_fixed(found.field) else None
    owner = within if holder in ("this", "") else program.find_type(holder, module, within)
    slot = program.slot(owner, name) if owner is not None and owner.kind != "module" else None
    if slot is None or slot.field.getter is not None:
        return None
    return name if slot.field.kind == "member" else constant(program, slot.field.value, slot.module, slot.owner, depth + 1)


def _joined(program: Program, parts: tuple[Expr, ...], module: Module, within: Type | None, depth: int) -> str | None:
    found = [constant(program, part, module, within, depth + 1) for part in parts]
    return None if any(f is None for f in found) else "".join(map(str, found))


def _named(program: Program, name: str, module: Module, within: Type | None, depth: int) -> str | int | float | bool | None:
    if within is not None and (slot := program.slot(within, name)) and _is_fixed(slot.field):
        return constant(program, slot.field.value, slot.module, slot.owner, depth + 1)
    opened = (owner for owner in program.opened(module) if not isinstance(owner, str) and name in owner.fields)
    owner = next(opened, None)
    return _of(program, owner, name, depth) if owner is not None else None


def _member(program: Program, expr: ir.Member, module: Module, within: Type | None, depth: int) -> str | int | float | bool | None:
    path = dotted(expr.object)
    owner = program.find_type(path, module, within) if path and path != "this" else within
    return _of(program, owner, expr.name, depth) if owner is not None else None


def _of(program: Program, owner: Type, name: str, depth: int) -> str | int | float | bool | None:
    slot = program.slot(owner, name)
    if slot is None or not _is_fixed(slot.field):
        return None
    if slot.field.kind == "member":
        return name
    value = slot.field.value
    if value is None and slot.field.getter and slot.field.getter.body:
        only = slot.field.getter.body[0]
        value = only.value if type(only) is ir.Return else None
    return constant(program, value, slot.module, slot.owner, depth + 1)


def _is_fixed(field: ir.Field) -> bool:
    if field.kind in ("constant", "member"):
        return True
    return "static" in field.modifiers and ("readonly" in field.modifiers or field.kind == "property")
