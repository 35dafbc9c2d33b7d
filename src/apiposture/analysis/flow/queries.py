"""What does a query ask for, as long as it is being built?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from apiposture.analysis.flow.labels import EMPTY, PRINCIPAL, Label, Labels
from apiposture.model.acyclic import mypyc_attr
from apiposture.model.ir import Module
from apiposture.model.source import Span
from apiposture.program.types import TypeUse

NOBODY: Final[frozenset[str]] = frozenset()


@mypyc_attr(acyclic=True)
class Predicate:
    """One condition of a query: the members of the row that it looks at, and what they are held against. Never changed.

    `others`: it asks for what is not the caller's own. `several`: what it holds against something is among several (`pk__in`). `owners`
    are the types whose members these are, where they say so themselves (`Order.id`); of a query that joins others, one of those. `opens`:
    the row itself must say that it is for others.
    """

    __slots__ = ("about", "against", "members", "module", "opens", "others", "owners", "several", "span")

    def __init__(
        self,
        members: frozenset[str],
        against: Labels,
        about: frozenset[Label],
        module: Module,
        span: Span,
        others: bool = False,
        several: bool = False,
        owners: frozenset[str] = NOBODY,
        opens: bool = False,
    ) -> None:
        self.members = members
        self.against = against
        self.about = about
        self.module = module
        self.span = span
        self.others = others
        self.several = several
        self.owners = owners
        self.opens = opens

    def held(self, against: Labels, about: frozenset[Label]) -> Predicate:
        """The same condition, which holds them against something else."""
        return Predicate(self.members, against, about, self.module, self.span, self.others, self.several, self.owners, self.opens)

    def of(self, members: frozenset[str], several: bool) -> Predicate:
        """The same, of other members of the row."""
        return Predicate(members, self.against, self.about, self.module, self.span, self.others, several, self.owners, self.opens)

    def opening(self) -> Predicate:
        """The same, by which the row must say itself that it is for others."""
        return Predicate(self.members, self.against, self.about, self.module, self.span, self.others, self.several, self.owners, True)

    def of_others(self, others: bool = True) -> Predicate:
        """What asks for those of whom the condition does not hold."""
        return Predicate(self.members, {}, EMPTY, self.module, self.span, others, self.several, self.owners)


@mypyc_attr(acyclic=True)
class Query:
    """A query that is still being built: what of, under which conditions, whether filters of the model are off, and whether what is set on
    what it finds is not stored (`untracked`). Never changed.

    `origin` is the position of the parameter that it began as (-1 the receiver); None where it began here. `shown` is the one member
    that was selected of each row, if it was one. `empty`: it asks for nothing at all.
    """

    __slots__ = ("empty", "entity", "origin", "picked", "predicates", "shown", "unfiltered", "untracked")

    def __init__(
        self,
        entity: TypeUse | None,
        predicates: tuple[Predicate, ...] = (),
        unfiltered: bool = False,
        origin: int | None = None,
        shown: tuple[str, ...] = (),
        empty: bool = False,
        picked: tuple[str, ...] | None = None,
        untracked: bool = False,
    ) -> None:
        self.entity = entity
        self.predicates = predicates
        self.unfiltered = unfiltered
        self.origin = origin
        self.shown = shown
        self.empty = empty
        self.picked = picked
        self.untracked = untracked

    def showing(self, predicates: tuple[Predicate, ...], shown: tuple[str, ...], picked: tuple[str, ...] | None) -> Query:
        """What selects members of the rows, under these conditions."""
        return Query(self.entity, predicates, self.unfiltered, self.origin, shown, self.empty, picked, self.untracked)

    def asking(self, predicates: tuple[Predicate, ...]) -> Query:
        """The same query under these conditions."""
        return Query(self.entity, predicates, self.unfiltered, self.origin, self.shown, self.empty, self.picked, self.untracked)


NO_QUERY: Final = Query(None)
"""What asks for nothing, of nothing in particular."""


def joined(queries: Sequence[Query], may_be_another: bool) -> Query | None:
    """The query that any of these may be, or something else: it asks only what all of them ask, the caller's own each in its way."""
    if not queries:
        return None
    first, *others = queries
    if may_be_another:
        return Query(first.entity, (), first.unfiltered, first.origin, first.shown, first.empty, first.picked)
    asked = [{(p.module.path, p.span) for p in other.predicates} for other in others]
    owned = all(any(PRINCIPAL in p.against for p in query.predicates) for query in queries)
    common = tuple(
        p for p in first.predicates if (owned and PRINCIPAL in p.against) or all((p.module.path, p.span) in spans for spans in asked)
    )
    off, untracked = any(query.unfiltered for query in queries), all(query.untracked for query in queries)
    return Query(first.entity, common, off, first.origin, first.shown, first.empty, first.picked, untracked)
