"""What do the names around a call hold, in each round of the loops that it stands in?

The code is gone through from its top: what it sets, what its loops go through, which of its tests that decides. Nothing is run, and what
isn't known is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from apiposture.frameworks.python._lists import COPIES
from apiposture.frameworks.python._objects import Objects
from apiposture.frameworks.python._statements import names_set, set_by
from apiposture.model import ir
from apiposture.program import constants, walk
from apiposture.program.types import Routine, Slot

MAX_ROUNDS = 400
"""A loop that goes through more is gone through once, nobody knows with what."""

MAX_DEPTH = 8


class Round(NamedTuple):
    """One time that a call is made: what names hold that the code around it sets, and the calls by whose `with` it is made, outer first."""

    names: dict[str, ir.Expr]
    around: tuple[ir.Call, ...]


ONCE = Round({}, ())


class Rounds:
    """Answers for one program, about calls of some names."""

    def __init__(self, objects: Objects, called: Collection[str]) -> None:
        self.objects = objects
        self.called = called
        self._known: dict[int, dict[int, list[Round]]] = {}

    def of(self, call: ir.Call, routine: Routine) -> list[Round]:
        """Each time that a call is made."""
        key = id(routine.function)
        if key not in self._known:
            reader = _Reader(self.objects, routine, self.called)
            reader.run(routine.function.body or (), {}, ())
            self._known[key] = reader.found
        return self._known[key].get(id(call), [ONCE])

    def handed(self, call: ir.Call, routine: Routine, given: dict[str, ir.Expr], caller: Routine) -> list[Round]:
        """Each time that a call is made when a caller gives these values. What isn't known of them is told as the caller writes it."""
        theirs = _Reader(self.objects, caller, ())
        reader = _Reader(self.objects, routine, self.called, frozenset(given))
        reader.run(routine.function.body or (), {name: theirs.value(value, {}) or value for name, value in given.items()}, ())
        return reader.found.get(id(call), [])


class _Reader:
    """`handed` are the parameters that a caller's values are known of."""

    def __init__(self, objects: Objects, routine: Routine, called: Collection[str], handed: frozenset[str] = frozenset()) -> None:
        self.objects = objects
        self.routine = routine
        self.called = called
        self.handed = handed
        self.found: dict[int, list[Round]] = {}

    def run(self, statements: Sequence[ir.Stmt], names: dict[str, ir.Expr], around: tuple[ir.Call, ...]) -> bool:
        """Go on through statements; the answer is whether what follows them is reached."""
        return all(self._one(statement, names, around) for statement in statements)

    def _one(self, statement: ir.Stmt, names: dict[str, ir.Expr], around: tuple[ir.Call, ...]) -> bool:
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
                self.run(handler.body, dict(names), around)
            return self.run(statement.final, names, around) and ends
        self._plain(statement, names, around)
        return not isinstance(statement, ir.Jump | ir.Return | ir.Throw)

    def _if(self, statement: ir.If, names: dict[str, ir.Expr], around: tuple[ir.Call, ...]) -> bool:
        self._note(statement.condition, names, around)
        holds = self._holds(statement.condition, names)
        if holds is not None:
            return self.run(statement.then if holds else statement.other, names, around)
        ends = [self.run(side, dict(names), around) for side in (statement.then, statement.other)]
        self._forget((*statement.then, *statement.other), names)
        return any(ends)

    def _loop(self, statement: ir.Loop, names: dict[str, ir.Expr], around: tuple[ir.Call, ...]) -> None:
        """Once for each item that is known, else once with nothing known of what the loop sets."""
        over = self.value(statement.iterable, names) if statement.iterable is not None else None
        items = over.items if isinstance(over, ir.Collection) and len(over.items) <= MAX_ROUNDS else None
        if items is None or statement.target is None:
            self._forget(statement.body, names)
            self.run(statement.body, names, around)
            self._forget(statement.body, names)
            return
        theirs = walk.dotted(statement.iterable) in self.handed
        for item in items:
            self._bind(statement.target, item, names, theirs)
            self.run(statement.body, names, around)

    def _plain(self, statement: ir.Stmt, names: dict[str, ir.Expr], around: tuple[ir.Call, ...]) -> None:
        value = statement.value if isinstance(statement, ir.Eval | ir.Declare | ir.Return | ir.Throw) else None
        if value is not None:
            self._note(value, names, around)
        name, given = set_by(statement)
        if name and given is not None:
            self._bind(ir.Name(name, given.span), self._set_to(statement, name, given), names)

    def _set_to(self, statement: ir.Stmt, name: str, given: ir.Expr) -> ir.Expr:
        """What a name is set to; `prefix += "/x"` adds to what it holds."""
        if isinstance(statement, ir.Eval) and isinstance(statement.value, ir.Assign) and statement.value.operator == "+=":
            return ir.Binary("+", ir.Name(name, given.span), given, given.span)
        return given

    def _bind(self, target: ir.Expr, value: ir.Expr, names: dict[str, ir.Expr], theirs: bool = False) -> None:
        """`theirs`: the value is written in the caller's words."""
        if isinstance(target, ir.Name):
            known = self.value(value, names) if not theirs or isinstance(value, ir.Literal | ir.Collection) else value
            names.pop(target.id, None)
            if known is not None:
                names[target.id] = known
        elif isinstance(target, ir.Collection) and isinstance(value, ir.Collection) and len(target.items) == len(value.items):
            for one, part in zip(target.items, value.items, strict=True):
                self._bind(one, part, names, theirs)

    def _forget(self, statements: tuple[ir.Stmt, ...], names: dict[str, ir.Expr]) -> None:
        for name in names_set(statements):
            names.pop(name, None)

    def _note(self, expr: ir.Expr, names: dict[str, ir.Expr], around: tuple[ir.Call, ...]) -> None:
        for call in walk.calls(expr):
            if walk.called_name(call) in self.called:
                self.found.setdefault(id(call), []).append(Round(dict(names), around))

    # -- values --------------------------------------------------------------------------------------------------------

    def value(self, expr: ir.Expr, names: dict[str, ir.Expr], depth: int = 0) -> ir.Expr | None:
        """The text or list that an expression is, where that is known."""
        if depth > MAX_DEPTH or isinstance(expr, ir.Literal):
            return expr if isinstance(expr, ir.Literal) else None
        if isinstance(expr, ir.Collection):
            return ir.Collection(expr.kind, tuple(self.value(item, names, depth + 1) or item for item in expr.items), expr.span)
        if isinstance(expr, ir.Name) and expr.id in names:
            return names[expr.id]
        if isinstance(expr, ir.Name | ir.Member):
            return self._elsewhere(expr, depth)
        if isinstance(expr, ir.Binary) and expr.operator == "+":
            return _added([self.value(expr.left, names, depth + 1), self.value(expr.right, names, depth + 1)], expr.span)
        if isinstance(expr, ir.Template):
            return _added([self.value(part, names, depth + 1) for part in expr.parts], expr.span)
        return self._called(expr, names, depth) if isinstance(expr, ir.Call) else None

    def _elsewhere(self, expr: ir.Name | ir.Member, depth: int) -> ir.Expr | None:
        """What a name of the module, or of another one, holds."""
        text = constants.text(self.objects.program, expr, self.routine.module, self.routine.owner)
        if text is not None:
            return ir.Literal(text, expr.span)
        found = self.objects.program.meaning(walk.dotted(expr), self.routine.module, self.routine.owner)
        if not isinstance(found, Slot) or not isinstance(found.field.value, ir.Collection):
            return None
        return _Reader(self.objects, self.objects.main(found.module), ()).value(found.field.value, {}, depth + 1)

    def _called(self, call: ir.Call, names: dict[str, ir.Expr], depth: int) -> ir.Expr | None:
        """The entries of a table, copies, and lists one after the other (`itertools.chain`)."""
        name = walk.called_name(call)
        if name == "items" and isinstance(call.function, ir.Member):
            table = self.value(call.function.object, names, depth + 1)
            return ir.Collection("list", table.items, call.span) if isinstance(table, ir.Collection) and table.kind == "map" else None
        if name == "chain" or (name in COPIES and len(call.args) == 1):
            return _added([self.value(arg.value, names, depth + 1) for arg in call.args], call.span)
        return None

    def _holds(self, test: ir.Expr, names: dict[str, ir.Expr]) -> bool | None:
        """Does a test hold, where that is known?"""
        if isinstance(test, ir.Unary) and test.operator == "!":
            inner = self._holds(test.operand, names)
            return None if inner is None else not inner
        if isinstance(test, ir.Binary) and test.operator in ("==", "!=", "in"):
            left, right = self.value(test.left, names), self.value(test.right, names)
            if isinstance(left, ir.Literal) and isinstance(right, ir.Literal) and test.operator != "in":
                return (left.value == right.value) is (test.operator == "==")
            if isinstance(left, ir.Literal) and isinstance(right, ir.Collection) and test.operator == "in":
                among = [item.value for item in right.items if isinstance(item, ir.Literal)]
                return left.value in among if len(among) == len(right.items) else None
            return None
        found = self.value(test, names) if isinstance(test, ir.Name) and test.id in names else None
        return bool(found.value) if isinstance(found, ir.Literal) else None


def _added(parts: Sequence[ir.Expr | None], span: int) -> ir.Expr | None:
    """Texts as one text, or lists as one list."""
    texts = [part.value for part in parts if isinstance(part, ir.Literal)]
    if len(texts) == len(parts):
        return ir.Literal("".join(map(str, texts)), span)
    lists = [part.items for part in parts if isinstance(part, ir.Collection) and part.kind != "map"]
    return ir.Collection("list", tuple(item for items in lists for item in items), span) if len(lists) == len(parts) else None
