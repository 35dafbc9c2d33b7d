"""What does a function do, in terms of its parameters?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final, NamedTuple

from apiposture.analysis.flow.labels import APART, EMPTY, NONE, PRINCIPAL, Guard, Label, Labels, Way
from apiposture.analysis.flow.queries import Predicate
from apiposture.analysis.flow.values import EXPOSURE, ONE, UNKNOWN, Value, join
from apiposture.frameworks.rows import Sink
from apiposture.model.acyclic import mypyc_attr
from apiposture.model.ir import Module
from apiposture.model.source import Span
from apiposture.program.types import Routine, TypeUse

Facts = frozenset[Guard]
NOTHING: Final[Facts] = frozenset()
Sides = frozenset[tuple[int, str]]
"""Positions of parameters with what they are: `true`, `false`, `there` or `nothing`."""

ASIDE: Final[Sides] = frozenset()


class Spot(NamedTuple):
    """Where something happens: the routine, and the span in its module."""

    routine: Routine
    span: Span

    @property
    def module(self) -> Module:
        return self.routine.module


@mypyc_attr(acyclic=True)
class Use:
    """Something is done to a loaded object: `update`, `delete`, or a member is set (a change if it is saved later): `assign`, or
    `raise` and `lower` where it is set to more or less than it was, `link` where something new is put beside it. What a
    collection in memory keeps is `handed` on to other code.

    `facts` are what held at that point; what is set comes into effect when it is saved, and `saved` are what held at all savings since.
    """

    __slots__ = ("facts", "is_saved", "kind", "saved", "spot")

    def __init__(self, kind: str, facts: Facts, spot: Spot, saved: Facts = NOTHING, is_saved: bool = False) -> None:
        self.kind = kind
        self.facts = facts
        self.spot = spot
        self.saved = saved
        self.is_saved = is_saved

    def is_same(self, other: Use) -> bool:
        """Do both say the same?"""
        plainly = (self.kind, self.spot, self.is_saved) == (other.kind, other.spot, other.is_saved)
        return plainly and self.facts == other.facts and self.saved == other.saved

    def saved_with(self, facts: Facts) -> Use:
        """The same, after another saving."""
        if self.kind not in SETS:
            return self
        return Use(self.kind, self.facts, self.spot, self.saved & facts if self.is_saved else facts, True)

    def told_by(self, facts: Callable[[Facts], Facts]) -> Use:
        """The same, in the terms of a caller: `facts` puts into these what was known."""
        return Use(self.kind, facts(self.facts), self.spot, facts(self.saved) if self.is_saved else self.saved, self.is_saved)

    def known(self, facts: Facts) -> Use:
        """The same, where more is known."""
        return Use(self.kind, self.facts | facts, self.spot, self.saved, self.is_saved)


SETS: Final = ("assign", "raise", "lower")
"""Uses that only set a member."""

CHANGES: Final = ("create", "update", "delete")
"""Operations after which the store holds something else."""


@mypyc_attr(acyclic=True)
class AccessEffect:
    """Stored objects are read or changed. `number` is that of the `object` labels on what was loaded.

    `facts` held when it happened, `held` holds whenever the object is handed on. `calls` are the call sites between the
    function that has this effect and the access, outermost first. `origin` is the parameter that its query began as;
    `whole` says that the key is the stored object itself, `kept` that the store is a collection in memory, `insists` that it does not come
    back without a row, and that nothing is told by its coming back. `untracked`: what is set on it is not stored.
    `taken` are the sides of tests that it stands on: the positions of parameters, and what they must be. Never changed.
    """

    __slots__ = (
        "call",
        "calls",
        "certainty",
        "entity",
        "facts",
        "generic",
        "held",
        "insists",
        "kept",
        "key",
        "number",
        "operation",
        "origin",
        "predicates",
        "spot",
        "taken",
        "unfiltered",
        "untracked",
        "uses",
        "whole",
    )

    def __init__(
        self,
        number: int,
        operation: str,
        entity: TypeUse | None,
        key: Labels,
        predicates: tuple[Predicate, ...],
        facts: Facts,
        held: Facts,
        uses: tuple[Use, ...],
        spot: Spot,
        call: str,
        certainty: str,
        calls: tuple[Spot, ...] = (),
        generic: bool = False,
        unfiltered: bool = False,
        origin: int | None = None,
        whole: bool = False,
        kept: bool = False,
        insists: bool = False,
        untracked: bool = False,
        taken: Sides = ASIDE,
    ) -> None:
        self.number = number
        self.operation = operation
        self.entity = entity
        self.key = key
        self.predicates = predicates
        self.facts = facts
        self.held = held
        self.uses = uses
        self.spot = spot
        self.call = call
        self.certainty = certainty
        self.calls = calls
        self.generic = generic
        self.unfiltered = unfiltered
        self.origin = origin
        self.whole = whole
        self.kept = kept
        self.insists = insists
        self.untracked = untracked
        self.taken = taken

    def but(
        self,
        key: Labels | None = None,
        predicates: tuple[Predicate, ...] | None = None,
        held: Facts | None = None,
        uses: tuple[Use, ...] | None = None,
        insists: bool | None = None,
    ) -> AccessEffect:
        """The same access, with these in the place of its own."""
        return AccessEffect(
            self.number,
            self.operation,
            self.entity,
            self.key if key is None else key,
            self.predicates if predicates is None else predicates,
            self.facts,
            self.held if held is None else held,
            self.uses if uses is None else uses,
            self.spot,
            self.call,
            self.certainty,
            self.calls,
            self.generic,
            self.unfiltered,
            self.origin,
            self.whole,
            self.kept,
            self.insists if insists is None else insists,
            self.untracked,
            self.taken,
        )


class SinkEffect(NamedTuple):
    """Data reaches an interpreter. `taken` are the sides of tests that the call stands on, as those of an access."""

    row: Sink
    labels: Labels
    facts: Facts
    spot: Spot
    call: str
    certainty: str
    taken: Sides = ASIDE


class LogEffect(NamedTuple):
    """Values reach a log: where from, and of which types (whole objects).

    `taken_apart`: the log writes the members of objects, whatever their own text form is. `depth` counts the calls between.
    """

    labels: Labels
    types: tuple[tuple[TypeUse, Labels], ...]
    spot: Spot
    call: str
    taken_apart: bool = False
    depth: int = 0


RAW: Final = {"Headers": "auth-header", "Cookies": "auth-header", "Body": "request-body", "Form": "request-body"}
"""Parts of a request that are sensitive as a whole; of headers, those that carry credentials as well."""


class Callback(NamedTuple):
    """A function calls what it was handed as one of its parameters: with what, and what is known there."""

    param: int
    args: tuple[Value, ...]
    facts: Facts


class Summary(NamedTuple):
    """A function, seen from outside.

    `ensures` holds whenever it returns normally; `writes` are members that it sets on its parameters (-1 is the receiver); without a name,
    what an `out` parameter holds in the end. `saves` says that it stores what was changed before, `saved` what holds wherever it does.
    `when` is what holds besides where it answers with true, and with false. `refuses` says that on some way it does not come back,
    `called_back` which of its parameters it calls, `leaves` that it never comes back.
    """

    returns: Value
    accesses: tuple[AccessEffect, ...] = ()
    sinks: tuple[SinkEffect, ...] = ()
    logs: tuple[LogEffect, ...] = ()
    ensures: Facts = NOTHING
    writes: tuple[tuple[int, str, Value], ...] = ()
    saves: bool = False
    when: tuple[Facts, Facts] = (NOTHING, NOTHING)
    refuses: bool = False
    saved: Facts = NOTHING
    called_back: tuple[Callback, ...] = ()
    leaves: bool = False


MAX_PAIRS: Final = 16
"""So many facts of two ways are put together; ways that tell more tell too much for all of it to matter."""

WHOSE: Final = ("principal", "object", "right")
"""Kinds of labels that say something about the caller, or about what may be the caller's."""


def either(one: Facts, other: Facts) -> Facts:
    """What holds if one of two ways was taken: what both say, and of each fact of the one that it or one of the other holds."""
    common = one & other
    mine, theirs = one - common, other - common
    if not mine or not theirs or len(mine) * len(theirs) > MAX_PAIRS:
        return common
    pairs = [(a, b) for a in mine for b in theirs]
    return common.union(Guard.of(a.alternatives + b.alternatives, a.module, a.span, a.truth, a.clears & b.clears) for a, b in pairs)


def either_asked(one: Facts, other: Facts) -> Facts:
    """As `either`, of two ways through a function that lets some through on each: by different tests of what it was given."""
    common = one & other
    mine, theirs = _held_apart(one - common), _held_apart(other - common)
    if not mine or not theirs or len(mine) * len(theirs) > MAX_PAIRS:
        return common
    pairs = [(a, b) for a in mine for b in theirs if a.span != b.span or a.module is not b.module]
    return common.union(Guard.of(a.alternatives + b.alternatives, a.module, a.span, a.truth) for a, b in pairs)


def _held_apart(facts: Facts) -> list[Guard]:
    """The facts that hold things of different origin against each other, or where there are none, all that looked at something."""
    told = [guard for guard in facts if guard.alternatives and all(guard.alternatives)]
    return [guard for guard in told if any(APART in labels for labels in guard.alternatives)] or told


def about_callers(one: Facts, other: Facts, outcomes: Sequence[Facts] = ()) -> Facts:
    """As `either`, as far as it is about the caller on both ways: `if (!admin) { check(); }` asks one of two things of everybody.

    What is asked on one way only, where the other is taken for a reason that lies in nothing known (a setting), is kept with an alternative
    that looks at nothing: it ties nobody, and says that somebody thought of it. That one of both `outcomes` of a test holds says nothing.
    """
    common = one & other
    if one is common or other is common:
        return common
    mine = [guard for guard in one - common if _is_about_callers(guard)]
    theirs = [guard for guard in other - common if _is_about_callers(guard)]
    mine, theirs = mine or _of_settings(one - common, theirs), theirs or _of_settings(other - common, mine)
    if not mine or not theirs or len(mine) * len(theirs) > MAX_PAIRS:
        return common
    yes, no = outcomes if len(outcomes) == 2 else (NOTHING, NOTHING)
    pairs = [(a, b) for a in mine for b in theirs if (a.span != b.span or a.module is not b.module) and not (a in yes and b in no)]
    return common.union(Guard.of(a.alternatives + b.alternatives, a.module, a.span, a.truth) for a, b in pairs)


def _of_settings(facts: Facts, asked: Sequence[Guard]) -> list[Guard]:
    """One of the tests that looked at nothing known, where the other way asked something of the caller."""
    if not any(PRINCIPAL in labels for guard in asked for labels in guard.alternatives):
        return []
    return sorted((guard for guard in facts if guard.alternatives == (EMPTY,)), key=lambda guard: guard.span)[:1]


def of_new_objects(facts: Facts, since: int) -> Facts:
    """What one way says of objects that were loaded on it (after number `since`) and the caller; on other ways there are none such."""
    found = []
    for guard in facts:
        sides = [frozenset(label for label in labels if label.kind in WHOSE) for labels in guard.alternatives]
        if sides and all(len(side) > 1 and any(x.kind == "object" and x.key > since for x in side) for side in sides):
            found.append(Guard.of(tuple(sides), guard.module, guard.span, guard.truth))
    return frozenset(found)


def _is_about_callers(guard: Guard) -> bool:
    return bool(guard.alternatives) and all(any(label.kind in WHOSE for label in labels) for labels in guard.alternatives)


def of_that_one(labels: Collection[Label], number: object, module: Module, span: Span) -> Facts:
    """What is known of an object where all that names it here means one of its list: whatever is known of that one."""
    found = [x for x in labels if x.kind == "object" and x.key == number]
    if not found or not all(x.clean >= ONE for x in found):
        return NOTHING
    return frozenset((Guard.of((frozenset((found[0], Label.of("object", number))),), module, span, True),))


def labels_of(guard: Guard) -> frozenset[Label]:
    """All labels that a guard's alternatives look at."""
    return frozenset(label for labels in guard.alternatives for label in labels)


__all__ = ["EMPTY", "NONE", "RAW", "SETS", "AccessEffect", "Facts", "LogEffect", "SinkEffect", "Spot", "Summary", "Use", "labels_of"]


def opaque(routine: Routine) -> Summary:
    """What is taken for granted of a function that is not looked into: whatever it is given may come out of it."""
    labels: dict[Label, Way] = {Label.of("param", i): None for i in range(len(routine.function.params))}
    labels[Label.of("param", -1, (), EXPOSURE)] = None  # what it is a method of stands behind the answer, and is not shown by it
    return Summary(join([Value(labels), UNKNOWN]))
