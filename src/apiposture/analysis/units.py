"""What was found behind each endpoint and in each function, kept so that it need not be worked out again?

A unit is true as long as the code that it was worked out from is the same. That code is told by its parts: `reached` has a bit for each
(see `Parts`). What a unit takes from declarations anywhere (names, types, signatures) is no part of `reached`, but of `Units.key`, and what
frameworks say of an endpoint is part of the key that its unit stands under. Where code was moved as it is, the unit moves with it.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec import Struct

from apiposture.model.facts import Access, Check, Disclosure, Exposure, Flow, Habit
from apiposture.model.scan import Problem


class Entered(Struct, frozen=True, array_like=True):
    """What an endpoint does.

    `noted` are the keys of the functions behind it of which something was noted, in the order in which they are come to. `compared` are
    (entity, member) that the code holds against the caller, `entities` (name, qualified name) of what is accessed. `reads`: it only looks
    things up, for certain. `proof` is what whoever calls must prove themselves by.
    """

    reached: bytes
    accesses: tuple[Access, ...] = ()
    flows: tuple[Flow, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    noted: tuple[str, ...] = ()
    compared: tuple[tuple[str, str], ...] = ()
    entities: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()
    habits: tuple[Habit, ...] = ()
    disclosures: tuple[Disclosure, ...] = ()
    reads: bool = False
    proof: Check | None = None


class Noted(Struct, frozen=True, array_like=True):
    """What is certain of a function, whoever calls it. Of one that was looked at for its own sake, `noted` is as for an endpoint."""

    reached: bytes
    flows: tuple[Flow, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    noted: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def of_both(one: Noted, other: Noted) -> Noted:
    """What is noted of a function that is worked out for two types which inherit it, whichever of them was come to first."""
    if one == other:
        return one
    mask = int.from_bytes(one.reached, "little") | int.from_bytes(other.reached, "little")
    return Noted(
        mask.to_bytes((mask.bit_length() + 7) // 8, "little"),
        _each_once((*one.flows, *other.flows)),
        _each_once((*one.exposures, *other.exposures)),
        _each_once((*one.noted, *other.noted)),
        _each_once((*one.problems, *other.problems)),
    )


Kept = TypeVar("Kept")


def _each_once(items: tuple[Kept, ...]) -> tuple[Kept, ...]:
    return tuple(sorted(dict.fromkeys(items), key=msgspec.msgpack.encode))


class Telling(Struct, frozen=True, array_like=True):
    """Which functions are looked at for their own sake: their numbers in the program, and the names that they were found by, round by
    round."""

    names: tuple[tuple[str, ...], ...]
    routines: tuple[int, ...]


class Routed(Struct, frozen=True, array_like=True):
    """What frameworks showed. Each entry is encoded (`routed.KeptEntry`), so that most need not be looked through for places that moved."""

    reached: bytes
    entries: tuple[bytes, ...]
    problems: tuple[Problem, ...]
    frameworks: tuple[str, ...]


class Units(Struct, frozen=True, array_like=True):
    """All units of one program: `entered` by `entry_key`, `noted` by `routine_key`; `digests` are those of the files at `paths`.
    Where it is known: what frameworks showed (`routed`) and which functions are `telling`.
    """

    key: str = ""
    paths: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    entered: dict[str, Entered] = {}
    noted: dict[str, Noted] = {}
    routed: Routed | None = None
    telling: Telling | None = None


def renumbered(unit: Entered, endpoint: int) -> Entered:
    """The same unit of an endpoint that has another number now."""
    facts: tuple[Access | Flow | Exposure | Habit | Disclosure, ...] = (
        *unit.accesses, *unit.flows, *unit.exposures, *unit.habits, *unit.disclosures,
    )  # fmt: skip
    if all(fact.endpoint == endpoint for fact in facts):
        return unit
    put = msgspec.structs.replace
    return put(
        unit,
        accesses=tuple(put(fact, endpoint=endpoint) for fact in unit.accesses),
        flows=tuple(put(fact, endpoint=endpoint) for fact in unit.flows),
        exposures=tuple(put(fact, endpoint=endpoint) for fact in unit.exposures),
        habits=tuple(put(fact, endpoint=endpoint) for fact in unit.habits),
        disclosures=tuple(put(fact, endpoint=endpoint) for fact in unit.disclosures),
    )
