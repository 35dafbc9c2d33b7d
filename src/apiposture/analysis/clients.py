"""Which types send requests by clients only that refuse addresses inside the network?

A client is known by the name under which it is registered, or made where it is used. What stands before it is the project's own: a handler
that resolves the address and throws where it does not like what it finds. It is known by its body.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from apiposture.frameworks.rows import Client
from apiposture.model import ir
from apiposture.model.facts import Flow
from apiposture.program import Program, constants, walk
from apiposture.program.types import Routine, Type

KIND = "ssrf"


class Clients:
    """The clients of one program; asked only where there is a flow."""

    def __init__(self, program: Program, rows: Sequence[Client]) -> None:
        self.program = program
        self.calls: dict[str, frozenset[str]] = {
            does: frozenset(row.call.rpartition(".")[2] for row in rows if row.does == does)
            for does in ("register", "make", "handle", "plain", "resolve")
        }
        self.types = frozenset(row.call.rpartition(".")[0] for row in rows if row.does == "client")
        self._guards: dict[str, bool | None] | None = None

    def unserved(self, flows: Iterable[Flow]) -> Iterator[Flow]:
        """The flows without those whose address is asked by a client that refuses what it must; where it may refuse, they are less sure."""
        for flow in flows:
            served = flow.kind == KIND and self.serves(flow)
            if served is not True:
                yield flow if served is False else replace(flow, certainty="low")

    @property
    def guards(self) -> dict[str, bool | None]:
        """The names of the clients that refuse, or (None) that nobody knows of whether they do."""
        if self._guards is None:
            self._guards = {}
            for name, refuses in self._guarded():
                self._guards[name] = self._guards.get(name) or refuses
        return self._guards

    def serves(self, flow: Flow) -> bool | None:
        """Does everything that the function, or its type, sends go by a client that refuses? None where that isn't known."""
        simple = flow.function.rpartition(".")[0].rpartition(".")[2]
        declared = next((t for t in self.program.named(simple) if any(m.path == flow.place.path for _, m in t.decls)), None)
        if declared is None:
            return False
        own = [r for routines in declared.functions.values() for r in routines if r.name == flow.function]
        return True if any(self._makes_its_own(routine) for routine in own) else self._is_given(declared)

    def _makes_its_own(self, routine: Routine) -> bool:
        """Does the function make the clients that it uses, each with a handler that refuses?"""
        made = [node for node in walk.nodes(routine.function.body or ()) if self._is_client(node)]
        return bool(made) and all(self._refuses(node, routine) for node in made)

    def _is_client(self, node: object) -> bool:
        if type(node) is ir.New:
            return node.type is not None and node.type.name in self.types
        return type(node) is ir.Call and walk.called_name(node) in self.types

    def _is_given(self, declared: Type) -> bool | None:
        """Does the type get all its clients under names of such that refuse?"""
        names: list[str | None] = []
        for routine in (r for routines in declared.functions.values() for r in routines):
            for node in walk.nodes(routine.function.body or ()):
                if type(node) is ir.New and node.type is not None and node.type.name in self.types:
                    return False
                if type(node) is ir.Call and walk.called_name(node) in self.calls["make"]:
                    names.append(self._name(node, routine))
            handed = any(p.type is not None and p.type.name in self.types for p in routine.function.params)
            if handed and routine.function.name == ".ctor":
                names.append(declared.simple)
        answers = {self.guards.get(name, False) if name is not None else False for name in names} or {False}
        return False if False in answers else None if None in answers else True

    def _name(self, call: ir.Call, routine: Routine) -> str | None:
        """The name of a client: a text, or the type that it is registered for."""
        if call.args and type(call.args[0].value) is not ir.Lambda:
            return constants.text(self.program, call.args[0].value, routine.module, routine.owner)
        return call.type_args[-1].name.rpartition(".")[2] if call.type_args else None

    def _guarded(self) -> Iterator[tuple[str, bool | None]]:
        for routine in dict.fromkeys(routine for routine, _ in self.program.calling(*sorted(self.calls["register"]))):
            for statement in walk.nodes(routine.function.body or ()):
                chain = walk.chain(statement.value) if type(statement) in (ir.Eval, ir.Return, ir.Declare) and statement.value else []
                at = next((i for i, call in enumerate(chain) if walk.called_name(call) in self.calls["register"]), len(chain))
                answers = {self._handles(call, routine) for call in chain[at + 1 :]} - {False}
                name = self._name(chain[at], routine) if answers else None
                if name is not None:
                    yield name, True if True in answers else None

    def _handles(self, call: ir.Call, routine: Routine, depth: int = 0) -> bool | None:
        """Does a step of the registration put something before the client that refuses, itself or in the project's own extension? None of
        a library's step that nothing is known of.
        """
        name = walk.called_name(call)
        if name in self.calls["handle"]:
            return self._refuses(call, routine)
        extensions = self.program.extensions(name) if depth < MAX_DEPTH else ()
        if not extensions:
            return False if name in self.calls["plain"] | self.calls["register"] else None
        steps = ((own, step) for own in extensions for step in walk.calls(own.function.body or ()) if _is_step(step, own))
        answers = {self._handles(step, own, depth + 1) for own, step in steps}
        return True if True in answers else None if None in answers else False

    def _refuses(self, step: ir.Call | ir.New, routine: Routine) -> bool:
        made = [n.type.name for n in walk.nodes(step.args) if type(n) is ir.New and n.type is not None]
        made += [ref.name for ref in step.type_args] if type(step) is ir.Call else []
        types = [t for name in made if (t := self.program.find_type(name, routine.module, routine.owner)) is not None]
        called = [c for c in walk.calls(step.args) if type(c.function) is ir.Member]
        named = [self.program.find_type(walk.dotted(c.function.object), routine.module, routine.owner) for c in called]  # type: ignore[union-attr]
        types += [t for t in named if t is not None]
        meant = [self.program.meaning(walk.dotted(c.function), routine.module, routine.owner) for c in walk.calls(step.args)]
        types += [t for t in meant if isinstance(t, Type)]
        return any(self._refuses_by_address(t) for t in types)

    def _refuses_by_address(self, declared: Type) -> bool:
        """Does a function of the type resolve an address, and throw where a test of what it found says so?"""
        own = [r for routines in declared.functions.values() for r in routines]
        giving = {r.function.name for r in own if not self.calls["resolve"].isdisjoint(_called(r.function.body))}
        return any(self._throws(r, giving | self.calls["resolve"]) for r in own)

    @staticmethod
    def _throws(routine: Routine, giving: Iterable[str]) -> bool:
        known: set[str] = set()
        sources = frozenset(giving)
        for node in walk.nodes(routine.function.body or ()):
            kind = type(node)
            if kind is ir.Declare and node.value is not None and _speaks_of(node.value, known, sources):
                known.add(node.name)
            elif kind is ir.Assign and type(node.target) is ir.Name and _speaks_of(node.value, known, sources):
                known.add(node.target.id)
            elif kind is ir.Loop and type(node.target) is ir.Name and node.iterable is not None:
                known.update((node.target.id,) if _speaks_of(node.iterable, known, sources) else ())
            elif kind is ir.If and known and _tests(node.condition, known) and any(type(n) is ir.Throw for n in walk.nodes(node.then)):
                return True
        return False


MAX_DEPTH = 4


def _is_step(call: ir.Call, own: Routine) -> bool:
    """Is it a step that an extension takes on what it extends, or on what such a step gives?"""
    holder = call.function.object if isinstance(call.function, ir.Member) else None
    while isinstance(holder, ir.Call) and isinstance(holder.function, ir.Member):
        holder = holder.function.object
    return isinstance(holder, ir.Name) and bool(own.function.params) and holder.id == own.function.params[0].name


def _called(body: Any) -> frozenset[str]:
    return frozenset(walk.called_name(call) for call in walk.calls(body or ()))


def _tests(condition: ir.Expr, names: set[str]) -> bool:
    """Is something asked about one of these? That there is none is another question."""
    asked = condition.operand if type(condition) is ir.Unary else condition
    is_property = type(asked) is ir.Member and _speaks_of(asked.object, names, frozenset())
    return is_property or (_speaks_of(condition, names, frozenset()) and any(True for _ in walk.calls(condition)))


def _speaks_of(expr: ir.Expr, names: set[str], calls: frozenset[str]) -> bool:
    for node in walk.nodes(expr):
        if type(node) is ir.Name and node.id in names:
            return True
        if type(node) is ir.Call and walk.called_name(node) in calls:
            return True
    return False
