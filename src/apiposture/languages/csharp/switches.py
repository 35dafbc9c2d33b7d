"""What chain of tests is a switch?"""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from apiposture.languages.csharp.chains import any_of, chain
from apiposture.languages.csharp.dispatch import (
    ERROR,
    HEAVY,
    NAMED,
    STATEMENTS,
    Lowering,
    expr,
    expression,
    ids,
    parts,
    span_of,
    statement,
    stmts,
    unknown,
)
from apiposture.languages.csharp.patterns import Subject, test
from apiposture.model.ir import Binary, Block, Choice, Expr, If, Jump, Literal, Opaque, Stmt

_ARM: Final = ids("switch_expression_arm")
_WHEN: Final = ids("when_clause")
_SECTION: Final = ids("switch_section")
_BODY: Final = ids("switch_body")
_COLON: Final = ids(":")


@expression("switch_expression")
def switch_expression(c: Lowering, n: Node) -> Expr:
    kids = parts(c, n)
    if not kids:
        return unknown(c, n)
    c.depth += HEAVY
    subject = Subject(c, kids[0])
    cases: list[tuple[Expr, Expr, int]] = []
    otherwise: Expr = Opaque("throw", (), span_of(n))
    for k in kids[1:]:
        if k.kind_id not in _ARM:
            continue
        inner = parts(c, k)
        if len(inner) < 2:
            continue
        condition = _condition(c, inner[:-1], subject)
        result = expr(c, inner[-1])
        if isinstance(condition, Literal) and condition.value is True:
            otherwise = result
            break
        cases.append((condition, result, span_of(k)))
    c.nodes += len(cases)
    c.depth -= HEAVY
    return chain(cases, otherwise, Choice)


def _condition(c: Lowering, nodes: list[Node], subject: Subject) -> Expr:
    """Whether a pattern and its `when` hold."""
    matches = test(c, nodes[0], subject.value)
    if len(nodes) == 1 or nodes[1].kind_id not in _WHEN:
        always = isinstance(matches, Literal) and matches.value is True
        return matches if always else subject.tested(matches)
    kids = parts(c, nodes[1])
    when = expr(c, kids[0]) if kids else Literal(True, span_of(nodes[1]))
    return subject.tested(Binary("&&", matches, when, matches.span >> 32 << 32 | nodes[1].end_byte))


@statement("switch_statement")
def switch_statement(c: Lowering, n: Node, out: list[Stmt]) -> None:
    kids = parts(c, n)
    if not kids:
        return
    subject = Subject(c, kids[0])
    cases: list[tuple[Expr, tuple[Stmt, ...], int]] = []
    labels: list[Expr] = []
    otherwise: tuple[Stmt, ...] = ()
    is_default = False
    for section in (s for body in kids[1:] if body.kind_id in _BODY for s in parts(c, body)):
        if section.kind_id not in _SECTION:
            continue
        label, start = _label(c, section, subject)
        if label is None:
            is_default = True
        else:
            labels.append(label)
        body = _without_break(stmts(c, section.children[start:]))
        if not body and not _has_statement(section.children[start:]):
            continue
        if is_default:
            otherwise = body
        if labels:
            cases.append((any_of(labels), body, span_of(section)))
        labels, is_default = [], False
    c.nodes += len(cases)
    if not cases:
        cases = [(subject.value, (), span_of(n))]
    made: tuple[Stmt, ...] = chain(cases, otherwise, _if)
    out.extend(made)


def _if(condition: Expr, then: tuple[Stmt, ...], other: tuple[Stmt, ...], place: int) -> tuple[Stmt, ...]:
    return (If(condition, then, other, place),)


def _label(c: Lowering, section: Node, subject: Subject) -> tuple[Expr | None, int]:
    """The condition of a section's label (None for `default`), and where its statements begin."""
    children = section.children
    end = next((i for i, k in enumerate(children) if k.kind_id in _COLON), len(children) - 1)
    nodes = [k for k in children[:end] if k.kind_id in NAMED and k.kind_id != ERROR]
    if not nodes:
        return None, end + 1
    return _condition(c, nodes, subject), end + 1


def _has_statement(nodes: list[Node]) -> bool:
    return any(k.kind_id in STATEMENTS for k in nodes)


def _without_break(body: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
    """The body without the break that ends it, which may stand in a block."""
    if body and isinstance(body[-1], Jump) and body[-1].kind == "break":
        return body[:-1]
    if body and isinstance(body[-1], Block):
        block = body[-1]
        return (*body[:-1], Block(_without_break(block.body), block.span))
    return body
