"""Was only that held against the caller which an object belongs to: the firm that a plan is of?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apiposture.analysis.flow.labels import ASKED, RIGHT, ROLE, Guard
from apiposture.analysis.ownership import MAX_PARENTS, Owners
from apiposture.analysis.trust import CALLER, Mark, Marked, marks
from apiposture.analysis.words import words
from apiposture.program.types import Type


def is_what_holds_it(guard: Guard, marked: Marked, all_of_them: Sequence[Marked], owners: Owners, kept: frozenset[object]) -> bool:
    """Does a test look at nothing but the caller, and what the route names that the object belongs to?

    What the endpoint's own object keeps (`kept`) may be held against that by code which runs before or behind it.
    """
    entity = marked.access.entity
    own = {marked.loaded, *marked.key.union(*marked.predicates)}
    if entity is None or entity.decl is None or marked.access.number in kept or not any(map(_is_of_route, own)):
        return False
    kinds = {one.loaded: one.access.entity for one in all_of_them}
    holders = list(_holders(entity.decl, owners, 0))
    for labels in guard.alternatives:
        looked_at = marks(labels) - {CALLER}
        if not looked_at or not looked_at.isdisjoint(own) or not labels.isdisjoint((ROLE, ASKED, RIGHT)):
            return False
        held = {use.decl for one in looked_at if (use := kinds.get(one)) is not None}
        if not any(kind in held or (not held and _names(looked_at, name)) for name, kind in holders):
            return False
    return True


def _holders(declared: Type, owners: Owners, depth: int) -> Iterator[tuple[str, Type]]:
    """What an entity belongs to, and that again, each with the member that leads there; nobody belongs to a person."""
    for name, parent in owners.parents(declared):
        if not owners.is_person(parent):
            yield name, parent
            if depth + 1 < MAX_PARENTS:
                yield from _holders(parent, owners, depth + 1)


def _names(looked_at: frozenset[Mark], member: str) -> bool:
    """Does an argument of the route have a member's name: `firm` or `firm_id`?"""
    return any(_is_named(one, member) for one in looked_at)


def _is_named(one: Mark, member: str) -> bool:
    path = one[2] if _is_of_route(one) else ()
    return isinstance(path, tuple) and bool(path) and _stem(str(path[-1])) == _stem(member)


def _is_of_route(one: Mark) -> bool:
    return one[:2] == ("request", "route")


def _stem(name: str) -> str:
    plain = name.replace("_", "").lower()
    return next((plain.removesuffix(end) for end in (*words().identifiers, "slug") if plain.removesuffix(end) not in ("", plain)), plain)
