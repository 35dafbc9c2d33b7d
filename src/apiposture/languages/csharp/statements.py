"""What does a statement say in the IR?"""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from apiposture.languages.csharp.chains import chain
from apiposture.languages.csharp.creations import of_type
from apiposture.languages.csharp.dispatch import (
    ERROR,
    EXPRESSIONS,
    KINDS,
    NAMED,
    STATEMENTS,
    Lowering,
    expr,
    identifier,
    ids,
    parts,
    solid,
    span_of,
    statement,
    stmts,
    unknown,
)
from apiposture.languages.csharp.expressions import declared
from apiposture.languages.csharp.functions import function_of
from apiposture.languages.csharp.types import type_of
from apiposture.model.ir import (
    Assign,
    Block,
    Declare,
    Eval,
    Expr,
    Handler,
    If,
    Jump,
    Lambda,
    Literal,
    Loop,
    Return,
    Stmt,
    Throw,
    Try,
    TypeRef,
    Yield,
)

_BLOCK: Final = ids("block")
_VARIABLES: Final = ids("variable_declaration")
_DECLARATOR: Final = ids("variable_declarator")
_TUPLE: Final = ids("tuple_pattern")
_EQUALS: Final = ids("=")
_IF: Final = ids("if_statement")
_CATCH: Final = ids("catch_clause")
_CATCH_DECLARATION: Final = ids("catch_declaration")
_FILTER: Final = ids("catch_filter_clause")
_FINALLY: Final = ids("finally_clause")
_SEMICOLON: Final = ids(";")
_IN: Final = ids("in")
_ELSE: Final = ids("preproc_else", "preproc_elif")


def inside(c: Lowering, n: Node | None) -> tuple[Stmt, ...]:
    """What a block holds, or the statement that stands in its place."""
    if n is None:
        return ()
    return stmts(c, n.children) if n.kind_id in _BLOCK else stmts(c, (n,))


@statement("expression_statement")
def expression_statement(c: Lowering, n: Node, out: list[Stmt]) -> None:
    first: Node | None = n.child(0)
    if c.broken or first is None or first.kind_id not in NAMED:
        first = next(iter(parts(c, n)), None)
    if first is not None:
        out.append(Eval(expr(c, first), n.start_byte << 32 | n.end_byte))


@statement("block", "unsafe_statement", "checked_statement")
def block(c: Lowering, n: Node, out: list[Stmt]) -> None:
    inner = n if n.kind_id in _BLOCK else next((k for k in n.children if k.kind_id in _BLOCK), None)
    out.append(Block(inside(c, inner), span_of(n)))


@statement("empty_statement")
def empty(c: Lowering, n: Node, out: list[Stmt]) -> None:
    c.nodes -= 1


@statement("global_statement")
def global_(c: Lowering, n: Node, out: list[Stmt]) -> None:
    c.nodes -= 1
    out.extend(stmts(c, n.children))


@statement("labeled_statement")
def labelled(c: Lowering, n: Node, out: list[Stmt]) -> None:
    c.nodes -= 1
    out.extend(stmts(c, parts(c, n)[1:]))


@statement("ERROR")
def unreadable(c: Lowering, n: Node, out: list[Stmt]) -> None:
    c.nodes -= 1
    out.extend(stmts(c, (k for k in n.children if k.kind_id in NAMED)))


@statement("local_declaration_statement")
def local_declaration(c: Lowering, n: Node, out: list[Stmt]) -> None:
    c.nodes -= 1
    for k in n.children:
        if k.kind_id in _VARIABLES:
            variables(c, k, out)
        elif k.kind_id == ERROR:
            c.stray.append(k)


@statement("variable_declaration")
def variables(c: Lowering, n: Node, out: list[Stmt]) -> None:
    """One declaration for each variable."""
    type_: TypeRef | None = None
    for i, k in enumerate(n.children):
        if k.kind_id in _DECLARATOR:
            c.nodes += 1
            _declarator(c, k, type_, out)
        elif i == 0:
            type_ = type_of(c, k)
        elif k.kind_id == ERROR:
            c.stray.append(k)


def _declarator(c: Lowering, n: Node, type_: TypeRef | None, out: list[Stmt]) -> None:
    children = solid(c, n)
    if not children:
        return
    value = expr(c, children[-1]) if len(children) > 2 and children[-2].kind_id in _EQUALS else None
    if children[0].kind_id in _TUPLE:
        source = value if value is not None else Literal(None, span_of(n))
        out.append(Eval(Assign(expr(c, children[0]), "=", source, span_of(n)), span_of(n)))
        return
    value = of_type(value, type_) if value is not None else None
    out.append(Declare(identifier(c, children[0]), type_, value, span_of(n)))


@statement("local_function_statement", "method_declaration")
def local_function(c: Lowering, n: Node, out: list[Stmt]) -> None:
    function = function_of(c, n)
    out.append(Declare(function.name, None, Lambda(function, function.span), function.span))


@statement("return_statement")
def return_(c: Lowering, n: Node, out: list[Stmt]) -> None:
    value: Expr | None = None
    if n.child_count == 3 and not c.broken:
        only = n.child(1)
        value = expr(c, only) if only is not None and only.kind_id in NAMED else None
    elif n.child_count > 2:
        value = _only(c, n)
    value = of_type(value, c.gives) if value is not None else None
    out.append(Return(value, n.start_byte << 32 | n.end_byte))


def _only(c: Lowering, n: Node) -> Expr | None:
    """The one expression of a statement."""
    kids = [k for k in solid(c, n)[1:] if k.kind_id not in _SEMICOLON]
    return expr(c, kids[0]) if kids else None


@statement("throw_statement")
def throw(c: Lowering, n: Node, out: list[Stmt]) -> None:
    out.append(Throw(_only(c, n), span_of(n)))


@statement("yield_statement")
def yield_(c: Lowering, n: Node, out: list[Stmt]) -> None:
    kids = parts(c, n)
    if kids:
        out.append(Yield(expr(c, kids[0]), span_of(n)))
    else:
        out.append(Return(None, span_of(n)))


@statement("break_statement", "continue_statement", "goto_statement")
def jump(c: Lowering, n: Node, out: list[Stmt]) -> None:
    out.append(Jump(KINDS[n.kind_id].removesuffix("_statement"), span_of(n)))


@statement("if_statement")
def if_(c: Lowering, n: Node, out: list[Stmt]) -> None:
    """An `if` with its `else if`s, read without recursion."""
    cases: list[tuple[Expr, tuple[Stmt, ...], int]] = []
    other: tuple[Stmt, ...] = ()
    node: Node | None = n
    while node is not None and node.kind_id in _IF:
        children = solid(c, node)
        if len(children) < 5:
            break
        condition = expr(c, children[2])
        cases.append((condition, inside(c, children[4]), span_of(node)))
        node = children[6] if len(children) > 6 else None
    if node is not None and cases:
        other = inside(c, node)
    c.nodes += max(len(cases) - 1, 0)
    if cases:
        made: tuple[Stmt, ...] = chain(cases, other, _make_if)
        out.extend(made)
    else:
        out.append(Eval(unknown(c, n), span_of(n)))


def _make_if(condition: Expr, then: tuple[Stmt, ...], other: tuple[Stmt, ...], place: int) -> tuple[Stmt, ...]:
    return (If(condition, then, other, place),)


@statement("while_statement")
def while_(c: Lowering, n: Node, out: list[Stmt]) -> None:
    kids = parts(c, n)
    condition = expr(c, kids[0]) if kids else None
    out.append(Loop(None, None, condition, inside(c, kids[-1]) if len(kids) > 1 else (), span_of(n)))


@statement("do_statement")
def do(c: Lowering, n: Node, out: list[Stmt]) -> None:
    kids = parts(c, n)
    body = inside(c, kids[0]) if kids else ()
    out.append(Loop(None, None, expr(c, kids[-1]) if len(kids) > 1 else None, body, span_of(n)))


@statement("for_statement")
def for_(c: Lowering, n: Node, out: list[Stmt]) -> None:
    """A loop that ends each round with its updates; what it sets up stands before it, in a block."""
    groups: list[list[Node]] = [[], [], []]
    at = 0
    children = solid(c, n)
    for k in children[2:-1]:
        if k.kind_id in _SEMICOLON:
            at = min(at + 1, 2)
        elif k.kind_id in NAMED:
            groups[at].append(k)
    setup: list[Stmt] = []
    for k in groups[0]:
        if k.kind_id in _VARIABLES:
            variables(c, k, setup)
        else:
            setup.append(Eval(expr(c, k), span_of(k)))
    condition = expr(c, groups[1][0]) if groups[1] else None
    updates = tuple([Eval(expr(c, k), span_of(k)) for k in groups[2]])
    loop = Loop(None, None, condition, inside(c, children[-1]) + updates if children else (), span_of(n))
    out.append(Block((*setup, loop), span_of(n)) if setup else loop)


@statement("foreach_statement")
def foreach(c: Lowering, n: Node, out: list[Stmt]) -> None:
    children = [k for k in solid(c, n) if k.kind_id in NAMED or k.kind_id in _IN]
    at = next((i for i, k in enumerate(children) if k.kind_id in _IN), 0)
    if at < 1 or len(children) < at + 3:
        out.append(Eval(unknown(c, n), span_of(n)))
        return
    typed = at > 1 and children[at - 1].kind_id not in _TUPLE
    target = declared(c, children[0], children[at - 1]) if typed else expr(c, children[at - 1])
    iterable = expr(c, children[at + 1])
    out.append(Loop(target, iterable, None, inside(c, children[-1]), span_of(n)))


@statement("using_statement", "lock_statement", "fixed_statement")
def using(c: Lowering, n: Node, out: list[Stmt]) -> None:
    """A block that begins with its resource."""
    kids = [k for k in solid(c, n) if k.kind_id in NAMED]
    resource: list[Stmt] = []
    for k in kids[:-1]:
        if k.kind_id in _VARIABLES:
            variables(c, k, resource)
        else:
            resource.append(Eval(expr(c, k), span_of(k)))
    out.append(Block((*resource, *(inside(c, kids[-1]) if kids else ())), span_of(n)))


@statement("try_statement")
def try_(c: Lowering, n: Node, out: list[Stmt]) -> None:
    body: tuple[Stmt, ...] = ()
    handlers: list[Handler] = []
    final: tuple[Stmt, ...] = ()
    for k in parts(c, n):
        if k.kind_id in _BLOCK:
            body = inside(c, k)
        elif k.kind_id in _CATCH:
            handlers.append(_handler(c, k))
        elif k.kind_id in _FINALLY:
            final = inside(c, next((b for b in k.children if b.kind_id in _BLOCK), None))
    out.append(Try(body, tuple(handlers), final, span_of(n)))


def _handler(c: Lowering, n: Node) -> Handler:
    type_: TypeRef | None = None
    name: str | None = None
    condition: Expr | None = None
    body: tuple[Stmt, ...] = ()
    for k in parts(c, n):
        if k.kind_id in _CATCH_DECLARATION:
            kids = parts(c, k)
            type_ = type_of(c, kids[0]) if kids else None
            name = identifier(c, kids[1]) if len(kids) > 1 else None
        elif k.kind_id in _FILTER:
            condition = next((expr(c, f) for f in parts(c, k)), None)
        elif k.kind_id in _BLOCK:
            body = inside(c, k)
    return Handler(type_, name, condition, body)


@statement("preproc_if", "preproc_elif")
def preproc_if(c: Lowering, n: Node, out: list[Stmt]) -> None:
    """`#if` in statements: which branch is compiled is not known here, so that it reads as an `if`."""
    kids = [k for k in solid(c, n) if k.kind_id in NAMED]
    if not kids:
        return
    condition = expr(c, kids[0])
    then = stmts(c, [k for k in kids[1:] if k.kind_id not in _ELSE])
    other = stmts(c, [k for k in kids[1:] if k.kind_id in _ELSE])
    out.append(If(condition, then, other, span_of(n)))


@statement("preproc_else")
def preproc_else(c: Lowering, n: Node, out: list[Stmt]) -> None:
    c.nodes -= 1
    out.extend(stmts(c, parts(c, n)))


def _bare(c: Lowering, n: Node, out: list[Stmt]) -> None:
    """An expression where a statement should stand, as next to unreadable text."""
    out.append(Eval(expr(c, n), span_of(n)))


_NOT_ALONE: Final = ids(
    "identifier", "predefined_type", "implicit_parameter", "discard", "implicit_type", "nullable_type", "array_type",
    "pointer_type", "tuple_type", "ref_type", "scoped_type", "qualified_name", "alias_qualified_name", "generic_name",
)  # fmt: skip
"""Names and types alone say nothing."""

STATEMENTS.update({
    i: _bare
    for i, function in EXPRESSIONS.items()
    if function is not unknown and i in NAMED and i not in _NOT_ALONE and i not in STATEMENTS
})

_WRAPPERS_OF_STATEMENTS: Final = ids(
    "switch_section", "switch_body", "catch_clause", "finally_clause", "argument_list", "variable_declarator",
    "switch_expression_arm", "when_clause", "from_clause", "where_clause", "select_clause", "interpolation",
    "bracketed_argument_list", "declaration_list", "accessor_list", "accessor_declaration",
)  # fmt: skip
STATEMENTS.update(dict.fromkeys(_WRAPPERS_OF_STATEMENTS, unreadable))

