"""Where does each kind of sensitive data enter, where is it stored and logged, and where does it leave for others?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from apiposture.analysis.exposures import MAX_DEPTH
from apiposture.analysis.sensitive import kinds_of, kinds_of_member, weight_of
from apiposture.frameworks.library import Library
from apiposture.frameworks.routing import Entry
from apiposture.model import ir
from apiposture.model.facts import Datum, Facts
from apiposture.model.source import Place
from apiposture.program import Program, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type, TypeUse

SENT = frozenset(("body", "form", "query", "route", "header", "cookie", "file"))
"""Where a request carries what its caller sends."""
REQUESTS = "ssrf"
"""The kind of the rows that know calls to other services: they are there for the address, which is the first argument."""
ROLES = ("enters", "stored", "logged", "leaves")

_BRACES = re.compile(r"\{([^{}]*)\}")


def data_map(program: Program, entries: Sequence[Entry], facts: Facts, rows: Sequence[Library]) -> tuple[Datum, ...]:
    """Every point at which a kind of sensitive data is met, gravest kind first."""
    members = Members(program)
    kept = frozenset(row.name for library in rows for row in library.nature if row.says == "stored")
    bases = frozenset(name for names in kept for name in _alternatives(names))
    found = [*_entering(members, entries), *_stored(members, facts, bases), *_logged(facts), *Clients(program, rows, members).sent()]
    return tuple(sorted(set(found), key=lambda each: (-weight_of(each.kind), each.kind, ROLES.index(each.role), each.where, each.place)))


class Members:
    """The sensitive members of types."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def of(self, declared: Type, depth: int = 0, seen: frozenset[Type] = frozenset()) -> Iterator[tuple[str, str]]:
        """(kind, `Type.Member`) for each of them, in what the type holds as well."""
        for slot in self.program.slots(declared):
            use = self.program.type_of(slot)
            for kind in kinds_of_member(slot.field.name, use.name if use else "", declared.simple, lambda: self.program.slots(declared)):
                yield kind, f"{declared.simple}.{slot.field.name}"
            inner = item_of(use)
            if inner is not None and inner.kind in ("class", "record") and depth < MAX_DEPTH and inner not in seen:
                yield from self.of(inner, depth + 1, seen | {declared})

    def of_parameter(self, name: str, routine: Routine) -> list[tuple[str, str]]:
        """What a parameter brings: by its own name, or by the members of its type."""
        param = next((each for each in routine.function.params if each.name == name), None)
        use = self.program.use(param.type, routine.module, routine.owner) if param is not None and param.type is not None else None
        declared = item_of(use)
        inside = list(self.of(declared)) if declared is not None else []
        return inside or [(kind, name) for kind in kinds_of(name, use.name if use else "")]


def item_of(use: TypeUse | None) -> Type | None:
    """The project's type of the value, or of its items where it is a collection."""
    while use is not None and use.decl is None and use.args:
        use = use.args[-1]
    return use.decl if use is not None else None


def by_kind(found: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """What holds each kind, in order, each once."""
    kinds: dict[str, dict[str, None]] = {}
    for kind, what in found:
        kinds.setdefault(kind, {})[what] = None
    return {kind: tuple(what) for kind, what in kinds.items()}


def _entering(members: Members, entries: Sequence[Entry]) -> Iterator[Datum]:
    for entry in entries:
        endpoint, routine = entry.endpoint, entry.routine
        if routine is None:
            continue
        sent = [binding.name for binding in endpoint.bindings if binding.source in SENT]
        found = by_kind(one for name in sent for one in members.of_parameter(name, routine))
        called = f"{endpoint.method} {endpoint.route}"
        for kind, what in found.items():
            yield Datum(kind, "enters", what, called, endpoint.place, "high", (called,))


def _stored(members: Members, facts: Facts, names: frozenset[str]) -> Iterator[Datum]:
    reached: dict[str, dict[str, None]] = {}
    for access in facts.accesses:
        if access.endpoint >= 0:
            endpoint = facts.endpoints[access.endpoint]
            reached.setdefault(access.entity.rpartition(".")[2], {})[f"{endpoint.method} {endpoint.route}"] = None
    for declared in stored_types(members.program, names, frozenset(reached)):
        decl, module = declared.decls[0]
        for kind, what in by_kind(members.of(declared, MAX_DEPTH)).items():
            at = place(module, decl.name_span)
            yield Datum(kind, "stored", what, declared.simple, at, "high", tuple(reached.get(declared.simple, ())))


def stored_types(program: Program, names: frozenset[str], accessed: frozenset[str]) -> list[Type]:
    """The types whose objects are kept: heirs of a library's base, items of its collections, and what an endpoint was seen to access."""
    items = {
        found
        for declared in program.types
        for slot in program.slots(declared)
        if slot.field.type is not None and slot.field.type.name.rpartition(".")[2] in names
        if (found := item_of(program.type_of(slot))) is not None
    }
    kept = [each for each in program.types if each in items or each.simple in accessed or program.is_a(each, *names)]
    return [each for each in kept if each.kind in ("class", "record")]


def _logged(facts: Facts) -> Iterator[Datum]:
    for exposure in facts.exposures:
        endpoint = facts.endpoints[exposure.endpoint] if exposure.endpoint >= 0 else None
        reached = (f"{endpoint.method} {endpoint.route}",) if endpoint else ()
        where = ", ".join(exposure.destinations) or "a log"
        for kind in exposure.kinds:
            own = tuple(what for what in exposure.what if kind in kinds_of(what.rpartition(".")[2], owner=what.rpartition(".")[0]))
            yield Datum(kind, "logged", own or exposure.what, where, exposure.place, exposure.certainty, reached)


class Clients:
    """The calls that send something to another service, known by the type of what they are made on, or by the library's own name."""

    def __init__(self, program: Program, rows: Sequence[Library], members: Members) -> None:
        self.program = program
        self.members = members
        calls = [row.call for library in rows for row in library.sink if row.kind == REQUESTS]
        self.known = {(owner, name) for call in calls for owner, name in _expanded(call)}
        self.names = tuple(sorted({name for _, name in self.known if name not in ("new",) and "=" not in name}))

    def sent(self) -> Iterator[Datum]:
        """What the names of arguments and the members of their types say of each call."""
        for routine, call in self.program.calling(*self.names) if self.names else ():
            client = self._client(call, routine)
            if not client:
                continue
            at = place(routine.module, call.span)
            for kind, what in by_kind(self._given(call, routine)).items():
                yield Datum(kind, "leaves", what, f"{client}.{walk.called_name(call)}", _start(at), "medium")

    def _client(self, call: ir.Call, routine: Routine) -> str:
        """The type or library that the call is made on, where it is one that sends."""
        function = call.function
        if type(function) is not ir.Member:
            return ""
        path = walk.dotted(function.object)
        candidates = {self._type_of(path.removeprefix("this."), routine), path.rpartition(".")[2]}
        return next((owner for owner in sorted(candidates) if owner and (owner, function.name) in self.known), "")

    def _type_of(self, name: str, routine: Routine) -> str:
        param = next((each for each in routine.function.params if each.name == name), None)
        if param is not None and param.type is not None:
            return param.type.name.rpartition(".")[2]
        slot = self.program.slot(routine.owner, name) if routine.owner is not None else None
        return slot.field.type.name.rpartition(".")[2] if slot is not None and slot.field.type is not None else ""

    def _given(self, call: ir.Call, routine: Routine) -> Iterator[tuple[str, str]]:
        for argument in call.args[1:]:
            given = list(walk.nodes(argument.value))
            taken_apart = {id(node.object) for node in given if type(node) is ir.Member}  # of these a member is given alone
            for node in given:
                if type(node) is ir.Member:
                    yield from ((kind, walk.dotted(node) or node.name) for kind in kinds_of(node.name))
                elif type(node) is ir.Name and id(node) not in taken_apart:
                    yield from self.members.of_parameter(node.id, routine)


def _start(at: Place) -> Place:
    """A call may go over many lines; where it begins is enough to find it."""
    return at if at.line == at.end_line else Place(at.path, at.line, at.column)


def _expanded(call: str) -> Iterator[tuple[str, str]]:
    """`{A,B}.{x,y}` is A.x, A.y, B.x and B.y."""
    owner, _, name = _BRACES.sub(lambda match: "{" + match[1].replace(".", "\0") + "}", call).rpartition(".")
    for one in _alternatives(owner):
        for other in _alternatives(name):
            yield one.rpartition(".")[2].replace("\0", "."), other


def _alternatives(text: str) -> list[str]:
    match = _BRACES.fullmatch(text)
    return match[1].split(",") if match else [text]
