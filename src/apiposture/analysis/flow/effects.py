"""What does a function do, in terms of its parameters?"""

from __future__ import annotations

from typing import NamedTuple

from apiposture.analysis.flow.labels import EMPTY, NONE, Guard, Label, Labels
from apiposture.analysis.flow.values import Predicate, Value
from apiposture.frameworks.rows import Sink
from apiposture.model.ir import Module
from apiposture.model.source import Span
from apiposture.program.types import Routine, TypeUse

Facts = frozenset[Guard]
NOTHING: Facts = frozenset()


class Spot(NamedTuple):
    """Where something happens: the routine, and the span in its module."""

    routine: Routine
    span: Span

    @property
    def module(self) -> Module:
        return self.routine.module


class Use(NamedTuple):
    """Something is done to a loaded object: `update`, `delete`, or a member is set (a change if it is saved later): `assign`, or
    `raise` and `lower` where it is set to more or less than it was.

    `facts` are what held at that point.
    """

    kind: str
    facts: Facts
    spot: Spot


SETS = ("assign", "raise", "lower")
"""Uses that only set a member."""


class AccessEffect(NamedTuple):
    """Stored objects are read or changed. `number` is that of the `object` labels on what was loaded.

    `facts` held when it happened, `held` holds whenever the object is handed on. `calls` are the call sites between the
    function that has this effect and the access, outermost first. `origin` is the parameter that its query began as;
    `whole` says that the key is the stored object itself.
    """

    number: int
    operation: str
    entity: TypeUse | None
    key: Labels
    predicates: tuple[Predicate, ...]
    facts: Facts
    held: Facts
    uses: tuple[Use, ...]
    spot: Spot
    call: str
    certainty: str
    calls: tuple[Spot, ...] = ()
    generic: bool = False
    unfiltered: bool = False
    origin: int | None = None
    whole: bool = False


class SinkEffect(NamedTuple):
    """Data reaches an interpreter."""

    row: Sink
    labels: Labels
    facts: Facts
    spot: Spot
    call: str
    certainty: str


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


RAW = {"Headers": "auth-header", "Cookies": "auth-header", "Body": "request-body", "Form": "request-body"}
"""Parts of a request that are sensitive as a whole; of headers, those that carry credentials as well."""


class Summary(NamedTuple):
    """A function, seen from outside.

    `ensures` holds whenever it returns normally; `writes` are members that it sets on its parameters (-1 is the receiver); without a name,
    what an `out` parameter holds in the end. `saves` says that it stores what was changed before. `when` is what holds besides where
    it answers with true, and with false.
    """

    returns: Value
    accesses: tuple[AccessEffect, ...] = ()
    sinks: tuple[SinkEffect, ...] = ()
    logs: tuple[LogEffect, ...] = ()
    ensures: Facts = NOTHING
    writes: tuple[tuple[int, str, Value], ...] = ()
    saves: bool = False
    when: tuple[Facts, Facts] = (NOTHING, NOTHING)


def labels_of(guard: Guard) -> frozenset[Label]:
    """All labels that a guard's alternatives look at."""
    return frozenset(label for labels in guard.alternatives for label in labels)


__all__ = ["EMPTY", "NONE", "RAW", "SETS", "AccessEffect", "Facts", "LogEffect", "SinkEffect", "Spot", "Summary", "Use", "labels_of"]
