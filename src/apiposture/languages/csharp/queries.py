"""Which calls does a LINQ query stand for?

The translation is the language's own (C# standard, query expressions). Where several range variables are in scope, a
row `$row` holds them, and each clause takes them out of it by declarations of their names.
"""

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
    too_deep,
)
from apiposture.languages.csharp.functions import synthetic
from apiposture.languages.csharp.types import type_of
from apiposture.model.ir import Argument, Call, Declare, Expr, Lambda, Member, Name, New, Return, Stmt, TypeRef

_IDENTIFIER: Final = ids("identifier")
_IN: Final = ids("in")
_INTO_CLAUSE: Final = ids("join_into_clause")
_ROW: Final = "$row"
_LONGEST: Final = 50


class _Query:
    """The calls made so far and the range variables in scope."""

    __slots__ = ("c", "source", "start", "variables")

    def __init__(self, c: Lowering, start: int) -> None:
        self.c = c
        self.start = start
        self.source: Expr = Name("", start << 32 | start)
        self.variables: list[str] = []

    def call(self, method: str, args: list[Expr], n: Node, type_args: tuple[TypeRef, ...] = ()) -> None:
        """Call the method on what there is."""
        place = self.start << 32 | n.end_byte
        function = Member(self.source, method, place, span_of(n))
        self.c.nodes += 2
        self.c.calls.add(method)
        self.c.uses[method] = None
        self.source = Call(function, tuple([Argument(a) for a in args]), place, type_args)

    def function(self, value: Expr, *more: str) -> Lambda:
        """A lambda over the variables in scope, and further ones."""
        self.c.nodes += 2
        place = value.span
        body: list[Stmt] = []
        first = self.variables[0] if len(self.variables) == 1 else _ROW
        if first == _ROW:
            row = Name(_ROW, place)
            spelled = self.c.text[place >> 32 : place & 0xFFFFFFFF]
            used = [v for v in self.variables if v in spelled]
            body += [Declare(v, None, Member(row, v, place, place), place) for v in used]
        return synthetic((first, *more), (*body, Return(value, place)), place)

    def row(self, added: str, value: Expr) -> Expr:
        """A row of the variables in scope and a further one."""
        place = value.span
        kept = [Argument(self.variable(v, place), v) for v in self.variables]
        return New(None, (), (*kept, Argument(value, added)), place)

    def variable(self, name: str, place: int) -> Expr:
        """A range variable where a row is made: the lambda's parameter, or taken out of the row before."""
        one = len(self.variables) == 1
        self.c.uses[name] = None
        return Name(name, place) if one else Member(Name(_ROW, place), name, place, place)

    def add(self, name: str) -> None:
        """Bring a variable into scope."""
        self.variables = [*self.variables, name]


@expression("query_expression")
def query(c: Lowering, n: Node) -> Expr:
    q = _Query(c, n.start_byte)
    children = solid(c, n)
    if len(children) > _LONGEST:
        return too_deep(c, n)
    c.depth += HEAVY
    for i, k in enumerate(children):
        kind = KINDS[k.kind_id]
        if kind == "into":
            continue
        if kind == "identifier":
            q.variables = [identifier(c, k)]
            continue
        clause = _CLAUSES.get(kind)
        if clause is not None:
            clause(q, k)
        elif i == 0:
            q.source = expr(c, k)
    c.depth -= HEAVY
    return q.source


def _source(q: _Query, nodes: list[Node]) -> tuple[str, Expr, TypeRef | None]:
    """`[type] name in source`: the name, the source, and what its items are cast to."""
    end = next((i for i, k in enumerate(nodes) if k.kind_id in _IN), len(nodes) - 1)
    before = [k for k in nodes[1:end] if k.kind_id in _IDENTIFIER or k.is_named]
    name = identifier(q.c, before[-1]) if before else ""
    known = type_of(q.c, before[0]) if len(before) > 1 else None
    source: Expr = expr(q.c, nodes[end + 1]) if end + 1 < len(nodes) else Name("", span_of(nodes[0]))
    if known is not None:
        place = source.span
        source = Call(Member(source, "Cast", place, place), (), place, (known,))
    return name, source, known


def _from(q: _Query, n: Node) -> None:
    name, source, _ = _source(q, solid(q.c, n))
    if not q.variables:
        q.source = source
        q.variables = [name]
        return
    pair = q.function(q.row(name, Name(name, span_of(n))), name)
    q.call("SelectMany", [q.function(source), pair], n)
    q.add(name)


def _let(q: _Query, n: Node) -> None:
    kids = parts(q.c, n)
    if len(kids) != 2:
        return
    name = identifier(q.c, kids[0])
    q.call("Select", [q.function(q.row(name, expr(q.c, kids[1])))], n)
    q.add(name)


def _where(q: _Query, n: Node) -> None:
    for k in parts(q.c, n)[:1]:
        q.call("Where", [q.function(expr(q.c, k))], n)


def _order(q: _Query, n: Node) -> None:
    keys: list[tuple[Node, bool]] = []
    for k in solid(q.c, n):
        kind = KINDS[k.kind_id]
        if kind == "descending" and keys:
            keys[-1] = (keys[-1][0], True)
        elif kind not in ("orderby", "ascending", ","):
            keys.append((k, False))
    method = "OrderBy"
    for k, descending in keys:
        q.call(method + "Descending" * descending, [q.function(expr(q.c, k))], k)
        method = "ThenBy"


def _join(q: _Query, n: Node) -> None:
    nodes = solid(q.c, n)
    name, source, _ = _source(q, nodes)
    keys = [nodes[i + 1] for i, k in enumerate(nodes[:-1]) if KINDS[k.kind_id] in ("on", "equals")]
    if len(keys) != 2:
        return
    outer = q.function(expr(q.c, keys[0]))
    key = expr(q.c, keys[1])
    inner = synthetic((name,), (Return(key, key.span),), key.span)
    method = "Join"
    if nodes[-1].kind_id in _INTO_CLAUSE:
        method = "GroupJoin"
        name = next((identifier(q.c, k) for k in parts(q.c, nodes[-1])), name)
    pair = q.function(q.row(name, Name(name, span_of(n))), name)
    q.call(method, [source, outer, inner, pair], n)
    q.add(name)


def _group(q: _Query, n: Node) -> None:
    kids = parts(q.c, n)
    if len(kids) != 2:
        return
    item, key = expr(q.c, kids[0]), expr(q.c, kids[1])
    args: list[Expr] = [q.function(key)]
    if not _is_variable(q, item):
        args.append(q.function(item))
    q.call("GroupBy", args, n)


def _select(q: _Query, n: Node) -> None:
    for k in parts(q.c, n)[:1]:
        value = expr(q.c, k)
        if not (_is_variable(q, value) and isinstance(q.source, Call)):
            q.call("Select", [q.function(value)], n)


def _is_variable(q: _Query, value: Expr) -> bool:
    """Whether the value is the only variable in scope, so that selecting it changes nothing."""
    return isinstance(value, Name) and q.variables == [value.id]


_CLAUSES: Final = {
    "from_clause": _from,
    "let_clause": _let,
    "where_clause": _where,
    "order_by_clause": _order,
    "join_clause": _join,
    "group_clause": _group,
    "select_clause": _select,
}
