"""What does a test answer for somebody who isn't logged in?

The function is gone through with what is known of such a caller's request: the user is nobody in particular, holds no rights and owns
nothing; headers in which credentials are sent are absent. What depends on anything else is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from apiposture.frameworks.python.asking.credentials import CARRIERS, KEPT
from apiposture.frameworks.python.reading.class_members import constant_of, has
from apiposture.frameworks.python.reading.objects import Code, Objects, as_own
from apiposture.frameworks.python.walks.seen import (
    CARRIER,
    INFO,
    NOBODY,
    NOTHING,
    REQUEST,
    UNKNOWN,
    USER,
    Seen,
    Way,
    compared,
    distinct,
    of_truth,
    sent,
    truth,
)
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine, Slot, Type

MAX_DEPTH = 5
MAX_WAYS = 24
MAX_ITEMS = 60

SAFE = ("GET", "HEAD", "OPTIONS")
ASKING = ("IsAuthenticated", "IsAdminUser", "DjangoModelPermissions", "DjangoObjectPermissions", "TokenHasScope", "TokenHasReadWriteScope",
          "TokenHasResourceScope", "PermissionRequiredMixin")  # fmt: skip
"""Permissions of libraries that a guest never has, and the mixin that asks for one."""

Names = Mapping[str, Seen]

Question = tuple[int, int, tuple[tuple[str, Seen], ...], int, tuple[object, ...]]
"""A function, the type that it is one of, what its parameters are given, how deep it is asked for, and the kind of request (empty where
that makes no difference)."""

Answers = dict[Question, tuple[Seen, ...]]
"""What functions were found to answer, for all kinds of request of a program."""


class Guests:
    """Answers for one program and one kind of request."""

    def __init__(self, objects: Objects, method: str, action: str = "", known: Answers | None = None, view: Type | None = None) -> None:
        self.objects = objects
        self.program = objects.program
        self.method = method
        self.action = action
        self.view = UNKNOWN if view is None else Seen("instance", view)
        """The view that serves the request."""
        self.kind: tuple[object, ...] = (method, action)
        """What tells requests apart; `looked` says that it was asked for."""
        self.looked = False
        self._known: Answers = {} if known is None else known

    def passes(self, routine: Routine, given: Sequence[Seen], depth: int = 0) -> bool | None:
        """Does the function answer yes? None where that depends on something that isn't known."""
        names = {param.name: seen for param, seen in zip(routine.function.params, given, strict=False)}
        answers = {truth(seen) for seen in self.answers(routine, names, depth)}
        return next(iter(answers)) if len(answers) == 1 else None

    def answers(self, routine: Routine, names: Names, depth: int = 0) -> tuple[Seen, ...]:
        """All that the function may answer; an exception is no."""
        asked = (id(routine.function), id(routine.owner), tuple(sorted(names.items(), key=lambda pair: pair[0])), depth)
        for kind in ((), self.kind):
            known = self._known.get((*asked, kind))
            if known is not None:
                self.looked = self.looked or bool(kind)
                return known
        around, self.looked = self.looked, False
        found = self._worked_out(routine, names, depth)
        self._known[(*asked, self.kind if self.looked else ())] = found
        self.looked = self.looked or around
        return found

    def _worked_out(self, routine: Routine, names: Names, depth: int) -> tuple[Seen, ...]:
        walker = self.walk(routine, depth)
        open_ends = walker.run(routine.function.body or (), [Way(dict(names))])
        return tuple(dict.fromkeys([*walker.answers, *(NOTHING for _ in open_ends[:1])]))

    def ways(self, routine: Routine) -> list[tuple[ir.Expr, dict[str, ir.Expr]]]:
        """The expressions that the function may return, each with what the names on the way to it are set to."""
        walker = self.walk(routine, 0)
        walker.run(routine.function.body or (), [Way({}, {})])
        return walker.returned

    def walk(self, routine: Routine, depth: int) -> Walk:
        """A walk through one function."""
        return Walk(self, routine, depth)


class Walk:
    """One walk through one function. Where a call never comes back, `stopped` is what it ended with."""

    def __init__(self, guests: Guests, routine: Routine, depth: int) -> None:
        self.guests = guests
        self.routine = routine
        self.depth = depth
        self.answers: list[Seen] = []
        self.returned: list[tuple[ir.Expr, dict[str, ir.Expr]]] = []
        self.stopped: Seen | None = None
        self._jumped: dict[str, list[Way]] = {"break": [], "continue": []}

    def run(self, statements: Sequence[ir.Stmt], ways: list[Way]) -> list[Way]:
        """Go on through statements on each of the ways."""
        for statement in statements:
            if len(ways) > 1:
                ways = distinct(ways)
            ways = [after for way in ways[:MAX_WAYS] for after in self._one(statement, way)]
        return ways

    def _one(self, statement: ir.Stmt, way: Way) -> list[Way]:
        found = self._steps(statement, way)
        if self.stopped is not None:
            self.answers.append(self.stopped)
            self.stopped = None
            return []
        return found

    def _steps(self, statement: ir.Stmt, way: Way) -> list[Way]:
        if isinstance(statement, ir.If):
            return self._if(statement, way)
        if isinstance(statement, ir.Return):
            self._returns(statement, way)
            return []
        if isinstance(statement, ir.Throw):
            self.throws(self.raised(statement))
            return []
        if isinstance(statement, ir.Try):
            found = self.tried(statement, way)
            self.run(statement.final, [way.copy()])  # behind what was thrown, which goes on unless it leaves by itself
            return self.run(statement.final, found)
        if isinstance(statement, ir.Block):
            return self.run(statement.body, [way])
        if isinstance(statement, ir.Loop):
            return self._loop(statement, way)
        if isinstance(statement, ir.Jump) and statement.kind in self._jumped:
            self._jumped[statement.kind].append(way)
            return []
        self._plain(statement, way)
        return [way]

    def tried(self, statement: ir.Try, way: Way) -> list[Way]:
        """The ways through a body and through what catches its exceptions."""
        found = self.run(statement.body, [way.copy()])
        for handler in statement.handlers:
            found += self.run(handler.body, [way.copy()])
        return found

    def _if(self, statement: ir.If, way: Way) -> list[Way]:
        holds = truth(self.value(statement.condition, way.names))
        if self.stopped is not None:
            return []
        found = self.run(statement.then, [way.copy()]) if holds is not False else []
        return found + (self.run(statement.other, [way.copy()]) if holds is not True else [])

    def _returns(self, statement: ir.Return, way: Way) -> None:
        value = self.value(statement.value, way.names) if statement.value is not None else NOTHING
        if self.stopped is None:
            self.answers.append(value)
        if statement.value is not None:
            self.returned.append((statement.value, dict(way.set_to or {})))

    def raised(self, statement: ir.Throw) -> Seen:
        """What an exception answers."""
        return NOTHING

    def throws(self, answer: Seen) -> None:
        """An exception leaves the function, as far as nothing catches it."""
        self.answers.append(answer)

    def _loop(self, statement: ir.Loop, way: Way) -> list[Way]:
        """Once for each item that is known, else once or never."""
        over = self.value(statement.iterable, way.names) if statement.iterable is not None else UNKNOWN
        items = over.value if over.kind == "items" and isinstance(over.value, tuple) and len(over.value) <= MAX_ITEMS else None
        around, self._jumped = self._jumped, {"break": [], "continue": []}
        ways = [way]
        for item in (UNKNOWN,) if items is None else items:
            starts = [one.copy() for one in ways]
            for one in starts:
                if statement.target is not None:
                    self.bind(statement.target, item, one.names)
            ways = self.run(statement.body, starts) + self._jumped["continue"] + (ways if items is None else [])
            self._jumped["continue"] = []
        ways += self._jumped["break"]
        self._jumped = around
        return ways

    def _plain(self, statement: ir.Stmt, way: Way) -> None:
        if isinstance(statement, ir.Declare) and statement.value is not None:
            way.names[statement.name] = self.value(statement.value, way.names)
            way.sets(statement.name, statement.value)
        elif isinstance(statement, ir.Eval):
            value = statement.value
            if isinstance(value, ir.Assign) and isinstance(value.target, ir.Name):
                way.sets(value.target.id, value.value)
            self.value(value, way.names)

    # -- values --------------------------------------------------------------------------------------------------------

    def value(self, expr: ir.Expr, way: dict[str, Seen]) -> Seen:
        """What an expression is on the way at hand."""
        if isinstance(expr, ir.Literal):
            return NOTHING if expr.value is None else Seen("constant", expr.value)
        if isinstance(expr, ir.Name):
            return way[expr.id] if expr.id in way else self._named(expr)
        if isinstance(expr, ir.Member):
            return self._member(expr, way)
        if isinstance(expr, ir.Call):
            return self._call(expr, way)
        if isinstance(expr, ir.Unary) and expr.operator == "!":
            return of_truth(truth(self.value(expr.operand, way)), negated=True)
        if isinstance(expr, ir.Binary):
            return self._binary(expr, way)
        if isinstance(expr, ir.Choice):
            holds = truth(self.value(expr.condition, way))
            sides = [self.value(side, way) for side, when in ((expr.then, True), (expr.other, False)) if holds in (None, when)]
            return sides[0] if len(set(map(repr, sides))) == 1 else UNKNOWN
        if isinstance(expr, ir.Assign):
            found = self.value(expr.value, way)
            self.bind(expr.target, found, way)
            return found
        if isinstance(expr, ir.Index):
            return self.part(self.value(expr.object, way), self.value(expr.keys[0], way) if len(expr.keys) == 1 else UNKNOWN)
        if isinstance(expr, ir.Collection) and expr.kind != "map":
            return self._items(expr, way)
        return UNKNOWN

    def _items(self, expr: ir.Collection, way: dict[str, Seen]) -> Seen:
        """A list that is written out; what is spread in it has to be known."""
        found: list[Seen] = []
        for item in expr.items:
            if not (isinstance(item, ir.Opaque) and item.kind == "spread" and item.parts):
                found.append(self.value(item, way))
                continue
            inner = self.value(item.parts[0], way)
            if inner.kind != "items" or not isinstance(inner.value, tuple):
                return UNKNOWN
            found += inner.value
        return Seen("items", tuple(found))

    def bind(self, target: ir.Expr, value: Seen, way: dict[str, Seen]) -> None:
        """A name, or several at once, is set."""
        if isinstance(target, ir.Name):
            way[target.id] = value
        elif isinstance(target, ir.Collection):
            known = value.value if isinstance(value.value, tuple) and len(value.value) == len(target.items) else None
            for i, one in enumerate(target.items):
                self.bind(one, known[i] if known is not None and value.kind == "items" else UNKNOWN, way)

    def part(self, holder: Seen, key: Seen) -> Seen:
        """`holder[key]`."""
        if holder.kind == "items" and isinstance(holder.value, tuple) and isinstance(key.value, int):
            return holder.value[key.value] if -len(holder.value) <= key.value < len(holder.value) else UNKNOWN
        if holder == REQUEST:  # `info.context["request"]`, `request["user"]`
            return REQUEST if key.value == "request" else NOTHING if key.value in KEPT else UNKNOWN
        return sent(key) if holder == CARRIER else NOTHING if holder == NOTHING else UNKNOWN

    def _named(self, expr: ir.Expr) -> Seen:
        path = walk.dotted(expr)
        found = self.guests.program.meaning(path, self.routine.module, self.routine.owner) if path else None
        if found == "rest_framework.permissions.SAFE_METHODS":
            return Seen("items", tuple(Seen("constant", method) for method in SAFE))
        if isinstance(found, Slot) and found.field.value is not None and self.depth < MAX_DEPTH:
            return self.guests.walk(self.guests.objects.main(found.module), self.depth + 1).value(found.field.value, {})
        return UNKNOWN

    def _member(self, expr: ir.Member, way: dict[str, Seen]) -> Seen:
        path = walk.dotted(expr)
        if path in ("this.request", "view.request"):
            return REQUEST
        if path in ("this.action", "view.action"):
            self.guests.looked = True
            if self.guests.action:
                return Seen("constant", self.guests.action)
        if path.startswith("this.") and path.count(".") == 1:
            return self._of_object(self.routine.owner, expr.name)
        return self._of_holder(expr, self.value(expr.object, way), path)

    def _of_object(self, declared: object, name: str) -> Seen:
        """A member that a class sets for all its objects."""
        slot = constant_of(self.guests.program, declared, name) if isinstance(declared, Type) and self.depth < MAX_DEPTH else None
        if slot is None or slot.field.value is None:
            return UNKNOWN
        return self.guests.walk(self.guests.objects.main(slot.module), self.depth + 1).value(slot.field.value, {})

    def _of_holder(self, expr: ir.Member, holder: Seen, path: str) -> Seen:
        """A member of something; `path` is how it is written, where that is a name."""
        if holder == INFO:
            return REQUEST if expr.name == "context" else UNKNOWN
        if holder == REQUEST:
            return self._of_request(expr.name)
        if holder == USER:
            return Seen("constant", NOBODY[expr.name]) if expr.name in NOBODY else NOTHING
        if holder.kind == "instance":
            return self._of_object(holder.value, expr.name)
        if holder.kind in ("nothing", "carrier"):
            return NOTHING
        return self._named(expr) if path and not path.startswith("this.") else UNKNOWN

    def _of_request(self, name: str) -> Seen:
        if name in ("user", "request"):
            return USER if name == "user" else REQUEST
        if name == "method":
            self.guests.looked = True
            return Seen("constant", self.guests.method) if self.guests.method != "*" else UNKNOWN
        if name in ("auth", "successful_authenticator"):
            return NOTHING
        return CARRIER if name in CARRIERS or name == "COOKIES" else UNKNOWN

    def _call(self, call: ir.Call, way: dict[str, Seen]) -> Seen:
        function = call.function
        given = [self.value(arg.value, way) for arg in call.args]
        holder = None
        if isinstance(function, ir.Member) and walk.dotted(function.object) != "super":
            holder = self.value(function.object, way)
        return self._applied(call, holder, given, way)

    def _applied(self, call: ir.Call, holder: Seen | None, given: list[Seen], way: dict[str, Seen]) -> Seen:
        """What a call gives, of a function or (`holder`) of a method."""
        if holder is not None:
            if holder.kind in ("user", "nothing"):
                return NOTHING
            if holder == CARRIER:
                return sent(given[0] if given else UNKNOWN)
            if holder == REQUEST and walk.called_name(call) == "get" and given:
                return self.part(holder, given[0])
        if isinstance(call.function, ir.Name):
            found = self._builtin(call.function.id, call, given)
            if found is not None:
                return found
        return self._followed(call, given)

    def _builtin(self, name: str, call: ir.Call, given: list[Seen]) -> Seen | None:
        if name == "bool" and given:
            return of_truth(truth(given[0]))
        if name in ("hasattr", "getattr") and given and given[0].kind in ("user", "instance"):
            return self._asked_for(name, given)
        if name in ("any", "all") and call.args and isinstance(call.args[0].value, ir.Collection):
            return UNKNOWN
        return None

    def _asked_for(self, name: str, given: list[Seen]) -> Seen:
        """`hasattr(view, "is_private")`, `getattr(view, "is_private", False)`."""
        holder, member = given[0].value, str(given[1].value if len(given) > 1 else "")
        found = given[0] != USER and (has(self.guests.program, holder, member) if isinstance(holder, Type) else None)
        if name == "hasattr" or found is None:
            return of_truth(found)
        return self._of_object(holder, member) if found else given[2] if len(given) > 2 else NOTHING

    def _followed(self, call: ir.Call, given: list[Seen]) -> Seen:
        """A function of the program, with what it is given."""
        found = self._answers(call, given)
        if found is not None:
            truths = {truth(one) for one in found}
            return UNKNOWN if len(truths) != 1 else found[0] if len(set(map(repr, found))) == 1 else of_truth(truths.pop())
        if walk.dotted(call.function) in ("super.has_permission", "super.has_object_permission") and self.routine.owner is not None:
            asks = self.guests.program.is_a(self.routine.owner, *ASKING) and walk.called_name(call) == "has_permission"
            return Seen("constant", not asks)
        return UNKNOWN

    def _answers(self, call: ir.Call, given: list[Seen]) -> tuple[Seen, ...] | None:
        """What a function of the program may answer; None where it is no such function that is called."""
        for called in self.guests.objects.called(call.function, self.routine)[:1] if self.depth < MAX_DEPTH else ():
            if isinstance(called, Routine | Code):
                routine = called.routine if isinstance(called, Code) else called
                if walk.dotted(call.function).startswith(("this.", "super.")):
                    routine = as_own(routine, self.routine.owner)
                names = {param.name: seen for param, seen in zip(routine.function.params, given, strict=False)}
                names |= {arg.name: seen for arg, seen in zip(call.args, given, strict=True) if arg.name}
                return self.guests.answers(routine, names, self.depth + 1)
        return None

    def _binary(self, expr: ir.Binary, way: dict[str, Seen]) -> Seen:
        left = self.value(expr.left, way)
        if expr.operator in ("&&", "||", "??"):
            holds, either = truth(left), expr.operator != "&&"  # `a or b` for its value is `a ?? b`
            if holds is either:
                return left
            right = self.value(expr.right, way)
            if holds is not None:
                return right
            return right if truth(right) is either else UNKNOWN
        return self._compared(expr, left, self.value(expr.right, way))

    def _compared(self, expr: ir.Binary, left: Seen, right: Seen) -> Seen:
        """What an operator makes of two values."""
        return compared(expr, left, right)
