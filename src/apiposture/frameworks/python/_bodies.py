"""Does a function refuse who shows no credential?

The function is gone through as for a caller who sends none: tests of the credential are decided, all others may go either way. It
authenticates if it refuses on some way, and no way lets that caller through that is decided by the missing credential alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from apiposture.frameworks.python._objects import Objects
from apiposture.frameworks.python._refusals import is_refusal
from apiposture.model import ir
from apiposture.model.facts import Need
from apiposture.model.ir import Module
from apiposture.model.source import Span
from apiposture.program import walk
from apiposture.program.types import Routine

CARRIERS = frozenset("headers cookies session authorization META auth".split())
"""Members of a request in which a credential is sent."""

PLAIN = frozenset(
    """accept accept-language accept-encoding cache-control content-length content-type forwarded host if-match if-none-match
    if-modified-since origin range referer user-agent x-forwarded-for x-forwarded-host x-forwarded-proto x-real-ip x-request-id
    x-correlation-id""".split()
)
"""Headers that say nothing of who calls."""

CALLER = frozenset(("current_user", "user", "is_authenticated", "is_anonymous", "identity"))
ENDS = frozenset(("abort", "unauthorized"))
RIGHTS = re.compile(
    r"(?<![a-z])(admin(istrator)?|superuser|staff|roles?|permissions?|privileges?|scopes?|moderator|can_\w+|has_\w*perm\w*)(?![a-z])", re.I
)
"""Words for what some callers may and others may not."""

MAX_DEPTH = 3
MAX_WAYS = 40


class Verdict(NamedTuple):
    """What a body does with a caller without credential: `refuses` on some way, `opens` where nothing but the missing one decides.

    `reads` says that it looks at a credential at all; `needs` are rights that it asks for; `at` is where it refuses.
    """

    refuses: bool = False
    opens: bool = False
    reads: bool = False
    needs: tuple[Need, ...] = ()
    at: tuple[Module, Span] | None = None

    @property
    def authenticates(self) -> bool:
        """Does nobody come through without a credential?"""
        return self.refuses and self.reads and not self.opens


class _Way(NamedTuple):
    """A point on one way through the body: the names that hold no credential, and whether only that decided the way so far."""

    absent: frozenset[str]
    decided: bool


class _Walk:
    """One walk through one body."""

    def __init__(self, objects: Objects, routine: Routine, credentials: frozenset[str], requests: frozenset[str], depth: int) -> None:
        self.objects = objects
        self.routine = routine
        self.credentials = credentials
        self.requests = requests
        self.depth = depth
        self.refusal: tuple[Module, Span] | None = None
        self.opens = False
        self.reads = bool(credentials)
        self.plain = frozenset(_plain(routine.function))
        """Where a part of the request is read that is no credential."""
        self.needs: dict[Need, None] = {}

    def run(self, statements: Sequence[ir.Stmt], ways: list[_Way]) -> list[_Way]:
        for statement in statements:
            ways = list(dict.fromkeys(ways))[:MAX_WAYS]
            if not ways:
                return []
            ways = self._one(statement, ways)
        return ways

    def _one(self, statement: ir.Stmt, ways: list[_Way]) -> list[_Way]:
        if isinstance(statement, ir.If):
            return self._if(statement, ways)
        if isinstance(statement, ir.Return | ir.Throw):
            self._end(statement, ways)
            return []
        if isinstance(statement, ir.Try):
            return self._try(statement, ways)
        if isinstance(statement, ir.Block):
            return self.run(statement.body, ways)
        if isinstance(statement, ir.Loop):
            return [*ways, *self.run(statement.body, [way._replace(decided=False) for way in ways])]
        if isinstance(statement, ir.Yield):
            self.opens = self.opens or any(way.decided for way in ways)
            return ways
        return self._plain(statement, ways)

    def _plain(self, statement: ir.Stmt, ways: list[_Way]) -> list[_Way]:
        if type(statement) is ir.Eval and self._is_end(statement.value):
            self._refuse(statement.value, statement.span)
            return []
        if type(statement) is ir.Declare and type(statement.value) is ir.Lambda:
            return ways
        name, value = _set(statement)
        if value is None:
            return ways
        checked = self._checks(value)
        if name and self._mentions(value):
            self.credentials |= {name}
            checked = checked or isinstance(value, ir.Index)
        found: list[_Way] = []
        for way in ways:
            absent = way.absent
            if name and (self._is_credential(value, absent) or self._gives_none(value, absent)):
                absent = absent | {name}
            elif name:
                absent = absent - {name}
            found.append(_Way(absent, way.decided and not checked))
        return found

    def _checks(self, value: ir.Expr) -> bool:
        """Is a credential handed to somebody, who may refuse it?"""
        checked = False
        for call in walk.calls(value):
            handed = [arg.value for arg in call.args if self._mentions(arg.value)]
            if handed and not self._is_read(call):
                checked = True
            if handed or self.depth == 0:
                self._follow(call)
        return checked

    def _follow(self, call: ir.Call) -> None:
        if self.depth >= MAX_DEPTH:
            return
        for called in self.objects.of(call.function, self.routine)[:2]:
            if isinstance(called, Routine) and called.function.body is not None and called is not self.routine:
                asked = _names(called, call, self._is_request)
                inner = judge(self.objects, called, _names(called, call, self._mentions), asked, self.depth + 1)
                if inner.reads:
                    self.reads = True
                if inner.refuses and inner.at is not None and inner.reads:
                    self.refusal = self.refusal or inner.at
                self.needs.update(dict.fromkeys(inner.needs))

    def _if(self, statement: ir.If, ways: list[_Way]) -> list[_Way]:
        self._checks(statement.condition)
        self._rights(statement)
        found: list[_Way] = []
        for way in ways:
            truth = self._truth(statement.condition, way.absent)
            if truth is not False:
                found += self.run(statement.then, [way if truth else way._replace(decided=False)])
            if truth is not True:
                found += self.run(statement.other, [way if truth is False else way._replace(decided=False)])
        return found

    def _rights(self, statement: ir.If) -> None:
        """`if not user.is_superuser: raise Forbidden()` asks for a right."""
        if not any(self._refuses(one) for one in (*statement.then[-1:], *statement.other[-1:])):
            return
        for node in walk.nodes(statement.condition):
            word = node.name if type(node) is ir.Member else node.id if type(node) is ir.Name else ""
            if word and RIGHTS.search(word):
                texts = [n.value for n in walk.nodes(statement.condition) if type(n) is ir.Literal and isinstance(n.value, str)]
                for text in texts or [word]:
                    self.needs[Need("role", text)] = None
                return

    def _try(self, statement: ir.Try, ways: list[_Way]) -> list[_Way]:
        found = self.run(statement.body, ways)
        for handler in statement.handlers:
            found += self.run(handler.body, [way._replace(decided=False) for way in ways])
        return self.run(statement.final, found) if statement.final else found

    def _end(self, statement: ir.Return | ir.Throw, ways: list[_Way]) -> None:
        if self._refuses(statement):
            self._refuse(statement.value, statement.span)
        elif type(statement) is ir.Return:
            checked = statement.value is not None and self._checks(statement.value)
            if not checked and any(way.decided for way in ways):
                self.opens = True

    def _refuse(self, value: ir.Expr | None, span: Span) -> None:
        self.refusal = self.refusal or (self.routine.module, span)
        if value is not None:
            self._reads_in(value)

    def _refuses(self, statement: ir.Stmt) -> bool:
        value = statement.value if isinstance(statement, ir.Return | ir.Throw | ir.Eval) else None
        if value is None:
            return False
        return is_refusal(self.objects, value, self.routine) if type(statement) is not ir.Eval else self._is_end(value)

    def _is_end(self, value: ir.Expr) -> bool:
        return type(value) is ir.Call and walk.called_name(value) in ENDS and is_refusal(self.objects, value, self.routine)

    # -- credentials ---------------------------------------------------------------------------------------------------

    def _truth(self, test: ir.Expr, absent: frozenset[str]) -> bool | None:
        """The outcome of a test without credential, where that alone decides it."""
        if isinstance(test, ir.Unary) and test.operator == "!":
            inner = self._truth(test.operand, absent)
            return None if inner is None else not inner
        if isinstance(test, ir.Binary):
            return self._of_binary(test, absent)
        if isinstance(test, ir.Assign):
            return self._truth(test.value, absent)
        return False if self._is_credential(test, absent) or self._gives_none(test, absent) else None

    def _of_binary(self, test: ir.Binary, absent: frozenset[str]) -> bool | None:
        if test.operator in ("&&", "||"):
            sides = (self._truth(test.left, absent), self._truth(test.right, absent))
            short = test.operator == "||"
            if short in sides:
                return short
            return None if None in sides else not short
        nothing = type(test.right) is ir.Literal and test.right.value is None
        if test.operator in ("==", "!=") and nothing and (self._is_credential(test.left, absent) or self._gives_none(test.left, absent)):
            return test.operator == "=="
        self._reads_in(test)
        return None

    def _is_credential(self, expr: ir.Expr, absent: frozenset[str]) -> bool:
        """Does the expression hold nothing, because there is no credential?"""
        if isinstance(expr, ir.Name):
            return expr.id in absent
        if isinstance(expr, ir.Call) and isinstance(expr.function, ir.Member) and expr.function.name == "get" and len(expr.args) < 3:
            default = expr.args[1].value if len(expr.args) > 1 else None
            falsy = default is None or (isinstance(default, ir.Literal) and not default.value)
            return falsy and self._is_carrier(expr.function.object)
        if isinstance(expr, ir.Member) and expr.name in ("authorization", "is_authenticated", "user", "identity"):
            return self._is_carrier(expr)
        return False

    def _gives_none(self, expr: ir.Expr, absent: frozenset[str]) -> bool:
        """Is it a member or part of nothing?"""
        return type(expr) is ir.Member and type(expr.object) is ir.Name and expr.object.id in absent

    def _is_carrier(self, expr: ir.Expr) -> bool:
        """Is it the part of a request in which credentials are sent, or the caller that the framework has found?"""
        if expr.span in self.plain:
            return False
        path = walk.dotted(expr)
        first, *rest = path.split(".")
        carried = any(part in CARRIERS or part in CALLER for part in rest)
        if carried and (first in self.requests or path.startswith("this.request.")):
            self.reads = True
            return True
        found = self.objects.program.meaning(path, self.routine.module, self.routine.owner) if path and first != "this" else None
        if isinstance(found, str) and (set(found.split(".")[1:]) & (CARRIERS | CALLER)):
            self.reads = True
            return True
        return False

    def _is_read(self, call: ir.Call) -> bool:
        """Does the call only take the credential out of the request?"""
        return type(call.function) is ir.Member and self._is_carrier(call.function.object)

    def _is_request(self, expr: ir.Expr) -> bool:
        return type(expr) is ir.Name and expr.id in self.requests

    def _mentions(self, expr: ir.Expr) -> bool:
        """Does the expression hold a credential, or the request that may?"""
        for node in walk.nodes(expr):
            if type(node) is ir.Name and (node.id in self.credentials or node.id in self.requests):
                return True
            if type(node) in (ir.Member, ir.Name) and self._is_carrier(node):
                return True
        return False

    def _reads_in(self, value: ir.Expr) -> None:
        for node in walk.nodes(value):
            if type(node) in (ir.Member, ir.Name):
                self._is_carrier(node)


def judge(
    objects: Objects,
    routine: Routine,
    credentials: frozenset[str],
    requests: frozenset[str],
    depth: int = 0,
    absent: frozenset[str] | None = None,
) -> Verdict:
    """What a function does with a caller who shows no credential. `credentials` are parameters that hold one, `requests` those that
    hold a request; of the credentials those in `absent` are nothing if none is sent (all, if that is not said).
    """
    walker = _Walk(objects, routine, credentials, requests, depth)
    start = credentials if absent is None else absent
    ends = walker.run(routine.function.body or (), [_Way(start, True)])
    opens = walker.opens or any(way.decided for way in ends)
    return Verdict(walker.refusal is not None, opens, walker.reads, tuple(walker.needs), walker.refusal)


def _names(called: Routine, call: ir.Call, fits: Callable[[ir.Expr], bool]) -> frozenset[str]:
    """The parameters that are given something of a kind."""
    params = [param.name for param in called.function.params]
    given = ((arg.name or (params[i] if i < len(params) else ""), arg.value) for i, arg in enumerate(call.args))
    return frozenset(name for name, value in given if name and fits(value))


def _plain(function: ir.Function) -> Iterator[int]:
    for node in walk.nodes(function.body or ()):
        holder: ir.Expr | None = None
        key: ir.Expr | None = None
        if isinstance(node, ir.Index) and node.keys:
            holder, key = node.object, node.keys[0]
        elif isinstance(node, ir.Call) and isinstance(node.function, ir.Member) and node.args:
            holder, key = node.function.object, node.args[0].value
        elif isinstance(node, ir.Binary) and node.operator == "in":
            holder, key = node.right, node.left
        if holder is not None and isinstance(key, ir.Literal) and isinstance(key.value, str) and key.value.lower() in PLAIN:
            yield holder.span


def _set(statement: ir.Stmt) -> tuple[str, ir.Expr | None]:
    """The name that a statement sets, and the value that it looks at."""
    if type(statement) is ir.Declare:
        return statement.name, statement.value
    if type(statement) is ir.Eval:
        value = statement.value
        if type(value) is ir.Assign:
            return (value.target.id if type(value.target) is ir.Name else ""), value.value
        return "", value
    return "", None
