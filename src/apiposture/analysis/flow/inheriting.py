"""Does a function that a type inherits do something else there, by what that type has otherwise?

`get_object` of a base asks `self.get_queryset()`: for each view that has one of its own, it gives other objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from apiposture.model.ir import Module
from apiposture.program import Program
from apiposture.program.types import Routine, Type


def does_otherwise(program: Program, routine: Routine, declared: Type) -> bool:
    """Does the function, or one of the type's that it calls on its object, name a member that the type has, and its own type hasn't?"""
    if routine.owner is None or not routine.module.explicit_names:
        return False
    own = _beside(program, declared, routine.owner)
    seen = {routine}
    pending = [routine] if own else []
    while pending:
        names = program.mentions(pending.pop())
        if names.isdisjoint(OBJECT):
            continue
        if not own.isdisjoint(names):
            return True
        called = {one for name in names for one in program.methods(declared, name)[:1]} - seen
        seen |= called
        pending += called
    return False


OBJECT: Final = frozenset(("this", "super"))


def _beside(program: Program, declared: Type, base: Type) -> frozenset[str]:
    """The members that a type gets from elsewhere than from one of its bases."""
    known = set(program.lineage(base))
    return frozenset(name for one in program.lineage(declared) if one not in known for name in (*one.functions, *one.fields))


def behind(versions: Sequence[Routine], routine: Routine) -> list[Routine] | None:
    """The versions of a function that its type inherits behind the one at hand; None where that is none of them."""
    at = next((i for i, one in enumerate(versions) if one.function is routine.function), None)
    return None if at is None else [one for one in versions[at + 1 :] if one.function.has_body]


def forget(
    program: Program,
    dispatch: dict[object, list[Routine]],
    inherited: dict[tuple[Routine, Type], Routine],
    module: Module,
    types: AbstractSet[Type],
) -> None:
    """Forget whom calls reach in a module, and for whom functions are worked out by what its types have."""

    def hangs_on(declared: object) -> bool:
        return isinstance(declared, Type) and any(one in types for one in program.lineage(declared))

    for key in [key for key, found in dispatch.items() if any(one.module is module for one in found) or hangs_on(_first(key))]:
        del dispatch[key]
    for pair in [pair for pair in inherited if hangs_on(pair[1])]:
        del inherited[pair]


def _first(key: object) -> object:
    return key[0] if isinstance(key, tuple) else None
