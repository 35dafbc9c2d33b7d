"""What does a function that another one makes depend on, as that other one was called?

`def require(right, guests=False): base = anybody if guests else keeper; def ask(user=Depends(base)): ...; return ask`: whom `ask` waits
for is what the literals chose that `require` was given, and the right that it asks for is what it was told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from apiposture.model import ir
from apiposture.program import walk

MAX_DEPTH = 8

Bindings = Mapping[str, list[tuple[ir.Expr, bool]]]


def chosen(value: ir.Expr, fixed: Mapping[str, object]) -> ir.Expr:
    """The side of `a if required else b` that a literal argument chooses."""
    outcome = _outcome(value.condition, fixed) if isinstance(value, ir.Choice) else None
    return value if outcome is None or not isinstance(value, ir.Choice) else value.then if outcome else value.other


def fixed_by(function: ir.Function, call: ir.Call | ir.Annotation) -> dict[str, object]:
    """The parameters of a call that are given, or left to, a literal; of a list of them, what it holds."""
    found: dict[str, object] = {}
    spread = any(arg.mode for arg in call.args)
    for i, param in enumerate(function.params):
        if param.mode == "rest":
            rest = [arg.value for arg in call.args[i:] if arg.name is None]
            if not spread and all(isinstance(value, ir.Literal) for value in rest):
                found[param.name] = tuple(value.value for value in rest if isinstance(value, ir.Literal))
            continue
        given = walk.argument(call, i, param.name) or (param.default if not spread else None)
        if isinstance(given, ir.Literal) and not param.mode:
            found[param.name] = given.value
        elif isinstance(given, ir.Collection) and not given.items and not param.mode:
            found[param.name] = ()
    return found


def kept_by(constructor: ir.Function, call: ir.Call) -> dict[str, object]:
    """The members that a constructor sets once, to what a call gives it as a literal: `self.optional = optional`."""
    fixed, found = fixed_by(constructor, call), dict[str, object]()
    sets = [node for node in walk.nodes(constructor.body or ()) if isinstance(node, ir.Assign)]
    paths = [walk.dotted(one.target) for one in sets]
    for path, one in zip(paths, sets, strict=True):
        if paths.count(path) == 1 and one.operator == "=" and isinstance(one.value, ir.Name) and one.value.id in fixed:
            found[path] = fixed[one.value.id]
    return found


def answers_of(statements: tuple[ir.Stmt, ...], fixed: Mapping[str, object]) -> Iterator[ir.Expr]:
    """What a function returns, of the sides of its tests that the literals choose."""
    for statement in statements:
        if isinstance(statement, ir.If):
            outcome = _outcome(statement.condition, fixed)
            for side in (side for side, is_so in ((statement.then, True), (statement.other, False)) if outcome in (None, is_so)):
                yield from answers_of(side, fixed)
                if outcome is not None and side and isinstance(side[-1], ir.Return | ir.Throw):
                    return
        elif isinstance(statement, ir.Return):
            if statement.value is not None:
                yield chosen(statement.value, fixed)
            return
        elif isinstance(statement, ir.Block | ir.Loop | ir.Try):
            yield from (chosen(value, fixed) for value in walk.returned(replace(_NOTHING, body=(statement,))))


_NOTHING = ir.Function("", (), None, (), (), (), (), 0, 0)


def _outcome(test: ir.Expr, fixed: Mapping[str, object]) -> bool | None:
    if isinstance(test, ir.Unary) and test.operator == "!":
        inner = _outcome(test.operand, fixed)
        return None if inner is None else not inner
    return bool(fixed[test.id]) if isinstance(test, ir.Name) and test.id in fixed else None


def lists_given(function: ir.Function, call: ir.Call) -> dict[str, ir.Collection]:
    """The parameters of a call that are given a list or set which is written out there."""
    given = ((param.name, walk.argument(call, i, param.name)) for i, param in enumerate(function.params) if not param.mode)
    return {name: value for name, value in given if isinstance(value, ir.Collection)}


class Waiting(NamedTuple):
    """What a function that another one makes waits for: what the other sets, and what a call of the other gives it."""

    bindings: Bindings
    fixed: Mapping[str, object]
    lists: Mapping[str, ir.Collection]


def as_made(inner: ir.Function, waiting: Waiting) -> ir.Function:
    """The inner function, its parameters waiting for what the call chooses; itself where it chooses nothing."""
    params = tuple([_as_made(param, waiting) for param in inner.params])
    return inner if params == inner.params else replace(inner, params=params)


def _as_made(param: ir.Param, waiting: Waiting) -> ir.Param:
    """`user = Depends(base)`, or `user: Annotated[User, Depends(base)]`, where the function around sets `base` once."""
    default = param.default
    if isinstance(default, ir.Call) and len(default.args) == 1:
        given = _chosen_for(default.args[0], waiting)
        return param if given is None else replace(param, default=replace(default, args=(given,)))
    annotations = tuple([_waited_for(one, waiting) for one in param.annotations])
    return param if annotations == param.annotations else replace(param, annotations=annotations)


def _waited_for(annotation: ir.Annotation, waiting: Waiting) -> ir.Annotation:
    given = _chosen_for(annotation.args[0], waiting) if len(annotation.args) == 1 else None
    return annotation if given is None else replace(annotation, args=(given,))


def _chosen_for(arg: ir.Argument, waiting: Waiting) -> ir.Argument | None:
    """What a name that is waited for stands for; None where that is not known any better."""
    named = arg.value
    if not isinstance(named, ir.Name):
        return None
    values = waiting.bindings.get(named.id, [])
    value = chosen(values[0][0], waiting.fixed) if len(values) == 1 else named
    if isinstance(value, ir.Call):
        filled = _filled(value, waiting, 0)
        return None if filled == value else replace(arg, value=filled)
    return replace(arg, value=value) if isinstance(value, ir.Name | ir.Member) else None


def handed_on(call: ir.Call, function: ir.Function, given: ir.Call) -> tuple[ir.Argument, ...]:
    """The arguments of a call in a function, with the lists and literals that the function is given itself: `ask(scopes or [])`."""
    fixed = fixed_by(function, given)
    waiting = Waiting({}, fixed, lists_given(function, given))
    return tuple(replace(arg, value=_as_given(arg.value, waiting)) for arg in call.args)


def _as_given(value: ir.Expr, waiting: Waiting) -> ir.Expr:
    known = waiting.fixed.get(value.id) if isinstance(value, ir.Name) else None
    return ir.Literal(known, value.span) if isinstance(known, str | int | bool) else _filled(value, waiting, 0)


def constants_in(args: tuple[ir.Argument, ...]) -> list[str]:
    """The texts among arguments, and the names of constants there."""
    return [text for arg in args for _, text in _constants(arg.value)]


def _filled(value: ir.Expr, waiting: Waiting, depth: int) -> ir.Expr:
    """What is made with the lists that the call gives: `Gate(allowed or {User})` is `Gate({Keeper})` where `allowed` is that."""
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, ir.Name):
        bound = waiting.bindings.get(value.id, [])
        if len(bound) == 1 and value.id not in waiting.lists and value.id not in waiting.fixed:
            filled = _filled(bound[0][0], waiting, depth + 1)
            return filled if isinstance(filled, ir.Collection) else value
        return waiting.lists.get(value.id, value) if not bound else value
    if isinstance(value, ir.Choice):
        side = chosen(value, waiting.fixed)
        return value if side is value else _filled(side, waiting, depth + 1)
    if isinstance(value, ir.Binary) and value.operator in ("||", "??"):
        if isinstance(value.left, ir.Name) and value.left.id in waiting.fixed and not waiting.fixed[value.left.id]:
            return _filled(value.right, waiting, depth + 1)
        left = _filled(value.left, waiting, depth + 1)
        if isinstance(left, ir.Collection) and not left.items:
            return _filled(value.right, waiting, depth + 1)
        return left if isinstance(left, ir.Collection) else value
    if isinstance(value, ir.Call):
        args = tuple([replace(arg, value=_filled(arg.value, waiting, depth + 1)) for arg in value.args])
        return value if args == value.args else replace(value, args=args)
    return value


def told(outer: ir.Function, call: ir.Call, inner: ir.Function) -> tuple[tuple[str, str], ...]:
    """The constants that the inner function is told by the call that made it, each with the names of what it was given for and of what it
    is one of: `("require_permission required Permission", "EDIT")`.
    """
    used = {node.id for node in walk.nodes(inner.body or ()) if isinstance(node, ir.Name)}
    given = ((param.name, walk.argument(call, i, param.name)) for i, param in enumerate(outer.params) if param.name in used)
    found = ((name, one) for name, value in given if value is not None for one in _constants(value))
    return tuple((f"{outer.name} {name} {kind}", text) for name, (kind, text) in found)


def _constants(value: ir.Expr) -> Iterator[tuple[str, str]]:
    """Texts, and the names of members that are written as constants are, with what they are members of."""
    items = value.items if isinstance(value, ir.Collection) else (value,)
    for item in items:
        if isinstance(item, ir.Literal) and isinstance(item.value, str):
            yield "", item.value
        elif isinstance(item, ir.Member) and item.name.isupper():
            yield walk.dotted(item.object).rpartition(".")[2], item.name
