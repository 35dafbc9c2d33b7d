"""What does a test say: `and`, `or`, `not`, comparisons?

Where only the truth matters, `and` and `or` are `&&` and `||`. As values they give an operand: `a or b` is `a ?? b`, and `a and b`
is `b` where `a` holds.
"""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from apiposture.languages.python.chains import all_of, balanced
from apiposture.languages.python.dispatch import Lowering, expr, expr_or_none, field, ids, parts, span_of, unknown
from apiposture.model.ir import Binary, Choice, Expr, Literal, Unary

_BOOLEAN: Final = ids("boolean_operator")
_NOT: Final = ids("not_operator")
_COMPARISON: Final = ids("comparison_operator")
_PARENS: Final = ids("parenthesized_expression")
_TRUTHS: Final = ids("true", "false") | _NOT | _COMPARISON
_OPERATORS: Final = {"is": "==", "is not": "!=", "<>": "!="}
_DEEPEST: Final = 40


def condition(c: Lowering, n: Node, is_value: bool = False) -> Expr:
    """The expression as a test; with `is_value` it may also be used for what it gives."""
    kind = n.kind_id
    if kind in _PARENS:
        kids = parts(n)
        if len(kids) == 1 and c.depth < _DEEPEST:
            c.depth += 1
            found = condition(c, kids[0], is_value)
            c.depth -= 1
            return found
    elif kind in _NOT:
        return _not(c, n)
    elif kind in _BOOLEAN:
        return _boolean(c, n, is_value)
    elif kind in _COMPARISON:
        c.nodes += 1
        return _comparison(c, n)
    return expr(c, n)


def _not(c: Lowering, n: Node) -> Expr:
    """Negations, read without recursion."""
    places: list[int] = []
    node: Node | None = n
    while node is not None and node.kind_id in _NOT:
        places.append(span_of(node))
        node = field(node, "argument")
    c.depth += 1
    found = condition(c, node) if node is not None and c.depth < _DEEPEST * 2 else expr_or_none(c, node, places[-1])
    c.depth -= 1
    c.nodes += len(places[-2:])
    for place in reversed(places[-2:] if len(places) % 2 == 0 else places[-1:]):
        found = Unary("!", found, place)
    return found


def _boolean(c: Lowering, n: Node, is_value: bool) -> Expr:
    """Operands of one operator, read without recursion on the left."""
    operator = _operator(n)
    operands: list[Node] = []
    node = n
    while node.kind_id in _BOOLEAN and _operator(node) == operator:
        left, right = field(node, "left"), field(node, "right")
        if left is None or right is None:
            break
        operands.append(right)
        node = left
    if not operands:
        return unknown(c, n)
    operands.append(node)
    operands.reverse()
    is_value = is_value and not all(is_truth(k, 0) for k in operands)
    c.nodes += len(operands) - 1
    c.depth += 1
    if not is_value:
        tests = [condition(c, k) if c.depth < _DEEPEST * 2 else expr(c, k) for k in operands]
        found = balanced(tests[0], [("&&" if operator == "and" else "||", test) for test in tests[1:]])
    elif operator == "or":
        values = [condition(c, k, True) if c.depth < _DEEPEST * 2 else expr(c, k) for k in operands]
        found = balanced(values[0], [("??", value) for value in values[1:]])
    else:
        tests = [condition(c, k) for k in operands[:-1]]
        value = condition(c, operands[-1], True)
        found = Choice(all_of(tests), value, Literal(False, span_of(n)), span_of(n))
    c.depth -= 1
    return found


def _operator(n: Node) -> str:
    found = field(n, "operator")
    return found.type if found is not None else ""


def is_truth(n: Node, depth: int) -> bool:
    """Does the expression give a truth value, whatever its parts hold?"""
    kind = n.kind_id
    if kind in _TRUTHS:
        return True
    if depth > _DEEPEST:
        return False
    if kind in _PARENS:
        kids = parts(n)
        return len(kids) == 1 and is_truth(kids[0], depth + 1)
    if kind in _BOOLEAN:
        sides = (field(n, "left"), field(n, "right"))
        return all(side is not None and is_truth(side, depth + 1) for side in sides)
    return False


def _comparison(c: Lowering, n: Node) -> Expr:
    """`a < b <= c` is `a < b && b <= c`."""
    operands: list[Expr] = []
    operators: list[str] = []
    for k in n.children:
        if k.is_named and k.type != "comment":
            operands.append(expr(c, k))
        elif not k.is_named:
            operators.append(" ".join(k.type.split()))
    if len(operands) != len(operators) + 1:
        return unknown(c, n)
    found: list[Expr] = []
    for operator, left, right in zip(operators, operands, operands[1:], strict=False):
        found.append(_compared(operator, left, right))
    c.nodes += max(len(found) - 1, 0)
    return all_of(found)


def _compared(operator: str, left: Expr, right: Expr) -> Expr:
    place = left.span >> 32 << 32 | right.span & 0xFFFFFFFF
    if operator == "not in":
        return Unary("!", Binary("in", left, right, place), place)
    return Binary(_OPERATORS.get(operator, operator), left, right, place)
