"""What does a pattern ask of a value, and which variables does it set?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tree_sitter import Node

from apiposture.languages.csharp.chains import balanced
from apiposture.languages.csharp.dispatch import (
    DEEPEST,
    KINDS,
    NAMED,
    Lowering,
    expr,
    ids,
    mentioned,
    parts,
    solid,
    span_of,
    too_deep,
    unknown,
)
from apiposture.languages.csharp.types import type_as_expr, type_of
from apiposture.model.ir import Assign, Binary, Cast, Collection, Expr, Index, Literal, Member, Name, TypeRef, Unary

LowerPattern = Callable[[Lowering, Node, Expr], Expr]

_LARGEST: Final = 12
"""A subject with more nodes than this is named once instead of being repeated by each test."""

_PROPERTIES: Final = ids("property_pattern_clause")
_POSITIONS: Final = ids("positional_pattern_clause")
_SUBPATTERN: Final = ids("subpattern")
_DESIGNATION: Final = ids("parenthesized_variable_designation")
_DISCARD: Final = ids("discard")
_IDENTIFIER: Final = ids("identifier")
_SLICE: Final = ids("..", "slice_pattern")
_OR: Final = ids("or_pattern", "and_pattern")
_TUPLE: Final = ids("tuple_expression")
_BARE: Final = ids("identifier", "generic_name")
_MEMBER: Final = ids("member_access_expression")
_TYPE: Final = ids("identifier", "qualified_name", "generic_name", "alias_qualified_name", "predefined_type", "array_type",
            "nullable_type", "tuple_type", "pointer_type")  # fmt: skip


class Subject:
    """A value that is tested several times: repeated where it is small, else set to a name before the first test."""

    __slots__ = ("binding", "value")

    def __init__(self, c: Lowering, n: Node) -> None:
        before = c.nodes
        self.value: Expr = expr(c, n)
        self.binding: Expr | None = None
        if c.nodes - before > _LARGEST:
            c.subjects += 1
            name = Name(f"$subject{c.subjects}", span_of(n))
            self.binding = Assign(name, "=", self.value, name.span)
            self.value = name

    def tested(self, condition: Expr) -> Expr:
        """The condition, after the binding if it is the first that needs it."""
        binding, self.binding = self.binding, None
        return condition if binding is None else Binary("&&", binding, condition, condition.span)


def test(c: Lowering, n: Node, subject: Expr) -> Expr:
    """Whether the subject matches the pattern, as an expression."""
    depth = c.depth
    if depth > DEEPEST:
        return too_deep(c, n)
    c.depth = depth + 1
    c.nodes += 1
    lowered = _PATTERNS.get(n.kind_id, constant)(c, n, subject)
    c.depth = depth
    return lowered


def constant(c: Lowering, n: Node, subject: Expr) -> Expr:
    """A constant, or a type: of a bare name the grammar can't tell, but types are written with a capital."""
    if n.kind_id in _BARE and c.text[n.start_byte : n.start_byte + 1].isupper():
        return type_(c, n, subject)
    if n.kind_id in _TUPLE:
        items = [inner for k in parts(c, n) for inner in parts(c, k)[-1:]]
        return _all(_positions(c, items, subject), n) if items else unknown(c, n)
    if n.kind_id in _BARE and n.end_byte - n.start_byte == 1 and c.text[n.start_byte] == "_":
        return discard(c, n, subject)
    return Binary("==", subject, expr(c, n), span_of(n))


def discard(c: Lowering, n: Node, subject: Expr) -> Expr:
    return Literal(True, span_of(n))


def type_(c: Lowering, n: Node, subject: Expr) -> Expr:
    return Binary("is", subject, type_as_expr(c, n), span_of(n))


def declaration(c: Lowering, n: Node, subject: Expr) -> Expr:
    kids = parts(c, n)
    if len(kids) != 2:
        return unknown(c, n)
    place = span_of(n)
    known = type_of(c, kids[0])
    if known is None:
        return _bound(c, kids[1], subject, None)
    tested = Binary("is", subject, type_as_expr(c, kids[0]), place)
    if kids[1].kind_id in _DISCARD:
        return tested
    return Binary("&&", tested, _bound(c, kids[1], subject, known), place)


def _bound(c: Lowering, n: Node, subject: Expr, known: TypeRef | None) -> Expr:
    """The variable of a pattern, set to the subject."""
    place = span_of(n)
    if n.kind_id in _DISCARD:
        return Literal(True, place)
    value = subject if known is None else Cast(known, subject, place)
    target = expr(c, n) if n.kind_id in _DESIGNATION else Name(mentioned(c, n), place)
    return Assign(target, "=", value, place)


def var(c: Lowering, n: Node, subject: Expr) -> Expr:
    kids = parts(c, n)
    return _bound(c, kids[-1], subject, None) if kids else Literal(True, span_of(n))


def negated(c: Lowering, n: Node, subject: Expr) -> Expr:
    kids = parts(c, n)
    return Unary("!", test(c, kids[0], subject), span_of(n)) if kids else unknown(c, n)


def inner(c: Lowering, n: Node, subject: Expr) -> Expr:
    kids = parts(c, n)
    return test(c, kids[0], subject) if kids else unknown(c, n)


def relational(c: Lowering, n: Node, subject: Expr) -> Expr:
    children = solid(c, n)
    if len(children) != 2:
        return unknown(c, n)
    return Binary(KINDS[children[0].kind_id], subject, expr(c, children[1]), span_of(n))


def either(c: Lowering, n: Node, subject: Expr) -> Expr:
    """`and` and `or`, read without recursion along the left side."""
    links: list[tuple[str, Node, int]] = []
    node = n
    while node.kind_id in _OR:
        kids = parts(c, node)
        if len(kids) != 2:
            break
        links.append(("||" if KINDS[node.kind_id] == "or_pattern" else "&&", kids[1], node.end_byte))
        node = kids[0]
    if not links:
        return unknown(c, n)
    links.reverse()
    first = test(c, node, subject)
    return balanced(n.start_byte, first, [(operator, test(c, k, subject), end) for operator, k, end in links])


def constant_pattern(c: Lowering, n: Node, subject: Expr) -> Expr:
    kids = parts(c, n)
    return constant(c, kids[0] if kids else n, subject)


def recursive(c: Lowering, n: Node, subject: Expr) -> Expr:
    """A type with tests of what it holds; without any of these it asks for a value that is not null."""
    place = span_of(n)
    tests: list[Expr] = []
    variable: Expr | None = None
    known: TypeRef | None = None
    for k in parts(c, n):
        kind = k.kind_id
        if kind in _PROPERTIES:
            tests += [_property(c, s, subject) for s in parts(c, k)]
        elif kind in _POSITIONS:
            tests += _positions(c, parts(c, k), subject)
        elif kind in _TYPE and not tests and known is None and k.end_byte < n.end_byte:
            known = type_of(c, k)
            tests.append(Binary("is", subject, type_as_expr(c, k), span_of(k)))
        elif kind in NAMED:
            variable = _bound(c, k, subject, known)
    if not tests:
        tests = [Binary("!=", subject, Literal(None, place), place)]
    if variable is not None:
        tests.append(variable)
    return _all(tests, n)


def _all(tests: list[Expr], n: Node) -> Expr:
    start, end = n.start_byte, n.end_byte
    tests = [t for t in tests if not (isinstance(t, Literal) and t.value is True)] or tests[:1]
    return balanced(start, tests[0], [("&&", other, end) for other in tests[1:]])


def _property(c: Lowering, n: Node, subject: Expr) -> Expr:
    kids = parts(c, n)
    if len(kids) != 2:
        return test(c, kids[-1], subject) if kids else unknown(c, n)
    return test(c, kids[1], _inside(c, kids[0], subject))


def _inside(c: Lowering, n: Node, subject: Expr) -> Expr:
    """The property of the subject that `A.B` names."""
    names: list[Node] = []
    node = n
    while node.kind_id in _MEMBER and len(names) < DEEPEST:
        kids = parts(c, node)
        names.append(kids[-1])
        node = kids[0]
    names.append(node)
    for k in reversed(names):
        subject = Member(subject, mentioned(c, k), span_of(n), span_of(k))
    return subject


def _positions(c: Lowering, nodes: list[Node], subject: Expr) -> list[Expr]:
    items = subject.items if isinstance(subject, Collection) and len(subject.items) == len(nodes) else None
    tests: list[Expr] = []
    for i, k in enumerate(nodes):
        place = span_of(k)
        part = items[i] if items is not None else Index(subject, (Literal(i, place),), place)
        tests.append(_property(c, k, part) if k.kind_id in _SUBPATTERN else test(c, k, part))
    return tests


def list_(c: Lowering, n: Node, subject: Expr) -> Expr:
    """Tests of the items by their index; those after a slice count from the end."""
    groups: list[list[Node]] = [[]]
    for k in solid(c, n):
        if KINDS[k.kind_id] == ",":
            groups.append([])
        elif KINDS[k.kind_id] not in "[]":
            groups[-1].append(k)
    tests: list[Expr] = []
    seen_slice = False
    count = len(groups)
    for i, group in enumerate(groups):
        if not group:
            continue
        seen_slice = seen_slice or group[0].kind_id in _SLICE
        place = span_of(group[-1])
        part = Index(subject, (Literal(i - count if seen_slice else i, place),), place)
        if group[0].kind_id not in _SLICE:
            tests.append(test(c, group[0], part))
        elif group[-1].kind_id in NAMED:
            tests.append(test(c, group[-1], subject))
    return _all(tests, n) if tests else Binary("!=", subject, Literal(None, span_of(n)), span_of(n))


_PATTERNS: Final[dict[int, LowerPattern]] = {
    i: function
    for name, function in (
        ("constant_pattern", constant_pattern),
        ("declaration_pattern", declaration),
        ("discard", discard),
        ("recursive_pattern", recursive),
        ("var_pattern", var),
        ("negated_pattern", negated),
        ("parenthesized_pattern", inner),
        ("slice_pattern", inner),
        ("relational_pattern", relational),
        ("or_pattern", either),
        ("and_pattern", either),
        ("list_pattern", list_),
        ("type_pattern", type_),
    )
    for i in ids(name)
}
