"""What tells an endpoint or a function from others, from one scan to the next?"""

from __future__ import annotations

from collections.abc import Callable, Collection
from hashlib import sha256

import msgspec

from apiposture.analysis.moving import moved
from apiposture.frameworks.routing import Entry, Supply
from apiposture.model.source import Place
from apiposture.program.places import place
from apiposture.program.types import Routine, function_key


def entry_key(entry: Entry) -> str:
    """Tells an endpoint from others, with all that is declared about it and what frameworks say of what runs before it."""
    return _digest(_told(entry))


def earlier_key(entry: Entry, before: Callable[[Place], Place], paths: Collection[bytes]) -> str | None:
    """The key that the endpoint had when things stood where `before` says, which may raise LostError; None where it is the same as now.
    Only what stands in files of these paths stood elsewhere.
    """
    told = _told(entry)
    written = msgspec.msgpack.encode(told)
    if not any(path in written for path in paths):
        return None
    then = moved(told, before)
    return _digest(then) if then is not told else None


def _digest(told: tuple[object, ...]) -> str:
    return sha256(msgspec.msgpack.encode(told)).hexdigest()[:24]


def _told(entry: Entry) -> tuple[object, ...]:
    return (
        entry.endpoint,
        tuple(_stands(routine) for routine in (*entry.preludes, entry.routine)),
        tuple(_handed(supply) for supply in entry.supplies),
        tuple((held.binding, place(held.module, held.span)) for held in entry.held),
        (entry.answer.whole, entry.answer.cut, tuple(kind.qualified for kind in entry.answer.types)),
    )


def _stands(routine: Routine | None) -> tuple[str, Place] | None:
    return (routine.name, place(routine.module, routine.function.span)) if routine is not None else None


def _handed(supply: Supply) -> tuple[object, ...]:
    made = supply.made.qualified if supply.made is not None else ""
    given = tuple(_handed(one) for one in supply.supplies)
    return (supply.name, _stands(supply.routine), supply.bindings, given, supply.identity, made, supply.type, supply.own)


def routine_key(routine: Routine) -> str:
    """Tells a function from others."""
    return function_key(routine.module.path, routine.function)
