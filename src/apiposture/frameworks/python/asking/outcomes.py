"""Does a test look at the caller, and may it come out one way whoever calls?"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.frameworks.python.asking.credentials import CARRIERS, MAX_DEPTH, Credentials, given_names
from apiposture.frameworks.python.asking.following import reached
from apiposture.frameworks.python.reading.objects import Foreign, Made, Objects
from apiposture.frameworks.python.reading.statements import set_by
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine

WRITTEN = CARRIERS | frozenset("args form values json query query_params data GET POST".split()) - {"session"}
"""Members of a request that hold what callers write as they like."""

TAKES = frozenset(("get_param", "get_header", "get_cookie", "get_argument", "get_query_argument", "get_body_argument"))
"""Methods of requests, or of Tornado's handlers, that give what callers write."""

GUESSED = 8
"""A word shorter than this is no secret: `"1"`, `"true"`, `"debug"`."""


OF_TEXT = frozenset(
    "split rsplit partition rpartition strip lstrip rstrip lower upper replace removeprefix removesuffix decode encode".split()
)
"""Methods of texts that ask nothing."""

MAKES = frozenset(
    """base64.b64decode base64.urlsafe_b64decode base64.standard_b64decode json.loads str len int bytes print repr urllib.parse.unquote
    jwt.get_unverified_header jose.jwt.get_unverified_claims jose.jwt.get_unverified_header jose.jwt.get_unverified_headers""".split()
)
"""Functions of libraries that ask nothing of what they are given."""

UNVERIFIED = ("jwt.decode", "jose.jwt.decode")
"""Those that ask nothing where they are told to verify nothing: https://pyjwt.readthedocs.io/en/stable/api.html#jwt.decode"""

WRITES = ("logging.", "loguru.", "structlog.", "django.shortcuts.render", "django.contrib.messages.", "django.http.", "django.template.")
"""Beginnings of the names of what writes something down, or an answer."""


class Outcomes(Credentials):
    """What one function's tests say of a caller without credential. `sent` are the names that hold what was sent, as it is."""

    def __init__(self, objects: Objects, routine: Routine, credentials: frozenset[str], requests: frozenset[str], depth: int) -> None:
        super().__init__(objects, routine, credentials, requests, depth)
        self.sent: frozenset[str] = frozenset()
        self.trusting = False
        """Is whatever is sent taken for what it says it is?"""

    def is_about_caller(self, test: ir.Expr, absent: frozenset[str]) -> bool:
        """Does a test look at a credential, or ask a function that does?"""
        told = self.mentions(test) and not self.is_about_the_rest(test)
        return told or self.truth(test, absent) is not None

    def has_part(self, test: ir.Expr, outcome: bool, absent: frozenset[str]) -> bool:
        """Has the caller a part in a test that comes out so for somebody without a credential? In `closed or user.is_authenticated` that is
        true, guests have none: it is the others whom the test asks for.
        """
        if isinstance(test, ir.Unary) and test.operator == "!":
            return self.has_part(test.operand, not outcome, absent)
        if isinstance(test, ir.Binary) and test.operator in ("&&", "||"):
            return any(self.has_part(side, outcome, absent) for side in (test.left, test.right))
        return self.is_about_caller(test, absent) and self.truth(test, absent) is not (not outcome)

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
        if isinstance(test, ir.Choice):
            either = ((test.then, True), (test.other, False))
            return any(self.comes_unasked(test.condition, so, absent) and self.comes_unasked(one, outcome, absent) for one, so in either)
        if self.is_sent_alone(test):
            return True
        decided = self.truth(test, absent)
        if decided is not None:
            return decided is outcome
        inner = self._asked_by(test) if isinstance(test, ir.Call) else None
        if inner is not None:
            return inner.may_answer(outcome)
        return self._is_written(test) or not self.is_about_caller(test, absent)

    def _is_plain(self, expr: ir.Expr) -> bool:
        """Is it a header that says nothing of who calls, whatever it is compared with: `X-Forwarded-For`?"""
        if isinstance(expr, ir.Call):
            return expr.function.span in self.plain
        return isinstance(expr, ir.Index) and expr.object.span in self.plain

    def is_sent_alone(self, test: ir.Expr) -> bool:
        """Is it whether a header or a cookie is there, which anybody may send: `if "Authorization" in request.headers`?"""
        if self.trusting:
            return False
        if isinstance(test, ir.Binary):
            if test.operator == "in":
                return self._holds_sent(test.right, test.left)
            is_nothing = isinstance(test.right, ir.Literal) and not test.right.value
            return test.operator in ("==", "!=") and is_nothing and self.is_sent(test.left)
        return self.is_sent(test)

    def is_sent(self, expr: ir.Expr) -> bool:
        """Is it what somebody sent, as it is or taken apart: a header, a cookie, a part of one?"""
        if isinstance(expr, ir.Name):
            return expr.id in self.sent
        if isinstance(expr, ir.Assign):
            return self.is_sent(expr.value)
        if isinstance(expr, ir.Index):
            return (len(expr.keys) == 1 and self._holds_sent(expr.object, expr.keys[0])) or self.is_sent(expr.object)
        if isinstance(expr, ir.Binary) and expr.operator in ("??", "||", "&&"):
            sides = [side for side in (expr.left, expr.right) if not isinstance(side, ir.Literal)]
            return (all(map(self.is_sent, sides)) and bool(sides)) or any(map(self._is_written, sides))
        if isinstance(expr, ir.Choice):
            return any(map(self.is_sent, (expr.then, expr.other)))
        if isinstance(expr, ir.Member):
            is_of_request = expr.name in ("authorization", "bearer_token") and self.is_request(expr.object)
            return is_of_request or self.is_sent(expr.object)
        return isinstance(expr, ir.Call) and self._gives_sent(expr)

    def _gives_sent(self, call: ir.Call) -> bool:
        """Is a part of what was sent taken, or made of it without asking what it says?"""
        function = call.function
        is_get = isinstance(function, ir.Member) and function.name == "get" and bool(call.args)
        if isinstance(function, ir.Member) and is_get and self._holds_sent(function.object, call.args[0].value):
            default = call.args[1].value if len(call.args) > 1 else None
            return default is None or isinstance(default, ir.Literal)
        if isinstance(function, ir.Member) and function.name in ("get_header", "get_cookie"):
            return self.is_request(function.object) or walk.dotted(function.object) == "this"
        of_text = isinstance(function, ir.Member) and function.name in OF_TEXT and self.is_sent(function.object)
        return of_text or (bool(call.args) and self.is_sent(call.args[0].value) and self.asks_nothing(call))

    def _holds_sent(self, expr: ir.Expr, key: ir.Expr) -> bool:
        """Is a header or a cookie taken there by its name?"""
        if not isinstance(expr, ir.Member) or not self.is_request(expr.object):
            return False
        is_header = isinstance(key, ir.Literal) and str(key.value).startswith("HTTP_")
        return expr.name in ("headers", "cookies", "COOKIES") or (expr.name == "META" and is_header)

    def asks_nothing(self, call: ir.Call) -> bool:
        """Does a function of a library only make something else of what it is given: `base64.b64decode(sent)`?"""
        found = self.objects.of(call.function, self.routine)
        names = [one.name for one in found if isinstance(one, Foreign | Made)] or [walk.dotted(call.function)]
        if any(name in UNVERIFIED for name in names):
            said = {node.value for arg in call.args for node in walk.nodes(arg.value) if isinstance(node, ir.Literal)}
            options = [arg.value for arg in call.args if arg.name in ("options", "verify")]
            return any("verify_signature" in said or isinstance(one, ir.Literal) for one in options) and False in said
        return any(name in MAKES or name.startswith(WRITES) for name in names)

    def stands_in(self, value: ir.Expr, absent: frozenset[str]) -> bool:
        """Is something put in the place of a caller who isn't there: `session.get("user") or "guest"`?"""
        if self.is_filled(value):
            return True
        if isinstance(value, ir.Binary) and value.operator == "??":
            made = [one for one in self.objects.of(value.right, self.routine) if isinstance(one, Made) and one.declared is not None]
            return self.truth(value.left, absent) is False and (bool(made) or self.settled.truth(value.right, absent) is True)
        if not isinstance(value, ir.Call) or not isinstance(value.function, ir.Member) or len(value.args) != 2:
            return False
        taken = value.function.name == "get" and self.is_carrier(value.function.object)
        return taken and self.settled.truth(value.args[1].value, absent) is True

    def _asked_by(self, call: ir.Call) -> Outcomes | None:
        """The program's own function that a call asks."""
        for called in reached(self.objects, self.routine, call)[:1] if self.depth < MAX_DEPTH else ():
            if isinstance(called, Routine) and called.function.has_body and called is not self.routine:
                given, requests = given_names(called, call, self.mentions), given_names(called, call, self.is_request)
                return Outcomes(self.objects, called, given, requests, self.depth + 1)
        return None

    def may_answer(self, outcome: bool) -> bool:
        """May the function answer so though nothing is asked about the caller? It is gone through once for each question."""
        question = ("answer", id(self.routine.function), id(self.routine.owner), self.credentials, self.requests, self.depth, outcome)
        known = self.objects.judged.get(question)
        if known is None:
            known = self.objects.judged[question] = self.answers_unasked(self.routine.function.body or (), outcome)
        return bool(known)

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
                handled = [one.body for one in statement.handlers] if isinstance(statement, ir.Try) else []
                final = [statement.final] if isinstance(statement, ir.Try) else []
                if any(self.answers_unasked(body, outcome, asked) for body in (statement.body, *handled, *final)):
                    return True
            else:
                name, value = set_by(statement)
                self.credentials |= {name} if name and value is not None and self.mentions(value) else set()
        return False

    def _is_written(self, test: ir.Expr) -> bool:
        """Is it what callers write as they like, and nobody holds against a secret: `request.args.get("preview") == "1"`?"""
        if isinstance(test, ir.Binary):
            if _is_literal(test.right) and self._is_plain(test.left):
                return True
            return (_is_guessed(test.right) and self._is_written(test.left)) or (_is_guessed(test.left) and self._is_written(test.right))
        if isinstance(test, ir.Index):
            return self._is_written(test.object) and all(isinstance(key, ir.Literal) for key in test.keys)
        if isinstance(test, ir.Call) and isinstance(test.function, ir.Member):
            if test.function.name in TAKES and (self.is_request(test.function.object) or walk.dotted(test.function.object) == "this"):
                return True
            return self._is_written(test.function.object) and all(isinstance(arg.value, ir.Literal) for arg in test.args)
        return isinstance(test, ir.Member) and test.name in WRITTEN and self.is_request(test.object)


def _is_literal(expr: ir.Expr) -> bool:
    return all(map(_is_literal, expr.items)) if isinstance(expr, ir.Collection) else isinstance(expr, ir.Literal)


def _leaves(statements: Sequence[ir.Stmt]) -> bool:
    return bool(statements) and isinstance(statements[-1], ir.Return | ir.Throw)


def _is_guessed(expr: ir.Expr) -> bool:
    """Is it written out, and too short for a secret?"""
    if isinstance(expr, ir.Collection):
        return all(map(_is_guessed, expr.items))
    return isinstance(expr, ir.Literal) and not (isinstance(expr.value, str) and len(expr.value) >= GUESSED)
