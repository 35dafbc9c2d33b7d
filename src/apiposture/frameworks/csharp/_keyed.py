"""Does a handler turn everybody away who sends no key that somebody else knows to be right?

`if (!await _keys.IsValidAsync(Request.Headers["X-Api-Key"])) return Unauthorized();`: a header is asked about alone. What the body brings
is no key of its caller's: a login asks for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from apiposture.frameworks.csharp._holders import Holders
from apiposture.frameworks.csharp._judge import is_refusal
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine

HEADERS: Final = "Headers"
LOOKS: Final = frozenset(("IsNullOrEmpty", "IsNullOrWhiteSpace", "Equals", "Contains", "StartsWith", "EndsWith", "TryParse"))
"""Functions that look at a text, and know nothing of it: anybody writes what they like to see."""

IGNORED: Final = ("CancellationToken",)
MAX_STEPS: Final = 6


class Keys:
    """What one handler does with the headers that it was sent."""

    def __init__(self, program: Program, routine: Routine, holders: Holders, known: Mapping[str, ir.Expr]) -> None:
        self.program = program
        self.routine = routine
        self.holders = holders
        self.known = known

    def turns_away(self, test: ir.If) -> bool:
        """Is the caller told 401 or 403 where what a header brings is not known to be right?"""
        return _says_no(test.then) and self._lacks(test.condition)

    def _lacks(self, condition: ir.Expr) -> bool:
        """Is it true whenever the key isn't right?"""
        match condition:
            case ir.Unary(operator="!", operand=operand):
                return self._proves(operand)
            case ir.Binary(operator="||", left=left, right=right):
                return self._lacks(left) or self._lacks(right)
            case ir.Binary(operator="&&", left=left, right=right):
                return self._lacks(left) and self._lacks(right)
            case ir.Binary(operator="==" | "is", left=left, right=ir.Literal(value=False)):
                return self._proves(left)
            case ir.Binary(operator="!=", left=left, right=ir.Literal(value=True)):
                return self._proves(left)
        return False

    def _proves(self, expr: ir.Expr) -> bool:
        """Is somebody asked about what a header brings, and about nothing else?"""
        if isinstance(expr, ir.Name) and expr.id in self.known:
            expr = self.known[expr.id]
        if not isinstance(expr, ir.Call) or not isinstance(expr.function, ir.Member) or walk.called_name(expr) in LOOKS:
            return False
        if self._is_sent(expr.function.object, 0):
            return False
        given = [arg.value for arg in expr.args if arg.mode != "out" and not self._is_ignored(arg.value)]
        return len(given) == 1 and self._is_sent(given[0], 0)

    def _is_ignored(self, value: ir.Expr) -> bool:
        params = {param.name: param.type for param in self.routine.function.params}
        kind = params.get(value.id) if isinstance(value, ir.Name) else None
        return kind is not None and kind.name.rpartition(".")[2] in IGNORED

    def _is_sent(self, expr: ir.Expr, steps: int) -> bool:
        """Is it what a header of the request says?"""
        if steps > MAX_STEPS:
            return False
        match expr:
            case ir.Name(id=name):
                return name in self.known and self._is_sent(self.known[name], steps + 1)
            case ir.Member(object=holder, name=name):
                return (name == HEADERS and self._is_request(holder)) or self._is_sent(holder, steps + 1)
            case ir.Index(object=holder) | ir.Cast(value=holder):
                return self._is_sent(holder, steps + 1)
            case ir.Call(function=ir.Member(object=holder)):
                return self._is_sent(holder, steps + 1) or (self._is_request(holder) and self._reads(expr))
        return False

    def _is_request(self, expr: ir.Expr) -> bool:
        path = walk.dotted(expr).removeprefix("this.").split(".")
        named = path[-1] == "Request" and all(name in self.holders.contexts for name in path[:-1])
        return named or (len(path) == 1 and path[0] in self.holders.contexts)

    def _reads(self, call: ir.Call) -> bool:
        """Is it an extension of the project's own that answers what a header says?"""
        fitting = [one for one in self.program.extensions(walk.called_name(call)) if len(one.function.params) == len(call.args) + 1]
        return bool(fitting) and all(_answers_header(one.function) for one in fitting)


def _answers_header(function: ir.Function) -> bool:
    returned = [node.value for node in walk.nodes(function.body or ()) if isinstance(node, ir.Return)]
    found = [any(isinstance(node, ir.Member) and node.name == HEADERS for node in walk.nodes(value)) for value in returned]
    return bool(found) and all(found)


def _says_no(body: Sequence[ir.Stmt]) -> bool:
    """Is it left behind an answer that says 401 or 403?"""
    last = body[-1] if body else None
    if not isinstance(last, ir.Return | ir.Throw):
        return False
    if last.value is not None:
        return is_refusal(last.value)
    sets = (node for statement in body for node in walk.nodes(statement) if isinstance(node, ir.Assign))
    return any(isinstance(one.target, ir.Member) and one.target.name == "StatusCode" and is_refusal(one.value) for one in sets)
