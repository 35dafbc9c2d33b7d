"""Which tests are settled before anybody calls: by constants, by what a function was made with, by settings that nobody makes?"""

from __future__ import annotations

from collections.abc import Mapping

from apiposture.frameworks.python.reading.objects import Objects
from apiposture.frameworks.python.reading.switches import is_set
from apiposture.model import ir
from apiposture.program import constants, walk
from apiposture.program.types import Routine


class Settled:
    """Answers for one function. `given` are the values of names that are the same whoever calls: `required`, `this.optional`."""

    def __init__(self, objects: Objects, routine: Routine) -> None:
        self.objects = objects
        self.routine = routine
        self.given: Mapping[str, object] = {}

    def truth(self, test: ir.Expr, absent: frozenset[str]) -> bool | None:
        """The outcome of a test, where it is settled."""
        if isinstance(test, ir.Call):
            return False if self._is_off(test) else None
        if isinstance(test, ir.Binary) and test.operator in ("==", "!=", "in"):
            left, right = self.value(test.left, absent), self.value(test.right, absent)
            if left is None or right is None:
                return None
            if test.operator == "in":
                return left[0] in right[0] if isinstance(right[0], tuple) else None
            return (left[0] == right[0]) == (test.operator == "==")
        known = self.value(test, absent)
        return None if known is None else bool(known[0])

    def rest_of(self, test: ir.Expr) -> ir.Expr:
        """What is left to be asked of a test: `user.role != role` of `role != "any" and user.role != role`."""
        known = self.truth(test, frozenset())
        if known is not None:
            return ir.Literal(known, test.span)
        if not isinstance(test, ir.Binary) or test.operator not in ("&&", "||"):
            return test
        sides = [self.rest_of(side) for side in (test.left, test.right)]
        wins = test.operator == "||"
        if any(isinstance(side, ir.Literal) and side.value is wins for side in sides):
            return ir.Literal(wins, test.span)
        left = [side for side in sides if not isinstance(side, ir.Literal)]
        return left[0] if len(left) == 1 else test

    def value(self, expr: ir.Expr, absent: frozenset[str] = frozenset()) -> tuple[object] | None:
        """The value of an expression, where that is settled."""
        if isinstance(expr, ir.Literal):
            return (expr.value,)
        if isinstance(expr, ir.Collection) and expr.kind != "map":
            items = [self.value(item, absent) for item in expr.items]
            return None if None in items else (tuple(item[0] for item in items if item is not None),)
        path = walk.dotted(expr)
        is_set = isinstance(expr, ir.Name) and path in self.objects.bindings(self.routine)
        if path in self.given and not is_set:
            return (self.given[path],)
        if not isinstance(expr, ir.Name) or is_set or path in absent or any(param.name == path for param in self.routine.function.params):
            return None
        known = constants.constant(self.objects.program, expr, self.routine.module, self.routine.owner)
        return None if known is None else (known,)

    def _is_off(self, call: ir.Call) -> bool:
        """Is it a switch among an application's settings that nobody turns on: `current_app.config.get("LOGIN_DISABLED")`?"""
        function = call.function
        if not isinstance(function, ir.Member) or function.name != "get" or not 0 < len(call.args) < 3:
            return False
        key, default = call.args[0].value, call.args[-1].value
        named = isinstance(key, ir.Literal) and isinstance(key.value, str) and walk.dotted(function.object).endswith(".config")
        by_default = len(call.args) == 1 or (isinstance(default, ir.Literal) and not default.value)
        return named and by_default and isinstance(key, ir.Literal) and not is_set(self.objects, str(key.value))
