"""What does an expression say in the IR?"""

from __future__ import annotations

import re
from typing import Final

from tree_sitter import Node

from apiposture.languages.csharp.dispatch import (
    DEEPEST,
    ERROR,
    EXTRAS,
    KINDS,
    NAMED,
    Lowering,
    expr,
    expression,
    field_id,
    identifier,
    ids,
    mentioned,
    parts,
    plain,
    solid,
    span_of,
    unknown,
)
from apiposture.languages.csharp.long_calls import long_chain
from apiposture.languages.csharp.types import type_args_of, type_as_expr, type_of
from apiposture.model.ir import (
    Argument,
    Assign,
    Binary,
    Call,
    Cast,
    Choice,
    Collection,
    Declare,
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

_GENERIC: Final = ids("generic_name")
_IDENTIFIER: Final = ids("identifier")
_COLON: Final = ids(":")
_MODES: Final = {i: mode for name, mode in (("out", "out"), ("ref", "ref")) for i in ids(name)}
_EQUALS: Final = ids("=")


@expression("identifier", "implicit_parameter", "predefined_type", "discard")
def name(c: Lowering, n: Node) -> Expr:
    start = n.start_byte
    end = n.end_byte
    text = c.text[start:end]
    text = plain(text) if text[:1] == "@" or "\\" in text else text
    c.uses[text] = None
    return Name(text, start << 32 | end)


@expression("this")
def this(c: Lowering, n: Node) -> Expr:
    return Name("this", span_of(n))


@expression("base")
def super_(c: Lowering, n: Node) -> Expr:
    return Name("super", span_of(n))


@expression("generic_name")
def generic(c: Lowering, n: Node) -> Expr:
    return Name(mentioned(c, n), span_of(n))


@expression("nullable_type", "array_type", "tuple_type", "pointer_type", "implicit_type", "ref_type", "scoped_type")
def bare_type(c: Lowering, n: Node) -> Expr:
    return type_as_expr(c, n)


@expression("member_access_expression")
def member(c: Lowering, n: Node) -> Expr:
    """`a.b`, of a value or a type."""
    target = n.child_by_field_id(_TARGET)
    last = n.child_by_field_id(_NAME)
    if target is None or last is None:
        return conditional_member(c, n)
    if c.broken:
        solid(c, n)
    owner = expr(c, target)
    place = n.start_byte << 32 | n.end_byte
    name_place = last.start_byte << 32 | last.end_byte
    if type(owner) is Binary and target.kind_id not in _PARENTHESES:
        # The grammar reads `x is A.B ? c : d` as `(x is A).B ? c : d`.
        constant = Member(owner.right, mentioned(c, last), owner.right.span >> 32 << 32 | n.end_byte, name_place)
        return Binary("==", owner.left, constant, place)
    return Member(owner, mentioned(c, last), place, name_place)


@expression("qualified_name", "alias_qualified_name", "conditional_access_expression")
def conditional_member(c: Lowering, n: Node) -> Expr:
    """`a?.b`, `a?[b]`, and names of types with dots."""
    children = solid(c, n)
    if len(children) != 3:
        return unknown(c, n)
    target, dot, last = children
    kind = last.kind_id
    if kind not in _IDENTIFIER and kind not in _GENERIC:
        inner = solid(c, last)
        if KINDS[kind] != "member_binding_expression" or len(inner) < 2:
            return Index(expr(c, target), keys_of(c, last), span_of(n))
        last = inner[-1]
    elif dot.kind_id in _ALIAS and c.text[target.start_byte : target.end_byte] == "global":
        return expr(c, last)
    return Member(expr(c, target), mentioned(c, last), span_of(n), span_of(last))


_PARENTHESES: Final = ids("parenthesized_expression", "checked_expression")
_ALIAS: Final = ids("::")
_TARGET: Final = field_id("expression")
_NAME: Final = field_id("name")


@expression("member_binding_expression")
def binding(c: Lowering, n: Node) -> Expr:
    kids = parts(c, n)
    return expr(c, kids[-1]) if kids else unknown(c, n)


@expression("element_access_expression")
def element(c: Lowering, n: Node) -> Expr:
    children = n.children if len(n.children) == 2 else solid(c, n)
    if len(children) != 2:
        return unknown(c, n)
    return Index(expr(c, children[0]), keys_of(c, children[1]), span_of(n))


@expression("element_binding_expression")
def element_binding(c: Lowering, n: Node) -> Expr:
    return Collection("tuple", keys_of(c, n), span_of(n))


def keys_of(c: Lowering, n: Node) -> tuple[Expr, ...]:
    """The values in the brackets of an element access."""
    return tuple([argument.value for argument in arguments(c, n)])


@expression("invocation_expression")
def call(c: Lowering, n: Node) -> Expr:
    target = n.child_by_field_id(_FUNCTION)
    given = n.child_by_field_id(_GIVEN)
    if target is None or given is None:
        return unknown(c, n)
    if c.depth >= DEEPEST - 1 and (chain := long_chain(c, n)) is not None:
        return chain
    if c.broken:
        solid(c, n)
    kind = target.kind_id
    if kind in _IDENTIFIER:
        function = name(c, target)
        c.nodes += 1
        if function.id == "nameof":  # type: ignore[union-attr]
            return name_of(c, n, given)
        c.calls.add(function.id)  # type: ignore[union-attr]
        return Call(function, arguments(c, given), n.start_byte << 32 | n.end_byte)
    function = expr(c, target)
    last = target
    while kind in _ACCESS and last.child_count:
        last = last.child(last.child_count - 1) or last
        kind = last.kind_id
    if type(function) is Member:
        c.calls.add(function.name)
    elif type(function) is Name:
        c.calls.add(function.id)
    args = arguments(c, given)
    if kind in _GENERIC:
        return Call(function, args, n.start_byte << 32 | n.end_byte, type_args_of(c, last))
    return Call(function, args, n.start_byte << 32 | n.end_byte)


_FUNCTION: Final = field_id("function")
_GIVEN: Final = field_id("arguments")
_ACCESS: Final = ids(
    "member_access_expression", "conditional_access_expression", "member_binding_expression", "qualified_name"
)


def name_of(c: Lowering, n: Node, given: Node) -> Expr:
    """The text that `nameof` stands for: the last name of its argument."""
    text = c.text[given.start_byte : given.end_byte].strip("() \t\r\n!")
    text = re.sub(r"<.*>", "", text, flags=re.DOTALL).rpartition(".")[2].strip()
    return Literal(plain(text), span_of(n))


def arguments(c: Lowering, n: Node) -> tuple[Argument, ...]:
    """The arguments of a list in parentheses or brackets."""
    out = []
    for k in n.children:
        kind = k.kind_id
        if kind in _ARGUMENT:
            only = k.child(0) if k.child_count == 1 else None
            out.append(_argument(c, k) if only is None else Argument(expr(c, only)))
        elif kind == ERROR:
            c.stray.append(k)
        elif kind in NAMED:
            out.append(Argument(expr(c, k)))
    return tuple(out)


_ARGUMENT: Final = ids("argument", "attribute_argument")


def _argument(c: Lowering, n: Node) -> Argument:
    """An argument with a name or a mode."""
    children = solid(c, n)
    label: str | None = None
    mode = ""
    if len(children) > 2 and (children[1].kind_id in _COLON or children[1].kind_id in _EQUALS):
        label = identifier(c, children[0])
        children = children[2:]
    for k in children[:-1]:
        mode = _MODES.get(k.kind_id, mode)
    value = expr(c, children[-1]) if children else unknown(c, n)
    return Argument(value, label, mode)


@expression("argument", "attribute_argument", "expression_element", "collection_element", "parenthesized_expression",
            "checked_expression", "ref_expression", "await_expression", "constant_pattern",
            "arrow_expression_clause")  # fmt: skip
def inner(c: Lowering, n: Node) -> Expr:
    """What adds nothing to the expression in it."""
    while n.kind_id in _WRAPPERS:
        children = n.children
        count = len(children)
        if (count == 2 or count == 3) and children[1].kind_id in _PLAIN:
            n = children[1]
            continue
        kids = parts(c, n)
        if not kids:
            if children and children[-1].kind_id not in EXTRAS and children[-1].kind_id != ERROR:
                n = children[-1]
                break
            return unknown(c, n)
        n = kids[-1]
    c.nodes -= 1
    return expr(c, n)


_PLAIN: Final = NAMED - {ERROR}
_WRAPPERS: Final = ids(
    "argument", "attribute_argument", "expression_element", "collection_element", "parenthesized_expression",
    "checked_expression", "ref_expression", "await_expression", "constant_pattern", "arrow_expression_clause",
)  # fmt: skip


@expression("declaration_expression")
def declaration(c: Lowering, n: Node) -> Expr:
    """`out int x` is the name; its type goes into a declaration before the statement."""
    kids = parts(c, n)
    if len(kids) != 2:
        return unknown(c, n)
    return declared(c, kids[0], kids[1])


def declared(c: Lowering, type_node: Node | None, name_node: Node) -> Expr:
    """The name that an expression declares."""
    type_ = type_of(c, type_node)
    spelled = mentioned(c, name_node)
    place = span_of(name_node)
    if type_ is not None:
        c.nodes += 1
        c.declared.append(Declare(spelled, type_, None, place))
    return Name(spelled, place)


@expression("parenthesized_variable_designation", "tuple_pattern")
def designation(c: Lowering, n: Node) -> Expr:
    return Collection("tuple", tuple([expr(c, k) for k in parts(c, n)]), span_of(n))


@expression("tuple_expression")
def tuple_(c: Lowering, n: Node) -> Expr:
    return Collection("tuple", keys_of(c, n), span_of(n))


_LEFT: Final = field_id("left")
_OPERATOR: Final = field_id("operator")
_RIGHT: Final = field_id("right")


@expression("assignment_expression")
def assign(c: Lowering, n: Node) -> Expr:
    target = n.child_by_field_id(_LEFT)
    operator = n.child_by_field_id(_OPERATOR)
    value = n.child_by_field_id(_RIGHT)
    if target is None or operator is None or value is None:
        return unknown(c, n)
    if c.broken:
        solid(c, n)
    return Assign(expr(c, target), KINDS[operator.kind_id], expr(c, value), n.start_byte << 32 | n.end_byte)


@expression("default_expression")
def default(c: Lowering, n: Node) -> Expr:
    kids = parts(c, n)
    place = span_of(n)
    type_ = type_of(c, kids[0]) if kids else None
    return Literal(None, place) if type_ is None else Cast(type_, Literal(None, place), place)


@expression("typeof_expression", "sizeof_expression")
def of_type(c: Lowering, n: Node) -> Expr:
    operator = Name(KINDS[n.kind_id].removesuffix("_expression"), span_of(n.children[0]))
    kids = parts(c, n)
    c.nodes += 1 + len(kids)
    return Call(operator, tuple([Argument(type_as_expr(c, k)) for k in kids]), span_of(n))


@expression("makeref_expression", "reftype_expression", "refvalue_expression")
def intrinsic(c: Lowering, n: Node) -> Expr:
    operator = Name(KINDS[n.children[0].kind_id], span_of(n.children[0]))
    return Call(operator, tuple([Argument(expr(c, k)) for k in parts(c, n)]), span_of(n))


@expression("throw_expression")
def throw(c: Lowering, n: Node) -> Expr:
    return Opaque("throw", tuple([expr(c, k) for k in parts(c, n)]), span_of(n))


@expression("range_expression")
def range_(c: Lowering, n: Node) -> Expr:
    """`a..b` makes a System.Range."""
    side = "start"
    args = []
    for k in solid(c, n):
        if KINDS[k.kind_id] == "..":
            side = "end"
        else:
            args.append(Argument(expr(c, k), side))
    return New(TypeRef("Range"), tuple(args), (), span_of(n))


@expression("preproc_if")
def preproc_if(c: Lowering, n: Node) -> Expr:
    """Both branches of `#if` in an expression."""
    kids = parts(c, n)
    if len(kids) < 2:
        return unknown(c, n)
    then = expr(c, kids[1])
    return Choice(expr(c, kids[0]), then, expr(c, kids[2]), span_of(n)) if len(kids) > 2 else then


@expression("preproc_else")
def preproc_else(c: Lowering, n: Node) -> Expr:
    kids = parts(c, n)
    return expr(c, kids[0]) if kids else Literal(None, span_of(n))


@expression("preproc_elif")
def preproc_elif(c: Lowering, n: Node) -> Expr:
    return preproc_if(c, n)


@expression("unary_expression")
def preproc_not(c: Lowering, n: Node) -> Expr:
    kids = parts(c, n)
    return Unary("!", expr(c, kids[-1]), span_of(n)) if kids else unknown(c, n)


