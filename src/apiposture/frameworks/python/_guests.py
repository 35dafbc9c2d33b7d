"""What does a test answer for somebody who isn't logged in?

The function is gone through with what is known of such a caller's request: the user is nobody in particular, holds no rights and owns
nothing; headers in which credentials are sent are absent. What depends on anything else is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from apiposture.frameworks.python._bodies import CARRIERS
from apiposture.frameworks.python._objects import Code, Made, Object, Objects
from apiposture.frameworks.python._statements import PLAIN
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine, Slot, Type

MAX_DEPTH = 5
MAX_WAYS = 24


class Seen(NamedTuple):
    """What a value is: `request`, `user`, `carrier` (a part of it that credentials are sent in), `nothing`, `constant` or `unknown`."""

    kind: str
    value: object = None


REQUEST = Seen("request")
USER = Seen("user")
CARRIER = Seen("carrier")
NOTHING = Seen("nothing")
UNKNOWN = Seen("unknown")
SAFE = ("GET", "HEAD", "OPTIONS")
ASKING = ("IsAuthenticated", "IsAdminUser", "DjangoModelPermissions", "DjangoObjectPermissions", "TokenHasScope", "TokenHasReadWriteScope",
          "TokenHasResourceScope")  # fmt: skip
"""Permissions of libraries that a guest never has."""

NOBODY = {"is_anonymous": True, "is_authenticated": False, "is_staff": False, "is_superuser": False, "is_active": False, "username": ""}
"""https://docs.djangoproject.com/en/stable/ref/contrib/auth/#anonymoususer-object"""

Names = Mapping[str, Seen]

Question = tuple[int, tuple[tuple[str, Seen], ...], int, str, str]
"""A function, what its parameters are given, how deep it is asked for, and the kind of request (empty where that makes no difference)."""

Answers = dict[Question, tuple[Seen, ...]]
"""What functions were found to answer, for all kinds of request of a program."""


class Guests:
    """Answers for one program and one kind of request."""

    def __init__(self, objects: Objects, method: str, action: str = "", known: Answers | None = None) -> None:
        self.objects = objects
        self.program = objects.program
        self.method = method
        self.action = action
        self.looked = False
        """Did the answers that are being worked out depend on the kind of request so far?"""
        self._known: Answers = {} if known is None else known

    def passes(self, routine: Routine, given: Sequence[Seen], depth: int = 0) -> bool | None:
        """Does the function answer yes? None where that depends on something that isn't known."""
        names = {param.name: seen for param, seen in zip(routine.function.params, given, strict=False)}
        answers = {truth(seen) for seen in self.answers(routine, names, depth)}
        return next(iter(answers)) if len(answers) == 1 else None

    def answers(self, routine: Routine, names: Names, depth: int = 0) -> tuple[Seen, ...]:
        """All that the function may answer; an exception is no."""
        asked = (id(routine.function), tuple(sorted(names.items(), key=lambda pair: pair[0])), depth)
        for question in ((*asked, "", ""), (*asked, self.method, self.action)):
            known = self._known.get(question)
            if known is not None:
                self.looked = self.looked or bool(question[3])
                return known
        around, self.looked = self.looked, False
        found = self._worked_out(routine, names, depth)
        self._known[(*asked, self.method, self.action) if self.looked else (*asked, "", "")] = found
        self.looked = self.looked or around
        return found

    def _worked_out(self, routine: Routine, names: Names, depth: int) -> tuple[Seen, ...]:
        walker = _Walk(self, routine, depth)
        open_ends = walker.run(routine.function.body or (), [_Way(dict(names))])
        return tuple(dict.fromkeys([*walker.answers, *(NOTHING for _ in open_ends[:1])]))

    def ways(self, routine: Routine) -> list[tuple[ir.Expr, dict[str, ir.Expr]]]:
        """The expressions that the function may return, each with what the names on the way to it are set to."""
        walker = _Walk(self, routine, 0)
        walker.run(routine.function.body or (), [_Way({}, {})])
        return walker.returned


class _Way:
    """One way through a function: what its names are, and (where somebody wants to know) the expressions that they are set to."""

    __slots__ = ("names", "set_to")

    def __init__(self, names: dict[str, Seen], set_to: dict[str, ir.Expr] | None = None) -> None:
        self.names = names
        self.set_to = set_to

    def copy(self) -> _Way:
        """The same, to go on from in another direction."""
        return _Way(dict(self.names), None if self.set_to is None else dict(self.set_to))

    def sets(self, name: str, value: ir.Expr) -> None:
        """A name is set to an expression."""
        if self.set_to is not None:
            self.set_to[name] = value


def _distinct(ways: list[_Way]) -> list[_Way]:
    """The ways that differ in what is known on them."""
    found: dict[object, _Way] = {}
    for way in ways:
        set_to = () if way.set_to is None else tuple((name, id(value)) for name, value in way.set_to.items())
        found.setdefault((frozenset(way.names.items()), set_to), way)
    return list(found.values())


class _Walk:
    """One walk through one function."""

    def __init__(self, guests: Guests, routine: Routine, depth: int) -> None:
        self.guests = guests
        self.routine = routine
        self.depth = depth
        self.answers: list[Seen] = []
        self.returned: list[tuple[ir.Expr, dict[str, ir.Expr]]] = []

    def run(self, statements: Sequence[ir.Stmt], ways: list[_Way]) -> list[_Way]:
        for statement in statements:
            if len(ways) > 1:
                ways = _distinct(ways)
            ways = [after for way in ways[:MAX_WAYS] for after in self._one(statement, way)]
        return ways

    def _one(self, statement: ir.Stmt, way: _Way) -> list[_Way]:
        if isinstance(statement, ir.If):
            holds = truth(self.value(statement.condition, way.names))
            found = self.run(statement.then, [way.copy()]) if holds is not False else []
            return found + (self.run(statement.other, [way.copy()]) if holds is not True else [])
        if isinstance(statement, ir.Return):
            self.answers.append(self.value(statement.value, way.names) if statement.value is not None else NOTHING)
            if statement.value is not None:
                self.returned.append((statement.value, dict(way.set_to or {})))
            return []
        if isinstance(statement, ir.Throw):
            self.answers.append(NOTHING)
            return []
        if isinstance(statement, ir.Try):
            found = self.run(statement.body, [way.copy()])
            for handler in statement.handlers:
                found += self.run(handler.body, [way.copy()])
            return self.run(statement.final, found) if statement.final else found
        if isinstance(statement, ir.Block):
            return self.run(statement.body, [way])
        if isinstance(statement, ir.Loop):
            return [way, *self.run(statement.body, [way.copy()])]
        self._plain(statement, way)
        return [way]

    def _plain(self, statement: ir.Stmt, way: _Way) -> None:
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
            return _of_truth(truth(self.value(expr.operand, way)), negated=True)
        if isinstance(expr, ir.Binary):
            return self._binary(expr, way)
        if isinstance(expr, ir.Choice):
            holds = truth(self.value(expr.condition, way))
            sides = [self.value(side, way) for side, when in ((expr.then, True), (expr.other, False)) if holds in (None, when)]
            return sides[0] if len(set(map(repr, sides))) == 1 else UNKNOWN
        if isinstance(expr, ir.Assign):
            found = self.value(expr.value, way)
            if isinstance(expr.target, ir.Name):
                way[expr.target.id] = found
            return found
        if isinstance(expr, ir.Index):
            return NOTHING if self.value(expr.object, way).kind in ("carrier", "nothing") else UNKNOWN
        if isinstance(expr, ir.Collection) and expr.kind != "map":
            items = [self.value(item, way) for item in expr.items]
            return Seen("constant", tuple(i.value for i in items)) if all(i.kind == "constant" for i in items) else UNKNOWN
        return UNKNOWN

    def _named(self, expr: ir.Expr) -> Seen:
        path = walk.dotted(expr)
        found = self.guests.program.meaning(path, self.routine.module, self.routine.owner) if path else None
        if found == "rest_framework.permissions.SAFE_METHODS":
            return Seen("constant", SAFE)
        if isinstance(found, Slot) and found.field.value is not None and self.depth < MAX_DEPTH:
            return _Walk(self.guests, self.guests.objects.main(found.module), self.depth + 1).value(found.field.value, {})
        return UNKNOWN

    def _member(self, expr: ir.Member, way: dict[str, Seen]) -> Seen:
        path = walk.dotted(expr)
        if path in ("this.request", "view.request"):
            return REQUEST
        if path in ("this.action", "view.action"):
            self.guests.looked = True
            if self.guests.action:
                return Seen("constant", self.guests.action)
        holder = self.value(expr.object, way) if not path.startswith("this.") or path.count(".") > 1 else UNKNOWN
        if holder == REQUEST:
            return self._of_request(expr.name)
        if holder == USER:
            return Seen("constant", NOBODY[expr.name]) if expr.name in NOBODY else NOTHING
        if holder.kind in ("nothing", "carrier"):
            return NOTHING
        return self._named(expr) if path and not path.startswith("this.") else UNKNOWN

    def _of_request(self, name: str) -> Seen:
        if name == "user":
            return USER
        if name == "method":
            self.guests.looked = True
            return Seen("constant", self.guests.method) if self.guests.method != "*" else UNKNOWN
        if name in ("auth", "successful_authenticator"):
            return NOTHING
        return CARRIER if name in CARRIERS or name == "COOKIES" else UNKNOWN

    def _call(self, call: ir.Call, way: dict[str, Seen]) -> Seen:
        function, name = call.function, walk.called_name(call)
        given = [self.value(arg.value, way) for arg in call.args]
        if isinstance(function, ir.Member) and walk.dotted(function.object) != "super":
            holder = self.value(function.object, way)
            if holder.kind in ("user", "nothing"):
                return NOTHING
            if holder == CARRIER:
                key = given[0].value if given else None
                header = key.lower().removeprefix("http_").replace("_", "-") if isinstance(key, str) else ""
                return UNKNOWN if header in PLAIN or header == "remote-addr" else NOTHING
        if isinstance(function, ir.Name):
            found = self._builtin(name, call, given)
            if found is not None:
                return found
        return self._followed(call, given)

    def _builtin(self, name: str, call: ir.Call, given: list[Seen]) -> Seen | None:
        if name == "bool" and given:
            return _of_truth(truth(given[0]))
        if name in ("hasattr", "getattr") and given and given[0] == USER:
            return Seen("constant", False) if name == "hasattr" else given[2] if len(given) > 2 else NOTHING
        if name in ("any", "all") and call.args and isinstance(call.args[0].value, ir.Collection):
            return UNKNOWN
        return None

    def _followed(self, call: ir.Call, given: list[Seen]) -> Seen:
        """A function of the program, with what it is given."""
        if self.depth >= MAX_DEPTH:
            return UNKNOWN
        for called in self.called(call.function)[:1]:
            if isinstance(called, Routine | Code):
                routine = called.routine if isinstance(called, Code) else called
                names = {param.name: seen for param, seen in zip(routine.function.params, given, strict=False)}
                names |= {arg.name: seen for arg, seen in zip(call.args, given, strict=True) if arg.name}
                found = self.guests.answers(routine, names, self.depth + 1)
                if len({truth(one) for one in found}) == 1:
                    return found[0] if len(set(map(repr, found))) == 1 else _of_truth(truth(found[0]))
                return UNKNOWN
        if walk.dotted(call.function) in ("super.has_permission", "super.has_object_permission") and self.routine.owner is not None:
            asks = self.guests.program.is_a(self.routine.owner, *ASKING) and walk.called_name(call) == "has_permission"
            return Seen("constant", not asks)
        return UNKNOWN

    def called(self, function: ir.Expr) -> list[Object]:
        """What is called: functions, and methods of the own object, of its parents and of objects that are made at hand."""
        objects = self.guests.objects
        if not isinstance(function, ir.Member):
            return objects.of(function, self.routine)
        if walk.dotted(function.object) in ("super", "") and self.routine.owner is not None and "super" in _names(function.object):
            above = [r for r in self.guests.program.methods(self.routine.owner, function.name) if r.function is not self.routine.function]
            return list(above[:1])
        if isinstance(function.object, ir.Call):
            made = objects.of(function.object, self.routine)
            return [one for holder in made if isinstance(holder, Made | Type) for one in objects.member(holder, function.name)]
        return objects.of(function, self.routine)

    def _binary(self, expr: ir.Binary, way: dict[str, Seen]) -> Seen:
        left = self.value(expr.left, way)
        if expr.operator in ("&&", "||"):
            holds = truth(left)
            if holds is (expr.operator == "||"):
                return left
            right = self.value(expr.right, way)
            if holds is not None:
                return right
            return right if truth(right) is (expr.operator == "||") else UNKNOWN
        right = self.value(expr.right, way)
        if expr.operator in ("==", "!="):
            return _of_truth(_same(left, right), negated=expr.operator == "!=")
        if expr.operator == "in":
            if left.kind == "constant" and right.kind == "constant" and isinstance(right.value, tuple | str):
                return Seen("constant", left.value in right.value) if isinstance(right.value, tuple) else UNKNOWN
            return Seen("constant", False) if left.kind in ("user", "nothing") or right.kind in ("carrier", "nothing") else UNKNOWN
        if expr.operator == "is" and left.kind == "nothing":
            return Seen("constant", False)
        if expr.operator == "is" and left == USER:
            return Seen("constant", walk.dotted(expr.right).endswith("AnonymousUser"))
        return UNKNOWN


def _names(expr: ir.Expr) -> set[str]:
    return {node.id for node in walk.nodes(expr) if isinstance(node, ir.Name)}


def _same(left: Seen, right: Seen) -> bool | None:
    if left.kind == "constant" and right.kind == "constant":
        return left.value == right.value
    if left.kind in ("user", "nothing") or right.kind in ("user", "nothing"):
        return left.kind == right.kind
    return None


def _of_truth(holds: bool | None, negated: bool = False) -> Seen:
    return UNKNOWN if holds is None else Seen("constant", holds != negated)


def truth(seen: Seen) -> bool | None:
    """Does the value count as true?"""
    if seen.kind == "constant":
        return bool(seen.value)
    return {"request": True, "user": True, "nothing": False}.get(seen.kind)
