"""Does a query ask everybody for the caller's own, but those who have a right?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from apiposture.analysis.flow.effects import Facts
from apiposture.analysis.flow.labels import ASKED, EMPTY, PRINCIPAL, RIGHT, ROLE, SAID, SAYINGS, THERE, Guard, Label
from apiposture.analysis.flow.queries import Predicate, Query
from apiposture.analysis.flow.values import PARTLY, SOME, Value
from apiposture.analysis.words import pattern

Side = tuple[Value, Facts]
"""What a value is on one way, and what is known there."""


def spared(value: Value, sides: Sequence[Side], known: Facts) -> Value:
    """The value that is one of the sides, each with what is known there; `known` is what is known of all of them.

    `if (!admin) { q = q.Where(..); }` holds everybody to one of two things: it is a query for the caller's own wherever, on each way that
    does not ask for them, a right was asked for.
    """
    value = _each_in_its_way(value, sides)
    own: dict[tuple[str, int], Predicate] = {}
    rest = [one for one, held in sides if not _asks_right(held - known)]
    for one, held in sides:
        mine = [p for p in one.query.predicates if PRINCIPAL in p.against] if one.query is not None else []
        if len(rest) == 1 and rest[0] is one and not mine:
            mine = _of_this_side(one, sides)
        own.update(((p.module.path, p.span), p) for p in mine)
        if not mine and not _asks_right(held - known):
            return value
    if value.query is None:
        return value
    asked = {(p.module.path, p.span) for p in value.query.predicates}
    more = tuple([p for place, p in own.items() if place not in asked])
    if not more:
        return value
    return asking(value, more)


def in_part(value: Value, sides: Sequence[Side]) -> Value:
    """The value, with what decides which of the sides it is, where that is what somebody may: `if not user.may(..): return self.none()`.

    On some ways it finds nothing, or what is somebody's; on all others somebody was asked for more than to be logged in. Nobody knows here
    whether that is enough.
    """
    full = [(one, held) for one, held in sides if not _is_empty(one)]
    if value.query is None or not full or any(one.query is None for one, _ in full):
        return value
    common = {(p.module.path, p.span) for p in value.query.predicates}
    named = [_named(one, common) for one, _ in full]
    if len(full) == len(sides) and not any(named):
        return value
    asked = [_asked(held) for _, held in full]
    whose = frozenset.intersection(*(frozenset((*names, *more)) for names, more in zip(named, asked, strict=True)))
    deciding = whose.union(*(more for names, more in zip(named, asked, strict=True) if not names))
    at = next((guard for _, held in full for guard in _in_order(held)), None)
    if not whose or at is None:
        return value
    return asking(value, (Predicate(frozenset(), {}, deciding, at.module, at.span),))


def _asked(held: Facts) -> set[Label]:
    """What tests looked at that asked somebody for more than to be logged in, and found that it is so, as what decides."""
    guards = (guard for guard in held if guard.truth and any(map(_asks_somebody, guard.alternatives)))
    return {_deciding(x) for guard in guards for side in guard.alternatives for x in side if x.kind in SOMEBODYS}


def _in_order(held: Facts) -> list[Guard]:
    return sorted(held, key=lambda guard: (guard.module.path, guard.span, guard.truth))


SOMEBODYS: Final = ("param", "principal", "request")
"""Kinds of labels of what was handed in, or may turn out to be so."""


def _deciding(label: Label) -> Label:
    """What was handed in, whichever member of it was asked, as what decides."""
    return Label.of(label.kind, label.key, () if label.kind == "param" else label.path, PARTLY)


def _is_empty(value: Value) -> bool:
    return value.query is not None and value.query.empty


def _named(value: Value, common: set[tuple[str, int]]) -> set[Label]:
    """Whose rows a query asks for on one way alone, as far as it says so, as what decides."""
    asked = (p for p in (value.query.predicates if value.query is not None else ()) if (p.module.path, p.span) not in common)
    labels = (x for p in asked for x in (*p.against, *p.about))
    return {_deciding(x) for x in labels if x.kind == "principal" or (x.kind == "param" and x.key >= 0)}


def _asks_somebody(side: frozenset[Label]) -> bool:
    """Is somebody asked for more than whether they are there, or logged in?"""
    if RIGHT in side or ROLE in side or ASKED in side or SAID in side:
        return True
    known = pattern("logged_in")
    return THERE not in side and any(x.kind == "param" and x.key >= 0 and not (x.path and known.search(x.path[-1])) for x in side)


def _of_this_side(one: Value, sides: Sequence[Side]) -> list[Predicate]:
    """What a query asks on one way alone that holds every row against what is stored or handed in, which may be the caller."""
    others = {(p.module.path, p.span) for other, _ in sides if other is not one and other.query is not None for p in other.query.predicates}
    own = [p for p in one.query.predicates if (p.module.path, p.span) not in others] if one.query is not None else []
    held = [(p, {only_ties(x): t for x, t in p.against.items() if x.kind in ("object", "param") and SOME.isdisjoint(x.clean)}) for p in own]
    return [p.held(against, frozenset(against)) for p, against in held if against]


def asking(value: Value, more: tuple[Predicate, ...]) -> Value:
    """The value whose query asks more."""
    assert value.query is not None
    query = value.query.asking((*value.query.predicates, *more))
    return Value(value.labels, value.type, value.about, value.constants, value.fields, query, value.code, value.static, value.items)


def of_some(predicate: Predicate, common: frozenset[Label] = EMPTY) -> Predicate:
    """A condition that not every row meets (`id = :id OR user_id = :me`), or not plainly so: it names a thing, and ties nobody but by what
    is `common` to all ways of meeting it.
    """
    against = {in_some(x, common): t for x, t in predicate.against.items() if x.kind != "principal" or x in common}
    about = frozenset(in_some(x, common) for x in predicate.about if x.kind != "principal" or x in common)
    return predicate.held(against, about)


def in_some(label: Label, common: frozenset[Label] = EMPTY) -> Label:
    """The label of what only some alternatives of a condition ask for; it ties nobody, whoever it turns out to be."""
    return label if label.kind != "param" or label in common else label.with_clean(label.clean | SOME)


def only_ties(label: Label) -> Label:
    """What is held against something in one of several ways, or at one remove: no key, but a tie if it turns out to be the caller."""
    return label.with_clean(label.clean | {"key"})


def _each_in_its_way(value: Value, sides: Sequence[Side]) -> Value:
    """`if is_user(who): q = q.where(Order.user_id == who.id)`, `else: q = q.where(Order.shop_id == who.id)`: a query for what is theirs,
    whoever it is.
    """
    queries = [one.query for one, _ in sides if one.query is not None]
    if value.query is None or len(queries) < len(sides):
        return value
    ways = [_held_against(query) for query in queries if not query.empty]
    if len(ways) < 2:
        return value
    asked = {(p.module.path, p.span) for p in value.query.predicates}
    for position in sorted(frozenset.intersection(*(frozenset(way) for way in ways))):
        found = [way[position] for way in ways]
        if not all((one.module.path, one.span) in asked for one in found):
            held = ((x, t) for one in found for x, t in one.against.items() if x.kind == "param" and x.key == position)
            against = {only_ties(x): t for x, t in held}
            value = asking(value, (found[0].held(against, frozenset(against)),))
    return value


def _held_against(query: Query) -> dict[int, Predicate]:
    """The parameters that a query holds something against."""
    found: dict[int, Predicate] = {}
    for predicate in query.predicates:
        for label in predicate.against:
            if label.kind == "param" and label.key >= 0 and SOME.isdisjoint(label.clean):
                found.setdefault(label.key, predicate)
    return found


def of_last_kind(asked: frozenset[Label], before: dict[str, Value], after: dict[str, Value]) -> Iterator[tuple[str, Value]]:
    """The queries that ask for what is somebody's own, behind a second question of which kind that is, and an answer for no third.

    Who is of neither kind is not one for whom there is anything: `if is_user(who): ...`, `elif is_shop(who): q = q.where(...)`.
    """
    for name, known in after.items():
        was = before.get(name)
        if was is not None and was is not known and known.query is not None:
            more = known.query.predicates[len(was.query.predicates) if was.query is not None else 0 :]
            if more and all(one.against and {(x.kind, x.key) for x in one.against} == {(x.kind, x.key) for x in asked} for one in more):
                yield name, known


def of_one(value: Value) -> frozenset[Label]:
    """What a question is about, if it is about one parameter alone."""
    labels = frozenset(x for x in value.everything() if x not in SAYINGS)
    return labels if len({(x.kind, x.key) for x in labels}) == 1 and all(x.kind == "param" and x.key >= 0 for x in labels) else EMPTY


def _asks_right(facts: Facts) -> bool:
    return any(bool(guard.alternatives) and all(RIGHT in labels for labels in guard.alternatives) for guard in facts)
