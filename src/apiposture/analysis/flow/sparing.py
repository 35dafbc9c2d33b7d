"""Does a query ask everybody for the caller's own, but those who have a right?"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.analysis.flow.effects import Facts
from apiposture.analysis.flow.labels import PRINCIPAL, RIGHT
from apiposture.analysis.flow.values import Predicate, Value


def spared(value: Value, sides: Sequence[tuple[Value, Facts]], known: Facts) -> Value:
    """The value that is one of the sides, each with what is known there; `known` is what is known of all of them.

    `if (!admin) { q = q.Where(..); }` holds everybody to one of two things: it is a query for the caller's own wherever, on each way that
    does not ask for them, a right was asked for.
    """
    own: dict[tuple[str, int], Predicate] = {}
    for one, held in sides:
        mine = [p for p in one.query.predicates if PRINCIPAL in p.against] if one.query is not None else []
        own.update(((p.module.path, p.span), p) for p in mine)
        if not mine and not _asks_right(held - known):
            return value
    if value.query is None:
        return value
    asked = {(p.module.path, p.span) for p in value.query.predicates}
    more = tuple([p for place, p in own.items() if place not in asked])
    if not more:
        return value
    query = value.query._replace(predicates=(*value.query.predicates, *more))
    return Value(value.labels, value.type, value.about, value.constants, value.fields, query, value.code, value.static, value.items)


def _asks_right(facts: Facts) -> bool:
    return any(bool(guard.alternatives) and all(RIGHT in labels for labels in guard.alternatives) for guard in facts)
