"""What does a test of several objects say of one or other of them only?

`if (!orders.Any(o => o.UserId == me)) return Forbid();` lets through whoever owns one of the orders. Where the caller chose each of them,
by a list of keys, that says nothing of the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from apiposture.analysis.flow.effects import AccessEffect
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import EMPTY, Label
from apiposture.analysis.flow.queries import Predicate, Query
from apiposture.analysis.flow.values import ONE, Value
from apiposture.analysis.words import words
from apiposture.model import ir
from apiposture.program import walk


def of_some_only(frame: Frame, test: ir.Call, truth: bool, looked_at: Iterable[Label]) -> frozenset[Label]:
    """Those of the labels that a test looked at which its outcome tells of one object at least, and not of all; with those by which they
    were found."""
    if not frame.knowledge.does(walk.called_name(test), "some-of" if truth else "all-of"):
        return EMPTY
    tested = _tested(frame, test)
    numbers = {x.key for x in tested.labels if x.kind == "object" and not x.path} if tested is not None else set()
    chosen = {number for number in numbers if _are_chosen(frame.effects.accesses.get(number))}
    query = tested.query if tested is not None and not chosen else None
    chosen |= {x.key for x in looked_at if query is not None and _is_what_it_finds(frame, x, query)}
    if tested is None or not (chosen or (query is not None and query.entity is not None and _by_keys(query.predicates))):
        return EMPTY
    found_by = tested.everything()
    return frozenset(x for x in looked_at if x in found_by or (x.kind == "object" and x.key in chosen))


def one_of_several(frame: Frame, holder: Value, item: Value, about: frozenset[Label]) -> Value:
    """What stands at one place of a list, or is its first: where the caller chose each of the objects in it, what is asked of that one says
    nothing of the others, nor of the keys."""
    chosen = {x.key for x in holder.labels if x.kind == "object" and not x.path and _are_chosen(frame.effects.accesses.get(x.key))}
    if not chosen:
        return Value(item.labels, item.type, about, item.constants, item.fields)
    predicates = [p for number in chosen for p in frame.effects.accesses[number].predicates]
    found_by = {(x.kind, x.key, x.path) for p in predicates for x in p.about.union(p.against)}
    about = frozenset(_as_one(x, chosen) for x in about if (x.kind, x.key, x.path) not in found_by)
    labels = {_as_one(x, chosen): way for x, way in item.labels.items()}
    return Value(labels, item.type, about, item.constants, item.fields)


def _as_one(label: Label, chosen: Collection[object]) -> Label:
    return label.with_clean(label.clean | ONE) if label.kind == "object" and label.key in chosen else label


def _is_what_it_finds(frame: Frame, label: Label, query: Query) -> bool:
    """Does the label stand for one of the objects that a query finds, and the caller chose, as it is gone through?"""
    access = frame.effects.accesses.get(label.key) if label.kind == "object" else None
    return access is not None and _are_chosen(access) and access.predicates == query.predicates


def _tested(frame: Frame, test: ir.Call) -> Value | None:
    """The objects that a lambda is asked of: `orders.Any(o => ..)`, `any(o.mine for o in orders)`; None where there is no lambda."""
    asked = test if type(test.function) is ir.Member else test.args[0].value if test.args else None
    if type(asked) is not ir.Call or type(asked.function) is not ir.Member or not any(type(arg.value) is ir.Lambda for arg in asked.args):
        return None
    return frame.seen(asked.function.object)


def _are_chosen(access: AccessEffect | None) -> bool:
    """Was each of the objects chosen by the caller, by its key?"""
    return access is not None and access.operation == "list" and _by_keys(access.predicates)


def _by_keys(predicates: Iterable[Predicate]) -> bool:
    predicates = [p for p in predicates if p.several]
    by_key = (p for p in predicates if any(member.partition("__")[0] in words().identifiers for member in p.members))
    return any(x.kind in ("request", "param") for p in by_key for x in p.against)
