"""Does a filter or a middleware let somebody come past it who isn't logged in?

Its code is gone through as for such a caller: what nobody has is decided, and so is what the filter was told where it is written.
What callers write as they like is free; what else is asked, of secrets, services and the environment, may be an answer about the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from apiposture.frameworks.csharp._judge import goes_on, is_refusal
from apiposture.frameworks.csharp._nobody import Answer, Nobody
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine

WRITTEN = frozenset(("Headers", "Query", "Cookies", "Form"))
"""Members of a request that hold what callers write as they like."""

TAKES = frozenset("ContainsKey TryGetValue ToString FirstOrDefault First SingleOrDefault Any Trim ToLower ToLowerInvariant ToUpper".split())
COMPARES = frozenset(("Equals", "Contains", "StartsWith", "EndsWith"))
GUESSED = 8
"""A word shorter than this is no secret: `"1"`, `"true"`, `"debug"`."""

ANSWERED = ("IsAuthorized", "AuthorizeCore")
"""Hooks that answer yes or no, and refuse by no statement of theirs."""


class Passage(IntEnum):
    """What a caller needs who isn't logged in to come past: nothing, words of their own, or more than can be told."""

    NOTHING = 0
    WORDS = 1
    MORE = 2


ANSWER = ("Result", "Response", "StatusCode")
"""Members of a context that hold the answer."""

Held = frozenset[tuple[str, Answer]]


class Way(NamedTuple):
    """What led here, whether the caller is refused already, and what the variables hold that were set on the way."""

    needed: Passage
    refused: bool = False
    held: Held = frozenset()

    def setting(self, name: str, value: Answer) -> Way:
        """The same, behind a statement that sets a variable."""
        return self._replace(held=frozenset((*(one for one in self.held if one[0] != name), (name, value))))


MAX_WAYS = 64
"""Where there are more, what they set is forgotten."""


def passage(program: Program, hook: Routine, told: Mapping[str, bool]) -> Passage:
    """What is needed to come past; `told` is what members of the filter were given where it is written."""
    if hook.function.name in ANSWERED or not hook.function.params:
        return Passage.MORE
    walker = _Walk(program, hook, told)
    ends = walker.run(hook.function.body or (), frozenset((Way(Passage.NOTHING),)))
    hands_on = any(goes_on(call) for call in walk.calls(hook.function.body or ()))
    passed = walker.passed if hands_on else walker.passed | {way.needed for way in ends | walker.left if not way.refused}
    return min(passed, default=Passage.MORE)


class _Walk:
    """One walk through one hook."""

    def __init__(self, program: Program, hook: Routine, told: Mapping[str, bool]) -> None:
        self.hook = hook
        self.told = told
        self.nobody = Nobody(program)
        self.context = hook.function.params[0].name
        self.known: dict[str, Answer] = {}
        """What names hold on the way at hand."""
        self.free: set[str] = set()
        """The variables that hold what callers write."""
        self.passed: set[Passage] = set()
        self.left: frozenset[Way] = frozenset()
        self.caught: list[set[Way]] = []
        """The ways on which something was thrown, of each body around whose exceptions are caught."""

    def run(self, statements: Sequence[ir.Stmt], ways: frozenset[Way]) -> frozenset[Way]:
        for statement in statements:
            ways = self._one(statement, ways) if ways else ways
            ways = ways if len(ways) <= MAX_WAYS else frozenset(way._replace(held=frozenset()) for way in ways)
        return ways

    def _one(self, statement: ir.Stmt, ways: frozenset[Way]) -> frozenset[Way]:
        match statement:
            case ir.If(condition=condition, then=then, other=other):
                return self._sides(condition, then, other, ways)
            case ir.Return(value=ir.Choice(condition=condition, then=then, other=other), span=span):
                return self._sides(condition, (ir.Return(then, span),), (ir.Return(other, span),), ways)
            case ir.Block(body=body):
                return self.run(body, ways)
            case ir.Loop(body=body):
                return ways | self.run(body, _more(ways))
            case ir.Try():
                return self._try(statement, ways)
            case ir.Throw():
                if self.caught:
                    self.caught[-1].update(ways)
                return frozenset()
        ways = self._done(statement, ways)
        if not isinstance(statement, ir.Return):
            return self._set(statement, ways)
        refuses = statement.value is not None and is_refusal(statement.value)
        self.left |= frozenset(way._replace(refused=way.refused or refuses) for way in ways)
        return frozenset()

    def _set(self, statement: ir.Stmt, ways: frozenset[Way]) -> frozenset[Way]:
        """What variables hold behind a statement."""
        match statement:
            case ir.Declare(name=name, value=value) | ir.Eval(value=ir.Assign(target=ir.Name(id=name), operator="=", value=value)):
                if value is not None:
                    self.free |= {name} if self._is_written(value) else set()
                    return frozenset(way.setting(name, self._on(way, value)) for way in _forgetting(value, ways))
        return _forgetting(statement, ways)

    def _try(self, statement: ir.Try, ways: frozenset[Way]) -> frozenset[Way]:
        self.caught.append(set())
        found = self.run(statement.body, ways)
        thrown = frozenset(self.caught.pop())
        for handler in statement.handlers:
            of_all = handler.type is None or handler.type.name.rpartition(".")[2] == "Exception"
            before = _forgetting(statement.body, ways)
            found |= self.run(handler.body, _more(before) | (thrown if of_all else _more(thrown)))
        return self.run(statement.final, found) if statement.final else found

    def _sides(self, test: ir.Expr, then: Sequence[ir.Stmt], other: Sequence[ir.Stmt], ways: frozenset[Way]) -> frozenset[Way]:
        self._note_out(test)
        ways = _forgetting(test, ways)
        found: frozenset[Way] = frozenset()
        for side, outcome in ((then, True), (other, False)):
            found |= self.run(side, frozenset(past for way in ways if (past := self._past(test, outcome, way)) is not None))
        return found

    def _past(self, test: ir.Expr, outcome: bool, way: Way) -> Way | None:
        """A way behind a test that came out so; None where it does not."""
        self.known = {self.context: "request", **dict(way.held)}
        truth = self._truth(test)
        if truth is not None:
            return way if truth is outcome else None
        return way._replace(needed=max(way.needed, Passage.WORDS if self._is_free(test, outcome) else Passage.MORE))

    def _done(self, statement: ir.Stmt, ways: frozenset[Way]) -> frozenset[Way]:
        """What a statement does: it answers, takes an answer back, hands on, or asks somebody else."""
        self._note_out(statement)
        for node in walk.nodes(statement):
            if isinstance(node, ir.Assign) and isinstance(node.target, ir.Member) and node.target.name in ANSWER:
                answers = not (isinstance(node.value, ir.Literal) and node.value.value is None)
                ways = frozenset(way._replace(refused=answers) for way in ways)
            elif isinstance(node, ir.Call) and goes_on(node):
                self.passed |= {way.needed for way in ways if not way.refused}
            elif isinstance(node, ir.Call) and self._may_refuse(node):
                ways = _more(ways)
        return ways

    def _may_refuse(self, call: ir.Call) -> bool:
        """Is somebody asked who is given the request, or what it holds?"""
        if self._is_written(call) or is_refusal(call):
            return is_refusal(call)
        named = {walk.dotted(arg.value).partition(".")[0] for arg in call.args}
        own = walk.dotted(call.function)
        return not named.isdisjoint({self.context, *self.free}) or own.startswith(("this.", "super.")) or "." not in own

    def _note_out(self, part: ir.Stmt | ir.Expr) -> None:
        """`headers.TryGetValue("X-Key", out var sent)`: what callers write, by another name."""
        for call in walk.calls(part):
            if self._is_written(call):
                self.free.update(walk.dotted(arg.value) for arg in call.args if arg.mode == "out")

    # -- what a test says -----------------------------------------------------------------------------------------------

    def _on(self, way: Way, expr: ir.Expr) -> Answer:
        """What an expression is on one way."""
        self.known = {self.context: "request", **dict(way.held)}
        return self._value(expr)

    def _value(self, expr: ir.Expr) -> Answer:
        return self.nobody.value(expr, self.known, self.hook)

    def _truth(self, test: ir.Expr) -> bool | None:
        """The outcome of a test for somebody who isn't logged in."""
        if isinstance(test, ir.Unary) and test.operator == "!":
            inner = self._truth(test.operand)
            return None if inner is None else not inner
        if isinstance(test, ir.Binary) and test.operator in ("&&", "||"):
            wins = test.operator == "||"
            sides = (self._truth(test.left), self._truth(test.right))
            return wins if wins in sides else None if None in sides else not wins
        told = self.told.get(walk.dotted(test).removeprefix("this."))
        return told if told is not None else {"true": True, "false": False}.get(self._value(test) or "")

    def _is_free(self, test: ir.Expr, outcome: bool) -> bool:
        """May what callers write decide that a test comes out so?"""
        if isinstance(test, ir.Unary) and test.operator == "!":
            return self._is_free(test.operand, not outcome)
        if isinstance(test, ir.Binary) and test.operator in ("&&", "||"):
            sides = [self._is_free(side, outcome) for side in (test.left, test.right)]
            return all(sides) if (test.operator == "&&") == outcome else any(sides)
        truth = self._truth(test)
        return truth is outcome if truth is not None else self._is_written(test)

    def _is_written(self, expr: ir.Expr) -> bool:
        """Is it what callers write as they like, and nobody holds against a secret?"""
        match expr:
            case ir.Name(id=name):
                return name in self.free
            case ir.Binary(operator="==" | "!=" | "is", left=left, right=right):
                return (_is_guessed(right) and self._is_written(left)) or (_is_guessed(left) and self._is_written(right))
            case ir.Index(object=inner) | ir.Cast(value=inner):
                return self._is_written(inner)
            case ir.Member(object=inner, name=name):
                return self._is_written(inner) or (name in WRITTEN and walk.dotted(inner).rpartition(".")[2] == "Request")
            case ir.Call(args=(ir.Argument(value=value),)) if walk.called_name(expr).startswith("IsNullOr"):
                return self._is_written(value)
            case ir.Call(function=ir.Member(object=inner, name=name), args=args) if name in TAKES | COMPARES:
                fits = all(isinstance(arg.value, ir.Literal) or arg.mode == "out" for arg in args)
                return fits and (name in TAKES or _is_guessed(args[0].value if args else inner)) and self._is_written(inner)
        return False


def _more(ways: frozenset[Way]) -> frozenset[Way]:
    return frozenset(way._replace(needed=Passage.MORE) for way in ways)


def _forgetting(part: ir.Stmt | ir.Expr | tuple[ir.Stmt, ...], ways: frozenset[Way]) -> frozenset[Way]:
    """The ways, with nothing known of the variables that are set within a piece of code, nobody knows to what."""
    names = {node.target.id for node in walk.nodes(part) if isinstance(node, ir.Assign) and isinstance(node.target, ir.Name)}
    given = (arg for call in walk.calls(part) for arg in call.args if arg.mode in ("out", "ref"))
    names.update(arg.value.id for arg in given if isinstance(arg.value, ir.Name))
    return frozenset(way._replace(held=frozenset(one for one in way.held if one[0] not in names)) for way in ways) if names else ways


def _is_guessed(expr: ir.Expr) -> bool:
    """Is it written out, and too short for a secret?"""
    return isinstance(expr, ir.Literal) and not (isinstance(expr.value, str) and len(expr.value) >= GUESSED)
