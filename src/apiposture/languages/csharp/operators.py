"""In which order do the operators of an expression apply?

The grammar reads `x is null && y` as a test of x against the constant `null && y`, and so takes everything to the right of
a constant pattern for a part of it. Operands and operators are therefore put in one row and nested by precedence anew.
"""

from __future__ import annotations

from tree_sitter import Node

from apiposture.languages.csharp.chains import chain, nested
from apiposture.languages.csharp.dispatch import KINDS, Lowering, expr, expression, field_id, ids, parts, solid, span_of, unknown
from apiposture.languages.csharp.types import type_as_expr, type_of
from apiposture.model.ir import Binary, Cast, Choice, Expr, Literal, Unary

_BINARY = ids("binary_expression")
_IS_PATTERN = ids("is_pattern_expression")
_CONDITIONAL = ids("conditional_expression")
_PREFIX = ids("prefix_unary_expression")
_TYPE_LIKE = ids("identifier", "qualified_name", "generic_name", "alias_qualified_name")
_ROW = _BINARY | _IS_PATTERN
_OPENED = ids("negated_pattern", "or_pattern", "and_pattern", "constant_pattern", "relational_pattern")
_LOOSE = frozenset(("&&", "||", "??", "==", "!=", "&", "|", "^"))
"""What applies after `is`, so that it can't be part of a constant pattern."""

_LEFT = field_id("left")
_OPERATOR = field_id("operator")
_RIGHT = field_id("right")


@expression("binary_expression")
def binary(c: Lowering, n: Node) -> Expr:
    left = n.child_by_field_id(_LEFT)
    operator = n.child_by_field_id(_OPERATOR)
    right = n.child_by_field_id(_RIGHT)
    if left is None or operator is None or right is None:
        return unknown(c, n)
    if left.kind_id in _ROW or right.kind_id in _ROW:
        return in_row(c, n)
    if c.broken:
        solid(c, n)
    return Binary(KINDS[operator.kind_id], expr(c, left), expr(c, right), n.start_byte << 32 | n.end_byte)


def in_row(c: Lowering, n: Node, first: Expr | None = None) -> Expr:
    """The operands in the order of the text, nested by the precedence of what stands between them.

    `first`, where it is given, stands for the constant at the start of the row.
    """
    operands: list[tuple[Expr, int, int]] = []
    operators: list[str] = []
    waiting: list[Node | str] = [n]
    cut, c.cut = c.cut, 0
    if first is not None:
        operands.append((first, n.start_byte, leftmost(n).end_byte))
        waiting = _after(c, n)[::-1]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            operators.append(item)
            continue
        sides = _sides(c, item)
        if sides is not None:
            waiting += reversed(sides)
            continue
        end = item.end_byte
        tail = swallowed(item)
        if tail is not None:
            c.cut = tail.start_byte << 32 | end
            end = leftmost(tail).end_byte
            waiting += reversed(_after(c, tail))
        operands.append((expr(c, item), item.start_byte, end))
        c.cut = 0
    c.cut = cut
    c.nodes += max(len(operators) - 1, 0)
    return nested(operands, operators)


def _sides(c: Lowering, n: Node) -> list[Node | str] | None:
    """Left side, operator and right side, where the node has them."""
    if n.kind_id not in _BINARY:
        return None
    left = n.child_by_field_id(_LEFT)
    operator = n.child_by_field_id(_OPERATOR)
    right = n.child_by_field_id(_RIGHT)
    if left is None or operator is None or right is None:
        return None
    if c.broken:
        solid(c, n)
    return [left, KINDS[operator.kind_id], right]


def swallowed(n: Node) -> Node | None:
    """The operation that ends the pattern of an `is` but can't belong to it."""
    if n.kind_id not in _IS_PATTERN:
        return None
    last: Node | None = n.child(n.child_count - 1)
    while last is not None and last.kind_id in _OPENED:
        last = last.child(last.child_count - 1)
    return last if last is not None and _is_loose(last) else None


def leftmost(n: Node) -> Node:
    """The constant at the start of an operation that is no part of a pattern."""
    while _is_loose(n):
        left = n.child_by_field_id(_LEFT)
        if left is None:
            break
        n = left
    return n


def _after(c: Lowering, n: Node) -> list[Node | str]:
    """What follows the constant: operators and operands in turn."""
    found: list[Node | str] = []
    while _is_loose(n):
        sides = _sides(c, n)
        if sides is None:
            break
        found[:0] = sides[1:]
        n = n.child_by_field_id(_LEFT) or n
    return found


def _is_loose(n: Node) -> bool:
    if n.kind_id not in _BINARY:
        return False
    operator = n.child_by_field_id(_OPERATOR)
    return operator is not None and KINDS[operator.kind_id] in _LOOSE


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
