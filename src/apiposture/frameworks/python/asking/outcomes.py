"""Does a test look at the caller, and may it come out one way whoever calls?"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.frameworks.python.asking.credentials import CARRIERS, MAX_DEPTH, Credentials, given_names
from apiposture.frameworks.python.asking.following import reached
from apiposture.frameworks.python.reading.statements import set_by
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine

WRITTEN = CARRIERS | frozenset("args form values json query_params data GET POST".split()) - {"session"}
"""Members of a request that hold what callers write as they like."""

GUESSED = 8
"""A word shorter than this is no secret: `"1"`, `"true"`, `"debug"`."""


class Outcomes(Credentials):
    """What one function's tests say of a caller without credential."""

    def is_about_caller(self, test: ir.Expr, absent: frozenset[str]) -> bool:
        """Does a test look at a credential, or ask a function that does?"""
        told = self.mentions(test) and not self.is_about_the_rest(test)
        return told or self.truth(test, absent) is not None

    def names_credential(self, test: ir.Expr) -> bool:
        """Does a test look at a credential by its name, and not only at the request?"""
        return any(isinstance(node, ir.Name) and node.id in self.credentials - self.requests for node in walk.nodes(test))

    def comes_unasked(self, test: ir.Expr, outcome: bool, absent: frozenset[str]) -> bool:
        """May something else than the caller decide that a test comes out so: `if not user and not preview: abort(401)`?"""
        if isinstance(test, ir.Unary) and test.operator == "!":
            return self.comes_unasked(test.operand, not outcome, absent)
        if isinstance(test, ir.Binary) and test.operator in ("&&", "||"):
            sides = [self.comes_unasked(side, outcome, absent) for side in (test.left, test.right)]
            return all(sides) if (test.operator == "&&") == outcome else any(sides)
        decided = self.truth(test, absent)
        if decided is not None:
            return decided is outcome
        inner = self._asked_by(test) if isinstance(test, ir.Call) else None
        if inner is not None:
            return inner.answers_unasked(inner.routine.function.body or (), outcome)
        return self._is_written(test) or not self.is_about_caller(test, absent)

    def _asked_by(self, call: ir.Call) -> Outcomes | None:
        """The program's own function that a call asks."""
        for called in reached(self.objects, self.routine, call)[:1] if self.depth < MAX_DEPTH else ():
            if isinstance(called, Routine) and called.function.has_body and called is not self.routine:
                given, requests = given_names(called, call, self.mentions), given_names(called, call, self.is_request)
                return Outcomes(self.objects, called, given, requests, self.depth + 1)
        return None

    def answers_unasked(self, statements: Sequence[ir.Stmt], outcome: bool, asked: bool = False) -> bool:
        """May the function's code answer so though nothing is asked about the caller? Whoever is refused isn't answered."""
        for statement in statements:
            if isinstance(statement, ir.If):
                sides = ((statement.then, True), (statement.other, False))
                open_sides = [(side, asked or not self.comes_unasked(statement.condition, is_so, frozenset())) for side, is_so in sides]
                if any(self.answers_unasked(side, outcome, behind) for side, behind in open_sides):
                    return True
                asked = all(behind or _leaves(side) for side, behind in open_sides)
            elif isinstance(statement, ir.Return):
                return not asked and (statement.value is None or self.comes_unasked(statement.value, outcome, frozenset()))
            elif isinstance(statement, ir.Throw):
                return False
            elif isinstance(statement, ir.Block | ir.Loop | ir.Try):
                if self.answers_unasked(statement.body, outcome, asked):
                    return True
            else:
                name, value = set_by(statement)
                self.credentials |= {name} if name and value is not None and self.mentions(value) else set()
        return False

    def _is_written(self, test: ir.Expr) -> bool:
        """Is it what callers write as they like, and nobody holds against a secret: `request.args.get("preview") == "1"`?"""
        if isinstance(test, ir.Binary):
            return (_is_guessed(test.right) and self._is_written(test.left)) or (_is_guessed(test.left) and self._is_written(test.right))
        if isinstance(test, ir.Index):
            return self._is_written(test.object) and all(isinstance(key, ir.Literal) for key in test.keys)
        if isinstance(test, ir.Call) and isinstance(test.function, ir.Member):
            return self._is_written(test.function.object) and all(isinstance(arg.value, ir.Literal) for arg in test.args)
        return isinstance(test, ir.Member) and test.name in WRITTEN and self.is_request(test.object)


def _leaves(statements: Sequence[ir.Stmt]) -> bool:
    return bool(statements) and isinstance(statements[-1], ir.Return | ir.Throw)


def _is_guessed(expr: ir.Expr) -> bool:
    """Is it written out, and too short for a secret?"""
    if isinstance(expr, ir.Collection):
        return all(map(_is_guessed, expr.items))
    return isinstance(expr, ir.Literal) and not (isinstance(expr.value, str) and len(expr.value) >= GUESSED)
