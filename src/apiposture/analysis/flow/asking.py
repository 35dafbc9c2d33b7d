"""What does a condition of a query hold each row against?"""

from __future__ import annotations

from apiposture.analysis.flow.alternatives import in_alternatives, says_open
from apiposture.analysis.flow.binding import element
from apiposture.analysis.flow.conjuncts import SIGNS, conjuncts, is_turned, orders, plainly
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import EMPTY, PRINCIPAL, Label, Way
from apiposture.analysis.flow.positions import Given
from apiposture.analysis.flow.queries import Predicate
from apiposture.analysis.flow.sparing import of_some, only_ties
from apiposture.analysis.flow.values import Value, flat, is_itself, union
from apiposture.analysis.scalars import names_nothing
from apiposture.analysis.words import pattern
from apiposture.model import ir
from apiposture.model.source import Span
from apiposture.program import walk


def of_row(frame: Frame, holder: Value, code: Value) -> list[Value]:
    """What a lambda gives for one row of the holder, the row marked as such."""
    if code.code is None or not code.code.function.params:
        return []
    inner, bodies = _at_row(frame, holder, code.code)
    return [inner.value(body) for body in bodies]


def _at_row(frame: Frame, holder: Value, code: ir.Lambda) -> tuple[Frame, list[ir.Expr]]:
    """The lambda's frame with its parameters bound to a row, and the expressions that it returns."""
    inner = frame.inner(dict(frame.env))
    row = element(holder)
    for param in code.function.params:
        # What earlier steps of a query asked says nothing about what this one looks at.
        about = EMPTY if holder.query is not None else row.about
        inner.env[param.name] = Value({Label.of("row"): None, **row.labels}, row.type, about, fields=holder.fields)
    inner.run([statement for statement in code.function.body or () if type(statement) is not ir.Return])
    return inner, list(walk.returned(code.function))


def conditions(frame: Frame, receiver: Value, lambdas: list[Value]) -> tuple[Predicate, ...]:
    """The conjuncts of predicates: which members of the row each looks at, and what it holds them against."""
    found: list[Predicate] = []
    for value in lambdas:
        if value.code is not None and value.code.function.params:
            inner, bodies = _at_row(frame, receiver, value.code)
            found += (_predicate(inner, conjunct) for body in bodies for conjunct in conjuncts(body))
    return tuple(found)


def written_out(frame: Frame, args: Given) -> list[Predicate]:
    """Conditions that are no functions: `Order.id == id`, or members by name, `id=id`."""
    found: list[Predicate] = []
    for arg, value in args if frame.module.explicit_names else ():
        if arg.name is not None and value.code is None:
            found.append(named(frame, arg.value.span, arg.name, value))
        elif type(arg.value) is ir.Name and value.query is not None and value.query.entity is None:
            found += value.query.predicates
        elif value.code is None and (any(x.kind == "row" for x in value.everything()) or _is_condition(frame, arg.value)):
            for conjunct in conjuncts(plainly(frame, arg.value)):
                made = frame.value(conjunct).query
                found += made.predicates if made is not None and made.entity is None else (_predicate(frame, conjunct),)
    return found


def _is_condition(frame: Frame, expr: ir.Expr) -> bool:
    """Is it a condition that calls put together: `Q(owner=me) | Q(public=True)`?"""
    if type(expr) is ir.Binary and expr.operator in SIGNS:
        return _is_condition(frame, expr.left) and _is_condition(frame, expr.right)
    made = frame.value(expr).query
    return made is not None and made.entity is None


def held_against(frame: Frame, span: Span, values: list[Value]) -> Predicate:
    """What these values hold the members of a row against that are among them."""
    against: dict[Label, Way] = {}
    members: set[str] = set()
    for value in values:
        keyed = value.type is None or not names_nothing(value.type)
        asked = value.query.predicates if value.query is not None and value.query.entity is None else ()
        held = value.labels if is_itself(value) else flat(value)
        for label, trail in (*held.items(), *(pair for one in asked for pair in one.against.items())):
            if label.kind == "row":
                members.add(".".join(label.path))
            elif label.kind in ("principal", "object") or (keyed and label.kind in ("param", "request")):
                against.setdefault(label, trail)
        below = value.query.predicates if value.query is not None and value.query.entity is not None else ()
        for one in below:  # `Order.shop_id.in_(select(Keeper.shop_id).where(Keeper.user_id == who))`
            against.update((x, t) for label, t in one.against.items() if (x := only_ties(label)).kind == "param" and x not in against)
    about = union(value.everything() for value in values)
    rows = {x for x in about if x.kind == "row"}
    members |= {".".join(x.path) for x in rows}
    if PRINCIPAL in about:
        against.setdefault(PRINCIPAL, None)
    owners = frozenset(str(x.key) for x in rows if x.key)
    return Predicate(frozenset(members), against, about - rows, frame.module, span, owners=owners)


def named(frame: Frame, span: Span, name: str, value: Value) -> Predicate:
    """A parameter of SQL text, by its name: the text holds a column of that name against it."""
    several = "__" in name and frame.knowledge.does(name.rpartition("__")[2], "of-several")
    found = held_against(frame, span, [value]).of(frozenset((name,)), several)
    if value.constants == (True,) and "__" not in name and pattern("open").search(name):
        return found.opening()
    return of_some(found) if orders(frame, name) else found


def _predicate(frame: Frame, conjunct: ir.Expr) -> Predicate:
    found = held_against(frame, conjunct.span, [frame.value(side) for side in _sides(conjunct)])
    is_alternative = type(conjunct) is ir.Binary and conjunct.operator in ("||", "|")  # the other side may let in what is not open
    found = found.opening() if not found.against and not is_alternative and says_open(frame, conjunct) else found
    if is_turned(conjunct) or (type(conjunct) is ir.Binary and conjunct.operator == "!="):
        # `x.Id != id` finds everything but the object that the caller named.
        return found.of_others(PRINCIPAL in found.against)
    if type(conjunct) is ir.Binary and conjunct.operator == "||":
        return in_alternatives(frame, conjunct, found)
    if type(conjunct) is ir.Binary and conjunct.operator in ("<", ">", "<=", ">="):
        return of_some(found).held({}, of_some(found).about)  # those who come behind me are not me
    asks_one = type(conjunct) is not ir.Call or not frame.knowledge.does(walk.called_name(conjunct), "of-several")
    return found if asks_one else found.of(found.members, True)


def _sides(expr: ir.Expr) -> list[ir.Expr]:
    if type(expr) is ir.Binary and expr.operator in ("==", "!=", "<", ">", "<=", ">=", "||"):
        return [*_sides(expr.left), *_sides(expr.right)]
    if type(expr) is ir.Call and type(expr.function) is ir.Member:
        plain = [arg.value for arg in expr.args if type(arg.value) is not ir.Lambda]
        return [expr, expr.function.object, *plain]
    return [expr]
