"""How does a piece of code read, in one short line?"""

from __future__ import annotations

from typing import Final

from apiposture.model import ir
from apiposture.model.ir import Annotation, Argument, Expr, TypeRef

MAX_LENGTH: Final = 100
"""Longer texts are cut: they name a declaration, they don't repeat it."""


def of_annotation(annotation: Annotation) -> str:
    """`[Authorize(Roles = "Admin")]`."""
    args = ", ".join(_argument(arg) for arg in annotation.args)
    return _cut(f"[{annotation.name}{_type_args(annotation.type_args)}{f'({args})' if args else ''}]")


def of_call(call: ir.Call) -> str:
    """The last name with its arguments: `RequireAuthorization("Admin")`."""
    name = call.function.name if isinstance(call.function, ir.Member) else of(call.function)
    return _cut(f"{name}{_type_args(call.type_args)}({', '.join(_argument(arg) for arg in call.args)})")


def of(expr: Expr | None) -> str:
    """The expression as code; what is long or odd becomes `...`."""
    match expr:
        case None:
            return ""
        case ir.Literal(value=value):
            return _literal(value)
        case ir.Name(id=name):
            return name
        case ir.Member(object=owner, name=name):
            return f"{of(owner)}.{name}"
        case ir.Call(function=function, args=args) if of(function) == "typeof":
            return f"typeof({', '.join(of(a.value) for a in args)})"
        case ir.Call(function=function, args=args, type_args=type_args):
            return f"{of(function)}{_type_args(type_args)}({', '.join(_argument(a) for a in args)})"
        case ir.New(type=made, args=args):
            return f"new {of_type(made) if made else ''}({', '.join(_argument(a) for a in args)})"
        case ir.Binary(operator=operator, left=left, right=right):
            return f"{of(left)} {operator} {of(right)}"
        case ir.Unary(operator=operator, operand=operand):
            return f"{operator}{of(operand)}"
        case ir.Assign(target=target, operator=operator, value=value):
            return f"{of(target)} {operator} {of(value)}"
        case ir.Cast(type=made, value=value):
            return f"({of_type(made)}){of(value)}"
        case ir.Lambda(function=function):
            return f"{', '.join(p.name for p in function.params)} => ..."
        case _:
            return "..."


def _literal(value: str | int | float | bool | None) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def of_type(ref: TypeRef) -> str:
    """The type as code."""
    return ref.name.rpartition(".")[2] + _type_args(ref.args)


def _argument(arg: Argument) -> str:
    return f"{arg.name} = {of(arg.value)}" if arg.name else of(arg.value)


def _type_args(args: tuple[TypeRef, ...]) -> str:
    return f"<{', '.join(of_type(a) for a in args)}>" if args else ""


def _cut(text: str) -> str:
    return text if len(text) <= MAX_LENGTH else text[: MAX_LENGTH - 3] + "..."
