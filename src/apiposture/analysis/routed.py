"""Which endpoints did the frameworks show the last time?

Kept with the parts of the code that frameworks looked into (see `Parts`). As long as those say the same, and files call functions of the
same names, frameworks would show the same again, wherever it stands now. Routines and types are kept by their numbers in the program, which
stay the same while nothing is declared differently.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cached_property

import msgspec
from msgspec import Struct

from apiposture.analysis.edits import Edits, LostError
from apiposture.analysis.moving import moved
from apiposture.analysis.parts import Parts
from apiposture.analysis.units import Routed
from apiposture.frameworks.routing import Answer, Entry, Held, Routing, Supply
from apiposture.model import ir
from apiposture.model.facts import Binding, Endpoint
from apiposture.model.source import Span
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

NOBODY = -1


class Standing(Struct, frozen=True, array_like=True):
    """A routine: the number of one of the program's, whose method it is here, and which of the lambdas in its code is meant, if one is."""

    number: int
    owner: int = NOBODY
    inside: int = NOBODY


class KeptSupply(Struct, frozen=True, array_like=True):
    """As `Supply`."""

    name: str
    routine: Standing | None
    bindings: tuple[Binding, ...]
    supplies: tuple[KeptSupply, ...]
    identity: bool
    made: int
    type: str
    own: bool


class KeptHeld(Struct, frozen=True, array_like=True):
    """As `Held`."""

    binding: Binding
    path: str
    span: Span
    maybe: bool


class KeptEntry(Struct, frozen=True, array_like=True):
    """As `Entry`."""

    endpoint: Endpoint
    routine: Standing | None
    preludes: tuple[Standing, ...]
    supplies: tuple[KeptSupply, ...]
    held: tuple[KeptHeld, ...]
    answer: tuple[bool, bool, tuple[int, ...]]


class StrangeError(Exception):
    """It was put together, and stands nowhere in the program."""


def kept(routes: Routing, program: Program, looked_into: Collection[int]) -> Routed | None:
    """What is kept of it, where all of it can be found again; `looked_into` are the functions whose code it was worked out from."""
    if program.completed:
        return None
    parts = Parts(program.modules)
    written = _Written(program)
    try:
        entries = tuple([msgspec.msgpack.encode(written.entry(entry)) for entry in routes.entries])
    except StrangeError:
        return None
    mask = 0
    for routine in program.routines:
        if id(routine.function) in looked_into:
            mask |= parts.of_code(routine.function)
    return Routed(mask.to_bytes((mask.bit_length() + 7) // 8, "little"), entries, routes.problems, routes.frameworks)


def found_again(routed: Routed, program: Program, edits: Edits) -> tuple[Routing, Routed] | None:
    """What frameworks would show of the program as it is now, and what is kept of that; None where nobody can tell without asking them."""
    paths = [path.encode("utf-8", "surrogateescape") for path, _ in edits]
    if any(edits.of(problem.path) is not None for problem in routed.problems):
        return None
    read = _Read(program)
    entries, encoded = [], []
    try:
        for one in routed.entries:
            entry = _decoded(one)
            if any(path in one for path in paths):
                entry = _moved(entry, edits)
                one = msgspec.msgpack.encode(entry)
            entries.append(read.entry(entry))
            encoded.append(one)
    except LostError:
        return None
    now = msgspec.structs.replace(routed, entries=tuple(encoded))
    return Routing(tuple(sorted(entries, key=_order)), routed.problems, routed.frameworks), now


_decoded: Callable[[bytes], KeptEntry] = msgspec.msgpack.Decoder(KeptEntry).decode


def _moved(entry: KeptEntry, edits: Edits) -> KeptEntry:
    """The entry with its places as of now. Raises LostError where nobody can tell what one of them is."""
    if any(edits.of(held.path) is not None for held in entry.held):
        raise LostError(entry.endpoint.route)
    return moved(entry, edits.place)


def _order(entry: Entry) -> tuple[object, ...]:
    return entry.endpoint.place, entry.endpoint.route, entry.endpoint.method


class _Written:
    """Finds the numbers of what stands in a program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._routines = {id(routine): number for number, routine in enumerate(program.routines)}
        self._functions = {id(routine.function): number for number, routine in enumerate(program.routines)}
        self._types = {id(declared): number for number, declared in enumerate(program.types)}

    @cached_property
    def _lambdas(self) -> dict[int, tuple[int, int]]:
        return {
            id(function): (number, inside)
            for number, routine in enumerate(self._program.routines)
            for inside, function in enumerate(_lambdas(routine))
        }

    def entry(self, entry: Entry) -> KeptEntry:
        answer = entry.answer
        return KeptEntry(
            entry.endpoint,
            self._routine(entry.routine) if entry.routine is not None else None,
            tuple([self._routine(one) for one in entry.preludes]),
            tuple([self._supply(one) for one in entry.supplies]),
            tuple([KeptHeld(one.binding, one.module.path, one.span, one.maybe) for one in entry.held]),
            (answer.whole, answer.cut, tuple([self._type(one) for one in answer.types])),
        )

    def _supply(self, one: Supply) -> KeptSupply:
        routine = self._routine(one.routine) if one.routine is not None else None
        supplies = tuple([self._supply(each) for each in one.supplies])
        return KeptSupply(one.name, routine, one.bindings, supplies, one.identity, self._type(one.made), one.type, one.own)

    def _type(self, declared: Type | None) -> int:
        if declared is None:
            return NOBODY
        if id(declared) not in self._types:
            raise StrangeError(declared.qualified)
        return self._types[id(declared)]

    def _routine(self, routine: Routine) -> Standing:
        owner = self._type(routine.owner)
        function = id(routine.function)
        number = self._routines.get(id(routine), self._functions.get(function))
        if number is not None:
            return Standing(number, owner)
        if function in self._lambdas:
            number, inside = self._lambdas[function]
            return Standing(number, owner, inside)
        raise StrangeError(routine.name)


class _Read:
    """Finds in a program what has these numbers; what has the same is the same."""

    def __init__(self, program: Program) -> None:
        self._routines = program.routines
        self._types = program.types
        self._modules = {module.path: module for module in program.modules}
        self._made: dict[Standing, Routine] = {}

    def entry(self, entry: KeptEntry) -> Entry:
        whole, cut, types = entry.answer
        return Entry(
            entry.endpoint,
            self._routine(entry.routine) if entry.routine is not None else None,
            tuple([self._routine(one) for one in entry.preludes]),
            tuple([self._supply(one) for one in entry.supplies]),
            tuple([Held(one.binding, self._modules[one.path], one.span, one.maybe) for one in entry.held]),
            Answer(whole, cut, tuple([self._types[one] for one in types])),
        )

    def _supply(self, one: KeptSupply) -> Supply:
        routine = self._routine(one.routine) if one.routine is not None else None
        supplies = tuple([self._supply(each) for each in one.supplies])
        made = self._types[one.made] if one.made != NOBODY else None
        return Supply(one.name, routine, one.bindings, supplies, one.identity, made, one.type, one.own)

    def _routine(self, one: Standing) -> Routine:
        found = self._made.get(one)
        if found is None:
            found = self._made[one] = self._new(one)
        return found

    def _new(self, one: Standing) -> Routine:
        routine = self._routines[one.number]
        owner = self._types[one.owner] if one.owner != NOBODY else None
        if one.inside != NOBODY:
            return Routine(_lambdas(routine)[one.inside], owner, routine.module)
        return routine if routine.owner is owner else Routine(routine.function, owner, routine.module)


def _lambdas(routine: Routine) -> Sequence[ir.Function]:
    """The functions that stand in a routine's code, in order."""
    return [node.function for node in walk.nodes(routine.function.body or ()) if type(node) is ir.Lambda]
