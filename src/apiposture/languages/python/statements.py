"""What does a statement say in the IR?"""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from apiposture.languages.python import patterns
from apiposture.languages.python.chains import chain
from apiposture.languages.python.classes import local_class
from apiposture.languages.python.conditions import condition
from apiposture.languages.python.dispatch import (
    NAMED,
    Lowering,
    expr,
    expr_or_none,
    field,
    ids,
    parts,
    span_of,
    statement,
    stmts,
    text_at,
)
from apiposture.languages.python.functions import function_of
from apiposture.languages.python.names import imports_of
from apiposture.languages.python.types import type_of
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
    Name,
    Opaque,
    Return,
    Stmt,
    Throw,
    Try,
    TypeRef,
    Unary,
    Yield,
)

_ASSIGNMENT: Final = ids("assignment")
_IDENTIFIER: Final = ids("identifier")
_YIELD: Final = ids("yield")
_SAYS_NOTHING: Final = ids("string", "concatenated_string", "ellipsis")
_BLOCK: Final = ids("block")
_ELIF: Final = ids("elif_clause")
_EXCEPT: Final = ids("except_clause", "except_group_clause")
_ELSE: Final = ids("else_clause")
_FINALLY: Final = ids("finally_clause")
_WITH_CLAUSE: Final = ids("with_clause")
_WITH_ITEM: Final = ids("with_item")
_AS: Final = ids("as_pattern")
_DECORATOR: Final = ids("decorator")
_TUPLE: Final = ids("tuple", "parenthesized_expression")


def block_of(c: Lowering, n: Node | None) -> tuple[Stmt, ...]:
    """What stands in an indented block."""
    return stmts(c, n.children) if n is not None else ()


def body_in(n: Node) -> Node | None:
    """The block of a clause."""
    return field(n, "body") or next((k for k in n.children if k.kind_id in _BLOCK), None)


@statement("expression_statement")
def expression_statement(c: Lowering, n: Node, out: list[Stmt]) -> None:
    place = span_of(n)
    kids = parts(n)
    first = kids[0] if kids else None
    if first is None or (first.kind_id in _SAYS_NOTHING and len(kids) == 1):
        c.nodes -= 1  # a docstring, or nothing yet
    elif first.kind_id in _ASSIGNMENT and (kind := field(first, "type")) is not None:
        _declared(c, first, kind, out)
    elif first.kind_id in _YIELD:
        _yielded(c, first, out)
    elif len(kids) > 1:
        out.extend(Eval(expr(c, k), place) for k in kids)
    else:
        out.append(Eval(expr(c, first), place))


def _declared(c: Lowering, n: Node, kind: Node, out: list[Stmt]) -> None:
    """`x: int = 1`."""
    left, right = field(n, "left"), field(n, "right")
    if left is not None and left.kind_id in _IDENTIFIER:
        value = expr(c, right) if right is not None else None
        if value is not None or not c.top:
            out.append(Declare(text_at(c, left), type_of(c, kind), value, span_of(n)))
    elif left is not None and right is not None:
        out.append(Eval(Assign(expr(c, left), "=", expr(c, right), span_of(n)), span_of(n)))


def _yielded(c: Lowering, n: Node, out: list[Stmt]) -> None:
    place = span_of(n)
    kids = parts(n)
    value = expr_or_none(c, kids[0] if kids else None, place)
    if any(k.type == "from" for k in n.children):
        item = Name("$item", place)
        out.append(Loop(item, value, None, (Yield(item, place),), place))
    else:
        out.append(Yield(value, place))


@statement("function_definition")
def function(c: Lowering, n: Node, out: list[Stmt]) -> None:
    if not c.top:
        made = function_of(c, n, [])
        out.append(Declare(made.name, None, Lambda(made, made.span), made.span))


@statement("class_definition")
def class_(c: Lowering, n: Node, out: list[Stmt]) -> None:
    c.nodes -= 1
    if not c.top:
        local_class(c, n, [])


@statement("decorated_definition")
def decorated(c: Lowering, n: Node, out: list[Stmt]) -> None:
    c.nodes -= 1
    inner = field(n, "definition")
    decorators = [k for k in n.children if k.kind_id in _DECORATOR]
    if inner is None or c.top:
        return
    if inner.type == "class_definition":
        local_class(c, inner, decorators)
        return
    made = function_of(c, inner, decorators)
    out.append(Declare(made.name, None, Lambda(made, made.span), made.span))


@statement("import_statement", "import_from_statement", "future_import_statement")
def import_(c: Lowering, n: Node, out: list[Stmt]) -> None:
    c.nodes -= 1
    if not c.top:
        c.imports += imports_of(c, n)


@statement("return_statement")
def return_(c: Lowering, n: Node, out: list[Stmt]) -> None:
    kids = parts(n)
    value: Expr | None = None
    if kids:
        value = condition(c, kids[0], is_value=not c.truths)
    out.append(Return(value, span_of(n)))


@statement("raise_statement")
def raise_(c: Lowering, n: Node, out: list[Stmt]) -> None:
    kids = parts(n)
    out.append(Throw(expr(c, kids[0]) if kids else None, span_of(n)))


@statement("break_statement", "continue_statement")
def jump(c: Lowering, n: Node, out: list[Stmt]) -> None:
    out.append(Jump(n.type.removesuffix("_statement"), span_of(n)))


@statement("global_statement")
def global_(c: Lowering, n: Node, out: list[Stmt]) -> None:
    c.nodes -= 1
    c.rebinds.update(text_at(c, k) for k in parts(n))


@statement("pass_statement", "nonlocal_statement", "type_alias_statement")
def nothing(c: Lowering, n: Node, out: list[Stmt]) -> None:
    c.nodes -= 1


@statement("delete_statement")
def delete(c: Lowering, n: Node, out: list[Stmt]) -> None:
    """`del a[b]` calls a function of the language."""
    place = span_of(n)
    c.calls.add("del")
    out.append(Eval(Opaque("del", tuple([expr(c, k) for k in parts(n)]), place), place))


@statement("assert_statement")
def assert_(c: Lowering, n: Node, out: list[Stmt]) -> None:
    """What is asserted holds behind it."""
    kids = parts(n)
    if kids:
        place = span_of(n)
        said = expr(c, kids[1]) if len(kids) > 1 else None
        out.append(If(Unary("!", condition(c, kids[0]), place), (Throw(said, place),), (), place))


@statement("if_statement")
def if_(c: Lowering, n: Node, out: list[Stmt]) -> None:
    cases = [(_test(c, n), block_of(c, field(n, "consequence")), span_of(n))]
    other: tuple[Stmt, ...] = ()
    for k in n.children_by_field_name("alternative"):
        if k.kind_id in _ELIF:
            cases.append((_test(c, k), block_of(c, field(k, "consequence")), span_of(k)))
        else:
            other = block_of(c, body_in(k))
    c.nodes += len(cases) - 1
    out.extend(chain(cases, other, _make_if))


def _test(c: Lowering, n: Node) -> Expr:
    test = field(n, "condition")
    return condition(c, test) if test is not None else Literal(True, n.start_byte << 32 | n.start_byte)


def _make_if(test: Expr, then: tuple[Stmt, ...], other: tuple[Stmt, ...], place: int) -> tuple[Stmt, ...]:
    return (If(test, then, other, place),)


@statement("while_statement")
def while_(c: Lowering, n: Node, out: list[Stmt]) -> None:
    out.append(Loop(None, None, _test(c, n), block_of(c, field(n, "body")), span_of(n)))
    _otherwise(c, n, out)


@statement("for_statement")
def for_(c: Lowering, n: Node, out: list[Stmt]) -> None:
    left, right = field(n, "left"), field(n, "right")
    target = expr(c, left) if left is not None else None
    iterable = expr(c, right) if right is not None else None
    out.append(Loop(target, iterable, None, block_of(c, field(n, "body")), span_of(n)))
    _otherwise(c, n, out)


def _otherwise(c: Lowering, n: Node, out: list[Stmt]) -> None:
    """What runs where a loop was not left by `break`: nobody knows whether it was."""
    other = next((k for k in n.children if k.kind_id in _ELSE), None)
    if other is not None:
        place = span_of(other)
        out.append(If(Opaque("else", (), place), block_of(c, body_in(other)), (), place))


@statement("with_statement")
def with_(c: Lowering, n: Node, out: list[Stmt]) -> None:
    """A block that begins with its resources."""
    items = [item for clause in n.children if clause.kind_id in _WITH_CLAUSE for item in _items(clause)]
    resources = [_resource(c, item) for item in items]
    body = block_of(c, field(n, "body"))
    for item in items:
        if _suppresses(c, item):
            body = (Try(body, (_suppressing(c, item),), (), span_of(n)),)
    out.append(Block((*resources, *body), span_of(n)))


def _suppresses(c: Lowering, item: Node) -> bool:
    """`with suppress(KeyError):` is a `try` that goes on behind what was thrown."""
    called = text_at(c, item).partition("(")[0].strip()
    return called == "contextlib.suppress" or any(one.name == called and one.target == "contextlib.suppress" for one in c.imports)


def _suppressing(c: Lowering, item: Node) -> Handler:
    given = field(item, "arguments")
    return Handler(_caught([type_of(c, k) for k in parts(given)] if given is not None else []), None, None, ())


def _items(clause: Node) -> list[Node]:
    """The resources of a clause, parenthesised together or not."""
    items = [(field(k, "value") or next(iter(parts(k)), k)) if k.kind_id in _WITH_ITEM else k for k in parts(clause)]
    if len(items) == 1 and items[0].kind_id in _TUPLE and any(k.kind_id in _AS for k in items[0].children):
        return parts(items[0])
    return items


def _resource(c: Lowering, n: Node) -> Stmt:
    kids = parts(n) if n.kind_id in _AS else []
    if len(kids) < 2:
        return Eval(expr(c, n), span_of(n))
    value = expr(c, kids[0])
    target = expr(c, kids[1])
    if type(target) is Name:
        return Declare(target.id, None, value, span_of(n))
    return Eval(Assign(target, "=", value, span_of(n)), span_of(n))


@statement("try_statement")
def try_(c: Lowering, n: Node, out: list[Stmt]) -> None:
    body = block_of(c, field(n, "body"))
    handlers: list[Handler] = []
    final: tuple[Stmt, ...] = ()
    for k in n.children:
        if k.kind_id in _EXCEPT:
            handlers.append(_handler(c, k))
        elif k.kind_id in _ELSE:
            body = (*body, *block_of(c, body_in(k)))
        elif k.kind_id in _FINALLY:
            final = block_of(c, body_in(k))
    out.append(Try(body, tuple(handlers), final, span_of(n)))


def _handler(c: Lowering, n: Node) -> Handler:
    """One `except`, with or without parentheses; several types are a tuple."""
    types: list[TypeRef | None] = []
    name: str | None = None
    for value in n.children_by_field_name("value"):
        kind = value
        if value.kind_id in _AS:
            kids = parts(value)
            kind = kids[0]
            name = text_at(c, kids[-1]).strip() if len(kids) > 1 else None
        types += [type_of(c, k) for k in parts(kind)] if kind.type in ("tuple", "expression_list") else [type_of(c, kind)]
    alias = field(n, "alias")
    if alias is not None:
        name = text_at(c, alias)
    return Handler(_caught(types), name, None, block_of(c, body_in(n)))


def _caught(types: list[TypeRef | None]) -> TypeRef | None:
    """The one type of exceptions that is caught, or a tuple of several; None for all of them, or where one isn't known."""
    known = tuple([one for one in types if one is not None])
    if len(known) < len(types):
        return None
    return TypeRef("()", known) if len(known) > 1 else known[0] if known else None


@statement("match_statement")
def match(c: Lowering, n: Node, out: list[Stmt]) -> None:
    """A chain of tests of one subject, which is kept under a name unless it has one."""
    place = span_of(n)
    subjects = n.children_by_field_name("subject")
    values = [expr(c, k) for k in subjects]
    subject: Expr = values[0] if len(values) == 1 else patterns.tuple_of(values, place)
    if type(subject) is not Name:
        kept = Name("$subject", subject.span)
        out.append(Declare(kept.id, None, subject, subject.span))
        subject = kept
    cases: list[tuple[Expr, tuple[Stmt, ...], int]] = []
    block = body_in(n)
    for k in parts(block) if block is not None else ():
        if k.type == "case_clause":
            test = patterns.case_test(c, k, subject)
            cases.append((test, block_of(c, field(k, "consequence")), span_of(k)))
    if cases:
        last = cases[-1][0]
        settled = type(last) is Literal and last.value is True
        other = cases.pop()[1] if settled else ()
        out.extend(chain(cases, other, _make_if) if cases else other)


@statement("ERROR", "elif_clause", "else_clause", "finally_clause", "except_clause", "case_clause", "block", "with_clause", "with_item")
def unreadable(c: Lowering, n: Node, out: list[Stmt]) -> None:
    """What can be read in a stretch that can't."""
    c.nodes -= 1
    out.extend(stmts(c, (k for k in n.children if k.kind_id in NAMED)))


