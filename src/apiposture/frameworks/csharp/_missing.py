"""Does a filter only say that what was asked for isn't there, or is no good, whoever calls?

`var room = await rooms.FindAsync(id, context.HttpContext.User); if (room == null) context.Result = new NotFoundResult();` looks a room up
for somebody, and refuses nobody for who they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from apiposture.frameworks.csharp._judge import CALLER_CALLS, is_refusal
from apiposture.frameworks.csharp._visiting import asks_caller
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine

MISSING: Final = re.compile(r"^(NotFound|BadRequest|UnprocessableEntity)(Object)?(Result)?$|^Status(400|404|422)\w+$")
STATUSES: Final = frozenset((400, 404, 422))


def only_misses(hook: Routine) -> bool:
    """Is each of its answers one of these, and does no test ask about the caller, but for what was found?"""
    body = hook.function.body or ()
    answers = [
        node.value
        for node in walk.nodes(body)
        if isinstance(node, ir.Assign) and isinstance(node.target, ir.Member) and node.target.name in ("Result", "Response", "StatusCode")
    ]
    if not answers or not all(_misses(answer) for answer in answers) or any(isinstance(node, ir.Throw) for node in walk.nodes(body)):
        return False
    names = set(_of_caller(body))
    return not any(asks_caller(leaf, names) for test in walk.nodes(body) if isinstance(test, ir.If) for leaf in _leaves(test.condition))


def _misses(answer: ir.Expr) -> bool:
    if isinstance(answer, ir.Literal):
        return answer.value is None or answer.value in STATUSES
    name = answer.type.name.rpartition(".")[2] if isinstance(answer, ir.New) and answer.type is not None else ""
    name = walk.called_name(answer) if isinstance(answer, ir.Call) else name or walk.dotted(answer).rpartition(".")[2]
    told = [arg.value.value for arg in answer.args if isinstance(arg.value, ir.Literal)] if isinstance(answer, ir.New | ir.Call) else []
    return not is_refusal(answer) and bool(MISSING.match(name) or (name == "StatusCodeResult" and told and told[0] in STATUSES))


def _of_caller(body: Any) -> Iterator[str]:
    """The variables that hold who calls, or something of theirs; what is found for somebody is none of these."""
    for node in walk.nodes(body):
        match node:
            case ir.Declare(name=name, value=ir.Call(function=function) as value):
                if walk.called_name(value) in CALLER_CALLS or asks_caller(function, ()):
                    yield name
            case ir.Declare(name=name, value=value) if value is not None and asks_caller(value, ()):
                yield name


def _leaves(test: ir.Expr) -> Iterator[ir.Expr]:
    if isinstance(test, ir.Unary) and test.operator == "!":
        yield from _leaves(test.operand)
    elif isinstance(test, ir.Binary) and test.operator in ("&&", "||"):
        yield from _leaves(test.left)
        yield from _leaves(test.right)
    else:
        yield test
