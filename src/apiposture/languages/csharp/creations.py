"""What does a C# expression make: objects, collections, tuples, copies?"""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from apiposture.languages.csharp.dispatch import (
    HEAVY,
    KINDS,
    Lowering,
    expr,
    expression,
    identifier,
    ids,
    parts,
    solid,
    span_of,
)
from apiposture.languages.csharp.expressions import arguments, keys_of
from apiposture.languages.csharp.types import type_of
from apiposture.model.ir import Argument, Binary, Choice, Collection, Expr, Literal, Member, Name, New, Opaque, TypeRef

_ARGUMENTS: Final = ids("argument_list")
_INITIALIZER: Final = ids("initializer_expression")
_ASSIGNMENT: Final = ids("assignment_expression")
_IDENTIFIER: Final = ids("identifier")
_BINDING: Final = ids("element_binding_expression")
_EQUALS: Final = ids("=")
_COMMA: Final = ids(",", "{", "}", "new")
_RANK: Final = ids("array_rank_specifier")
_ARRAY: Final = ids("array_type")
_SPREAD: Final = ids("spread_element")


@expression("object_creation_expression", "implicit_object_creation_expression")
def new(c: Lowering, n: Node) -> Expr:
    type_: TypeRef | None = None
    args: tuple[Argument, ...] = ()
    fields: tuple[Argument, ...] = ()
    for k in parts(c, n):
        kind = k.kind_id
        if kind in _ARGUMENTS:
            args = arguments(c, k)
        elif kind in _INITIALIZER:
            fields = fields_of(c, k)
        else:
            type_ = type_of(c, k)
    if type_ is not None:
        c.calls.add(type_.name.rpartition(".")[2])
    return New(type_, args, fields, span_of(n))


def of_type(value: Expr, wanted: TypeRef | None) -> Expr:
    """The value where this type is asked for: what is made without naming a type is of that one (`Order order = new(id)`)."""
    if wanted is None:
        return value
    if type(value) is New and value.type is None and not (value.args and value.args[0].mode == "spread"):
        return New(wanted, value.args, value.fields, value.span)
    if type(value) is Choice:
        then, other = of_type(value.then, wanted), of_type(value.other, wanted)
        return value if then is value.then and other is value.other else Choice(value.condition, then, other, value.span)
    if type(value) is Binary and value.operator == "??":
        right = of_type(value.right, wanted)
        return value if right is value.right else Binary("??", value.left, right, value.span)
    return value


def fields_of(c: Lowering, n: Node) -> tuple[Argument, ...]:
    """What an initialiser sets: members by name, entries as tuples of key and value, items."""
    c.depth += HEAVY
    fields = tuple([_field(c, k) for k in parts(c, n)])
    c.depth -= HEAVY
    return fields


def _field(c: Lowering, n: Node) -> Argument:
    if n.kind_id in _INITIALIZER:
        return Argument(Collection("tuple", tuple([expr(c, k) for k in parts(c, n)]), span_of(n)))
    children = solid(c, n) if n.kind_id in _ASSIGNMENT else []
    if len(children) != 3 or children[1].kind_id not in _EQUALS:
        return Argument(expr(c, n))
    target, _, value = children
    if target.kind_id in _IDENTIFIER:
        return Argument(expr(c, value), identifier(c, target))
    if target.kind_id in _BINDING:
        key = keys_of(c, target)
        pair = (key[0] if len(key) == 1 else Collection("tuple", key, span_of(target)), expr(c, value))
        return Argument(Collection("tuple", pair, span_of(n)))
    return Argument(expr(c, n))


@expression("initializer_expression")
def initializer(c: Lowering, n: Node) -> Expr:
    """A nested initialiser: an object's where it sets members, else a list."""
    fields = fields_of(c, n)
    if any(field.name is not None for field in fields):
        return New(None, (), fields, span_of(n))
    return Collection("list", tuple([field.value for field in fields]), span_of(n))


@expression("anonymous_object_creation_expression")
def anonymous(c: Lowering, n: Node) -> Expr:
    fields: list[Argument] = []
    label: str | None = None
    children = [k for k in solid(c, n) if k.kind_id not in _COMMA]
    for i, k in enumerate(children):
        if k.kind_id in _EQUALS:
            continue
        if i + 1 < len(children) and children[i + 1].kind_id in _EQUALS:
            label = identifier(c, k)
            continue
        value = expr(c, k)
        fields.append(Argument(value, label if label is not None else _name_in(value)))
        label = None
    return New(None, (), tuple(fields), span_of(n))


def _name_in(value: Expr) -> str | None:
    """The name that an anonymous object's member takes from its value."""
    if isinstance(value, Member):
        return value.name
    return value.id if isinstance(value, Name) else None


@expression("with_expression")
def with_(c: Lowering, n: Node) -> Expr:
    kids = parts(c, n)
    original = expr(c, kids[0])
    fields = []
    for k in kids[1:]:
        inner = parts(c, k)
        if len(inner) == 2:
            fields.append(Argument(expr(c, inner[1]), identifier(c, inner[0])))
    return New(None, (Argument(original, None, "spread"),), tuple(fields), span_of(n))


@expression("array_creation_expression", "stackalloc_expression")
def array(c: Lowering, n: Node) -> Expr:
    """An array is a list where its items are written out, else a new object that takes its sizes."""
    type_node: Node | None = None
    for k in parts(c, n):
        if k.kind_id in _INITIALIZER:
            return _items(c, n, k)
        type_node = k
    sizes: list[Argument] = []
    node = type_node
    while node is not None and node.kind_id in _ARRAY:
        kids = parts(c, node)
        sizes = [Argument(expr(c, s)) for k in kids if k.kind_id in _RANK for s in parts(c, k)] or sizes
        node = kids[0] if kids else None
    element = type_of(c, type_node)
    if element is not None and element.name != "[]":
        element = TypeRef("[]", (element,))
    return New(element, tuple(sizes), (), span_of(n))


@expression("implicit_array_creation_expression", "implicit_stackalloc_expression")
def implicit_array(c: Lowering, n: Node) -> Expr:
    kids = parts(c, n)
    return _items(c, n, kids[-1]) if kids else Collection("list", (), span_of(n))


def _items(c: Lowering, n: Node, initializer_node: Node) -> Expr:
    """The list that an array's initialiser writes out; nested braces are lists."""
    return Collection("list", tuple([expr(c, k) for k in parts(c, initializer_node)]), span_of(n))


@expression("collection_expression")
def collection(c: Lowering, n: Node) -> Expr:
    items: list[Expr] = []
    for k in parts(c, n):
        inner = k
        while KINDS[inner.kind_id] == "collection_element":
            kids = parts(c, inner)
            if not kids:
                break
            inner = kids[0]
        items.append(expr(c, inner))
    return Collection("list", tuple(items), span_of(n))


@expression("spread_element")
def spread(c: Lowering, n: Node) -> Expr:
    kids = parts(c, n)
    return Opaque("spread", (expr(c, kids[0]) if kids else Literal(None, span_of(n)),), span_of(n))
