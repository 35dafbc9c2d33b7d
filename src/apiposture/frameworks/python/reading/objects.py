"""Which object does an expression stand for: an application, a router, a function, a class, something of a library?

Values are followed through variables, imports, functions that give them, parameters, and lists that a loop goes through.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from apiposture.frameworks.python.reading.factories import Waiting, answers_of, as_made, fixed_by, lists_given, told
from apiposture.model import ir
from apiposture.model.ir import Module
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Slot, Type

MAX_DEPTH = 8


Fixed = tuple[tuple[str, object], ...]
"""Names that hold the same literal whoever calls, in their order."""


class Made(NamedTuple):
    """An object by the call that made it: of a type of the program, or of the library's that `name` is the dotted name of."""

    call: ir.Call
    routine: Routine
    name: str
    declared: Type | None

    @property
    def key(self) -> tuple[str, int]:
        """The same for the same call, however it was come by."""
        return self.routine.module.path, self.call.span


class Foreign(NamedTuple):
    """Something of a library, by its dotted name."""

    name: str


class Code(NamedTuple):
    """A function written where it is used. `told` are the constants that the function around it was given for it, as in `factories`, and
    `fixed` those of its names that hold a literal since.
    """

    routine: Routine
    told: tuple[tuple[str, str], ...] = ()
    fixed: Fixed = ()


Object = Made | Foreign | Code | Routine | Type
Bindings = dict[str, list[tuple[ir.Expr, bool]]]


STARTED = ("FastAPI", "Starlette", "Litestar")
"""Applications that take a `lifespan`: https://www.starlette.io/lifespan/"""


class Objects:
    """Answers for one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.judged: dict[tuple[object, ...], Any] = {}
        """What functions were found to do with a caller without credential, by what was asked of them."""
        self.settings: frozenset[str] | None = None
        """The names of the settings that the program makes, once they were asked for."""
        self._bindings: dict[int, Bindings] = {}
        self._mains: dict[int, Routine] = {}
        self._made: dict[tuple[object, ...], ir.Function] = {}
        self._around: dict[int, ir.Function] = {}
        self._searched: dict[int, None] = {}
        self._callers: dict[str, list[tuple[Routine, ir.Call]]] = {}
        self._asked: set[tuple[int, str]] = set()
        """The names that are being looked for: one that leads back to itself brings nothing new."""

    def of(self, expr: ir.Expr | None, routine: Routine, depth: int = 0) -> list[Object]:
        """What the expression may stand for in a routine; nothing where that is not known."""
        if expr is None or depth > MAX_DEPTH:
            return []
        if isinstance(expr, ir.Name | ir.Member):
            return self._named(expr, routine, depth)
        if isinstance(expr, ir.Call):
            return self._called(expr, routine, depth)
        if isinstance(expr, ir.New) and expr.type is not None:
            declared = self.program.find_type(expr.type.name, routine.module, routine.owner)
            return [Made(ir.Call(ir.Name("this", expr.span), expr.args, expr.span), routine, expr.type.name, declared)]
        if isinstance(expr, ir.Lambda):
            return [Code(Routine(expr.function, routine.owner, routine.module))]
        if isinstance(expr, ir.Choice):
            return [one for side in (expr.then, expr.other) for one in self.of(side, routine, depth + 1)]
        if isinstance(expr, ir.Binary):
            return [one for side in (expr.left, expr.right) for one in self.of(side, routine, depth + 1)]
        return self.of(expr.value, routine, depth + 1) if isinstance(expr, ir.Assign) else []

    def called(self, function: ir.Expr, routine: Routine) -> list[Object]:
        """What is called: functions, and methods of the own object, of its parents and of objects that are made at hand."""
        if not isinstance(function, ir.Member):
            return self.of(function, routine)
        parent = any(isinstance(node, ir.Name) and node.id == "super" for node in walk.nodes(function.object))
        if parent and walk.dotted(function.object) in ("super", "") and routine.owner is not None:
            known = self.program.methods(routine.owner, function.name)
            own = next((i for i, one in enumerate(known) if one.function is routine.function), -1)
            return list(known[own + 1 :][:1])
        if isinstance(function.object, ir.Call):
            made = self.of(function.object, routine)
            return [one for holder in made if isinstance(holder, Made | Type) for one in self.member(holder, function.name)]
        return self.of(function, routine)

    def _named(self, expr: ir.Expr, routine: Routine, depth: int) -> list[Object]:
        path = walk.dotted(expr)
        first, _, rest = path.partition(".")
        if not path:
            return []
        if first == "this":
            return self._own(rest, routine, depth)
        local = self._local(first, routine, depth)
        if local:
            return local if not rest else [one for holder in local for one in self.member(holder, rest, depth)]
        if any(param.name == first for param in routine.function.params):
            return self._passed(first, routine, depth) if not rest else []
        return self._meant(path, routine, depth)

    def _local(self, name: str, routine: Routine, depth: int) -> list[Object]:
        """What a name that a function sets is set to; where that is nothing, the name may be an import's as well."""
        key = (id(routine.function), name)
        if key in self._asked:
            return []
        self._asked.add(key)
        found: list[Object] = []
        for value, is_item in self.bindings(routine).get(name, ()):
            found += self._items(value, routine, depth) if is_item else self.of(value, routine, depth + 1)
        self._asked.discard(key)
        return found

    def _meant(self, path: str, routine: Routine, depth: int) -> list[Object]:
        found = self.program.meaning(path, routine.module, routine.owner)
        if isinstance(found, Slot):
            return self.of_slot(found, depth)
        if isinstance(found, str):
            return [Foreign(found)]
        if isinstance(found, Routine | Type):
            return [found]
        holder, _, last = path.rpartition(".")
        return [one for base in self._meant(holder, routine, depth + 1) for one in self.member(base, last, depth)] if holder else []

    def member(self, holder: Object, name: str, depth: int = 0) -> list[Object]:
        """What a member of an object stands for."""
        declared = holder.declared if isinstance(holder, Made) else holder if isinstance(holder, Type) else None
        if declared is not None:
            slot = self.program.slot(declared, name)
            if slot is not None:
                return self.of_slot(slot, depth)
            return list(self.program.methods(declared, name)[:1]) or self._inherited(declared, name)
        if isinstance(holder, Foreign | Made):
            return [Foreign(f"{holder.name}.{name}")]
        return []

    def _inherited(self, declared: Type, name: str) -> list[Object]:
        """A member that a library's class brings which a type extends."""
        brought = next((use for base, use in self.program.ancestors(declared) if base is None), None)
        return [Foreign(f"{brought.name}.{name}")] if brought is not None else []

    def of_slot(self, slot: Slot, depth: int = 0) -> list[Object]:
        """What a variable of a module or a member holds."""
        constructor = next(iter(slot.owner.functions.get(".ctor", ())), None) if slot.owner.kind != "module" else None
        value = slot.field.value
        if value is None and constructor is not None:  # what a constructor is told, and keeps: `self.app = app`
            sets = (node for node in walk.nodes(constructor.function.body or ()) if isinstance(node, ir.Assign) and node.operator == "=")
            value = next((one.value for one in sets if walk.dotted(one.target) == f"this.{slot.field.name}"), None)
        return self.of(value, constructor or self.main(slot.module), depth + 1)

    def _own(self, rest: str, routine: Routine, depth: int) -> list[Object]:
        if routine.owner is None or not rest:
            return []
        slot = self.program.slot(routine.owner, rest)
        if slot is not None:
            return self.of_slot(slot, depth)
        return list(self.program.methods(routine.owner, rest)[:1])

    def _items(self, value: ir.Expr, routine: Routine, depth: int) -> list[Object]:
        """What a loop over the value binds."""
        if type(value) is ir.Collection:
            return [one for item in value.items for one in self.of(item, routine, depth + 1)]
        if type(value) in (ir.Name, ir.Member):
            found = self.program.meaning(walk.dotted(value), routine.module, routine.owner)
            if isinstance(found, Slot) and type(found.field.value) is ir.Collection:
                return self._items(found.field.value, self.main(found.module), depth + 1)
            local = self.bindings(routine).get(walk.dotted(value), [])
            return [one for inner, item in local if not item for one in self._items(inner, routine, depth + 1) if depth < MAX_DEPTH]
        return []

    def _passed(self, name: str, routine: Routine, depth: int) -> list[Object]:
        """What callers pass for a parameter."""
        key = (id(routine.function), name)
        if key in self._asked:
            return []
        self._asked.add(key)
        found = [one for value, caller in self.passed(name, routine, depth) for one in self.of(value, caller, depth + 2)]
        self._asked.discard(key)
        return found

    def passed(self, name: str, routine: Routine, depth: int = 0) -> list[tuple[ir.Expr, Routine]]:
        """The expressions that callers pass for a parameter, each with the code that it stands in."""
        at = next(i for i, param in enumerate(routine.function.params) if param.name == name)
        found: list[tuple[ir.Expr, Routine]] = []
        made = routine.owner if routine.function.name == ".ctor" else None
        for caller, call in self._calling(made.simple if made is not None else routine.function.name):
            value = walk.argument(call, at, name)
            if value is not None and (made or routine) in self.of(call.function, caller, depth + 2):
                found.append((value, caller))
        return found or (self._started(routine, depth) if at == 0 else [])

    def _started(self, routine: Routine, depth: int) -> list[tuple[ir.Expr, Routine]]:
        """The applications that are made with a function which they call with themselves when they start: `FastAPI(lifespan=start)`."""
        found: list[tuple[ir.Expr, Routine]] = []
        for caller, call in [one for name in STARTED for one in self._calling(name)]:
            given = next((arg.value for arg in call.args if arg.name == "lifespan"), None)
            if given is not None and routine in self.of(given, caller, depth + 2):
                found.append((call, caller))
        return found

    def _calling(self, name: str) -> list[tuple[Routine, ir.Call]]:
        found = self._callers.get(name)
        if found is None:
            found = self._callers[name] = list(self.program.calling(name))
        return found

    def _called(self, call: ir.Call, routine: Routine, depth: int) -> list[Object]:
        found: list[Object] = []
        function = call.function.object if isinstance(call.function, ir.Index) else call.function  # `JWTAuth[User](...)`
        for called in self.of(function, routine, depth + 1):
            if isinstance(called, Type):
                found.append(Made(call, routine, called.qualified, called))
            elif isinstance(called, Foreign):
                seen_as = self.of(walk.argument(call, 0, "typ"), routine, depth + 1) if called.name == "typing.cast" else []
                declared = next((one for one in seen_as if isinstance(one, Type)), None)
                found.append(Made(call, routine, declared.qualified if declared is not None else called.name, declared))
            elif isinstance(called, Routine):
                fixed = fixed_by(called.function, call)
                values = answers_of(called.function.body or (), fixed)
                given = [one for value in values for one in self._returned(value, called, call, routine, depth)]
                given = [self._as_made(one, called, call, fixed) for one in given]
                returned = self.program.use(called.function.returns, called.module, called.owner).decl if called.function.returns else None
                declared = returned if returned is not None and returned.kind == "class" else None
                given = [_with_lists(one, call, routine) for one in given]
                found += given or [Made(call, routine, f"{called.module.package}.{called.function.name}", declared)]
        return found

    def _returned(self, value: ir.Expr, called: Routine, call: ir.Call, routine: Routine, depth: int) -> list[Object]:
        """What a function returns; a parameter that it gives back is what this call gave it."""
        if isinstance(value, ir.Name):
            at = next((i for i, param in enumerate(called.function.params) if param.name == value.id), -1)
            handed = walk.argument(call, at, value.id) if at >= 0 and value.id not in self.bindings(called) else None
            if handed is not None:
                return self.of(handed, routine, depth + 1)
        return self.of(value, called, depth + 1)

    def _as_made(self, one: Object, around: Routine, call: ir.Call, fixed: dict[str, object]) -> Object:
        """A function that another one makes, as the call of that one has it."""
        if not isinstance(one, Code) or self.around(one.routine) is not around.function:
            return one
        inner = one.routine.function
        lists = lists_given(around.function, call)
        key = (id(inner), tuple(sorted((name, repr(value)) for name, value in (*fixed.items(), *lists.items()))))
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = as_made(inner, Waiting(self.bindings(around), fixed, lists))
            self._around.setdefault(id(made), around.function)
        return Code(Routine(made, one.routine.owner, one.routine.module), told(around.function, call, inner), tuple(sorted(fixed.items())))

    def around(self, routine: Routine) -> ir.Function | None:
        """The function that a function is written in; None where it is a module's or a class's own."""
        if id(routine.module) not in self._searched:
            self._searched[id(routine.module)] = None
            for one in self.program.routines:
                if one.module is routine.module:
                    self._note_inner(one.function)
        return self._around.get(id(routine.function))

    def _note_inner(self, outer: ir.Function) -> None:
        for node in walk.nodes(outer.body or ()):
            if type(node) is ir.Lambda and node.function.name and id(node.function) not in self._around:
                self._around[id(node.function)] = outer
                self._note_inner(node.function)  # those within it, before they come up here

    def inside(self, routine: Routine) -> Routine:
        """Where the names in a function's head are looked up: in the function around it, in its class, or in its module."""
        outer = self.around(routine)
        return Routine(outer or self.main(routine.module).function, routine.owner, routine.module)

    def main(self, module: Module) -> Routine:
        """The code that runs when a module is loaded."""
        found = self._mains.get(id(module))
        if found is None:
            function = ir.Function("<main>", (), None, module.body, (), (), (), 0, 0)
            found = self._mains[id(module)] = Routine(function, self.program.home(module), module)
        return found

    def outside(self, routine: Routine) -> Routine:
        """Where the names of a function's decorators are looked up: in its module, or in its class."""
        main = self.main(routine.module)
        return main if routine.owner is None or routine.owner.kind == "module" else Routine(main.function, routine.owner, routine.module)

    def bindings(self, routine: Routine) -> Bindings:
        """What the names that a function sets are set to; the mark says that the value is gone through, and an item is meant."""
        found = self._bindings.get(id(routine.function))
        if found is None:
            found = self._bindings[id(routine.function)] = {}
            is_main = routine.function.name == "<main>"  # whose variables are those of the module, but for what loops bind
            for name, value, item in _bound(routine.function):
                if item or not is_main:
                    found.setdefault(name, []).append((value, item))
        return found

    def is_a(self, made: Made, *names: str) -> bool:
        """Is it an object of a library's type of one of these simple names, or of a type that extends one?"""
        if made.declared is not None:
            return self.program.is_a(made.declared, *names)
        return made.name.rpartition(".")[2] in names


def _with_lists(made: Object, call: ir.Call, routine: Routine) -> Object:
    """What a function makes of the lists that it is given is told apart by these: `allowed({User})` hands them on."""
    passed_on = isinstance(made, Made) and lists_in(call) and not lists_in(made.call)
    return Made(call, routine, made.name, made.declared) if isinstance(made, Made) and passed_on else made


def as_own(routine: Routine, declared: Type | None) -> Routine:
    """A function that a type inherits, as one of its own: what it calls of its object is what the type has."""
    return routine if declared is None or routine.owner is declared else Routine(routine.function, declared, routine.module)


def functions_of(program: Program, declared: Type, name: str) -> list[Routine]:
    """The functions of that name that a type has, nearest first, each as one of its own."""
    return [as_own(one, declared) for one in program.methods(declared, name)]


def lists_in(call: ir.Call) -> list[ir.Collection]:
    """The lists and sets that are written out in a call's arguments."""
    return [node for arg in call.args for node in walk.nodes(arg.value) if isinstance(node, ir.Collection)]


def _bound(function: ir.Function) -> Iterator[tuple[str, ir.Expr, bool]]:
    for node in walk.nodes(function.body or ()):
        kind = type(node)
        if kind is ir.Assign and type(node.target) is ir.Name and node.operator == "=":
            yield node.target.id, node.value, False
        elif kind is ir.Declare and node.value is not None:
            yield node.name, node.value, False
        elif kind is ir.Loop and type(node.target) is ir.Name and node.iterable is not None:
            yield node.target.id, node.iterable, True


def as_expr(path: str, span: int) -> ir.Expr:
    """The expression that a dotted name is, for a name that is only known as text: a decorator's."""
    first, *rest = path.split(".")
    found: ir.Expr = ir.Name(first, span)
    for name in rest:
        found = ir.Member(found, name, span, span)
    return found


def texts_of(args: Sequence[ir.Argument]) -> list[str]:
    """The texts that stand in arguments."""
    return [node.value for arg in args for node in walk.nodes(arg.value) if isinstance(node, ir.Literal) and isinstance(node.value, str)]


def nested(routine: Routine) -> Iterator[Routine]:
    """The functions declared inside a function."""
    for node in walk.nodes(routine.function.body or ()):
        if type(node) is ir.Lambda and node.function.name:
            yield Routine(node.function, routine.owner, routine.module)
