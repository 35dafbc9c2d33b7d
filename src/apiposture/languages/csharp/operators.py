"""What does an operator with one operand, a condition, a cast or a type test say in the IR?"""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from apiposture.languages.csharp.chains import chain
from apiposture.languages.csharp.dispatch import KINDS, Lowering, expr, expression, ids, parts, solid, span_of, unknown
from apiposture.languages.csharp.types import type_as_expr, type_of
from apiposture.model.ir import Binary, Cast, Choice, Expr, Literal, Unary

_CONDITIONAL: Final = ids("conditional_expression")
_PREFIX: Final = ids("prefix_unary_expression")
_TYPE_LIKE: Final = ids("identifier", "qualified_name", "generic_name", "alias_qualified_name")


@expression("prefix_unary_expression")
def prefix(c: Lowering, n: Node) -> Expr:
    children = n.children if len(n.children) == 2 else solid(c, n)
    if len(children) != 2:
        return unknown(c, n)
    operator = KINDS[children[0].kind_id]
    operand = expr(c, children[1])
    if operator in "&*":
        return operand
    if operator == "^":
        operator = "-"
    if operator == "-" and isinstance(operand, Literal) and type(operand.value) in (int, float):
        return Literal(-operand.value, span_of(n))  # type: ignore[operator]
    return Unary(operator, operand, span_of(n))


@expression("postfix_unary_expression")
def postfix(c: Lowering, n: Node) -> Expr:
    children = n.children if len(n.children) == 2 else solid(c, n)
    if len(children) != 2:
        return unknown(c, n)
    operator = KINDS[children[1].kind_id]
    if operator == "!":
        return expr(c, children[0])
    return Unary(operator, expr(c, children[0]), span_of(n))


@expression("conditional_expression")
def conditional(c: Lowering, n: Node) -> Expr:
    cases: list[tuple[Expr, Expr, int]] = []
    node = n
    while node.kind_id in _CONDITIONAL:
        children = node.children if len(node.children) == 5 else solid(c, node)
        if len(children) != 5:
            break
        cases.append((expr(c, children[0]), expr(c, children[2]), span_of(node)))
        node = children[4]
    c.nodes += max(len(cases) - 1, 0)
    if not cases:
        return unknown(c, n)
    return chain(cases, expr(c, node), Choice)


@expression("as_expression")
def as_(c: Lowering, n: Node) -> Expr:
    kids = parts(c, n)
    if len(kids) != 2:
        return unknown(c, n)
    value = expr(c, kids[0])
    type_ = type_of(c, kids[1])
    return value if type_ is None else Cast(type_, value, span_of(n))


@expression("is_expression")
def is_(c: Lowering, n: Node) -> Expr:
    children = solid(c, n)
    if len(children) != 3:
        return unknown(c, n)
    return Binary("is", expr(c, children[0]), type_as_expr(c, children[2]), span_of(n))


@expression("cast_expression")
def cast(c: Lowering, n: Node) -> Expr:
    children = n.children if len(n.children) == 4 else solid(c, n)
    if len(children) != 4:
        return unknown(c, n)
    type_node, value_node = children[1], children[3]
    if type_node.kind_id in _TYPE_LIKE and value_node.kind_id in _PREFIX:
        sign = solid(c, value_node)
        operator = KINDS[sign[0].kind_id] if len(sign) == 2 else ""
        if operator in ("+", "-", "&", "*"):
            return Binary(operator, type_as_expr(c, type_node), expr(c, sign[1]), span_of(n))
    value = expr(c, value_node)
    type_ = type_of(c, type_node)
    return value if type_ is None else Cast(type_, value, span_of(n))
