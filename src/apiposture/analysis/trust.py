"""Which values does a point in an endpoint know to be the caller's own?"""

from __future__ import annotations

from collections.abc import Iterable

from apiposture.analysis.flow.effects import AccessEffect, Facts
from apiposture.analysis.flow.values import PRINCIPAL, ROLE, Guard, Label

CALLER = ("principal",)
Mark = tuple[object, ...]
"""A label reduced to what identifies the value: the caller, one request value with its path, one loaded object."""


def mark(label: Label) -> Mark | None:
    """The label's mark; None for labels that say nothing about whose a value is."""
    if label.kind == "principal":
        return CALLER
    if label.kind == "request":
        return ("request", label.key, label.path)
    if label.kind == "object":
        return ("object", label.key)
    return None


def marks(labels: Iterable[Label]) -> frozenset[Mark]:
    """The marks of several labels."""
    return frozenset(m for label in labels if (m := mark(label)) is not None)


class Trust:
    """What is tied to the caller where certain facts hold. `reasons` gives for each mark the guard that tied it."""

    def __init__(self, facts: Facts, accesses: Iterable[AccessEffect]) -> None:
        self.reasons: dict[Mark, Guard | None] = {CALLER: None}
        self.facts = sorted(facts, key=lambda g: (g.module.path, g.span, g.truth))
        self._accesses = tuple(accesses)
        while self._spread():
            pass

    def _spread(self) -> bool:
        before = len(self.reasons)
        for guard in self.facts:
            sides = [marks(labels) for labels in guard.alternatives]
            if sides and all(side & self.reasons.keys() for side in sides):
                for side in sides:
                    for one in side:
                        self.reasons.setdefault(one, guard)
        for access in self._accesses:
            loaded = ("object", access.number)
            if loaded not in self.reasons and (self.by_key(access) or self.by_predicate(access) is not None):
                self.reasons[loaded] = None
        return len(self.reasons) > before

    def __contains__(self, one: Mark) -> bool:
        return one in self.reasons

    def by_key(self, access: AccessEffect) -> bool:
        """Is everything in the access's key the caller's own, or one of them the caller?"""
        key = marks(access.key)
        return bool(key) and (CALLER in key or all(one in self.reasons for one in key))

    def by_predicate(self, access: AccessEffect) -> int | None:
        """The position of the query's condition that holds the row against the caller, or None."""
        for position, predicate in enumerate(access.predicates):
            against = marks(predicate.against) | (marks(predicate.about) & {CALLER})
            if against & self.reasons.keys():
                return position
        return None

    def gate(self) -> Guard | None:
        """The fact that lets only callers of a certain role come here, whatever they ask for."""
        for guard in self.facts:
            if guard.alternatives and all(ROLE in side and marks(side) == {CALLER} for side in guard.alternatives):
                return guard
        return None


__all__ = ["CALLER", "PRINCIPAL", "Trust", "mark", "marks"]
