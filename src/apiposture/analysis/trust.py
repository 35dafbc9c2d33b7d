"""Which values does a point in an endpoint know to be the caller's own?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from apiposture.analysis.flow.effects import AccessEffect, Facts
from apiposture.analysis.flow.labels import APART, BY_NAME, PRINCIPAL, RIGHT, ROLE, THERE, Guard, Label
from apiposture.analysis.words import pattern

SECRETS: Final = frozenset(("credential", "token", "credential-hash"))
"""Kinds of sensitive data that prove something about whoever knows them."""

CALLER: Final = ("principal",)
Mark = tuple[object, ...]
"""A label reduced to what identifies the value: the caller, one request value with its path, one loaded object."""


def is_address(label: Label, beside: Collection[Label]) -> bool:
    """Is it where the request was sent to: the site, which is the same for all who are served there, or, beside that, the path?"""
    return "own-host" in label.clean or ("own-path" in label.clean and any("own-host" in other.clean for other in beside))


def mark(label: Label) -> Mark | None:
    """The label's mark; None for labels that say nothing about whose a value is."""
    if label.kind == "principal":
        return CALLER if "some" not in label.clean and "partly" not in label.clean else None
    if label.kind == "request":  # what the route names is one thing, as an argument and as `self.kwargs["firm"]`
        return ("request", label.key, label.path[1:] if BY_NAME in label.clean and len(label.path) > 1 else label.path)
    if label.kind == "object":
        return None if "some" in label.clean else ("object", label.key, "one") if "one" in label.clean else ("object", label.key)
    return None


def is_of_one_alone(one: Mark) -> bool:
    """Is it one object of a list, beside others that the caller chose?"""
    return one[0] == "object" and len(one) > 2


def marks(labels: Collection[Label]) -> frozenset[Mark]:
    """The marks of what a value is made of, or a test looks at, but for where the request was sent to."""
    found = [m for label in labels if (m := mark(label)) is not None and not (label.clean and is_address(label, labels))]
    return frozenset(found)


def _is_secret(label: Label, marked: Marked) -> bool:
    """Does the label stand for a secret, or for such a member of the object?"""
    if label.kind == "sensitive":
        return label.key in SECRETS
    if label.kind == "request":
        return bool(label.path) and bool(pattern("told").search(label.path[-1]))
    return label.kind == "object" and label.key == marked.access.number and any(map(pattern("secret").search, label.path))


def _asks_secret(guard: Guard, marked: Marked) -> bool:
    """Must the caller know the object's secret, on one way at least?"""
    return any(_names_secret(x, marked) for x in guard.alternatives)


def _names_secret(side: frozenset[Label], marked: Marked) -> bool:
    """Does a test hold something that the caller sent against the object, one of the two a secret?"""
    found = marks(side)
    named = (x for x in side if THERE not in side or x.kind == "request")
    return marked.loaded in found and any(one[0] == "request" for one in found) and any(_is_secret(x, marked) for x in named)


def proves(labels: frozenset[Label]) -> bool:
    """Does a test hold a secret that the caller sent against something that was loaded?"""
    told = any(x.kind == "request" and x.path and pattern("told").search(x.path[-1]) for x in labels)
    return told and any(x.kind == "object" for x in labels)


def _asks_another_member(labels: Iterable[Label], compared: Collection[Label]) -> bool:
    """Does a test look at another member of an object than the one held against the caller, of which it may ask whether one is there?"""
    owners = {(x.key, *map(_plain, x.path)) for x in compared if x.kind == "object"}
    asked = ((x.key, *map(_plain, x.path)) for x in labels if x.kind == "object" and x.path)
    return any(not any(one == owner[: len(one)] for owner in owners) for one in asked)


def _plain(member: str) -> str:
    """A member's name, whether it holds an object or what tells one: `owner`, `owner_id`."""
    return member.lower().removesuffix("id").removesuffix("_") or member


class Marked:
    """An access with its key and conditions as marks, worked out once; `secret` tells which members of the entity nobody guesses."""

    __slots__ = ("access", "key", "loaded", "predicates", "proven")

    def __init__(self, access: AccessEffect, secret: Callable[[str], bool]) -> None:
        self.access = access
        self.key = marks(access.key)
        self.loaded: Mark = ("object", access.number)
        self.predicates = tuple(marks(p.against) | (marks(p.about) & {CALLER}) for p in access.predicates)
        # Who knows the secret that something is found by (an API key, a token) is whom it was given to.
        found_by = pattern("found_by")
        self.proven = tuple(any(found_by.search(name) or secret(name) for name in p.members) for p in access.predicates)


def _with_held(facts: Facts, accesses: Iterable[Marked]) -> Facts:
    """The facts, and those under which an object was handed over that is known to be there."""
    there = {one for guard in facts for side in guard.alternatives for one in marks(side) if one[0] == "object"}
    for marked in accesses:
        if marked.loaded in there:
            facts = facts | marked.access.held
    return facts


def _directness(guard: Guard) -> tuple[object, ...]:
    """What holds the object and the caller against each other is the proof, before what follows from it."""
    return not any(APART in labels for labels in guard.alternatives), guard.module.path, guard.span, guard.truth


class Trust:
    """What is tied to the caller where certain facts hold. `reasons` gives for each mark the guard that tied it.

    `changing`: for what is changed there, which no test ties that lets through what says itself that it is for others. `opened`: one of
    the tests does that, so that the answers differ.
    """

    def __init__(self, facts: Facts, accesses: Iterable[Marked], changing: bool = False) -> None:
        self.reasons: dict[Mark, Guard | None] = {CALLER: None}
        self.opened = False
        self._changing = changing
        known = tuple(accesses)
        self.facts = sorted(_with_held(facts, known), key=_directness)
        sides = [(guard, [marks(labels) for labels in guard.alternatives]) for guard in self.facts]
        self._sides = [(guard, found) for guard, found in sides if found and all(found)]
        self._accesses = known
        for guard, found in sides:
            if guard.alternatives and all(map(proves, guard.alternatives)):
                for one in (one for side in found for one in side if one[0] == "object"):
                    self.reasons.setdefault(one, guard)
        while self._spread():
            pass

    def _spread(self) -> bool:
        before = len(self.reasons)
        for guard, sides in self._sides:
            if self._holds_against_caller(guard, sides):
                for side in sides:
                    for one in side:
                        self.reasons.setdefault(one, guard)
        for marked in self._accesses:
            if marked.loaded not in self.reasons and (self.by_key(marked) or self.by_predicate(marked) is not None):
                self.reasons[marked.loaded] = None
        return len(self.reasons) > before

    def _holds_against_caller(self, guard: Guard, sides: Sequence[frozenset[Mark]]) -> bool:
        """Does each alternative look at the caller, or at nothing but what another one holds against the caller?

        `list.IsPublic || list.UserId == me`: the object itself says that it is for everybody, and not only that it is there.
        """
        tied = [side for side in sides if not side.isdisjoint(self.reasons)]
        if not tied or len(tied) == len(sides):
            return bool(tied)
        held = frozenset[Mark]().union(*tied)
        loose = [(labels, side) for labels, side in zip(guard.alternatives, sides, strict=True) if side.isdisjoint(self.reasons)]
        if not all(side <= held and any(one[0] in ("object", "request") for one in side) and THERE not in labels for labels, side in loose):
            return False
        compared = [x for labels in guard.alternatives for x in labels if not marks(labels).isdisjoint(self.reasons)]
        opens = any(_asks_another_member(labels, compared) for labels, _ in loose)
        self.opened = self.opened or opens
        return not (opens and self._changing)

    def __contains__(self, one: Mark) -> bool:
        return one in self.reasons

    def by_key(self, marked: Marked) -> bool:
        """Is everything in the access's key the caller's own, or one of them the caller?"""
        return bool(marked.key) and (CALLER in marked.key or all(one in self.reasons for one in marked.key))

    def by_predicate(self, marked: Marked) -> int | None:
        """The position of the query's condition that holds the row against the caller, one that names the caller before others, or None."""
        for position in sorted(range(len(marked.predicates)), key=lambda each: CALLER not in marked.predicates[each]):
            against = marked.predicates[position]
            if not against.isdisjoint(self.reasons) or (against and marked.proven[position]):
                return position
        return None

    def secret(self, marked: Marked) -> Guard | None:
        """The fact that the caller named a secret that is stored with the object: a token, code or password that fits. To ask whether
        something is there compares no secret, whatever it was loaded with.
        """
        return next((guard for guard in self.facts if _asks_secret(guard, marked)), None)

    def gate(self, marked: Marked) -> Guard | None:
        """The fact that lets only callers of a certain role come here, whatever they ask for. A right on one thing that the caller chose is
        none on another, which the caller chose by itself.
        """
        found = (guard for guard in self.facts if guard.alternatives and all(map(self._is_right, guard.alternatives)))
        return next((guard for guard in found if not any(self._is_on_another(side, marked) for side in guard.alternatives)), None)

    def _is_on_another(self, side: frozenset[Label], marked: Marked) -> bool:
        """Does it look at what the caller chose by something else than what this object was found by?"""
        own = {marked.loaded, *marked.key.union(*marked.predicates)}
        return any(self._is_chosen_apart(one, own) for one in marks(side) if one != CALLER and one not in own)

    def _is_chosen_apart(self, one: Mark, own: Collection[Mark]) -> bool:
        if one[0] == "request":
            return True
        by = [marked.key.union(*marked.predicates) for marked in self._accesses if marked.loaded == one]
        sent = [found for found in by if any(each[0] == "request" for each in found)]
        return bool(sent) and all(CALLER not in found and found.isdisjoint(own) for found in sent)

    def _is_right(self, side: frozenset[Label]) -> bool:
        """Was a right asked of the caller, or of the caller's own record?"""
        found = marks(side)
        return found == {CALLER} if ROLE in side else RIGHT in side and bool(found) and all(one in self.reasons for one in found)


__all__ = ["CALLER", "PRINCIPAL", "Mark", "Trust", "mark", "marks", "proves"]
