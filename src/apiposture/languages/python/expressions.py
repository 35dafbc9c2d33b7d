"""What does an expression say in the IR?"""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from apiposture.languages.python.chains import balanced
from apiposture.languages.python.conditions import condition
from apiposture.languages.python.dispatch import Lowering, expr, expr_or_none, expression, field, ids, parts, span_of, text_at, unknown
from apiposture.languages.python.strings import formatted
from apiposture.model.ir import (
    Argument,
    Assign,
    Binary,
    Call,
    Choice,
    Collection,
    Expr,
    Index,
    Literal,
    Member,
    Name,
    New,
    Opaque,
    TypeRef,
    Unary,
)

_BINARY: Final = ids("binary_operator")
_KEYWORD: Final = ids("keyword_argument")
_SPLAT: Final = ids("list_splat", "list_splat_pattern", "splat_pattern", "parenthesized_list_splat")
_DICT_SPLAT: Final = ids("dictionary_splat", "dictionary_splat_pattern")
_GENERATOR: Final = ids("generator_expression")
_STRING: Final = ids("string", "concatenated_string")
_COLON: Final = ids(":")
_PAIR: Final = ids("pair")
_LARGEST: Final = 2**63
_OPERATORS: Final = {"//": "/", "@": "*"}
_PLAIN: Final = frozenset((Name, Member))


@expression("identifier", "keyword_identifier")
def name(c: Lowering, n: Node) -> Expr:
    written = text_at(c, n)
    return Name("this" if written == c.this and written else written, span_of(n))


@expression("dotted_name")
def dotted_name(c: Lowering, n: Node) -> Expr:
    kids = parts(n)
    found: Expr = name(c, kids[0]) if kids else Name("", span_of(n))
    for k in kids[1:100]:
        found = Member(found, text_at(c, k), n.start_byte << 32 | k.end_byte, span_of(k))
    return found


@expression("attribute")
def attribute(c: Lowering, n: Node) -> Expr:
    last = field(n, "attribute")
    place = span_of(last) if last is not None else n.end_byte << 32 | n.end_byte
    return Member(expr_or_none(c, field(n, "object"), span_of(n)), text_at(c, last) if last is not None else "", span_of(n), place)


@expression("integer")
def integer(c: Lowering, n: Node) -> Expr:
    written = text_at(c, n).replace("_", "").lower().rstrip("l")
    try:
        value: str | int | float = int(written, 0) if not written.lstrip("0").isdigit() or written == "0" else int(written)
    except ValueError:
        value = written
    return Literal(value if isinstance(value, str) or abs(value) < _LARGEST else str(value), span_of(n))


@expression("float")
def float_(c: Lowering, n: Node) -> Expr:
    written = text_at(c, n).replace("_", "")
    try:
        value: str | float = float(written)
    except ValueError:
        value = written
    return Literal(value if not isinstance(value, float) or abs(value) != float("inf") else written, span_of(n))


@expression("true")
def true(c: Lowering, n: Node) -> Expr:
    return Literal(True, span_of(n))


@expression("false")
def false(c: Lowering, n: Node) -> Expr:
    return Literal(False, span_of(n))


@expression("none")
def none(c: Lowering, n: Node) -> Expr:
    return Literal(None, span_of(n))


@expression("ellipsis")
def ellipsis(c: Lowering, n: Node) -> Expr:
    return Name("Ellipsis", span_of(n))


@expression("parenthesized_expression", "await", "type", "case_pattern", "as_pattern_target")
def inner(c: Lowering, n: Node) -> Expr:
    """What only stands around another expression."""
    kids = parts(n)
    c.nodes -= 1
    if len(kids) != 1:
        return Collection("tuple", tuple([expr(c, k) for k in kids]), span_of(n)) if kids else Literal(None, span_of(n))
    return expr(c, kids[0])


@expression("as_pattern")
def as_pattern(c: Lowering, n: Node) -> Expr:
    kids = parts(n)
    value = expr_or_none(c, kids[0] if kids else None, span_of(n))
    return Assign(expr(c, kids[-1]), "=", value, span_of(n)) if len(kids) > 1 else value


@expression("unary_operator")
def unary(c: Lowering, n: Node) -> Expr:
    return Unary(text_at(c, n)[:1] or "-", expr_or_none(c, field(n, "argument"), span_of(n)), span_of(n))


@expression("not_operator")
def not_(c: Lowering, n: Node) -> Expr:
    c.nodes -= 1
    return condition(c, n)


@expression("boolean_operator", "comparison_operator")
def truth(c: Lowering, n: Node) -> Expr:
    c.nodes -= 1
    return condition(c, n, is_value=not c.truths)


@expression("binary_operator")
def binary(c: Lowering, n: Node) -> Expr:
    """A chain of operators, read without recursion on the left."""
    links: list[tuple[str, Node]] = []
    node: Node = n
    while node.kind_id in _BINARY:
        left, operator, right = field(node, "left"), field(node, "operator"), field(node, "right")
        if left is None or operator is None or right is None:
            break
        links.append((text_at(c, operator), right))
        node = left
    if not links:
        return unknown(c, n)
    if links[-1][0] == "%" and node.kind_id in _STRING and (filled := _percent(c, node, links[-1][1], n)) is not None:
        first: Expr = filled
        links.pop()
    else:
        first = expr(c, node)
    c.nodes += max(len(links) - 1, 0)
    return balanced(first, [(_OPERATORS.get(operator, operator), expr(c, right)) for operator, right in reversed(links)])


def _percent(c: Lowering, text: Node, values: Node, n: Node) -> Expr | None:
    """`"%s" % x` is a template."""
    layout = expr(c, text)
    if type(layout) is not Literal or not isinstance(layout.value, str):
        return None
    given = expr(c, values)
    items = given.items if type(given) is Collection and given.kind == "tuple" else (given,)
    named: dict[str, Expr] = {}
    if type(given) is Collection and given.kind == "map":
        for pair in given.items:
            if type(pair) is Collection and len(pair.items) == 2 and type(pair.items[0]) is Literal:
                named[str(pair.items[0].value)] = pair.items[1]
    place = text.start_byte << 32 | values.end_byte
    filled = formatted(layout.value, list(items), named, place, True)
    return filled if filled is not None else Binary("%", layout, given, place)


@expression("conditional_expression")
def choice(c: Lowering, n: Node) -> Expr:
    kids = parts(n)
    if len(kids) != 3:
        return unknown(c, n)
    return Choice(condition(c, kids[1]), expr(c, kids[0]), expr(c, kids[2]), span_of(n))


@expression("named_expression")
def named(c: Lowering, n: Node) -> Expr:
    place = span_of(n)
    return Assign(expr_or_none(c, field(n, "name"), place), "=", expr_or_none(c, field(n, "value"), place), place)


@expression("assignment", "augmented_assignment")
def assignment(c: Lowering, n: Node) -> Expr:
    left, right, operator = field(n, "left"), field(n, "right"), field(n, "operator")
    if left is None or right is None:
        return unknown(c, n)
    sign = _OPERATORS.get(text_at(c, operator)[:-1], text_at(c, operator)[:-1]) + "=" if operator is not None else "="
    return Assign(expr(c, left), sign, expr(c, right), span_of(n))


@expression("list", "set", "tuple", "expression_list", "pattern_list", "tuple_pattern", "list_pattern")
def collection(c: Lowering, n: Node) -> Expr:
    kind = n.type if n.type in ("list", "set") else "tuple"
    return Collection(kind, tuple([expr(c, k) for k in parts(n)]), span_of(n))


@expression("dictionary")
def dictionary(c: Lowering, n: Node) -> Expr:
    return Collection("map", tuple([expr(c, k) for k in parts(n)]), span_of(n))


@expression("pair")
def pair(c: Lowering, n: Node) -> Expr:
    place = span_of(n)
    return Collection("tuple", (expr_or_none(c, field(n, "key"), place), expr_or_none(c, field(n, "value"), place)), place)


@expression("list_splat", "dictionary_splat", "parenthesized_list_splat")
def spread(c: Lowering, n: Node) -> Expr:
    return Opaque("spread", tuple([expr(c, k) for k in parts(n)]), span_of(n))


@expression("list_splat_pattern", "dictionary_splat_pattern", "splat_pattern")
def rest(c: Lowering, n: Node) -> Expr:
    """The name that takes the rest of what is taken apart."""
    kids = parts(n)
    c.nodes -= 1
    return expr_or_none(c, kids[0] if kids else None, span_of(n))


@expression("subscript")
def subscript(c: Lowering, n: Node) -> Expr:
    value = field(n, "value")
    keys = tuple([expr(c, k) for k in n.children_by_field_name("subscript")])
    return Index(expr_or_none(c, value, span_of(n)), keys, span_of(n))


@expression("slice")
def slice_(c: Lowering, n: Node) -> Expr:
    """A stretch of a text or list: `a[1:]` takes a part of it."""
    given: list[Expr] = [Literal(None, span_of(n))]
    for k in n.children:
        if k.kind_id in _COLON:
            given.append(Literal(None, span_of(n)))
        elif k.is_named:
            given[-1] = expr(c, k)
    return New(TypeRef("slice"), tuple([Argument(value) for value in given]), (), span_of(n))


def _begins_elsewhere(c: Lowering, args: tuple[Argument, ...]) -> bool:
    """Does `super(Base, self)` begin its search at another class than the one at hand?"""
    named = args[0].value if args else None
    word = named.id if type(named) is Name else named.name if type(named) is Member else ""
    return word not in ("", "__class__", c.owner.rpartition(".")[2])


@expression("call")
def call(c: Lowering, n: Node) -> Expr:
    place = span_of(n)
    function, given = field(n, "function"), field(n, "arguments")
    if function is None:
        return unknown(c, n)
    written = text_at(c, function)
    args = arguments(c, given)
    if written == "super":
        return Call(Name("super", place), args, place) if _begins_elsewhere(c, args) else Name("super", place)
    if c.this and written == c.this and c.owner:
        return New(TypeRef(c.owner), args, (), place)
    if written == "isinstance" and len(args) == 2 and type(args[1].value) in _PLAIN:
        return Binary("is", args[0].value, args[1].value, place)
    called = expr(c, function)
    if type(called) is Member:
        filled = _format(called, args, place) if called.name == "format" and type(called.object) is Literal else None
        if filled is not None:
            return filled
        above = called.object.function if type(called.object) is Call else called.object
        if called.name == "__init__" and type(above) is Name and above.id == "super":
            called = Member(called.object, ".ctor", called.span, called.name_span)
        c.calls.add(called.name)
    elif type(called) is Name:
        c.calls.add(called.id)
    return Call(called, args, place)


def _format(called: Member, args: tuple[Argument, ...], place: int) -> Expr | None:
    """`"{}".format(x)` is a template."""
    layout = called.object.value if type(called.object) is Literal else None
    if not isinstance(layout, str) or any(arg.mode for arg in args):
        return None
    named = {arg.name: arg.value for arg in args if arg.name}
    return formatted(layout, [arg.value for arg in args if not arg.name], named, place, False)


def arguments(c: Lowering, n: Node | None) -> tuple[Argument, ...]:
    """The arguments of a call, or the bases and keywords of a class."""
    if n is None:
        return ()
    if n.kind_id in _GENERATOR:
        return (Argument(expr(c, n)),)
    found: list[Argument] = []
    for k in parts(n):
        kind = k.kind_id
        if kind in _KEYWORD:
            named = field(k, "name")
            found.append(Argument(expr_or_none(c, field(k, "value"), span_of(k)), text_at(c, named) if named is not None else None))
        elif kind in _SPLAT or kind in _DICT_SPLAT:
            only = parts(k)
            mode = "spread" if kind in _SPLAT else "spread-map"
            found.append(Argument(expr_or_none(c, only[0] if only else None, span_of(k)), None, mode))
        else:
            found.append(Argument(expr(c, k)))
    return tuple(found)


@expression("yield")
def yielded(c: Lowering, n: Node) -> Expr:
    """A value that is handed out in the middle of an expression; as a statement of its own it is a Yield."""
    return Opaque("yield", tuple([expr(c, k) for k in parts(n)]), span_of(n))


@expression("print_statement", "exec_statement")
def old_statement(c: Lowering, n: Node) -> Expr:
    """`print x` and `exec x` of Python 2 are calls."""
    called = "print" if n.type == "print_statement" else "exec"
    c.calls.add(called)
    args = tuple([Argument(expr(c, k)) for k in parts(n)])
    return Call(Name(called, n.start_byte << 32 | n.start_byte + len(called)), args, span_of(n))


@expression("chevron")
def chevron(c: Lowering, n: Node) -> Expr:
    c.nodes -= 1
    return inner(c, n)


