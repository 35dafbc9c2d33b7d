"""Does a handler itself turn away callers that it does not know, before it does anything?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from apiposture.frameworks.csharp import _policies, _text
from apiposture.frameworks.csharp._holders import holders_of
from apiposture.frameworks.csharp._judge import is_refusal
from apiposture.frameworks.csharp._keyed import Keys
from apiposture.frameworks.csharp._nobody import Answer, Nobody
from apiposture.frameworks.csharp._reading import ANSWERS, CHANGES
from apiposture.frameworks.csharp._statements import Statement, needs_of
from apiposture.model import ir
from apiposture.model.facts import Need
from apiposture.program import Program, walk
from apiposture.program.places import place
from apiposture.program.types import Routine

GIVES_NOBODY = frozenset(("GetUserAsync", "GetUserId", "FindFirst", "FindFirstValue", "AuthenticateAsync"))
"""Calls about the caller whose answer is nothing where nobody is logged in."""

GRANTS = frozenset(("AuthorizeAsync", "IsInRole", "HasClaim"))
"""Calls that say whether the caller may; nobody in particular may not."""

SAYS_YES = frozenset(("IsAuthenticated", "Succeeded"))
OF_AN_ANSWER = frozenset(("Principal", "Value", "Identity"))
"""Members that are nothing, or not there, where what they are read from is nothing."""

MAX_DEPTH = 2
"""How far a handler is followed that only hands on to a function of its own type."""


class Refusal(Struct, frozen=True):
    """The condition under which the handler leaves, the function it stands in, and the call that asks for a right, if one does."""

    condition: ir.Expr
    routine: Routine
    asks: ir.Call | None = None


def statement_of(program: Program, routine: Routine | None) -> Statement | None:
    """What the handler's own body asks of its callers, as a declaration of its own."""
    found = refusal_in(program, routine) if routine is not None else None
    if found is None:
        return None
    at = found.routine
    needs = tuple(_needs(program, found.asks, at)) if found.asks is not None else ()
    who = f"'{at.function.name}'" if at.function.name else "the handler"
    why = f"{who} leaves where the caller has none"
    text = _text.of(found.asks if found.asks is not None else found.condition)
    return Statement("filter", "handler", at.function.name, place(at.module, found.condition.span), text, needs=needs, why=why)


def look_of(program: Program, routine: Routine | None) -> Statement | None:
    """That the handler's own body looks at its caller in a way that is not understood any further."""
    found = looks_at_caller(program, routine)
    if found is None or routine is None:
        return None
    why = f"'{routine.function.name}' looks at its caller"
    return Statement("filter", "handler", routine.function.name, place(routine.module, found.span), _text.of(found), why=why)


def refusal_in(program: Program, routine: Routine, depth: int = 0) -> Refusal | None:
    """The first test of the caller that the body leaves at; None where something else is decided or done first."""
    body = _opened(routine.function.body or ())
    return _Reader(program, routine, depth).read(body)


def _opened(body: Sequence[ir.Stmt]) -> Sequence[ir.Stmt]:
    """The statements behind `try {` and the like, where nothing else stands around them; what is thrown and caught leads nowhere."""
    while len(body) and (type(body[0]) is ir.Block or (type(body[0]) is ir.Try and not _catches_own(body[0]))):
        body = (*body[0].body, *body[1:])
    return body


def _catches_own(statement: ir.Try) -> bool:
    """Does a `try` throw what it may catch itself?"""
    return bool(statement.handlers) and any(type(node) is ir.Throw for node in walk.nodes(statement.body))


REFUSALS = frozenset(("Forbid", "Unauthorized", "Challenge"))
"""Functions by which a handler turns somebody away."""

_LOOKS = REFUSALS | GRANTS | GIVES_NOBODY


def looks_at_caller(program: Program, routine: Routine | None, depth: int = 0) -> ir.Expr | None:
    """Where the handler's code, or a function of its own type that it calls, turns somebody away or asks about the caller; None where it
    does neither."""
    if routine is None:
        return None
    beside = routine.owner.functions if routine.owner is not None else {}
    if _LOOKS.union(beside).isdisjoint(walk.uses(routine.function)):
        return None
    for node in walk.nodes(routine.function.body or ()):
        if type(node) is ir.Call and walk.called_name(node) in _LOOKS:
            return node
        if type(node) is ir.Call and routine.owner is not None and depth < MAX_DEPTH and _is_own(node):
            for callee in routine.owner.functions.get(walk.called_name(node), ()):
                throws = any(type(inner) is ir.Throw for inner in walk.nodes(callee.function.body or ()))
                if callee is not routine and (throws or looks_at_caller(program, callee, depth + 1)):
                    return node
    return None


class _Reader:
    def __init__(self, program: Program, routine: Routine, depth: int) -> None:
        self.program = program
        self.routine = routine
        self.depth = depth
        self.known: dict[str, ir.Expr] = {}
        self.nobody = Nobody(program)
        self.holders = holders_of(routine.function)
        self.keys = Keys(program, routine, self.holders, self.known)

    def read(self, body: Sequence[ir.Stmt]) -> Refusal | None:
        for i, statement in enumerate(body):
            kind = type(statement)
            if kind is ir.Declare:
                self.known[statement.name] = statement.value  # type: ignore[union-attr,assignment]
            elif kind is ir.If:
                found = self._at(statement)  # type: ignore[arg-type]
                if found is not None:
                    return found
                if not _is_harmless(statement):
                    return self._behind(statement, body[i + 1 :])  # type: ignore[arg-type]
            elif kind is ir.Return:
                return self._returned(statement.value)  # type: ignore[union-attr]
            elif kind is not ir.Eval or not _is_harmless(statement):
                return None
        return None

    def _at(self, statement: ir.If) -> Refusal | None:
        denied = self._denies(statement.condition)
        if denied is not None and self._leaves(statement.then):
            return Refusal(statement.condition, self.routine, denied[0])
        if self._is_unfound(statement.condition) and _turns_away(statement.then):
            return Refusal(statement.condition, self.routine)
        if self.keys.turns_away(statement):
            return Refusal(statement.condition, self.routine)
        granted = self._grants(statement.condition)
        if granted is not None and statement.other and self._leaves(statement.other):
            return Refusal(statement.condition, self.routine, granted[0])
        return None

    def _leaves(self, body: Sequence[ir.Stmt]) -> bool:
        """Does control never come past it: by an answer, an error, or a function of its own that does nothing but throw?"""
        last = body[-1] if body else None
        if type(last) is ir.Eval and type(last.value) is ir.Call and self.routine.owner is not None and _is_own(last.value):
            called = self.program.methods(self.routine.owner, walk.called_name(last.value))
            return bool(called) and all(_only_throws(one.function) for one in called)
        return type(last) in (ir.Return, ir.Throw)

    def _behind(self, statement: ir.If, rest: Sequence[ir.Stmt]) -> Refusal | None:
        """The test that all stands behind which the body does, but for its answer."""
        granted = self._grants(statement.condition) if not statement.other else None
        only_answers = len(rest) == 1 and type(rest[0]) is ir.Return and self._only_answers(rest[0])
        return Refusal(statement.condition, self.routine, granted[0]) if granted is not None and only_answers else None

    def _only_answers(self, part: object, depth: int = 0) -> bool:
        """Is nothing called that changes something, as far as it is followed?"""
        for call in walk.calls(part):
            name = walk.called_name(call)
            own = self.program.methods(self.routine.owner, name) if self.routine.owner is not None and _is_own(call) else []
            if own and depth < MAX_DEPTH:
                if not all(self._only_answers(one.function.body, depth + 1) for one in own):
                    return False
            elif CHANGES.match(name):
                return False
        return True

    def _returned(self, value: ir.Expr | None) -> Refusal | None:
        if type(value) is ir.Choice:
            denied, granted = self._denies(value.condition), self._grants(value.condition)
            found = denied if is_refusal(value.then) else granted if is_refusal(value.other) else None
            return Refusal(value.condition, self.routine, found[0]) if found is not None else None
        if type(value) is ir.Call and self.depth < MAX_DEPTH and self.routine.owner is not None and _is_own(value):
            fitting = self.routine.owner.functions.get(walk.called_name(value), ())
            for callee in fitting:
                if callee is not self.routine and len(callee.function.params) == len(value.args):
                    return refusal_in(self.program, callee, self.depth + 1)
        return None

    def _is_unfound(self, condition: ir.Expr) -> bool:
        """Was nothing found for the caller, by what nobody has: `(await users.Find(User.Identity?.Name ?? "")) == null`?"""
        if type(condition) is not ir.Binary or condition.operator not in ("==", "is") or not _is_null(condition.right):
            return False
        found = condition.left
        found = self.known.get(found.id, found) if type(found) is ir.Name else found
        if type(found) is not ir.Call or not walk.called_name(found).startswith(LOOKS_UP) or not found.args:
            return False
        return all(self._is_of_nobody(arg.value) for arg in found.args[:1])

    def _is_of_nobody(self, value: ir.Expr) -> bool:
        """Is it nothing where nobody is logged in, or what stands in for nothing?"""
        if type(value) is ir.Binary and value.operator == "??":
            return self._is_of_nobody(value.left)
        return self._is_nothing(value) or self.nobody.value(value, self.holders.known, self.routine) == "nothing"

    # -- what a condition says of the caller; the answer is the call that asks, or None inside a tuple where none does ----------------

    def _denies(self, condition: ir.Expr) -> tuple[ir.Call | None] | None:
        """Is it true whenever nobody is logged in?"""
        kind = type(condition)
        if kind is ir.Unary and condition.operator == "!":  # type: ignore[union-attr]
            return self._grants(condition.operand)  # type: ignore[union-attr]
        if kind is ir.Binary:
            left, right, operator = condition.left, condition.right, condition.operator  # type: ignore[union-attr]
            if operator in ("||", "&&"):
                sides = [self._denies(left), self._denies(right)]
                found = [side for side in sides if side is not None]
                return found[0] if len(found) == 2 or (found and operator == "||") else None
            if operator in ("==", "!=") and type(right) is ir.Literal:
                if operator == "!=" and right.value is None and self._about_nobody(left) == "refusal":
                    return (self._asking(left),)
                if right.value is None or right.value == "":
                    return (None,) if operator == "==" and self._is_nothing(left) else None
                if isinstance(right.value, bool) and right.value == (operator == "!="):
                    return self._grants(left)
        if kind is ir.Call and walk.called_name(condition) in ("IsNullOrEmpty", "IsNullOrWhiteSpace"):  # type: ignore[arg-type]
            args = condition.args  # type: ignore[union-attr]
            return (None,) if args and (self._is_nothing(args[0].value) or self._about_nobody(args[0].value) == "nothing") else None
        return None

    def _grants(self, condition: ir.Expr) -> tuple[ir.Call | None] | None:
        """Is it false whenever nobody is logged in?"""
        kind = type(condition)
        if kind is ir.Unary and condition.operator == "!":  # type: ignore[union-attr]
            return self._denies(condition.operand)  # type: ignore[union-attr]
        if kind is ir.Call and walk.called_name(condition) in GRANTS:  # type: ignore[arg-type]
            return (condition,) if self.holders.asked_by(condition) else None  # type: ignore[arg-type,return-value]
        if kind is ir.Call and self._about_nobody(condition) == "false":
            return (self._asking(condition),)
        if kind is ir.Member and condition.name in SAYS_YES:  # type: ignore[union-attr]
            if condition.name == "Succeeded":  # type: ignore[union-attr]
                return self._grants(condition.object)  # type: ignore[union-attr]
            return (None,) if self.holders.speaks(condition) else None
        if kind is ir.Name and (value := self.known.get(condition.id)) is not None:  # type: ignore[union-attr]
            return self._grants(value)
        if kind is ir.Binary:
            left, right, operator = condition.left, condition.right, condition.operator  # type: ignore[union-attr]
            if operator in ("||", "&&"):
                sides = [self._grants(left), self._grants(right)]
                found = [side for side in sides if side is not None]
                return found[0] if len(found) == 2 or (found and operator == "&&") else None
            if operator == "??" and type(right) is ir.Literal and right.value is False:
                return self._grants(left)
            if operator in ("==", "!=") and type(right) is ir.Literal:
                if operator == "==" and right.value is None and self._about_nobody(left) == "refusal":
                    return (self._asking(left),)
                if right.value is None:
                    return (None,) if operator == "!=" and self._is_nothing(left) else None
                if isinstance(right.value, bool) and right.value == (operator == "=="):
                    return self._grants(left)
        return None

    def _about_nobody(self, expr: ir.Expr) -> Answer:
        """What a function of the project's own answers about a caller who is not logged in, whom it is given."""
        if type(expr) is ir.Name and expr.id in self.known:
            expr = self.known[expr.id]
        if type(expr) is not ir.Call or not any(self.holders.reaches(one) for one in (expr.function, *(arg.value for arg in expr.args))):
            return None
        return self.nobody.value(expr, self.holders.known, self.routine)

    def _asking(self, expr: ir.Expr) -> ir.Call | None:
        """The call that asks for a right: one that is told which."""
        if type(expr) is ir.Name and expr.id in self.known:
            expr = self.known[expr.id]
        return expr if type(expr) is ir.Call and any(not self.holders.reaches(arg.value) for arg in expr.args) else None

    def _is_nothing(self, value: ir.Expr | None, seen: int = 0) -> bool:
        """Is the value nothing where nobody is logged in?"""
        kind = type(value)
        if kind is ir.Name and seen < MAX_DEPTH and value.id in self.known:  # type: ignore[union-attr]
            return self._is_nothing(self.known[value.id], seen + 1)  # type: ignore[union-attr]
        if kind is ir.Call:
            return walk.called_name(value) in GIVES_NOBODY and (  # type: ignore[arg-type]
                walk.called_name(value) == "AuthenticateAsync" or self.holders.asked_by(value)  # type: ignore[arg-type]
            )
        if kind is ir.Member:
            return value.name in OF_AN_ANSWER and self._is_nothing(value.object, seen)  # type: ignore[union-attr]
        return False


def _is_own(call: ir.Call) -> bool:
    function = call.function
    return type(function) is ir.Name or (type(function) is ir.Member and walk.dotted(function.object) == "this")


LOOKS_UP = ("Get", "Find", "Load", "Lookup", "First", "Single")
"""Beginnings of the names of what looks a record up."""


def _is_null(expr: ir.Expr) -> bool:
    return type(expr) is ir.Literal and expr.value is None


def _turns_away(body: Sequence[ir.Stmt]) -> bool:
    """Is it left with an answer that says that the caller is not let in?"""
    last = body[-1] if body else None
    return type(last) in (ir.Return, ir.Throw) and last.value is not None and is_refusal(last.value)  # type: ignore[union-attr]


def _only_throws(function: ir.Function) -> bool:
    """Is throwing all that a function can end with?"""
    body = function.body or ()
    answers = [node for node in walk.nodes(body) if type(node) is ir.Return]
    return bool(body) and all(_is_throw(one) for one in answers) and (type(body[-1]) is ir.Throw or _is_throw(body[-1]))


def _is_throw(statement: ir.Stmt) -> bool:
    """`=> throw new ...`."""
    return type(statement) is ir.Return and type(statement.value) is ir.Opaque and statement.value.kind == "throw"


READS = ("Is", "Has", "Get", "Find", "Try", "Throw", "Log", "Contains", "Any", "To", "Parse", "Against", "Null", "Begin", "Equals", "From")
"""Beginnings of the names of what may stand before the test: it looks, and changes nothing."""


def _is_harmless(statement: ir.Stmt) -> bool:
    return all(walk.called_name(call).startswith(READS) or walk.called_name(call) in ANSWERS for call in walk.calls(statement))


def _needs(program: Program, call: ir.Call, routine: Routine) -> Iterator[Need]:
    """What a call that asks for a right names; nothing where it asks about an object, which is no right of the caller's alone."""
    holders = holders_of(routine.function)
    given = [arg.value for arg in call.args if not holders.reaches(arg.value)]
    if len(given) == 1 or (given and walk.called_name(call) == "HasClaim"):
        text = _policies.text_or_code(program, given[-1], routine.module, routine.owner)
        yield from needs_of("role" if walk.called_name(call) == "IsInRole" else "permission", text)
