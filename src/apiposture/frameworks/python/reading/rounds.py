"""What do the names around a call hold, in each round of the loops that it stands in?

The code is gone through from its top: what it sets, what its loops go through, which of its tests that decides. Nothing is run, and what
isn't known is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from apiposture.frameworks.python.reading.held import Held, Homes, Values, items_of
from apiposture.frameworks.python.reading.objects import Objects
from apiposture.frameworks.python.reading.statements import names_set, set_by
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine

MAX_ROUNDS = 400
"""A loop that goes through more is gone through once, nobody knows with what."""

MAX_CALLERS = 3
"""What a function is handed over is looked for through so many callers."""


class Round(NamedTuple):
    """One time that a call is made: what names hold that the code around it sets, and the calls by whose `with` it is made, outer first."""

    held: Held
    around: tuple[ir.Call, ...]

    @property
    def names(self) -> dict[str, ir.Expr]:
        """What each name holds, or as what it is written."""
        return {**{name: written[0] for name, written in self.held.written.items()}, **self.held.known}


class Rounds:
    """Answers for one program, about calls of some names."""

    def __init__(self, objects: Objects, called: Collection[str]) -> None:
        self.objects = objects
        self.called = called
        self._known: dict[int, dict[int, list[Round]]] = {}
        self._homes: Homes = {}

    def of(self, call: ir.Call, routine: Routine) -> list[Round]:
        """Each time that a call is made."""
        key = id(routine.function)
        if key not in self._known:
            self._known[key] = self._read(routine, self.called)
        return self._known[key].get(id(call), [Round(Held(), ())])

    def spelled(self, call: ir.Call, once: Round, routine: Routine) -> ir.Call:
        """The call as it reads in one round: spread arguments taken apart, and what names hold in their place."""
        values = Values(self.objects, routine, self._homes)
        args: list[ir.Argument] = []
        for arg in call.args:
            value = values.value(arg.value, once.held)
            if arg.mode and isinstance(value, ir.Collection):
                args += _taken_apart(value)
            else:
                args.append(ir.Argument(value or values.filled(arg.value, once.held), arg.name, arg.mode))
        return ir.Call(call.function, tuple(args), call.span, call.type_args)

    def home(self, expr: ir.Expr | None, routine: Routine) -> Routine:
        """The code that an entry of a table is written in."""
        found = self._homes.get(id(expr)) if expr is not None else None
        return found[1] if found is not None else routine

    def handed(
        self, call: ir.Call, routine: Routine, given: dict[str, ir.Expr], caller: Routine, own: bool = False
    ) -> list[Round]:
        """Each time that a call is made when a caller gives these values. What isn't known of them is told as the caller writes it, and of
        what the function makes itself only if its `own` is asked for.
        """
        theirs, held = Values(self.objects, caller, self._homes), Held()
        for name, value in given.items():
            theirs.settle(value, caller)
            theirs.bind(ir.Name(name, value.span), value, held, Held())
        reader = _Reader(Values(self.objects, routine, self._homes), self.called)
        reader.run(routine.function.body or (), held, ())
        found = reader.found.get(id(call), [])
        for once in found:
            once.held.written = {name: written for name, written in once.held.written.items() if own or written[1] is not routine}
        return found

    def _read(self, routine: Routine, called: Collection[str], depth: int = 0) -> dict[int, list[Round]]:
        """The rounds of a function, for each call of it that hands over what is known."""
        found: dict[int, list[Round]] = {}
        for held in list(self._handed_over(routine, depth)) or [Held()]:
            reader = _Reader(Values(self.objects, routine, self._homes), called)
            reader.run(routine.function.body or (), held, ())
            for key, rounds in reader.found.items():
                found.setdefault(key, []).extend(rounds)
        return found

    def _handed_over(self, routine: Routine, depth: int) -> Iterator[Held]:
        """What the callers of a function hand over: `register(app, ROUTES)`."""
        params, name = routine.function.params, routine.function.name
        for caller, call in self.objects.program.calling(name) if params and name and depth < MAX_CALLERS else ():
            if caller.function is not routine.function and routine in self.objects.of(call.function, caller):
                values = Values(self.objects, caller, self._homes)
                for once in self._read(caller, (name,), depth + 1).get(id(call), ()):
                    held = Held()
                    for number, param in enumerate(params):
                        given = walk.argument(call, number, param.name) or param.default
                        if given is not None:
                            values.settle(given, caller)
                            values.bind(ir.Name(param.name, given.span), given, held, once.held)
                    yield held


def _taken_apart(value: ir.Collection) -> Iterator[ir.Argument]:
    """`*entry` and `**entry`."""
    for item in value.items:
        if value.kind != "map":
            yield ir.Argument(item)
        elif isinstance(item, ir.Collection) and isinstance(item.items[0], ir.Literal):
            yield ir.Argument(item.items[1], str(item.items[0].value))


class _Reader:
    def __init__(self, values: Values, called: Collection[str]) -> None:
        self.values = values
        self.called = called
        self.found: dict[int, list[Round]] = {}

    def run(self, statements: Sequence[ir.Stmt], names: Held, around: tuple[ir.Call, ...]) -> bool:
        """Go on through statements; the answer is whether what follows them is reached."""
        return all(self._one(statement, names, around) for statement in statements)

    def _one(self, statement: ir.Stmt, names: Held, around: tuple[ir.Call, ...]) -> bool:
        if isinstance(statement, ir.If):
            return self._if(statement, names, around)
        if isinstance(statement, ir.Loop):
            self._loop(statement, names, around)
            return True
        if isinstance(statement, ir.Block):
            first = statement.body[0] if statement.body else None
            value = set_by(first)[1] if first is not None else None
            return self.run(statement.body, names, (*around, value) if isinstance(value, ir.Call) else around)
        if isinstance(statement, ir.Try):
            ends = self.run(statement.body, names, around)
            for handler in statement.handlers:
                self.run(handler.body, names.copy(), around)
            return self.run(statement.final, names, around) and ends
        self._plain(statement, names, around)
        return not isinstance(statement, ir.Jump | ir.Return | ir.Throw)

    def _if(self, statement: ir.If, names: Held, around: tuple[ir.Call, ...]) -> bool:
        self._note(statement.condition, names, around)
        holds = self._holds(statement.condition, names)
        if holds is not None:
            return self.run(statement.then if holds else statement.other, names, around)
        ends = [self.run(side, names.copy(), around) for side in (statement.then, statement.other)]
        self._forget((*statement.then, *statement.other), names)
        return any(ends)

    def _loop(self, statement: ir.Loop, names: Held, around: tuple[ir.Call, ...]) -> None:
        over = self._items(statement.iterable, names)
        if over is None or statement.target is None:
            self._unknown(statement.body, names, around)
            return
        for item in over:
            self.values.bind(statement.target, item, names)
            self.run(statement.body, names, around)

    def _items(self, iterable: ir.Expr | None, names: Held) -> tuple[ir.Expr, ...] | None:
        """What is gone through, where that is known; of a list that is empty here, something else may fill it."""
        over = self.values.value(iterable, names) if iterable is not None else None
        return items_of(over) if isinstance(over, ir.Collection) and 0 < len(over.items) <= MAX_ROUNDS else None

    def _unknown(self, statements: tuple[ir.Stmt, ...], names: Held, around: tuple[ir.Call, ...]) -> None:
        """Once, with nothing known of what the statements set."""
        self._forget(statements, names)
        self.run(statements, names, around)
        self._forget(statements, names)

    def _plain(self, statement: ir.Stmt, names: Held, around: tuple[ir.Call, ...]) -> None:
        value = statement.value if isinstance(statement, ir.Eval | ir.Declare | ir.Return | ir.Throw) else None
        if value is not None:
            self._note(value, names, around)
        if self.values.fill(statement, names):
            return
        if isinstance(statement, ir.Declare) and statement.value is not None:
            self.values.bind(ir.Name(statement.name, statement.span), self._chosen(statement.value, names), names)
        elif isinstance(statement, ir.Eval) and isinstance(one := statement.value, ir.Assign):  # `prefix += "/x"` adds to what it holds
            added = ir.Binary("+", one.target, one.value, one.span)
            self.values.bind(one.target, added if one.operator == "+=" else self._chosen(one.value, names), names)

    def _chosen(self, expr: ir.Expr, names: Held) -> ir.Expr:
        """The side of `a if closed else b` that is taken, where that is known."""
        holds = self._holds(expr.condition, names) if isinstance(expr, ir.Choice) else None
        return expr if holds is None or not isinstance(expr, ir.Choice) else expr.then if holds else expr.other

    def _forget(self, statements: tuple[ir.Stmt, ...], names: Held) -> None:
        for name in names_set(statements):
            names.forget(name)

    def _note(self, expr: ir.Expr, names: Held, around: tuple[ir.Call, ...]) -> None:
        inside: set[int] = set()
        for call in walk.calls(expr):
            if id(call) in inside:
                continue
            mapped = _mapped(call)
            if mapped is not None:
                inside.update(id(inner) for inner in walk.calls(mapped[1].body or ()))
                self._each(*mapped, names.copy(), around)
            if walk.called_name(call) in self.called:
                self.found.setdefault(id(call), []).append(Round(names.copy(), around))

    def _each(self, iterable: ir.Expr, function: ir.Function, names: Held, around: tuple[ir.Call, ...]) -> None:
        """A comprehension, or `map`: a function that is called with each item."""
        over = self._items(iterable, names)
        if over is None:
            self._unknown(function.body or (), names, around)
        for item in over or ():
            self.values.bind(ir.Name(function.params[0].name, function.span), item, names)
            self.run(function.body or (), names, around)

    def _holds(self, test: ir.Expr, names: Held) -> bool | None:
        """Does a test hold, where that is known?"""
        if isinstance(test, ir.Unary) and test.operator == "!":
            inner = self._holds(test.operand, names)
            return None if inner is None else not inner
        if isinstance(test, ir.Binary) and test.operator in ("==", "!=", "in"):
            left, right = self.values.value(test.left, names), self.values.value(test.right, names)
            if isinstance(left, ir.Literal) and isinstance(right, ir.Literal) and test.operator != "in":
                return (left.value == right.value) is (test.operator == "==")
            if isinstance(left, ir.Literal) and isinstance(right, ir.Collection) and test.operator == "in":
                among = [item.value for item in right.items if isinstance(item, ir.Literal)]
                return left.value in among if len(among) == len(right.items) else None
            return None
        found = self.values.value(test, names) if isinstance(test, ir.Name) and test.id in names.known else None
        return bool(found.value) if isinstance(found, ir.Literal) else None


def _mapped(call: ir.Call) -> tuple[ir.Expr, ir.Function] | None:
    """What is gone through, and the function that is called with each item: `map(f, items)`, and how comprehensions are read."""
    values = [arg.value for arg in call.args]
    if isinstance(call.function, ir.Member):
        values.append(call.function.object)
    if walk.called_name(call) not in ("map", "flatMap", "filter") or len(values) != 2 or not isinstance(values[0], ir.Lambda):
        return None
    return (values[1], values[0].function) if len(values[0].function.params) == 1 else None
