"""How does the IR of a file read, in short lines of text?

The notation is for people and for the examples on pages; it is the same for every language.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from apiposture.model.ir import (
    Annotation,
    Argument,
    Assign,
    Binary,
    Block,
    Call,
    Cast,
    Choice,
    Collection,
    Declare,
    Eval,
    Expr,
    Field,
    Function,
    If,
    Import,
    Index,
    Jump,
    Lambda,
    Literal,
    Loop,
    Member,
    Module,
    Name,
    New,
    Opaque,
    Param,
    Return,
    Stmt,
    Template,
    Throw,
    Try,
    TypeDecl,
    TypeParam,
    TypeRef,
    Unary,
    Yield,
)

_INDENT = "  "


def show(module: Module) -> str:
    """The whole module, a line for each declaration and statement."""
    lines = [f"package {module.package}"] if module.package else []
    lines += [_import(item) for item in module.imports]
    lines += [_annotation(item) for item in module.annotations]
    for declared in module.types:
        lines += _type_decl(declared)
    for function in module.functions:
        lines += _function(function, "")
    lines += show_body(module.body)
    lines += [f"fault {fault.message}" for fault in module.faults]
    return "\n".join(lines)


def show_type(type_: TypeRef | None) -> str:
    """A type as people write it."""
    if type_ is None:
        return "?"
    args = ", ".join(show_type(arg) for arg in type_.args)
    if type_.name == "[]":
        return f"{args}[]"
    if type_.name.startswith("("):
        names = type_.name[1:-1].split(",")
        parts = zip((show_type(arg) for arg in type_.args), names + [""] * len(type_.args), strict=False)
        return f"({', '.join(f'{part} {name}'.rstrip() for part, name in parts)})"
    return f"{type_.name}<{args}>" if args else type_.name


def show_expr(value: Expr) -> str:
    """An expression in one line; every operator has its parentheses."""
    match value:
        case Literal():
            return _literal(value.value)
        case Name():
            return value.id
        case Member():
            return f"{show_expr(value.object)}.{value.name}"
        case Index():
            return f"{show_expr(value.object)}[{_list(value.keys)}]"
        case Call():
            types = f"<{', '.join(show_type(t) for t in value.type_args)}>" if value.type_args else ""
            return f"{show_expr(value.function)}{types}({_arguments(value.args)})"
        case New():
            made = " " + show_type(value.type) if value.type else ""
            fields = f" {{{_arguments(value.fields)}}}" if value.fields else ""
            return f"new{made}({_arguments(value.args)}){fields}"
        case Binary():
            return f"({show_expr(value.left)} {value.operator} {show_expr(value.right)})"
        case Unary():
            return f"{value.operator}{show_expr(value.operand)}"
        case Template():
            return f"template({_list(value.parts)})"
        case Collection():
            return f"{value.kind}[{_list(value.items)}]"
        case Lambda():
            body = "; ".join(" ".join(line.split()) for line in show_body(value.function.body or ()))
            return f"({_params(value.function.params)}) => {{ {body} }}"
        case Choice():
            return f"({show_expr(value.condition)} ? {show_expr(value.then)} : {show_expr(value.other)})"
        case Cast():
            return f"cast<{show_type(value.type)}>({show_expr(value.value)})"
        case Assign():
            return f"({show_expr(value.target)} {value.operator} {show_expr(value.value)})"
        case Opaque():
            return f"opaque {value.kind}({_list(value.parts)})"


def show_body(body: Iterable[Stmt]) -> list[str]:
    """The lines of some statements."""
    return [line for statement in body for line in _statement(statement)]


def _statement(statement: Stmt) -> list[str]:
    match statement:
        case Eval():
            return [show_expr(statement.value)]
        case Declare():
            return _declare(statement)
        case Return():
            return ["return" if statement.value is None else f"return {show_expr(statement.value)}"]
        case Yield():
            return [f"yield {show_expr(statement.value)}"]
        case Throw():
            return ["throw" if statement.value is None else f"throw {show_expr(statement.value)}"]
        case If():
            other = ["else", *_inside(show_body(statement.other))] if statement.other else []
            return [f"if {show_expr(statement.condition)}", *_inside(show_body(statement.then)), *other]
        case Loop():
            return [_loop(statement), *_inside(show_body(statement.body))]
        case Try():
            return _try(statement)
        case Block():
            return ["block", *_inside(show_body(statement.body))]
        case Jump():
            return [statement.kind]


def _declare(statement: Declare) -> list[str]:
    type_ = f": {show_type(statement.type)}" if statement.type else ""
    if isinstance(statement.value, Lambda) and statement.value.function.name:
        return _function(statement.value.function, "local ")
    value = f" = {show_expr(statement.value)}" if statement.value is not None else ""
    return [f"var {statement.name}{type_}{value}"]


def _loop(statement: Loop) -> str:
    words = ["loop"]
    if statement.target is not None:
        words.append(f"{show_expr(statement.target)} in")
    if statement.iterable is not None:
        words.append(show_expr(statement.iterable))
    if statement.condition is not None:
        words.append(f"while {show_expr(statement.condition)}")
    return " ".join(words)


def _try(statement: Try) -> list[str]:
    lines = ["try", *_inside(show_body(statement.body))]
    for handler in statement.handlers:
        words = ["catch"]
        words += [show_type(handler.type)] if handler.type else []
        words += [handler.name] if handler.name else []
        words += [f"when {show_expr(handler.condition)}"] if handler.condition is not None else []
        lines += [" ".join(words), *_inside(show_body(handler.body))]
    return lines + (["finally", *_inside(show_body(statement.final))] if statement.final else [])


def _type_decl(declared: TypeDecl) -> list[str]:
    bases = f" : {', '.join(show_type(base) for base in declared.bases)}" if declared.bases else ""
    words = [*declared.modifiers, declared.kind, declared.name + _type_params(declared.type_params)]
    lines = [_annotation(item) for item in declared.annotations]
    lines.append(" ".join(words) + bases)
    for field in declared.fields:
        lines += _inside(_field(field))
    for function in declared.functions:
        lines += _inside(_function(function, ""))
    return lines


def _field(field: Field) -> list[str]:
    type_ = f": {show_type(field.type)}" if field.type else ""
    value = f" = {show_expr(field.value)}" if field.value is not None else ""
    lines = [_annotation(item) for item in field.annotations]
    lines.append(" ".join([*field.modifiers, field.kind, field.name]) + type_ + value)
    for accessor in (field.getter, field.setter):
        lines += _inside(_function(accessor, "")) if accessor is not None else []
    return lines


def _function(function: Function, prefix: str) -> list[str]:
    returns = f" -> {show_type(function.returns)}" if function.returns else ""
    words = [*function.modifiers, "fn", function.name + _type_params(function.type_params)]
    head = f"{prefix}{' '.join(words)}({_params(function.params)}){returns}"
    lines = [_annotation(item) for item in function.annotations]
    body = [_INDENT + "no body"] if function.body is None else _inside(show_body(function.body))
    return [*lines, head, *body]


def _type_params(items: tuple[TypeParam, ...]) -> str:
    shown = [item.name + "".join(f": {show_type(b)}" for b in item.bounds) for item in items]
    return f"<{', '.join(shown)}>" if shown else ""


def _params(params: tuple[Param, ...]) -> str:
    return ", ".join(_param(param) for param in params)


def _param(param: Param) -> str:
    words = [_annotation(item) for item in param.annotations]
    words += [param.mode] if param.mode else []
    words.append(param.name + (f": {show_type(param.type)}" if param.type else ""))
    words += [f"= {show_expr(param.default)}"] if param.default is not None else []
    return " ".join(words)


def _annotation(item: Annotation) -> str:
    target = f"{item.target}: " if item.target else ""
    types = f"<{', '.join(show_type(t) for t in item.type_args)}>" if item.type_args else ""
    args = f"({_arguments(item.args)})" if item.args else ""
    return f"@{target}{item.name}{types}{args}"


def _import(item: Import) -> str:
    shared = "shared " if item.shared else ""
    name = f" as {item.name}" if item.name else ""
    return f"{shared}import {item.kind} {item.target}{name}"


def _arguments(args: tuple[Argument, ...]) -> str:
    return ", ".join(_argument(arg) for arg in args)


def _argument(arg: Argument) -> str:
    label = f"{arg.name}: " if arg.name is not None else ""
    mode = f"{arg.mode} " if arg.mode else ""
    return f"{label}{mode}{show_expr(arg.value)}"


def _literal(value: str | int | float | bool | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def _list(values: tuple[Expr, ...]) -> str:
    return ", ".join(show_expr(value) for value in values)


def _inside(lines: Iterable[str]) -> list[str]:
    return [_INDENT + line for line in lines]
