"""What does a function of the program's own answer to a caller who sends no credential: `if is_admin():`?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from apiposture.frameworks.python.reading.statements import set_by
from apiposture.model import ir

MAX_WAYS = 12

Truth = Callable[[ir.Expr, frozenset[str]], bool | None]
"""The outcome of a test, given the names that hold nothing."""


class Answers:
    """One walk through one function: what it may answer. None stands for what depends on more than the missing credential."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.found: set[bool | None] = set()

    def run(self, statements: Sequence[ir.Stmt], ways: frozenset[frozenset[str]]) -> frozenset[frozenset[str]]:
        """Go on through statements; a way is the names that hold nothing on it."""
        for statement in statements:
            if len(ways) > MAX_WAYS:
                self.found.add(None)
                return frozenset()
            ways = frozenset(after for way in ways for after in self._one(statement, way))
        return ways

    def _one(self, statement: ir.Stmt, way: frozenset[str]) -> frozenset[frozenset[str]]:
        if isinstance(statement, ir.Return):
            self.found.add(self._value(statement.value, way))
            return frozenset()
        if isinstance(statement, ir.Throw):
            return frozenset()  # whoever is not answered does not come through
        if isinstance(statement, ir.If):
            holds = self.truth(statement.condition, way)
            then = self.run(statement.then, frozenset((way,))) if holds is not False else frozenset()
            return then | (self.run(statement.other, frozenset((way,))) if holds is not True else frozenset())
        if isinstance(statement, ir.Block):
            return self.run(statement.body, frozenset((way,)))
        if isinstance(statement, ir.Try | ir.Loop):
            self.found.add(None)
            return frozenset()
        name, value = set_by(statement)
        if name and value is not None:
            return frozenset((way | {name} if self.truth(value, way) is False else way - {name},))
        return frozenset((way,))

    def _value(self, value: ir.Expr | None, way: frozenset[str]) -> bool | None:
        if value is None:
            return False
        return bool(value.value) if isinstance(value, ir.Literal) else self.truth(value, way)


def answer(function: ir.Function, truth: Truth) -> bool | None:
    """The one truth of all that the function may answer; one that ends without an answer says no."""
    walker = Answers(truth)
    if walker.run(function.body or (), frozenset((frozenset(),))):
        walker.found.add(False)
    return next(iter(walker.found)) if len(walker.found) == 1 else None
