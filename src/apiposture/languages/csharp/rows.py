"""In which order do the operators of an expression apply?

The grammar (tree-sitter-c-sharp 0.23.5) reads `x is null && y` as a test of x against the constant `null && y`, and so takes
everything to the right of a constant pattern for a part of it, up to the `or` of another pattern. Operands, patterns and
operators are therefore put in one row, in the order of the text, and nested by precedence anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tree_sitter import Node

from apiposture.languages.csharp.chains import balanced, nested
from apiposture.languages.csharp.dispatch import (
    KINDS,
    Lowering,
    expr,
    expression,
    field_id,
    ids,
    parts,
    solid,
    span_of,
    unknown,
)
from apiposture.languages.csharp.patterns import Subject, test
from apiposture.model.ir import Binary, Expr, Unary

_BINARY: Final = ids("binary_expression")
_IS_PATTERN: Final = ids("is_pattern_expression")
_ROW: Final = _BINARY | _IS_PATTERN
_JOINED: Final = ids("or_pattern", "and_pattern")
_NEGATED: Final = ids("negated_pattern")
_CONSTANT: Final = ids("constant_pattern")
_RELATIONAL: Final = ids("relational_pattern")
_LOOSE: Final = frozenset(("&&", "||", "??", "==", "!=", "&", "|", "^"))
"""What applies after `is`, so that it can't be part of a constant pattern."""

_LEFT: Final = field_id("left")
_OPERATOR: Final = field_id("operator")
_RIGHT: Final = field_id("right")

Token = tuple[str, Node | None]
"""An operator, or the words `value`, `pattern` (or a pattern's relation, `<`) with a node."""

Operand = tuple[Expr, int, int]


@expression("binary_expression")
def binary(c: Lowering, n: Node) -> Expr:
    left = n.child_by_field_id(_LEFT)
    operator = n.child_by_field_id(_OPERATOR)
    right = n.child_by_field_id(_RIGHT)
    if left is None or operator is None or right is None:
        return unknown(c, n)
    if left.kind_id in _ROW or right.kind_id in _ROW:
        return _row(c, n)
    if c.broken:
        solid(c, n)
    return Binary(KINDS[operator.kind_id], expr(c, left), expr(c, right), n.start_byte << 32 | n.end_byte)


@expression("is_pattern_expression")
def is_pattern(c: Lowering, n: Node) -> Expr:
    kids = parts(c, n)
    if len(kids) != 2:
        return unknown(c, n)
    if kids[1].kind_id in _CONSTANT or kids[1].kind_id in _RELATIONAL or kids[1].kind_id in _JOINED | _NEGATED:
        return _row(c, n)
    subject = Subject(c, kids[0])
    return subject.tested(test(c, kids[1], subject.value))


def _row(c: Lowering, n: Node) -> Expr:
    """The operands in the order of the text, nested by the precedence of what stands between them."""
    tokens = _tokens(c, n)
    operands: list[Operand] = []
    operators: list[str] = []
    at = 0
    while at < len(tokens):
        word, node = tokens[at]
        if node is None:
            operators.append(word)
            at += 1
        elif at + 1 < len(tokens) and tokens[at + 1][0] == "is":
            end = at + 2
            while end < len(tokens) and tokens[end][0] in _IN_PATTERN:
                end += 1
            operands.append(_tested(c, node, tokens[at + 2 : end]))
            at = end
        else:
            operands.append((expr(c, node), node.start_byte, node.end_byte))
            at += 1
    c.nodes += max(len(operators) - 1, 0)
    return nested(operands, operators)


_IN_PATTERN: Final = frozenset(("pattern", "pattern constant", "pattern <", "pattern <=", "pattern >", "pattern >=", "and", "or", "not"))


def _tokens(c: Lowering, n: Node) -> list[Token]:
    """What the expression is made of, in the order of the text."""
    out: list[Token] = []
    waiting: list[Token] = [("value", n)]
    while waiting:
        word, node = waiting.pop()
        inner = None if node is None else _inside(c, word, node)
        if inner is None:
            out.append((word, node))
        else:
            waiting += reversed(inner)
    return out


def _inside(c: Lowering, word: str, n: Node) -> list[Token] | None:
    """The tokens in a value or a pattern, or None if it is one token itself."""
    kind = n.kind_id
    if word == "value":
        if kind in _BINARY:
            return _sides(c, n)
        kids = parts(c, n) if kind in _IS_PATTERN else []
        return [("left", kids[0]), ("is", None), ("pattern", kids[1])] if len(kids) == 2 else None
    if word != "pattern":
        return None
    if kind in _JOINED:
        kids = parts(c, n)
        joint = "or" if KINDS[kind] == "or_pattern" else "and"
        return [("pattern", kids[0]), (joint, None), ("pattern", kids[1])] if len(kids) == 2 else None
    if kind in _NEGATED:
        kids = parts(c, n)
        return [("not", None), ("pattern", kids[0])] if kids else None
    if kind in _CONSTANT or kind in _RELATIONAL:
        children = solid(c, n)
        value = children[-1] if children else n
        relation = "" if kind in _CONSTANT else f" {KINDS[children[0].kind_id]}"
        return _constant(c, value, f"pattern{relation}")
    return None


def _constant(c: Lowering, n: Node, word: str) -> list[Token] | None:
    """The constant of a pattern and what follows it, where the grammar counted more to it."""
    after: list[Token] = []
    while _is_loose(n):
        sides = _sides(c, n)
        left = n.child_by_field_id(_LEFT)
        if sides is None or left is None:
            break
        after[:0] = sides[1:]
        n = left
    return [(word if word != "pattern" else "pattern constant", n), *after]


def _sides(c: Lowering, n: Node) -> list[Token] | None:
    """Left side, operator and right side, where the node has them."""
    left = n.child_by_field_id(_LEFT)
    operator = n.child_by_field_id(_OPERATOR)
    right = n.child_by_field_id(_RIGHT)
    if left is None or operator is None or right is None:
        return None
    if c.broken:
        solid(c, n)
    return [("value", left), (KINDS[operator.kind_id], None), ("value", right)]


def _is_loose(n: Node) -> bool:
    if n.kind_id not in _BINARY:
        return False
    operator = n.child_by_field_id(_OPERATOR)
    return operator is not None and KINDS[operator.kind_id] in _LOOSE


def _tested(c: Lowering, n: Node, tokens: Sequence[Token]) -> Operand:
    """The value tested by the patterns that the tokens spell: `or` joins what `and` joins, `not` is closest."""
    start = n.start_byte
    subject = Subject(c, n)
    either: list[tuple[Expr, int]] = []
    both: list[tuple[Expr, int]] = []
    negated = False
    end = n.end_byte
    for word, node in (*tokens, ("or", None)):
        if node is not None:
            end = node.end_byte
            matches = _matches(c, word, node, subject.value)
            both.append((Unary("!", matches, span_of(node)) if negated else matches, end))
            negated = False
        elif word == "not":
            negated = not negated
        elif word == "or" and both:
            either.append((_joined("&&", both), end))
            both = []
    condition = _joined("||", either) if either else expr(c, n)
    return subject.tested(condition), start, end


def _joined(operator: str, tests: list[tuple[Expr, int]]) -> Expr:
    first = tests[0][0]
    return balanced(first.span >> 32, first, [(operator, value, end) for value, end in tests[1:]])


def _matches(c: Lowering, word: str, n: Node, subject: Expr) -> Expr:
    relation = word.removeprefix("pattern").strip()
    if relation in ("", "constant"):
        return test(c, n, subject)
    c.nodes += 1
    return Binary(relation, subject, expr(c, n), span_of(n))
