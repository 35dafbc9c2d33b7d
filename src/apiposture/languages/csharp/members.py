"""What does a type hold: fields, properties, events, methods, operators?"""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from apiposture.languages.csharp.creations import of_type
from apiposture.languages.csharp.dispatch import (
    ERROR,
    EXTRAS,
    KINDS,
    NAMED,
    Lowering,
    expr,
    identifier,
    ids,
    parts,
    solid,
    span_of,
)
from apiposture.languages.csharp.expressions import arguments
from apiposture.languages.csharp.functions import annotations_of, body_of, params_of
from apiposture.languages.csharp.types import type_of
from apiposture.model.ir import Annotation, Call, Eval, Expr, Field, Function, Name, Param, Stmt, TypeRef

_MODIFIER: Final = ids("modifier")
_ATTRIBUTES: Final = ids("attribute_list", "preproc_if_in_attribute_list")
_VARIABLES: Final = ids("variable_declaration")
_DECLARATOR: Final = ids("variable_declarator")
_EQUALS: Final = ids("=")
_ACCESSORS: Final = ids("accessor_list")
_ACCESSOR: Final = ids("accessor_declaration")
_ARROW: Final = ids("arrow_expression_clause")
_BLOCK: Final = ids("block")
_PARAMETERS: Final = ids("parameter_list", "bracketed_parameter_list")
_EXPLICIT: Final = ids("explicit_interface_specifier")
_INITIALIZER: Final = ids("constructor_initializer")
_ARGUMENTS: Final = ids("argument_list")
_THIS: Final = ids("this")
_SHORTEST_BODY: Final = len("get{}")
_SETTERS: Final = ("set", "init", "add")


class Head:
    """What stands before the name of a member."""

    __slots__ = ("annotations", "modifiers", "rest")

    def __init__(self, c: Lowering, n: Node) -> None:
        annotations: list[Annotation] = []
        modifiers: list[str] = []
        self.rest: list[Node] = []
        for k in n.children:
            kind = k.kind_id
            if kind in _MODIFIER:
                modifiers.append(c.text[k.start_byte : k.end_byte])
            elif kind in _ATTRIBUTES:
                annotations += annotations_of(c, k)
            elif kind not in EXTRAS and kind != ERROR:
                self.rest.append(k)
        self.annotations = tuple(annotations)
        self.modifiers = tuple(modifiers)


def fields_of(c: Lowering, n: Node, kind: str = "field") -> list[Field]:
    """The fields, constants or events of one declaration."""
    head = Head(c, n)
    if "const" in head.modifiers:
        kind = "constant"
    out: list[Field] = []
    type_: TypeRef | None = None
    for declaration in (k for k in head.rest if k.kind_id in _VARIABLES):
        for i, k in enumerate(solid(c, declaration)):
            if k.kind_id in _DECLARATOR:
                out.append(_field(c, k, type_, head, kind))
            elif i == 0:
                type_ = type_of(c, k)
    return out


def _field(c: Lowering, n: Node, type_: TypeRef | None, head: Head, kind: str) -> Field:
    children = solid(c, n)
    name = identifier(c, children[0]) if children else ""
    value = of_type(expr(c, children[-1]), type_) if len(children) > 2 and children[-2].kind_id in _EQUALS else None
    return Field(name, type_, value, head.annotations, head.modifiers, kind, span_of(n))


def property_of(c: Lowering, n: Node, kind: str = "property") -> Field:
    """A property, an indexer or an event with accessors."""
    head = Head(c, n)
    named: list[Node] = []
    params: tuple[Param, ...] = ()
    accessors: list[Node] = []
    arrow: Node | None = None
    value: Expr | None = None
    is_value = is_indexer = False
    for k in head.rest:
        id = k.kind_id
        if is_value and id in NAMED:
            value, is_value = expr(c, k), False
        elif id in _ACCESSORS:
            accessors = [a for a in solid(c, k) if a.kind_id in _ACCESSOR]
        elif id in _ARROW:
            arrow = k
        elif id in _EQUALS:
            is_value = True
        elif id in _PARAMETERS:
            params = params_of(c, k)
        elif id in _THIS:
            is_indexer = True
        elif id in NAMED and id not in _EXPLICIT:
            named.append(k)
    type_ = type_of(c, named[0]) if named else None
    getter: Function | None = None
    setter: Function | None = None
    if arrow is not None:
        place = span_of(arrow)
        c.used()
        body = body_of(c, arrow, type_)
        getter = Function("get", params, type_, body, (), (), (), place, place >> 32 << 32 | place >> 32, c.used())
    for k in accessors:
        function = _accessor(c, k, params, type_)
        if function is None:
            continue
        if function.name in _SETTERS:
            setter = function
        else:
            getter = function
    name = "this[]" if is_indexer else identifier(c, named[-1]) if len(named) > 1 else ""
    value = of_type(value, type_) if value is not None else None
    return Field(name, type_, value, head.annotations, head.modifiers, kind, span_of(n), getter, setter)


def _accessor(c: Lowering, n: Node, params: tuple[Param, ...], type_: TypeRef | None) -> Function | None:
    """An accessor that has a body."""
    if n.child_count == 2 and n.end_byte - n.start_byte < _SHORTEST_BODY:
        return None
    head = Head(c, n)
    body = next((k for k in head.rest if k.kind_id in _BLOCK or k.kind_id in _ARROW), None)
    if body is None or not head.rest:
        return None
    name_node = head.rest[0]
    name = c.text[name_node.start_byte : name_node.end_byte]
    place = span_of(name_node)
    if name != "get":
        params = (*params, Param("value", type_, None, (), "", place))
    returns = type_ if name == "get" else None
    c.used()
    code = body_of(c, body, returns)
    return Function(name, params, returns, code, head.annotations, head.modifiers, (), span_of(n), place, c.used())


def constructor_of(c: Lowering, n: Node) -> Function:
    """A constructor; what it hands to another one is its first statement."""
    head = Head(c, n)
    first: list[Stmt] = []
    params: tuple[Param, ...] = ()
    body: Node | None = None
    name_node = n
    c.used()
    for k in head.rest:
        kind = k.kind_id
        if kind in _PARAMETERS:
            params = params_of(c, k)
        elif kind in _INITIALIZER:
            first = _delegated(c, k)
        elif kind in _BLOCK or kind in _ARROW:
            body = k
        elif KINDS[kind] == "identifier":
            name_node = k
    lowered = body_of(c, body)
    name = ".cctor" if "static" in head.modifiers else ".ctor"
    statements = (*first, *(lowered or ())) if body is not None or first else None
    return Function(
        name, params, None, statements, head.annotations, head.modifiers, (), span_of(n), span_of(name_node), c.used()
    )


def _delegated(c: Lowering, n: Node) -> list[Stmt]:
    """`: base(...)` or `: this(...)` as a call."""
    place = span_of(n)
    for target in n.children:
        kind = KINDS[target.kind_id]
        if kind in ("base", "this"):
            args = next((arguments(c, k) for k in parts(c, n) if k.kind_id in _ARGUMENTS), ())
            c.nodes += 3
            function = Name("super" if kind == "base" else "this", span_of(target))
            return [Eval(Call(function, args, place), place)]
    return []


def operator_of(c: Lowering, n: Node) -> Function:
    """An operator, a conversion or a destructor, which have no names of their own."""
    head = Head(c, n)
    params: tuple[Param, ...] = ()
    body: Node | None = None
    types: list[Node] = []
    tokens: list[Node] = []
    for k in head.rest:
        kind = k.kind_id
        if kind in _PARAMETERS:
            params = params_of(c, k)
        elif kind in _BLOCK or kind in _ARROW:
            body = k
        elif kind in NAMED:
            types += [k] if kind not in _EXPLICIT else []
        else:
            tokens.append(k)
    spelled = [KINDS[k.kind_id] for k in tokens if KINDS[k.kind_id] not in (";", "checked", "operator", "extern")]
    place = span_of(tokens[0]) if tokens else span_of(n)
    if spelled[:1] == ["~"] and KINDS[n.kind_id] == "destructor_declaration":
        name, returns = "~" + (identifier(c, types[0]) if types else ""), None
    else:
        name, returns = " ".join(["operator", *spelled]), type_of(c, types[0]) if types else None
    c.used()
    code = body_of(c, body, returns)
    return Function(name, params, returns, code, head.annotations, head.modifiers, (), span_of(n), place, c.used())
