"""What was found behind each endpoint and in each function, kept so that it need not be worked out again?

A unit is true as long as the code that it was worked out from is the same. That code is told by module: bit N of `reached` stands for
the Nth path of `Units.paths`. What a unit takes from declarations anywhere (names, types, signatures) is no part of `reached`, but of
`Units.key`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct

from apiposture.model.facts import Access, Disclosure, Endpoint, Exposure, Flow, Habit
from apiposture.model.scan import Problem

if TYPE_CHECKING:
    from apiposture.program.types import Routine


class Entered(Struct, frozen=True, array_like=True):
    """What an endpoint does.

    `noted` are the keys of the functions behind it of which something was noted, in the order in which they are come to. `compared` are
    (entity, member) that the code holds against the caller, `entities` (name, qualified name) of what is accessed. `reads`: it only looks
    things up, for certain.
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


class Noted(Struct, frozen=True, array_like=True):
    """What is certain of a function, whoever calls it. Of one that was looked at for its own sake, `noted` is as for an endpoint."""

    reached: bytes
    flows: tuple[Flow, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    noted: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class Units(Struct, frozen=True, array_like=True):
    """All units of one program: `entered` by `endpoint_key`, `noted` by `routine_key`; `digests` are those of the files at `paths`."""

    key: str = ""
    paths: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    entered: dict[str, Entered] = {}
    noted: dict[str, Noted] = {}


def still_true(past: Units, key: str, paths: Sequence[str], digests: Sequence[str]) -> Units:
    """The units that hold for files with these digests."""
    if past.key != key or past.paths != tuple(paths):
        return Units()
    changed = sum(1 << i for i, (then, now) in enumerate(zip(past.digests, digests, strict=True)) if then != now)
    return msgspec.structs.replace(past, entered=_untouched(past.entered, changed), noted=_untouched(past.noted, changed))


Unit = TypeVar("Unit", Entered, Noted)


def _untouched(units: Mapping[str, Unit], changed: int) -> dict[str, Unit]:
    return {key: unit for key, unit in units.items() if not int.from_bytes(unit.reached, "little") & changed}


def endpoint_key(endpoint: Endpoint) -> str:
    """Tells an endpoint from others, with all that is declared about it."""
    return sha256(msgspec.msgpack.encode(endpoint)).hexdigest()[:24]


def routine_key(routine: Routine) -> str:
    """Tells a function from others."""
    return f"{routine.module.path}:{routine.function.span}:{routine.function.name}"


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
