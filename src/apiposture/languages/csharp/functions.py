"""What does a callable take, and what does it do: parameters, bodies, lambdas, attributes?"""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from apiposture.languages.csharp.creations import of_type
from apiposture.languages.csharp.dispatch import (
    ERROR,
    HEAVY,
    KINDS,
    NAMED,
    Lowering,
    expr,
    expression,
    identifier,
    ids,
    parts,
    solid,
    span_of,
    stmts,
)
from apiposture.languages.csharp.expressions import arguments
from apiposture.languages.csharp.types import type_args_of, type_name, type_of, type_params_of
from apiposture.model.ir import Annotation, Expr, Function, Lambda, Param, Return, Stmt, TypeRef

_ATTRIBUTES: Final = ids("attribute_list", "preproc_if_in_attribute_list")
_ATTRIBUTE: Final = ids("attribute")
_TARGET: Final = ids("attribute_target_specifier")
_MODIFIER: Final = ids("modifier")
_PARAMETER: Final = ids("parameter", "implicit_parameter")
_PARAMETERS: Final = ids("parameter_list", "bracketed_parameter_list")
_IDENTIFIER: Final = ids("identifier")
_IMPLICIT: Final = ids("implicit_parameter")
_BLOCK: Final = ids("block")
_EQUALS: Final = ids("=")
_PARAMS: Final = ids("params")
_GENERIC: Final = ids("generic_name")
_ARROW: Final = ids("=>")
_ARGUMENTS: Final = ids("attribute_argument_list")
_TYPE_PARAMETERS: Final = ids("type_parameter_list")
_CONSTRAINTS: Final = ids("type_parameter_constraints_clause")
_EXPRESSION_BODY: Final = ids("arrow_expression_clause")
_COMMA: Final = ids(",", "(", ")", "[", "]")
_EXPLICIT: Final = ids("explicit_interface_specifier")
_TASKS: Final = frozenset(("Task", "ValueTask"))
_MODES: Final = {"this": "this", "ref": "ref", "out": "out", "params": "rest"}


def annotations_of(c: Lowering, n: Node, target: str = "") -> list[Annotation]:
    """The attributes of one list."""
    out = []
    for k in solid(c, n):
        kind = k.kind_id
        if kind in _ATTRIBUTE:
            out.append(_annotation(c, k, target))
        elif kind in _TARGET:
            target = c.text[k.start_byte : k.end_byte].rstrip(": \t\r\n")
        elif kind in _ATTRIBUTES or KINDS[kind].startswith("preproc_el"):
            out.extend(annotations_of(c, k))
        elif KINDS[kind] in ("assembly", "module"):
            target = KINDS[kind]
    return out


def _annotation(c: Lowering, n: Node, target: str) -> Annotation:
    kids = parts(c, n)
    name = type_name(c, kids[0]) if kids else ""
    short = name.removesuffix("Attribute")
    type_args = type_args_of(c, kids[0]) if kids and kids[0].kind_id in _GENERIC else ()
    args = next((arguments(c, k) for k in kids if k.kind_id in _ARGUMENTS), ())
    return Annotation(short if short and short[-1] != "." else name, args, span_of(n), type_args, target)


def params_of(c: Lowering, n: Node | None) -> tuple[Param, ...]:
    """The parameters of a list. A `params` array stands in the list itself, without a node of its own."""
    if n is None:
        return ()
    out: list[Param] = []
    loose: list[Node] = []
    for k in n.children:
        kind = k.kind_id
        if kind in _PARAMETER:
            out.append(_param(c, k, k.children or [k], span_of(k)))
        elif kind in _COMMA:
            if loose:
                out.append(_loose(c, loose))
                loose = []
        elif kind in NAMED or kind in _PARAMS:
            loose.append(k)
    if loose:
        out.append(_loose(c, loose))
    return tuple(out)


def _loose(c: Lowering, nodes: list[Node]) -> Param:
    return _param(c, nodes[0], nodes, nodes[0].start_byte << 32 | nodes[-1].end_byte)


def _param(c: Lowering, n: Node, children: list[Node], place: int) -> Param:
    annotations: list[Annotation] = []
    mode = ""
    types: list[Node] = []
    default: Expr | None = None
    has_default = False
    for k in children:
        kind = k.kind_id
        if has_default and kind in NAMED:
            default = expr(c, k)
        elif kind in _EQUALS:
            has_default = True
        elif kind in _ATTRIBUTES:
            annotations += annotations_of(c, k)
        elif kind in _MODIFIER or kind in _PARAMS:
            mode = _MODES.get(c.text[k.start_byte : k.end_byte], mode)
        elif kind in NAMED:
            types.append(k)
    name = identifier(c, types[-1]) if types else ""
    type_ = type_of(c, types[-2]) if len(types) > 1 else None
    return Param(name, type_, default, tuple(annotations), mode, place)


def body_of(c: Lowering, n: Node | None, gives: TypeRef | None = None) -> tuple[Stmt, ...] | None:
    """The statements of a block, or the one Return that an expression body is; `gives` is the type of what is returned."""
    if n is None:
        return None
    outer, c.gives = c.gives, gives
    body = stmts(c, n.children) if n.kind_id in _BLOCK else returned(c, n)
    c.gives = outer
    return body


def _given(returns: TypeRef | None, modifiers: list[str]) -> TypeRef | None:
    """The type of what a function of this type returns; unknown where a task is returned as it is."""
    if returns is None or returns.name.rpartition(".")[2] not in _TASKS:
        given = returns
    else:
        given = returns.args[0] if "async" in modifiers and returns.args else None
    return given if given is not None and not given.args else None  # a `Result<T>` answers for all that it is made of


def returned(c: Lowering, n: Node) -> tuple[Stmt, ...]:
    """An expression body: one Return, after what the expression declares."""
    outer, c.declared = c.declared, []
    c.nodes += 1
    value = of_type(expr(c, n), c.gives)
    body = (*c.declared, Return(value, span_of(n)))
    c.declared = outer
    return body


@expression("lambda_expression", "anonymous_method_expression")
def lambda_(c: Lowering, n: Node) -> Expr:
    annotations: list[Annotation] = []
    modifiers: list[str] = []
    params: tuple[Param, ...] = ()
    returns: TypeRef | None = None
    body: tuple[Stmt, ...] = ()
    after_arrow = False
    c.depth += HEAVY
    outer, c.gives = c.gives, None
    for k in solid(c, n):
        kind = k.kind_id
        if kind in _ARROW:
            after_arrow = True
        elif kind in _BLOCK:
            body = stmts(c, k.children)
        elif after_arrow:
            body = returned(c, k)
        elif kind in _IMPLICIT:
            params += (Param(identifier(c, k), None, None, (), "", span_of(k)),)
        elif kind in _PARAMETERS:
            params = params_of(c, k)
        elif kind in _ATTRIBUTES:
            annotations += annotations_of(c, k)
        elif kind in _MODIFIER:
            modifiers.append(c.text[k.start_byte : k.end_byte])
        elif kind in NAMED:
            returns = type_of(c, k)
            c.gives = _given(returns, modifiers)
    c.gives = outer
    c.depth -= HEAVY
    start = n.start_byte
    place = start << 32 | n.end_byte
    function = Function(
        "", params, returns, body, tuple(annotations), tuple(modifiers), (), place, start << 32 | start
    )
    return Lambda(function, place)


def synthetic(params: tuple[str, ...], body: tuple[Stmt, ...], place: int) -> Lambda:
    """A lambda that the source doesn't write as one, such as a query clause."""
    taken = tuple([Param(name, None, None, (), "", place) for name in params])
    start = place >> 32
    return Lambda(Function("", taken, None, body, (), (), (), place, start << 32 | start), place)


def function_of(c: Lowering, n: Node) -> Function:
    """A local function or a method."""
    annotations: list[Annotation] = []
    modifiers: list[str] = []
    params: tuple[Param, ...] = ()
    named: list[Node] = []
    type_params: Node | None = None
    constraints: list[Node] = []
    body: Node | None = None
    for k in n.children:
        kind = k.kind_id
        if kind in _MODIFIER:
            modifiers.append(c.text[k.start_byte : k.end_byte])
        elif kind in _PARAMETERS:
            params = params_of(c, k)
        elif kind in _BLOCK or kind in _EXPRESSION_BODY:
            body = k
        elif kind in _ATTRIBUTES:
            annotations += annotations_of(c, k)
        elif kind in _TYPE_PARAMETERS:
            type_params = k
        elif kind in _CONSTRAINTS:
            constraints.append(k)
        elif kind == ERROR:
            c.stray.append(k)
        elif kind in _EXPLICIT:
            modifiers.append("explicit")
        elif kind in NAMED:
            named.append(k)
    name_node = named[-1] if named else n
    returns = type_of(c, named[0]) if len(named) > 1 else None
    return Function(
        identifier(c, name_node) if named else "",
        params,
        returns,
        body_of(c, body, _given(returns, modifiers)),
        tuple(annotations),
        tuple(modifiers),
        type_params_of(c, type_params, constraints) if type_params is not None else (),
        n.start_byte << 32 | n.end_byte,
        name_node.start_byte << 32 | name_node.end_byte,
    )
