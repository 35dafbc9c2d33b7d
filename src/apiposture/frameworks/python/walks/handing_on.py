"""Does a function of a view hand on to what it overrides, whatever the request?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine

SAFE = ("GET", "HEAD", "OPTIONS")


def hands_on(routine: Routine, inherited: str, own: Iterable[str] = (), method: str = "", answers: bool = False) -> bool | None:
    """Does nobody come to its end, but by a call of what it inherits by that name, or of one of the object's `own` functions? None where
    only some do. Exceptions are no way to its end. `answers`: its end is the answer, and who is served on the way to it counts instead.
    """
    walker = _Walk(frozenset((inherited,)), frozenset(own), method)
    behind = walker.run(routine.function.body or (), frozenset((False,)))
    ends = walker.served if answers else walker.ends | behind
    return None if len(ends) == 2 else ends != {False}


class _Walk:
    """One walk through one function: each way by whether it was handed on."""

    def __init__(self, inherited: frozenset[str], own: frozenset[str], method: str) -> None:
        self.inherited = inherited
        self.own = own
        self.method = method
        self.ends: frozenset[bool] = frozenset()
        self.served: frozenset[bool] = frozenset()
        """The ways on which the view's method was called, by itself or by what was handed on to."""

    def run(self, statements: Sequence[ir.Stmt], ways: frozenset[bool]) -> frozenset[bool]:
        for statement in statements:
            ways = self._one(statement, ways) if ways else ways
        return ways

    def _one(self, statement: ir.Stmt, ways: frozenset[bool]) -> frozenset[bool]:
        if isinstance(statement, ir.If):
            ways = self._behind(statement.condition, ways)
            outcome = self._outcome(statement.condition)
            then = self.run(statement.then, ways) if outcome is not False else frozenset()
            return then | (self.run(statement.other, ways) if outcome is not True else frozenset())
        if isinstance(statement, ir.Try):
            caught = (self.run(handler.body, ways) for handler in statement.handlers)
            return self.run(statement.final, self.run(statement.body, ways).union(*caught))
        if isinstance(statement, ir.Block):
            return self.run(statement.body, ways)
        if isinstance(statement, ir.Loop):
            return ways | self.run(statement.body, ways)
        ways = self._behind(statement, ways)
        if isinstance(statement, ir.Return):
            self.ends |= ways
        return frozenset() if isinstance(statement, ir.Return | ir.Throw) else ways

    def _behind(self, code: ir.Stmt | ir.Expr, ways: frozenset[bool]) -> frozenset[bool]:
        calls = list(walk.calls(code))
        if any(map(self._is_on, calls)):
            self.served |= {True}
            return frozenset((True,))
        self.served |= ways if any(map(self._serves, calls)) else frozenset()
        return ways

    def _serves(self, call: ir.Call) -> bool:
        """Is it a method of the view's, by its name or as `dispatch` finds it: `handler(request)`?"""
        holder, _, name = walk.dotted(call.function).rpartition(".")
        return (holder == "this" and name.upper() in (self.method, *SAFE)) or (not holder and name == "handler")

    def _is_on(self, call: ir.Call) -> bool:
        function = call.function
        if not isinstance(function, ir.Member):
            return False
        holder = function.object
        if isinstance(holder, ir.Name) and holder.id == "this":
            return function.name in self.own
        by_super = any(isinstance(node, ir.Name) and node.id == "super" for node in walk.nodes(holder))
        first = call.args[0].value if call.args else None
        return function.name in self.inherited and (by_super or (isinstance(first, ir.Name) and first.id == "this"))

    def _outcome(self, test: ir.Expr) -> bool | None:
        """What a test of the request's method comes out as."""
        if isinstance(test, ir.Unary) and test.operator == "!":
            inner = self._outcome(test.operand)
            return None if inner is None else not inner
        if not self.method or not isinstance(test, ir.Binary) or walk.dotted(test.left).rpartition(".")[2] != "method":
            return None
        named = test.right.items if isinstance(test.right, ir.Collection) else (test.right,)
        if walk.dotted(test.right).rpartition(".")[2] == "SAFE_METHODS":
            return self.method in SAFE if test.operator == "in" else None
        if not all(isinstance(one, ir.Literal) for one in named) or test.operator not in ("==", "!=", "in"):
            return None
        return (self.method in [one.value for one in named if isinstance(one, ir.Literal)]) == (test.operator != "!=")
