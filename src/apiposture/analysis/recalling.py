"""What of the last time may be taken as it is?

A unit whose code did not change, wherever that stands now. It is given as if it had been worked out of the program of now: under the key
of now, with the places of now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import TypeVar

import msgspec
from msgspec import Struct

from apiposture.analysis.edits import Edit, Edits, LostError, edited
from apiposture.analysis.flow.sketches import own_members_set
from apiposture.analysis.keys import earlier_key
from apiposture.analysis.knowledge import caller_names
from apiposture.analysis.memory import Memory
from apiposture.analysis.moving import moved
from apiposture.analysis.parts import Parts
from apiposture.analysis.routed import found_again
from apiposture.analysis.telling import tells_alike
from apiposture.analysis.units import Entered, Noted, Routed, Units
from apiposture.frameworks.library import Library
from apiposture.frameworks.routing import Entry, Routing
from apiposture.model.ir import Function, Module
from apiposture.program import Program
from apiposture.program.walk import declared, uses


class Since(Struct, frozen=True, eq=False):
    """What was known the last time, and what changed since: the edits there and back, and the parts (see `Parts`) that `changed`, and that
    stand elsewhere now. `calls_alike`: all edits are known, and no file calls functions of other names than then.
    """

    past: Units
    edits: Edits
    back: Edits
    changed: int
    moved_on: int
    calls_alike: bool


def since(memory: Memory, program: Program, rows: Sequence[Library]) -> Since | None:
    """What became of the program since the last time; None where nothing that was known is of use. The memory is told which program it
    will keep the units of."""
    past = memory.past
    paths = tuple(module.path for module in program.modules)
    digests = tuple(module.digest for module in program.modules)
    memory.units = now = Units(f"{memory.key} {_arranged(program, rows)}", paths, digests)
    if past.key != now.key or past.paths != now.paths:
        return None
    pairs = list(_pairs(memory, program))
    edits, back = edited(pairs)
    callers = frozenset[str]().union(*map(caller_names, rows))
    others = {path for path, edit in edits if any(_tells_otherwise(program, *pair, callers) for pair in edit.pairs)}
    changed, moved_on = _touched(past, now, Parts(program.modules), edits, others)
    alike = {new.path for old, new in pairs if old.calls == new.calls and _writes_alike(edits.of(new.path))}
    lost = (path for path, then, digest in zip(paths, past.digests, digests, strict=True) if then != digest and path not in alike)
    return Since(past, edits, back, changed, moved_on, next(lost, None) is None)


def _writes_alike(edit: Edit | None) -> bool:
    """Is there code in each function in which there was some, and in no other?"""
    return edit is not None and all(then.has_body == now.has_body and then.has_code == now.has_code for then, now in edit.pairs)


def routes_of(since: Since, program: Program) -> tuple[Routing, Routed] | None:
    """What frameworks show of the program, and what is kept of it; None where they have to be asked."""
    routed = since.past.routed
    if routed is None or not since.calls_alike or int.from_bytes(routed.reached, "little") & since.changed:
        return None
    return found_again(routed, program, since.edits)


def recall(since: Since, entries: Sequence[Entry], keys: Sequence[str]) -> Units:
    """The units that are still true of this program, and of those of its endpoints (each with its key) that were there the last time."""
    past, edits = since.past, since.edits
    telling = past.telling if since.calls_alike else None
    if telling is not None and not tells_alike(telling, [pair for _, edit in edits for pair in edit.pairs]):
        telling = None
    known = _still_true(msgspec.structs.replace(past, telling=telling), since.changed, since.moved_on, edits)
    return _with_keys_of_now(known, entries, keys, since.back)


def _pairs(memory: Memory, program: Program) -> Iterator[tuple[Module, Module]]:
    """The files that changed of which the text of the last time is known, as it was and as it is."""
    for module, then in zip(program.modules, memory.past.digests, strict=True):
        old = memory.earlier(module.path, then) if module.digest != then else None
        if old is not None:
            yield old, module


def _touched(past: Units, now: Units, parts: Parts, edits: Edits, others: Collection[str]) -> tuple[int, int]:
    """The parts of the program that changed, and those that stand elsewhere now; in the files of `others` they set other members to the
    caller."""
    changed = moved_on = 0
    for path, then, digest in zip(past.paths, past.digests, now.digests, strict=True):
        if then != digest:
            edit = edits.of(path)
            changed |= parts.touched(path, edit.changed if edit is not None else None)
            if path in others:
                changed |= parts.setters(path)
            moved_on |= parts.places(path)
    return changed, moved_on


def _tells_otherwise(program: Program, old: Function, new: Function, callers: frozenset[str]) -> bool:
    """May a function's new code change which members hold the caller, for those who read that off it (`Summaries.sets_from_principal`)?

    That is read off functions that set members of their objects and know the caller, by themselves or by another function of their type,
    and off members that are worked out.
    """
    names, names_then = _names(new), _names(old)
    sets, sets_then = own_members_set(new), own_members_set(old)
    if sets or sets_then:
        return sets != sets_then or names != names_then
    if names.isdisjoint(callers) == names_then.isdisjoint(callers):
        return False
    owner = next((routine.owner for routine in program.routines if routine.function is new), None)
    beside = [one.function for routines in owner.functions.values() for one in routines] if owner is not None else [new]
    works_out_a_member = all(one is not new for one in beside)
    return works_out_a_member or any(new.name in uses(one) and own_members_set(one) for one in beside)


def _names(function: Function) -> frozenset[str]:
    return frozenset((*uses(function), *(param.type.name for param in function.params if param.type is not None)))


def _still_true(past: Units, changed: int, moved_on: int, edits: Edits) -> Units:
    """The units that hang on nothing that changed, under the keys that their functions have now."""
    entered = dict(_untouched(past.entered, changed, moved_on, edits))
    noted = {edits.name(key): unit for key, unit in _untouched(past.noted, changed, moved_on, edits)}
    return msgspec.structs.replace(past, entered=entered, noted=noted)


Unit = TypeVar("Unit", Entered, Noted)


def _untouched(units: Mapping[str, Unit], changed: int, moved_on: int, edits: Edits) -> Iterator[tuple[str, Unit]]:
    """The units that hang on nothing that changed, with their keys; what stands in files of these `moved_on` places is brought along."""
    for key, unit in units.items():
        reached = int.from_bytes(unit.reached, "little")
        if not reached & changed:
            if not reached & moved_on:
                yield key, unit
            elif (now := _brought_along(unit, edits)) is not None:
                yield key, now


def _brought_along(unit: Unit, edits: Edits) -> Unit | None:
    """The unit as of now; None where it names a place of which nobody knows where it is now."""
    try:
        now = moved(unit, edits.place)
    except LostError:
        return None
    noted = tuple(map(edits.name, now.noted))
    return now if noted == now.noted else msgspec.structs.replace(now, noted=noted)


def _with_keys_of_now(units: Units, entries: Sequence[Entry], keys: Sequence[str], back: Edits) -> Units:
    """The units of these endpoints, under the keys that they have now."""
    if not back:
        return units
    entered: dict[str, Entered] = {}
    paths = [path.encode("utf-8", "surrogateescape") for path, _ in back]
    for entry, key in zip(entries, keys, strict=True):
        try:
            unit = units.entered.get(earlier_key(entry, back.place, paths) or key)
        except LostError:
            continue
        if unit is not None:
            entered[key] = unit
    return msgspec.structs.replace(units, entered=entered)


def _arranged(program: Program, rows: Sequence[Library]) -> str:
    """Stands for what code says for all: which implementation serves for which service, what the model filters, what is drawn at random."""
    found = sha256(repr(sorted(program.registrations)).encode("utf-8", "surrogatepass"))
    filters = {row.call.rpartition(".")[2] for library in rows for row in library.query if row.does == "model"}
    drawing = {row.name for library in rows for row in library.idiom if row.says == "draws"}
    for module in program.modules:
        if not filters.isdisjoint(module.calls):
            found.update(module.digest.encode())
        if drawing:
            drawn = [function.name for function in declared(module) if not drawing.isdisjoint(uses(function))]
            found.update(f"\n{module.path} {drawn}".encode("utf-8", "surrogatepass") if drawn else b"")
    return found.hexdigest()
