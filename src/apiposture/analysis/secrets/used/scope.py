"""What is known of the names in a function, without evaluating it: what its variables are set to, and of which type something is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from apiposture.frameworks.library import Library
from apiposture.model import ir
from apiposture.model.ir import Module
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Slot, Type

MAX_STEPS: Final = 4
"""Variables that are set to each other through more steps than this are not followed."""

MOST_CALLS: Final = 20
"""Of a function that takes a credential, so many calls are looked at."""

CONSTRUCTORS: Final = (".ctor", ".cctor")

class Code:
    """The functions of one program, each looked at once."""

    def __init__(self, program: Program, libraries: Sequence[Library]) -> None:
        self.program = program
        self.carried = frozenset(member for one in libraries for row in one.wrapper for member in row.members)
        """Members that give what an object only carries: `options.Value`."""
        self.of_entries = frozenset(row.name for one in libraries for row in one.idiom if row.says == "entries")
        """Calls whose named arguments are the entries of a mapping."""
        self._scopes: dict[int, Scope] = {}
        self._tops: dict[str, Scope] = {}
        self._calls: dict[str, list[tuple[Routine, ir.Call]]] = {}
        self._speaking: dict[str, list[Routine]] = {}

    def scope(self, routine: Routine) -> Scope:
        """The scope of a function, for whoever calls it."""
        found = self._scopes.get(id(routine.function))
        if found is None:
            found = self._scopes[id(routine.function)] = Scope(self, routine)
        return found

    def top(self, module: Module) -> Scope:
        """The scope of a file's top-level code."""
        found = self._tops.get(module.path)
        if found is None:
            found = self._tops[module.path] = Scope(self, self.program.main(module))
        return found

    def calling(self, name: str) -> list[tuple[Routine, ir.Call]]:
        """The calls of functions of this last name, of very many the first."""
        found = self._calls.get(name)
        if found is None:
            found = self._calls[name] = list(islice(self.program.calling(name), MOST_CALLS))
        return found

    def speaking(self, name: str) -> list[Routine]:
        """The functions with code in files that call something of this last name, or make objects of such a type."""
        found = self._speaking.get(name)
        if found is None:
            paths = {module.path for module in self.program.modules if name in module.calls}
            found = [one for one in self.program.routines if one.module.path in paths and one.function.has_code]
            self._speaking[name] = found
        return found


class Scope:
    """One function of the `code` with its variables; where `routine` is top-level code, its variables are those of the module. `called` is
    the call that it was come to by, with where that stands: its parameters are what is passed there."""

    def __init__(self, code: Code, routine: Routine, called: tuple[ir.Call, Scope] | None = None) -> None:
        self.code = code
        self.program = code.program
        self.routine = routine
        self.called = called
        self._nodes: list[Any] | None = None
        self._set_to: dict[str, list[ir.Expr]] | None = None
        self._declared: dict[str, ir.TypeRef] | None = None
        self.module = routine.module
        self.owner = routine.owner

    @property
    def nodes(self) -> list[Any]:
        """Everything that stands in the function: expressions and statements."""
        if self._nodes is None:
            self._nodes = walk.nodes(self.routine.function.body or ())
        return self._nodes

    @property
    def set_to(self) -> dict[str, list[ir.Expr]]:
        """What each local variable is set to, anywhere in the function."""
        if self._set_to is None:
            self._set_to = _variables(self.nodes)
        return self._set_to

    @property
    def declared(self) -> dict[str, ir.TypeRef]:
        """The types that are written beside parameters and local variables."""
        if self._declared is None:
            found = {param.name: param.type for param in self.routine.function.params if param.type is not None}
            found.update({node.name: node.type for node in self.nodes if type(node) is ir.Declare and node.type is not None})
            self._declared = found
        return self._declared

    def holds(self, name: str) -> bool:
        """Is it a variable or a parameter of the function?"""
        return name in self.set_to or any(param.name == name for param in self.routine.function.params)

    def slot(self, expr: ir.Expr) -> Slot | None:
        """The member that a name or `this.name` stands for, or a constant of another type or module."""
        path = walk.dotted(expr)
        holder, _, name = path.rpartition(".")
        if not path or (not holder and name in self.set_to and self.routine.owner is not None):
            return None
        if holder in ("", "this") and self.owner is not None and (found := self.program.slot(self.owner, name)) is not None:
            return found
        meant = self.program.meaning(path, self.module, self.owner) if self.module.explicit_names else None
        if isinstance(meant, Slot):
            return meant
        home = self.program.find_type(holder, self.module, self.owner) if holder else None
        return self.program.slot(home, name) if home is not None else None

    def within(self, slot: Slot) -> Scope:
        """The scope in which a member's first value is written."""
        return Scope(self.code, Routine(NOWHERE, slot.owner, slot.module))

    def types(self, expr: ir.Expr | None, steps: int = 0) -> list[str | Type]:
        """The types that an expression may be of: one of the program's, or a library's by its dotted name."""
        return list(self._types(expr, steps))

    def _types(self, expr: ir.Expr | None, steps: int) -> Iterator[str | Type]:
        if expr is None or steps > MAX_STEPS:
            return
        if type(expr) is ir.New and expr.type is not None:
            yield from self.named(expr.type)
        elif type(expr) is ir.Call:
            yield from self._made(expr, steps)
        elif type(expr) in (ir.Name, ir.Member):
            yield from self._held(expr, steps)

    def _held(self, expr: ir.Expr, steps: int) -> Iterator[str | Type]:
        name = expr.id if type(expr) is ir.Name else ""
        if name in self.declared:
            yield from self.named(self.declared[name])
        for value in self.set_to.get(name, ()):
            yield from self.types(value, steps + 1)
        if type(expr) is ir.Member and expr.name in self.code.carried:
            yield from self.types(expr.object, steps + 1)
        slot = self.slot(expr)
        if slot is not None and slot.field.type is not None:
            yield from self.within(slot).named(slot.field.type)
        if slot is not None:
            yield from self.within(slot).types(slot.field.value, steps + 1)

    def _made(self, call: ir.Call, steps: int) -> Iterator[str | Type]:
        """What a call makes: an object of the type that is called, or of that whose function it is (`Aes.Create()`)."""
        for ref in call.type_args:
            yield from self.named(ref)
        path = walk.dotted(call.function)
        meant = self.program.meaning(path, self.module, self.owner) if path else None
        if isinstance(meant, Routine):
            inside = self.code.scope(meant)
            yield from inside.named(meant.function.returns) if meant.function.returns is not None else ()
            for value in walk.returned(meant.function) if steps < MAX_STEPS else ():
                yield from inside.types(value, steps + 1)
        elif isinstance(meant, (str, Type)):
            yield meant
        elif path and not self.module.explicit_names:
            yield path.rpartition(".")[0]

    def named(self, ref: ir.TypeRef) -> list[str | Type]:
        """The type that is written, and what it carries where it has one argument (`IOptions<Jwt>`)."""
        return list(self._written(ref))

    def _written(self, ref: ir.TypeRef) -> Iterator[str | Type]:
        if self.module.explicit_names:
            meant = self.program.meaning(ref.name, self.module, self.owner)
            yield meant if isinstance(meant, (str, Type)) else ref.name
        else:
            yield self.program.find_type(ref.name, self.module, self.owner, len(ref.args)) or ref.name
        if len(ref.args) == 1:
            yield from self.named(ref.args[0])


def _variables(nodes: list[Any]) -> dict[str, list[ir.Expr]]:
    found: dict[str, list[ir.Expr]] = {}
    for node in nodes:
        if type(node) is ir.Declare and node.value is not None:
            found.setdefault(node.name, []).append(node.value)
        elif type(node) is ir.Assign and node.operator == "=":
            for target, value in pairs(node.target, node.value):
                if type(target) is ir.Name:
                    found.setdefault(target.id, []).append(value)
    return found


def pairs(target: ir.Expr, value: ir.Expr) -> list[tuple[ir.Expr, ir.Expr]]:
    """What is set to what: of a tuple that takes a tuple apart, part by part."""
    if type(target) is ir.Collection and type(value) is ir.Collection and len(target.items) == len(value.items):
        return list(zip(target.items, value.items, strict=True))
    return [(target, value)]


NOWHERE: Final = ir.Function("", (), None, (), (), (), (), 0, 0)
"""A member's first value stands in no function."""
