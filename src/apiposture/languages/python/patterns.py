"""Which test does a pattern of a `match` make, and which names does it bind?

A name in a pattern is bound by an Assign joined to the test by `&&`.
"""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from apiposture.languages.python.chains import all_of, any_of
from apiposture.languages.python.conditions import condition
from apiposture.languages.python.dispatch import Lowering, expr, field, ids, parts, span_of, text_at, unknown
from apiposture.model.ir import Assign, Binary, Collection, Expr, Index, Literal, Member, Name

_CASE: Final = ids("case_pattern")
_DOTTED: Final = ids("dotted_name")
_CLASS: Final = ids("class_pattern")
_KEYWORD: Final = ids("keyword_pattern")
_AS: Final = ids("as_pattern")
_UNION: Final = ids("union_pattern")
_SEQUENCE: Final = ids("list_pattern", "tuple_pattern")
_DICT: Final = ids("dict_pattern")
_SPLAT: Final = ids("splat_pattern")
_LITERAL: Final = ids("integer", "float", "string", "concatenated_string", "true", "false", "none", "complex_pattern")
_IDENTIFIER: Final = ids("identifier")
_DEEPEST: Final = 30


def tuple_of(values: list[Expr], place: int) -> Expr:
    """Several values as one."""
    return Collection("tuple", tuple(values), place)


def case_test(c: Lowering, n: Node, subject: Expr) -> Expr:
    """The whole test of one `case`: its pattern, and its guard."""
    kids = [k for k in parts(n) if k.kind_id in _CASE]
    tests: list[Expr] = []
    if len(kids) == 1:
        tests = _tests(c, kids[0], subject, 0)
    elif kids:
        tests = _items(c, kids, subject, 0)
    guard = field(n, "guard")
    asked = next(iter(parts(guard)), None) if guard is not None else None
    if asked is not None:
        tests.append(condition(c, asked))
    return all_of(tests) if tests else Literal(True, span_of(n))


def _tests(c: Lowering, n: Node, subject: Expr, depth: int) -> list[Expr]:
    """The tests that a pattern makes of the subject, with the names that it binds; none where it takes anything."""
    place = span_of(n)
    if depth > _DEEPEST:
        return [unknown(c, n)]
    kind = n.kind_id
    if kind in _CASE:
        kids = parts(n)
        return _tests(c, kids[0], subject, depth + 1) if kids else []
    c.nodes += 1
    if kind in _DOTTED or kind in _IDENTIFIER:
        written = text_at(c, n)
        if "." in written:
            return [Binary("==", subject, expr(c, n), place)]
        return [] if written == "_" else [Assign(Name(written, place), "=", subject, place)]
    if kind in _LITERAL:
        return [Binary("==", subject, expr(c, n), place)]
    if kind in _AS:
        kids = parts(n)
        bound = [Assign(Name(text_at(c, kids[-1]), span_of(kids[-1])), "=", subject, place)] if len(kids) > 1 else []
        return [*(_tests(c, kids[0], subject, depth + 1) if kids else ()), *bound]
    if kind in _UNION:
        return _alternatives(c, n, subject, depth)
    if kind in _CLASS:
        return _of_class(c, n, subject, depth)
    if kind in _SEQUENCE:
        return _items(c, parts(n), subject, depth)
    if kind in _DICT:
        return _of_dict(c, n, subject, depth)
    if kind in _SPLAT:
        return [Assign(Name(text_at(c, k), span_of(k)), "=", subject, place) for k in parts(n) if text_at(c, k) != "_"]
    return [unknown(c, n)]


def _alternatives(c: Lowering, n: Node, subject: Expr, depth: int) -> list[Expr]:
    options = [_tests(c, k, subject, depth + 1) for k in parts(n)]
    if not options or any(not option for option in options):
        return []
    return [any_of([all_of(option) for option in options])]


def _of_class(c: Lowering, n: Node, subject: Expr, depth: int) -> list[Expr]:
    """`Point(x=0)` tests the type and looks at members; what stands there without a name is some member."""
    kids = parts(n)
    if not kids:
        return [unknown(c, n)]
    place = span_of(n)
    tests: list[Expr] = [Binary("is", subject, expr(c, kids[0]), place)]
    for i, k in enumerate(kids[1:]):
        inner = parts(k)[0] if k.kind_id in _CASE and parts(k) else k
        if inner.kind_id in _KEYWORD:
            named = parts(inner)
            member = Member(subject, text_at(c, named[0]), span_of(inner), span_of(named[0]))
            for one in named[1:]:
                tests += _tests(c, one, member, depth + 1)
        else:
            tests += _tests(c, inner, Index(subject, (Literal(i, span_of(k)),), span_of(k)), depth + 1)
    return tests


def _items(c: Lowering, nodes: list[Node], subject: Expr, depth: int) -> list[Expr]:
    tests: list[Expr] = []
    for i, k in enumerate(nodes):
        place = span_of(k)
        tests += _tests(c, k, Index(subject, (Literal(i, place),), place), depth + 1)
    return tests


def _of_dict(c: Lowering, n: Node, subject: Expr, depth: int) -> list[Expr]:
    tests: list[Expr] = []
    keys = n.children_by_field_name("key")
    values = n.children_by_field_name("value")
    for key, value in zip(keys, values, strict=False):
        place = key.start_byte << 32 | value.end_byte
        tests += _tests(c, value, Index(subject, (expr(c, key),), place), depth + 1)
    for k in parts(n):
        if k.kind_id in _SPLAT:
            tests += _tests(c, k, subject, depth + 1)
    return tests
