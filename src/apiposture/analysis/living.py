"""What does a program say while somebody is writing it?

What was worked out of a function stays true until the code that it came from changes: summaries are kept between two looks, and a new
text of a file drops those that it was worked out from. A glance looks at the edited files alone and leaves everything else as it was; a
look at all of it is what a scan would say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import msgspec

from apiposture.analysis import exposures
from apiposture.analysis.derive import Standing, put_together, routes_now
from apiposture.analysis.derived import Derived
from apiposture.analysis.flow.labels import keep_for
from apiposture.analysis.keys import entry_key, routine_key
from apiposture.analysis.memory import Memory
from apiposture.analysis.moving import declared_places, moved
from apiposture.analysis.reach import forget
from apiposture.analysis.recalling import recall, since
from apiposture.analysis.share import Piece, Task, summaries_for, worked_out
from apiposture.analysis.shares import evaluated
from apiposture.analysis.supplied import routines
from apiposture.analysis.units import Entered, Noted, Units
from apiposture.frameworks.library import Library, library
from apiposture.frameworks.routing import Entry, Routing
from apiposture.model.facts import Secret
from apiposture.model.ir import Module
from apiposture.model.source import Place, SourceFile
from apiposture.program import Program
from apiposture.program.types import Routine

SEVERAL = 25
"""So many endpoints of other files are asked again at a glance; more would take longer than a glance may."""


class Living:
    """One program and what is known of it. `key` stands for what is declared in it and for its configuration, as for Memory; the modules
    of the program are its own, and are written to.
    """

    def __init__(
        self,
        program: Program,
        settings: Sequence[SourceFile],
        known: Callable[[str], Library] = library,
        past: Units | None = None,
        key: str = "",
    ) -> None:
        self.program = program
        self.units = past or Units()
        self._settings = settings
        self._known = known
        self._key = key
        self._rows = [known(language) for language in sorted({module.language for module in program.modules})]
        self._destinations = exposures.destinations([row for rows in self._rows for row in rows.destination], settings)
        self._summaries = summaries_for(program, known)
        self._modules = {module.path: module for module in program.modules}
        self._routes: Routing | None = None
        self._entered: list[Entered] = []
        self._standing: Standing | None = None
        self._before: dict[Routine, str] = {}
        self._stood: dict[str, list[Place]] = {}
        self._then: dict[tuple[str, str], bytes] = {}
        self._is_complete = True
        keep_for(self)

    def take_in(self, new: Module) -> bool:
        """Take in the new text of a file that declares what it declared before. False, and nothing is done, where that can't be had: the
        file ties services to implementations, or begins or ceases to run code of its own.
        """
        module = self._modules[new.path]
        if not frozenset(self.program.registers).isdisjoint((*module.calls, *new.calls)) or bool(module.body) != bool(new.body):
            return False
        for routine in self._of(module):
            self._before.setdefault(routine, routine_key(routine))
        if module.path not in self._stood:
            self._stood[module.path] = declared_places(module)
            self._then[module.path, module.digest] = msgspec.msgpack.encode(module)
        forget(self._summaries, module)
        self._is_complete &= self.program.renew(module, new)
        return True

    def _of(self, module: Module) -> Iterator[Routine]:
        return (routine for routine in self.program.routines if routine.module is module)

    def look(self, secrets: Sequence[Secret], is_wanted: Callable[[], bool] | None = None) -> Derived:
        """All facts. Raises AbandonedError once `is_wanted` says no; the next look then goes on from there."""
        memory = Memory(self.units, self._key, self._earlier)
        then = since(memory, self.program, self._rows)
        routes, routed = routes_now(self.program, self._settings, memory, then)
        keys = [entry_key(entry) for entry in routes.entries]
        past = recall(then, routes.entries, keys) if then else Units()
        units = evaluated(self.program, self._known, routes.entries, keys, self._destinations, 1, past, self._summaries, is_wanted)
        memory.keep(units, routed)
        self.units, self._routes, self._is_complete = memory.units, routes, True
        self._before, self._stood, self._then = {}, {}, {}
        self._standing = Standing(self.program, self._rows)
        self._entered = [units.entered[key] for key in keys]
        return put_together(self.program, self._settings, routes, self._entered, units.noted, secrets, self._known, self._standing)

    def _earlier(self, path: str, digest: str) -> Module | None:
        """A file as it was at the last look."""
        code = self._then.get((path, digest))
        return msgspec.msgpack.decode(code, type=Module) if code is not None else None

    def glance(self, secrets: Sequence[Secret], paths: Collection[str]) -> Derived | None:
        """The facts as of the last look, with what these files say now: their endpoints and functions, and some of the endpoints
        elsewhere that do something in them.

        None before the first look, and where endpoints are made by code within functions of these files: only a look can find them.
        """
        if self._routes is None or not self._is_complete:
            return None
        before = self._entered
        here = self._endpoints_to_ask(before, paths)
        if here is None:
            return None
        entries = self._routes.entries
        places = self._places()
        asked = {index: _moved(entries[index], places) for index in here}
        names = {key: routine_key(routine) for routine, key in self._before.items()}
        functions = self._functions_to_ask(names, paths)
        asked_keys = frozenset(map(routine_key, functions)).union(names)
        noted = {key: unit for key, unit in self.units.noted.items() if key not in asked_keys}
        task = Task(self.program, self._known, self._destinations, (), noted, kept=False)
        now = worked_out(task, [Piece(sorted(asked.items()), functions)], self._summaries)
        entered = [_renamed(unit, names) for unit in before]
        for index, entry in asked.items():
            entered[index] = now.entered[entry_key(entry)]
        routes = msgspec.structs.replace(self._routes, entries=tuple(asked.get(index, entry) for index, entry in enumerate(entries)))
        return put_together(self.program, self._settings, routes, entered, {**noted, **now.noted}, secrets, self._known, self._standing)

    def _places(self) -> dict[Place, Place]:
        """Where the declarations of the edited files stood at the last look, and where they stand now."""
        pairs = ((then, declared_places(self._modules[path])) for path, then in self._stood.items())
        return {old: new for then, now in pairs for old, new in zip(then, now, strict=True)}

    def _endpoints_to_ask(self, before: Sequence[Entered], paths: Collection[str]) -> list[int] | None:
        """The endpoints of these files, and some that lead there; None where one of them is made by code within a function."""
        entries = self._routes.entries if self._routes is not None else ()
        here = [index for index, entry in enumerate(entries) if any(routine.module.path in paths for routine in routines(entry))]
        declared = {id(routine.function) for path in paths for routine in self._of(self._modules[path])}
        if any(id(one.function) not in declared for index in here for one in routines(entries[index]) if one.module.path in paths):
            return None
        leading = dict.fromkeys(index for index in _leading_to(before, paths) if index not in here)
        return [*here, *list(leading)[:SEVERAL]]

    def _functions_to_ask(self, names: Mapping[str, str], paths: Collection[str]) -> list[Routine]:
        """The functions of these files, and some of which something was said there."""
        found = [routine for path in sorted(paths) for routine in self._of(self._modules[path]) if routine.function.has_code]
        leading = [key for key, unit in self.units.noted.items() if key not in names and _is_about(unit, paths)][:SEVERAL]
        for key in leading:
            module = self._modules[key.rsplit(":", 2)[0]]
            found += [routine for routine in self._of(module) if routine_key(routine) == key]
        return found


def _leading_to(entered: Sequence[Entered], paths: Collection[str]) -> Iterator[int]:
    """The endpoints of which something is said at a place in these files: those that show or send something there first."""
    yield from (index for index, unit in enumerate(entered) if _is_about(unit, paths))
    yield from (index for index, unit in enumerate(entered) if any(access.place.path in paths for access in unit.accesses))


def _is_about(unit: Entered | Noted, paths: Collection[str]) -> bool:
    """Does data reach an interpreter or a log in these files?"""
    return any(flow.place.path in paths for flow in unit.flows) or any(shown.place.path in paths for shown in unit.exposures)


def _moved(entry: Entry, places: Mapping[Place, Place]) -> Entry:
    """The endpoint where its declarations stand now."""
    return msgspec.structs.replace(entry, endpoint=moved(entry.endpoint, lambda place: places.get(place, place)))


def _renamed(unit: Entered, names: dict[str, str]) -> Entered:
    """A unit that calls functions what they are called now."""
    if names.keys().isdisjoint(unit.noted):
        return unit
    return msgspec.structs.replace(unit, noted=tuple(names.get(key, key) for key in unit.noted))



