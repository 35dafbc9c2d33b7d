"""What type does a stretch of C# spell?"""

from __future__ import annotations

import re
from typing import Final

from tree_sitter import Node

from apiposture.languages.csharp.dispatch import NAMED, Lowering, identifier, ids, plain, span_of
from apiposture.model.ir import Expr, Member, Name, TypeParam, TypeRef

_IMPLICIT: Final = ids("implicit_type")
_GENERIC: Final = ids("generic_name")
_QUALIFIED: Final = ids("qualified_name", "alias_qualified_name")
_TRANSPARENT: Final = ids(
    "nullable_type", "pointer_type", "ref_type", "scoped_type", "type_pattern", "function_pointer_parameter"
)
_ARRAY: Final = ids("array_type")
_REF: Final = ids("ref_type")
_TUPLE: Final = ids("tuple_type")
_FUNCTION_POINTER: Final = ids("function_pointer_type")
_TYPES: Final = _GENERIC | _QUALIFIED | _TRANSPARENT | _ARRAY | _TUPLE | ids("identifier", "predefined_type", "implicit_type")
_NAME: Final = ids("identifier")
_BOUND: Final = ids("type_parameter_constraint")
_CONSTRUCTOR_BOUND: Final = ids("constructor_constraint")

_SIMPLE: Final = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_DEEPEST: Final = 60
_cache: dict[str, TypeRef] = {}


def type_of(c: Lowering, n: Node | None) -> TypeRef | None:
    """The type that the node spells, or None where it is inferred."""
    if n is None or n.kind_id in _IMPLICIT:
        return None
    if n.kind_id in _REF and n.children[-1].kind_id in _IMPLICIT:
        return None
    spelled = c.text[n.start_byte : n.end_byte]
    known = _cache.get(spelled)
    if known is None:
        if len(_cache) > 20_000:
            _cache.clear()
        known = TypeRef(spelled) if _SIMPLE.fullmatch(spelled) else _read(c, n, 0)
        _cache[spelled] = known
    return known


def _read(c: Lowering, n: Node, depth: int) -> TypeRef:
    kind = n.kind_id
    if depth > _DEEPEST:
        return TypeRef("too-deep")
    if kind in _ARRAY:
        return TypeRef("[]", tuple(_inner(c, n, depth)[:1]))
    if kind in _TUPLE:
        elements = [k for k in n.children if k.kind_id in NAMED]
        return TypeRef(_tuple_name(c, elements), tuple([t for k in elements for t in _inner(c, k, depth)[:1]]))
    if kind in _FUNCTION_POINTER:
        return TypeRef("delegate*", tuple(_inner(c, n, depth)))
    if kind in _TRANSPARENT:
        return next(iter(_inner(c, n, depth)), TypeRef(""))
    if kind in _GENERIC:
        return TypeRef(identifier(c, n), _arguments(c, n, depth))
    if kind in _QUALIFIED:
        return _qualified(c, n, depth)
    return TypeRef(plain(c.text[n.start_byte : n.end_byte]))


def _tuple_name(c: Lowering, elements: list[Node]) -> str:
    """`()`, or `(Count,Filled)` where the elements have names of their own."""
    names = [next((identifier(c, name) for name in [k.child_by_field_name("name")] if name is not None), "") for k in elements]
    return f"({','.join(names)})" if any(names) else "()"


def _inner(c: Lowering, n: Node, depth: int) -> list[TypeRef]:
    """The types that stand directly in this node."""
    return [_read(c, k, depth + 1) for k in n.children if k.kind_id in _TYPES or k.kind_id in _TRANSPARENT]


def _arguments(c: Lowering, n: Node, depth: int) -> tuple[TypeRef, ...]:
    for k in n.children[1:]:
        if k.kind_id in NAMED:
            return tuple(_inner(c, k, depth))
    return ()


def _qualified(c: Lowering, n: Node, depth: int) -> TypeRef:
    """A dotted name; the type arguments of all its parts are kept in order."""
    names: list[str] = []
    args: tuple[TypeRef, ...] = ()
    node: Node | None = n
    while node is not None:
        outer = None
        last = node
        if node.kind_id in _QUALIFIED:
            kids = [k for k in node.children if k.kind_id in NAMED]
            outer, last = (kids[0], kids[-1]) if len(kids) > 1 else (None, kids[-1] if kids else node)
        if last.kind_id in _GENERIC:
            args = _arguments(c, last, depth) + args
        if last.kind_id in _QUALIFIED:
            names.append(plain(c.text[last.start_byte : last.end_byte]))
        else:
            names.append(identifier(c, last))
        node = outer
    if names[-1] == "global" and len(names) > 1:
        names.pop()
    return TypeRef(".".join(reversed(names)), args)


def type_name(c: Lowering, n: Node) -> str:
    """The dotted name that the node spells, without type arguments."""
    known = type_of(c, n)
    return "var" if known is None else known.name


def type_args_of(c: Lowering, n: Node) -> tuple[TypeRef, ...]:
    """The type arguments of a generic name."""
    return tuple([t for t in (type_of(c, k) for k in _argument_nodes(n)) if t is not None])


def _argument_nodes(n: Node) -> list[Node]:
    children = n.children
    return [k for k in children[-1].children if k.kind_id in NAMED] if children else []


def type_as_expr(c: Lowering, n: Node) -> Expr:
    """The type as the Name or Member that spells it."""
    place = span_of(n)
    names = type_name(c, n).split(".")
    spelled: Expr = Name(names[0], place)
    c.uses.update(dict.fromkeys(names))
    for name in names[1:][:_DEEPEST]:
        spelled = Member(spelled, name, place, place)
    return spelled


def type_params_of(c: Lowering, n: Node | None, clauses: list[Node]) -> tuple[TypeParam, ...]:
    """The type parameters of a list, with what the `where` clauses ask of them."""
    if n is None:
        return ()
    bounds: dict[str, tuple[TypeRef, ...]] = {}
    for clause in clauses:
        kids = [k for k in clause.children if k.kind_id in NAMED]
        if kids:
            found = [bound for k in kids[1:] if k.kind_id in _BOUND for bound in _bounds(c, k)]
            bounds[identifier(c, kids[0])] = tuple(found)
    names = [_parameter_name(c, k) for k in n.children if k.kind_id in NAMED]
    return tuple([TypeParam(name, bounds.get(name, ())) for name in names])


def _bounds(c: Lowering, n: Node) -> list[TypeRef]:
    kids = [k for k in n.children if k.kind_id in NAMED and k.kind_id not in _CONSTRUCTOR_BOUND]
    if not kids and n.children and n.children[0].kind_id not in NAMED:
        return []
    return [t for t in (type_of(c, k) for k in kids) if t is not None]


def _parameter_name(c: Lowering, n: Node) -> str:
    return next((identifier(c, k) for k in reversed(n.children) if k.kind_id in _NAME), "")


