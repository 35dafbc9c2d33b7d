"""Does a filter or a middleware let somebody come past it who isn't logged in?

Its code is gone through as for such a caller: what nobody has is decided, and so is what the filter was told where it is written.
What callers write as they like is free; what else is asked, of secrets, services and the environment, may be an answer about the caller.

Where it is known to which endpoint the request goes, more is told apart: what asks for the path or for what the endpoint declares is
decided, and what is asked of services and the environment alone is no answer about the caller. Nor is a test behind which the same happens
either way, or who counts requests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from apiposture.frameworks.csharp._judge import called_by, goes_on, hands_to, is_refusal, refuses_in, says_too_many
from apiposture.frameworks.csharp._nobody import Answer, Nobody
from apiposture.frameworks.csharp._requested import Requested
from apiposture.frameworks.csharp._visiting import Visitor, asks_caller
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine

WRITTEN = frozenset(("Headers", "Query", "Cookies", "Form"))
"""Members of a request that hold what callers write as they like."""

TAKES = frozenset("ContainsKey TryGetValue ToString FirstOrDefault First SingleOrDefault Any Trim ToLower ToLowerInvariant ToUpper".split())
COMPARES = frozenset(("Equals", "Contains", "StartsWith", "EndsWith"))
GUESSED = 8
"""A word shorter than this is no secret: `"1"`, `"true"`, `"debug"`."""

SILENT = ("Log", "Write", "Append", "Add", "Set", "TryAdd", "Get")
"""Beginnings of the names of what turns nobody away."""

INSISTS = re.compile(r"^(Ensure|Require|Validate|Verify|Check|Demand|Assert|Authori[sz]e|Guard|Throw|Challenge|Forbid)(?![a-z])")
MAX_CALLED = 2

ANSWERED = ("IsAuthorized", "AuthorizeCore")
"""Hooks that answer yes or no, and refuse by no statement of theirs."""


class Passage(IntEnum):
    """What a caller needs who isn't logged in to come past: nothing, words of their own, that the application happens to be in some state,
    or more than can be told."""

    NOTHING = 0
    WORDS = 1
    STATE = 2
    MORE = 3
    NEVER = 4


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
        others = (one for one in self.held if one[0] != name)
        return self._replace(held=frozenset(others) if value is None else frozenset((*others, (name, value))))

    def raised(self, needed: Passage) -> Way:
        """The same, for those who have this as well."""
        return self._replace(needed=max(self.needed, needed))


MAX_WAYS = 64
"""Where there are more, what they set is forgotten."""


def passage(program: Program, hook: Routine, told: Mapping[str, bool], requested: Requested | None = None) -> Passage:
    """What is needed to come past; `told` is what members of the filter were given where it is written, `requested` to which endpoint."""
    if hook.function.name in ANSWERED or not hook.function.params:
        return Passage.MORE
    walker = _Walk(program, hook, told, requested)
    ends = walker.run(hook.function.body or (), frozenset((Way(Passage.NOTHING),)))
    hands_on = any(goes_on(call) or hands_to(call) for call in walk.calls(hook.function.body or ()))
    ended = () if hands_on or requested is not None else ends | walker.left
    passed = walker.passed | {way.needed for way in ended if not way.refused}
    if requested is not None and (says_too_many(hook) or not (passed or walker.answered == {True})):
        passed = {*passed, Passage.STATE}
    return min(passed, default=Passage.MORE)


class _Walk:
    """One walk through one hook."""

    def __init__(self, program: Program, hook: Routine, told: Mapping[str, bool], requested: Requested | None) -> None:
        self.program = program
        self.hook = hook
        self.told = told
        self.visitor = Visitor(program, requested) if requested is not None else None
        self.nobody = self.visitor or Nobody(program)
        self.context = hook.function.params[0].name
        self.of_caller = {self.context}
        """The names of the context, and of what was taken of it that may tell who calls."""
        self.known: dict[str, Answer] = {}
        """What names hold on the way at hand."""
        self.free: set[str] = set()
        """The variables that hold what callers write."""
        self.passed: set[Passage] = set()
        self.left: frozenset[Way] = frozenset()
        self.answered: set[bool] = set()
        """Does what is answered here say that callers are not let in, or something else?"""
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
            case ir.Loop():
                return self._loop(statement, ways)
            case ir.Try():
                return self._try(statement, ways)
            case ir.Throw():
                self.answered.add(statement.value is not None and is_refusal(statement.value))
                if self.caught:
                    self.caught[-1].update(ways)
                return frozenset()
        ways = self._done(statement, ways)
        if not isinstance(statement, ir.Return):
            return self._set(statement, ways)
        refuses = statement.value is not None and is_refusal(statement.value)
        self.left |= frozenset(way._replace(refused=way.refused or refuses) for way in ways)
        return frozenset()

    def _loop(self, loop: ir.Loop, ways: frozenset[Way]) -> frozenset[Way]:
        """Behind a loop, which may not run at all; one over a list of texts runs for each of them."""
        if self.visitor is None:
            return ways | self.run(loop.body, _more(ways))
        name = loop.target.id if isinstance(loop.target, ir.Name) else ""
        self.of_caller |= {name} if asks_caller(loop.iterable, self.of_caller) else set()
        texts = self.visitor.texts_of(loop.iterable, self.hook) if name and loop.iterable is not None else []
        for text in texts:
            with self.visitor.knowing(name, text):
                ways = self.run(loop.body, ways)
        return ways if texts else ways | self.run(loop.body, frozenset(way.raised(Passage.STATE) for way in ways))

    def _set(self, statement: ir.Stmt, ways: frozenset[Way]) -> frozenset[Way]:
        """What variables hold behind a statement."""
        match statement:
            case ir.Declare(name=name, value=value) | ir.Eval(value=ir.Assign(target=ir.Name(id=name), operator="=", value=value)):
                if value is not None:
                    self.free |= {name} if self._is_written(value) else set()
                    self.of_caller |= {name} if asks_caller(value, self.of_caller) else set()
                    return frozenset(way.setting(name, self._on(way, value)) for way in _forgetting(value, ways))
        return _forgetting(statement, ways)

    def _try(self, statement: ir.Try, ways: frozenset[Way]) -> frozenset[Way]:
        self.caught.append(set())
        found = self.run(statement.body, ways)
        thrown = frozenset(self.caught.pop())
        for handler in statement.handlers:
            of_all = handler.type is None or handler.type.name.rpartition(".")[2] == "Exception"
            before = _forgetting(statement.body, ways)
            found |= self.run(handler.body, self._unsure(before) | (thrown if of_all else self._unsure(thrown)))
        return self.run(statement.final, found) if statement.final else found

    def _unsure(self, ways: frozenset[Way]) -> frozenset[Way]:
        """The ways where something may have gone wrong."""
        return _more(ways) if self.visitor is None else frozenset(way.raised(Passage.STATE) for way in ways)

    def _sides(self, test: ir.Expr, then: Sequence[ir.Stmt], other: Sequence[ir.Stmt], ways: frozenset[Way]) -> frozenset[Way]:
        self._note_out(test)
        ways = _forgetting(test, ways)
        if self.visitor is None:
            past = {outcome: frozenset(self._past(test, outcome, way) for way in ways) for outcome in (True, False)}
            behind = {outcome: frozenset(way for way in found if way.needed is not Passage.NEVER) for outcome, found in past.items()}
            return self.run(then, behind[True]) | self.run(other, behind[False])
        found: frozenset[Way] = frozenset()
        for way in ways:
            self.known = {self.context: "request", **dict(way.held)}
            costs = self._cost(test, True), self._cost(test, False)
            found |= self._either(costs, (then, other), way)
        return found

    def _past(self, test: ir.Expr, outcome: bool, way: Way) -> Way:
        """A way behind a test that came out so."""
        self.known = {self.context: "request", **dict(way.held)}
        truth = self._truth(test)
        if truth is not None:
            return way if truth is outcome else way.raised(Passage.NEVER)
        return way.raised(Passage.WORDS if self._cost(test, outcome) <= Passage.WORDS else Passage.MORE)

    def _either(self, costs: tuple[Passage, Passage], sides: tuple[Sequence[ir.Stmt], Sequence[ir.Stmt]], way: Way) -> frozenset[Way]:
        """What becomes of a way behind both sides of a test: what comes of either needs nothing of those who take it."""
        passed, left = self.passed, self.left
        results: list[tuple[set[Passage], frozenset[Way], frozenset[Way]]] = []
        for cost, side in zip(costs, sides, strict=True):
            self.passed, self.left = set(), frozenset()
            ends = self.run(side, frozenset((way,))) if cost is not Passage.NEVER else frozenset()
            results.append((self.passed, self.left, ends))
        first, second = bool(results[0][2]), bool(results[1][2])
        costs = self._weighed(costs[0], sides[1], second), self._weighed(costs[1], sides[0], first)
        both = results[0][0] & results[1][0]
        self.passed = passed | both | {max(one, cost) for cost, (some, _, _) in zip(costs, results, strict=True) for one in some - both}
        self.left = left | _joined(results[0][1], results[1][1], costs)
        return _joined(results[0][2], results[1][2], costs)

    def _weighed(self, cost: Passage, beside: Sequence[ir.Stmt], goes_on_there: bool) -> Passage:
        """A question about the caller asks for a login where it refuses those on the other side; it may want something else of them."""
        if cost is Passage.MORE and not goes_on_there and not refuses_in(self.program, beside, self.hook):
            return Passage.STATE
        return cost

    def _done(self, statement: ir.Stmt, ways: frozenset[Way]) -> frozenset[Way]:
        """What a statement does: it answers, takes an answer back, hands on, or asks somebody else."""
        self._note_out(statement)
        if self.visitor is not None and refuses_in(self.program, statement, self.hook):
            self.answered.add(True)
        for node in walk.nodes(statement):
            if isinstance(node, ir.Assign) and isinstance(node.target, ir.Member) and node.target.name in ANSWER:
                answers = not (isinstance(node.value, ir.Literal) and node.value.value is None)
                self.answered |= {is_refusal(node.value)} if answers else set()
                stops = self.visitor is None or node.target.name != "StatusCode"  # who sets a status and goes on stops nobody
                ways = frozenset(way._replace(refused=answers) for way in ways) if stops else ways
            elif isinstance(node, ir.Call) and goes_on(node):
                self.passed |= {way.needed for way in ways if not way.refused}
            elif isinstance(node, ir.Call) and self.visitor is not None and hands_to(node):
                self.passed |= {max(way.needed, Passage.STATE) for way in ways if not way.refused}
            elif isinstance(node, ir.Call) and self._may_refuse(node):
                ways = self._unsure(ways)
        return ways

    def _may_refuse(self, call: ir.Call) -> bool:
        """Is somebody asked who is given the request, or what it holds?"""
        if self._is_written(call) or is_refusal(call):
            return is_refusal(call)
        if self.visitor is not None and not self._may_throw(call):
            return False
        named = {walk.dotted(arg.value).partition(".")[0] for arg in call.args}
        own = walk.dotted(call.function)
        return not named.isdisjoint({self.context, *self.free}) or own.startswith(("this.", "super.")) or "." not in own

    def _note_out(self, part: ir.Stmt | ir.Expr) -> None:
        """`headers.TryGetValue("X-Key", out var sent)`: what callers write, by another name."""
        for call in walk.calls(part):
            given = {walk.dotted(arg.value) for arg in call.args if arg.mode == "out"}
            self.free |= given if self._is_written(call) else set()
            self.of_caller |= given if given and asks_caller(call, self.of_caller) else set()

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
        told = self._is_told(test)
        return told if told is not None else {"true": True, "false": False}.get(self._value(test) or "")

    def _is_told(self, test: ir.Expr) -> bool | None:
        """What a switch says that was set where the filter is written, or whether a list was given items there."""
        match test:
            case ir.Binary(operator=">" | "!=" | "==" as operator, left=ir.Member(object=listed, name=name), right=ir.Literal(value=0)):
                if name not in ("Length", "Count"):
                    return None
                some = self.told.get(f"{walk.dotted(listed).removeprefix('this.')}[]")
                return None if some is None else some == (operator != "==")
        return self.told.get(walk.dotted(test).removeprefix("this."))

    def _cost(self, test: ir.Expr, outcome: bool) -> Passage:
        """What a caller needs for a test to come out so."""
        if isinstance(test, ir.Unary) and test.operator == "!":
            return self._cost(test.operand, not outcome)
        truth = self._truth(test)
        if truth is not None:
            return Passage.NOTHING if truth is outcome else Passage.NEVER
        if isinstance(test, ir.Binary) and test.operator in ("&&", "||"):
            sides = [self._cost(side, outcome) for side in (test.left, test.right)]
            return max(sides) if (test.operator == "&&") == outcome else min(sides)
        if self._is_written(test):
            return Passage.WORDS
        if self.visitor is None:
            return Passage.MORE
        self.visitor.written = True
        truth = self._truth(test)
        self.visitor.written = False
        if truth is not None:
            return Passage.NOTHING if truth is outcome else Passage.WORDS
        return Passage.MORE if self._asks(test) else Passage.STATE

    def _asks(self, test: ir.Expr) -> bool:
        """Does a test look at who calls? A function of the project's own that is given the request may look at its path alone."""
        called = called_by(self.program, test, self.hook) if isinstance(test, ir.Call) else []
        if called and all(one.function.has_body for one in called):
            return any(asks_caller(one.function.body, {param.name for param in one.function.params}) for one in called)
        return asks_caller(test, self.of_caller)

    def _may_throw(self, call: ir.Call, within: Routine | None = None, depth: int = 0) -> bool:
        """May somebody who is called look at the caller, and turn them away?"""
        on = call.function.object if isinstance(call.function, ir.Member) else None
        given = call.args if isinstance(on, ir.Call) else (call.function, call.args)  # what an answer is asked for is given nothing
        if within is None and not asks_caller(given, self.of_caller):
            return False
        called = called_by(self.program, call, within or self.hook)
        if not called or depth >= MAX_CALLED:
            return not walk.called_name(call).startswith(SILENT) if within is None else bool(INSISTS.match(walk.called_name(call)))
        for one in called:
            for node in walk.nodes(one.function.body):
                if isinstance(node, ir.Throw) or (isinstance(node, ir.Opaque) and node.kind.startswith("throw")):
                    return True
                if isinstance(node, ir.Call) and self._may_throw(node, one, depth + 1):
                    return True
        return any(refuses_in(self.program, one.function.body, one) for one in called)

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


def _joined(first: frozenset[Way], second: frozenset[Way], costs: tuple[Passage, Passage]) -> frozenset[Way]:
    """The ways behind both sides of a test: those that come of either as they are, with what the variables hold on all of them."""
    kinds = [{(way.needed, way.refused) for way in ways} for ways in (first, second)]
    both = kinds[0] & kinds[1]
    found: set[Way] = set()
    for needed, refused in both:
        held = [way.held for way in first | second if (way.needed, way.refused) == (needed, refused)]
        found.add(Way(needed, refused, frozenset.intersection(*held)))
    for ways, cost in ((first, costs[0]), (second, costs[1])):
        found.update(way.raised(cost) for way in ways if (way.needed, way.refused) not in both)
    return frozenset(found)


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
