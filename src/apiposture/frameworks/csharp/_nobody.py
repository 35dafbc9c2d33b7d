"""What does code of the project's own answer about a caller who is not logged in?

Nobody has an identity that is authenticated, a claim or a role (https://learn.microsoft.com/dotnet/api/system.security.claims.claimsprincipal).
Only what is certain counts: what can't be told is None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from apiposture.frameworks.csharp._judge import is_refusal
from apiposture.model import ir
from apiposture.program import Program, constants, walk
from apiposture.program.types import Routine

Answer = Literal[
    "true", "false", "nothing", "empty", "refusal", "caller", "identity", "request", "sent", "path", "folded", "verb", "endpoint", "there"
] | None  # fmt: skip
"""`nothing` is null, `empty` a list without items, `refusal` an answer that turns somebody away, `request` what holds the caller.

`sent` is what it holds of the request, `path` and `verb` what that holds (`folded`: without regard to case), `there` something.
"""

OF_THE_CALLER: Final[dict[str, Answer]] = {
    "Identity": "identity", "Claims": "empty", "FindAll": "empty", "FindFirst": "nothing", "FindFirstValue": "nothing",
    "IsInRole": "false", "HasClaim": "false",
}  # fmt: skip
OF_THE_IDENTITY: Final[dict[str, Answer]] = {"IsAuthenticated": "false", "Name": "nothing", "AuthenticationType": "nothing"}
OF_NO_ITEMS: Final[dict[str, Answer]] = {
    "Any": "false", "Contains": "false", "FirstOrDefault": "nothing", "SingleOrDefault": "nothing", "LastOrDefault": "nothing",
    **dict.fromkeys(("Where", "Select", "SelectMany", "Distinct", "ToList", "ToArray", "ToHashSet", "OfType", "Cast", "OrderBy"), "empty"),
}  # fmt: skip
MAX_DEPTH: Final = 6


class Nobody:
    """Answers for one program."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def answer(self, routine: Routine, known: Mapping[str, Answer], depth: int = 0) -> Answer:
        """What a function returns, where these of its parameters are known."""
        return self._run(routine.function.body or (), dict(known), routine, depth) if depth < MAX_DEPTH else None

    def _run(self, body: Sequence[ir.Stmt], known: dict[str, Answer], routine: Routine, depth: int) -> Answer:
        for statement in body:
            if isinstance(statement, ir.Declare):
                known[statement.name] = self.value(statement.value, known, routine, depth)
            elif isinstance(statement, ir.Return):
                return self.value(statement.value, known, routine, depth)
            elif isinstance(statement, ir.If):
                truth = self.value(statement.condition, known, routine, depth)
                if truth not in ("true", "false"):
                    return None
                side = statement.then if truth == "true" else statement.other
                if any(isinstance(one, ir.Return | ir.Throw) for one in side):
                    return self._run(side, known, routine, depth)
                if side:
                    return None
            else:
                return None
        return None

    def value(self, expr: ir.Expr | None, known: Mapping[str, Answer], routine: Routine, depth: int = 0) -> Answer:
        """What an expression is."""
        match expr:
            case ir.Literal(value=value):
                return "nothing" if value is None else "true" if value is True else "false" if value is False else None
            case ir.Collection(items=()):
                return "empty"
            case ir.Name(id=name):
                return known.get(name)
            case ir.Member(object=holder, name=name):
                return self._member(self.value(holder, known, routine, depth), name)
            case ir.Cast(value=value):
                return self.value(value, known, routine, depth)
            case ir.Unary(operator="!", operand=operand):
                return _opposite(self.value(operand, known, routine, depth))
            case ir.Choice(condition=condition, then=then, other=other):
                sides = {"true": [then], "false": [other]}.get(self.value(condition, known, routine, depth) or "", [then, other])
                found = {self.value(side, known, routine, depth) for side in sides}
                return found.pop() if len(found) == 1 else None
            case ir.Binary():
                return self._binary(expr, known, routine, depth)
            case ir.Call():
                return self._call(expr, known, routine, depth)
        return None

    def _member(self, holder: Answer, name: str) -> Answer:
        if holder == "nothing":
            return "nothing"
        if holder == "request":
            return "caller" if name in ("User", "Principal") else "request" if name in ("HttpContext", "Context") else None
        return OF_THE_CALLER.get(name) if holder == "caller" else OF_THE_IDENTITY.get(name) if holder == "identity" else None

    def _binary(self, expr: ir.Binary, known: Mapping[str, Answer], routine: Routine, depth: int) -> Answer:
        left, right = self.value(expr.left, known, routine, depth), self.value(expr.right, known, routine, depth)
        if expr.operator == "??":
            return right if left == "nothing" else left
        if expr.operator in ("&&", "||"):
            wins: Answer = "true" if expr.operator == "||" else "false"
            return wins if wins in (left, right) else left if left == right else None
        if expr.operator not in ("==", "!=", "is") or left is None:
            return None
        words = left == "nothing" and bool(constants.text(self.program, expr.right, routine.module, routine.owner))
        if not words and right not in ("nothing", "true", "false"):
            return None
        same: Answer = "true" if left == right and not words else "false"
        return _opposite(same) if expr.operator == "!=" else same

    def _call(self, call: ir.Call, known: Mapping[str, Answer], routine: Routine, depth: int) -> Answer:
        name = walk.called_name(call)
        given = [self.value(arg.value, known, routine, depth) for arg in call.args]
        holder = self.value(call.function.object, known, routine, depth) if isinstance(call.function, ir.Member) else None
        if holder == "nothing":
            return "nothing"
        if holder == "empty" and name in OF_NO_ITEMS:
            return OF_NO_ITEMS[name]
        if holder == "caller" and name in OF_THE_CALLER:
            return OF_THE_CALLER[name]
        if holder == "request" and name == "GetHttpContext":  # of a gRPC call, and of a hub's connection
            return "request"
        for callee, handed in self._callees(call, holder, given, routine):
            pairs = zip(callee.function.params, handed, strict=False)
            return self.answer(callee, {param.name: one for param, one in pairs}, depth + 1) or _refused(call)
        return _refused(call)

    def _callees(
        self, call: ir.Call, holder: Answer, given: list[Answer], routine: Routine
    ) -> list[tuple[Routine, list[Answer]]]:
        """The project's own function that is called about the caller, with what it is given."""
        name, count = walk.called_name(call), len(call.args)
        if holder is not None:
            fitting = [one for one in self.program.extensions(name) if len(one.function.params) == count + 1 and _extends(one, holder)]
            return [(one, [holder, *given]) for one in fitting[:1]]
        if not any(given):
            return []
        written = walk.dotted(call.function.object) if isinstance(call.function, ir.Member) else ""
        owner = self.program.find_type(written, routine.module, routine.owner) if written and written != "this" else routine.owner
        fitting = self.program.methods(owner, name) if owner is not None else []
        return [(one, given) for one in fitting if one.function.has_code and len(one.function.params) == count][:1]


EXTENDED: Final[dict[Answer, str]] = {"caller": "Principal", "identity": "Identity", "request": "Context"}
"""How the types are called that stand for these."""


def _extends(routine: Routine, holder: Answer) -> bool:
    """Is it an extension of what the holder is?"""
    kind = routine.function.params[0].type
    return routine.function.has_body and (holder not in EXTENDED or (kind is not None and kind.name.endswith(EXTENDED[holder])))


def _refused(call: ir.Call) -> Answer:
    return "refusal" if is_refusal(call) else None


def _opposite(answer: Answer) -> Answer:
    return "false" if answer == "true" else "true" if answer == "false" else None
