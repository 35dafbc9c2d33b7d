"""Does the caller have a record of their own about an object, a vote or a subscription? Then others reach the object as well."""

from __future__ import annotations

from collections.abc import Iterable

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.trust import CALLER, Mark, Marked


def is_remembered(marked: Marked, all_of_them: Iterable[Marked], told: frozenset[object]) -> bool:
    """Is there such a record about this very object? What a query insists on that nobody is told of was asked for to hold somebody off."""
    by = {one for one in marked.key.union(*marked.predicates) if one[0] == "request"}
    others = (other for other in all_of_them if other.access.entity != marked.access.entity and not _is_only_demanded(other, told))
    asked = (frozenset[Mark]().union(*other.predicates) for other in others)
    return any(CALLER in against and not by.isdisjoint(against) for against in asked)


def told(frame: Frame) -> frozenset[object]:
    """The numbers of the accesses of which the answer tells anything, or what is kept for the page that is shown."""
    values = [*(value for value, _ in frame.returned), *frame.effects.writes.values()]
    return frozenset(label.key for value in values for label in value.everything() if label.kind == "object")


def _is_only_demanded(other: Marked, told: frozenset[object]) -> bool:
    return other.access.insists and not other.access.uses and other.access.number not in told
