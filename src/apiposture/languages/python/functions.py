"""What does a function take, and what does it do: parameters, decorators, bodies, lambdas, comprehensions?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from apiposture.languages.python.conditions import condition
from apiposture.languages.python.dispatch import Lowering, expr, expr_or_none, expression, field, ids, parts, span_of, stmts, text_at
from apiposture.languages.python.types import annotation_of, type_of, type_params_of, typed
from apiposture.model.ir import (
    Annotation,
    Argument,
    Assign,
    Call,
    Eval,
    Expr,
    Function,
    Lambda,
    Literal,
    Member,
    Name,
    Opaque,
    Param,
    Return,
    Stmt,
    TypeParam,
    TypeRef,
)

_IDENTIFIER: Final = ids("identifier")
_DEFAULT: Final = ids("default_parameter")
_TYPED: Final = ids("typed_parameter")
_TYPED_DEFAULT: Final = ids("typed_default_parameter")
_SPLAT: Final = ids("list_splat_pattern")
_DICT_SPLAT: Final = ids("dictionary_splat_pattern")
_TUPLE: Final = ids("tuple_pattern")
_DECORATOR: Final = ids("decorator")
_FOR: Final = ids("for_in_clause")
_IF: Final = ids("if_clause")

HEAVY: Final = 2
"""How many levels more a function as a value counts, which takes several nodes to express."""

UNBOUND: Final = frozenset(("staticmethod",))
NO_BODY: Final = frozenset(("abstractmethod", "abstractproperty", "overload"))


def params_of(c: Lowering, n: Node | None) -> list[Param]:
    """The parameters of a list."""
    found = [_param(c, k) for k in parts(n)] if n is not None else []
    return [param for param in found if param is not None]


def _param(c: Lowering, n: Node) -> Param | None:
    kind = n.kind_id
    place = span_of(n)
    if kind in _IDENTIFIER:
        return Param(text_at(c, n), None, None, (), "", place)
    if kind in _DEFAULT or kind in _TYPED_DEFAULT:
        spelled = field(n, "name")
        of = typed(c, field(n, "type"))
        value = field(n, "value")
        default = expr(c, value) if value is not None else Literal(None, place)
        return Param(text_at(c, spelled) if spelled is not None else "", of.type, default, tuple(of.annotations), "", place)
    if kind in _TYPED:
        kids = parts(n)
        bare = _param(c, kids[0]) if kids else None
        if bare is None:
            return None
        of = typed(c, field(n, "type"))
        return Param(bare.name, of.type, None, tuple(of.annotations), bare.mode, place)
    if kind in _SPLAT or kind in _DICT_SPLAT:
        kids = parts(n)
        mode = "rest" if kind in _SPLAT else "rest-map"
        return Param(text_at(c, kids[0]), None, None, (), mode, place) if kids else None
    if kind in _TUPLE:
        return Param(text_at(c, n), None, None, (), "", place)
    return None


def annotations_of(c: Lowering, nodes: list[Node]) -> tuple[Annotation, ...]:
    """The decorators, outermost first."""
    found: list[Annotation] = []
    for n in nodes:
        kids = parts(n)
        if n.kind_id in _DECORATOR and kids:
            found.append(annotation_of(expr(c, kids[0]), span_of(n)))
    return tuple(found)


def function_of(c: Lowering, n: Node, decorators: list[Node], owner: str = "") -> Function:
    """A function, or the method of a class: its first parameter is `this`, and no parameter any more."""
    annotations = annotations_of(c, decorators)
    names = {one.name.rpartition(".")[2] for one in annotations}
    params = params_of(c, field(n, "parameters"))
    modifiers = ["async"] if n.children and n.children[0].type == "async" else []
    around = (c.this, c.owner, c.top, c.truths)
    spelled = field(n, "name")
    name = text_at(c, spelled) if spelled is not None else ""
    c.top = False
    if owner:
        c.this, c.owner = "", owner
        is_bound = names.isdisjoint(UNBOUND) and params and not params[0].mode
        if is_bound:
            c.this = params.pop(0).name
        if "classmethod" in names or not is_bound or name == "__init_subclass__":
            modifiers.append("static")
        if not names.isdisjoint(NO_BODY):
            modifiers.append("abstract")
    elif any(param.name == c.this for param in params):
        c.this = ""
    returns = type_of(c, field(n, "return_type"))
    c.truths = returns is not None and returns.name == "bool"
    rebound, c.rebinds = c.rebinds, set()
    body = field(n, "body")
    c.depth += HEAVY
    lowered = stmts(c, body.children) if body is not None else ()
    c.depth -= HEAVY
    c.this, c.owner, c.top, c.truths = around
    rebinds, c.rebinds = tuple(sorted(c.rebinds)), rebound
    c.rebound.update(rebinds)
    return Function(
        ".ctor" if owner and name == "__init__" else name,
        tuple(params),
        returns,
        None if "abstract" in modifiers or "overload" in names else lowered,
        annotations,
        tuple(modifiers),
        (*type_params_of(c, field(n, "type_parameters")), *_variables(c, params, returns)),
        span_of(n),
        span_of(spelled) if spelled is not None else n.start_byte << 32 | n.start_byte,
        rebinds=rebinds,
    )


def _variables(c: Lowering, params: list[Param], returns: TypeRef | None) -> Iterator[TypeParam]:
    """The variables for types that a function speaks of, without saying that they are its own."""
    if c.typevars:
        spoken = {name for ref in (returns, *(param.type for param in params)) if ref is not None for name in _names_in(ref)}
        yield from (TypeParam(name) for name in sorted(spoken & c.typevars))


def _names_in(ref: TypeRef) -> Iterator[str]:
    yield ref.name
    for arg in ref.args:
        yield from _names_in(arg)


def synthetic(names: list[Param], body: tuple[Stmt, ...], place: int) -> Lambda:
    """A nameless function."""
    return Lambda(Function("", tuple(names), None, body, (), (), (), place, place), place)


@expression("lambda")
def lambda_(c: Lowering, n: Node) -> Expr:
    params = params_of(c, field(n, "parameters"))
    this = c.this
    if any(param.name == this for param in params):
        c.this = ""
    truths, c.truths = c.truths, False
    body = field(n, "body")
    c.depth += HEAVY
    value = expr_or_none(c, body, span_of(n))
    c.depth -= HEAVY
    c.this, c.truths = this, truths
    place = span_of(body) if body is not None else span_of(n)
    return synthetic(params, (Return(value, place),), span_of(n))


@expression("list_comprehension", "set_comprehension", "generator_expression", "dictionary_comprehension")
def comprehension(c: Lowering, n: Node) -> Expr:
    """`[f(x) for x in xs if p(x)]` is `xs.filter(x => p(x)).map(x => f(x))`; a second `for` makes a `flatMap`."""
    truths, c.truths = c.truths, False
    clauses = [k for k in parts(n) if k.kind_id in _FOR or k.kind_id in _IF]
    body = field(n, "body")
    if not clauses or body is None or clauses[0].kind_id not in _FOR:
        c.truths = truths
        c.opaque += 1
        return Opaque(n.type, tuple([expr(c, k) for k in parts(n)]), span_of(n))
    c.depth += HEAVY
    found = _comprehended(c, clauses, body, n)
    c.depth -= HEAVY
    c.truths = truths
    return found


def _comprehended(c: Lowering, clauses: list[Node], body: Node, n: Node) -> Expr:
    first, rest = clauses[0], clauses[1:]
    place = span_of(n)
    source = expr_or_none(c, field(first, "right"), place)
    target = field(first, "left")
    while rest and rest[0].kind_id in _IF:
        test = next(iter(parts(rest[0])), None)
        tested = condition(c, test) if test is not None else Literal(True, place)
        source = _step(c, source, "filter", _over(c, target, tested, span_of(rest[0])), first.start_byte << 32 | rest[0].end_byte)
        rest = rest[1:]
    if rest:
        c.depth += 4
        inner: Expr = _comprehended(c, rest, body, n) if c.depth < 90 else Opaque("too-deep", (), place)
        c.depth -= 4
        return _step(c, source, "flatMap", _over(c, target, inner, place), place)
    return _step(c, source, "map", _over(c, target, expr(c, body), span_of(body)), place)


def _step(c: Lowering, source: Expr, name: str, code: Expr, place: int) -> Expr:
    c.nodes += 2
    c.calls.add(name)
    return Call(Member(source, name, place, place), (Argument(code),), place)


def _over(c: Lowering, target: Node | None, value: Expr, place: int) -> Lambda:
    """A function of what one `for` binds."""
    if target is None or target.kind_id in _IDENTIFIER:
        name = text_at(c, target) if target is not None else "_"
        return synthetic([Param(name, None, None, (), "", place)], (Return(value, value.span),), place)
    at = span_of(target)
    taken = Eval(Assign(expr(c, target), "=", Name("$item", at), at), at)
    return synthetic([Param("$item", None, None, (), "", at)], (taken, Return(value, value.span)), place)


