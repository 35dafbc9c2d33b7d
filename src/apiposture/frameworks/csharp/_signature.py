"""Does a handler verify a signature or shared secret of its sender, and refuse without it?"""

from __future__ import annotations

import re
from typing import Final

from apiposture.frameworks.csharp._receivers import Receivers
from apiposture.model import ir
from apiposture.model.source import Place
from apiposture.program import Program, walk
from apiposture.program.places import place
from apiposture.program.types import Routine

VERIFIES: Final = re.compile(
    r"^(ConstructEvent|ConstructEventAsync|FixedTimeEquals|VerifyHash|VerifyData|CryptographicEquals|ParseSignature)$"
    r"|(Verify|Validate|Check|IsValid|Has\w*Valid)\w*(Signature|Hmac|Hash|Webhook)|Signature\w*(IsValid|Valid|Verified|Matches)"
)
"""Calls that compare a keyed digest or a secret in constant time, or libraries' webhook checks (Stripe's throws)."""

DIGEST: Final = re.compile(r"Hash|FixedTimeEquals")
CHECKS: Final = re.compile(r"^(Is)?(Verif|Valid|Check)")
SECRET: Final = re.compile(r"(Secret|(Secret|Signing|Hmac)_?Key)$", re.IGNORECASE)
"""A call of a checking function that is given a secret of the service's own: `message.Validate(options.SecretKey)`."""

THROWS: Final = ("ConstructEvent", "ConstructEventAsync")
MAX_DEPTH: Final = 2


def check_of(program: Program, routine: Routine | None, depth: int = 0, known: bool = False) -> Place | None:
    """The place of the check: a call that verifies, whose answer decides whether the handler goes on.

    `known` says that the handler's caller is logged in: a digest of a password that fits says nothing more of them then.
    """
    if routine is None or not routine.function.body:
        return None
    if depth == 0 and (check := _check_elsewhere(program, routine, known)) is not None:
        return check
    if not _may_check(routine, depth):
        return None
    nodes = list(walk.nodes(routine.function.body))
    conditions = [n for n in nodes if type(n) in (ir.If, ir.Choice)]
    tested = {id(c) for n in conditions if type(n) is ir.Choice or _leaves(n) for c in walk.calls(n.condition)}
    kept = {
        name
        for n in conditions
        if type(n) is ir.If and _leaves(n)
        for e in walk.nodes(n.condition)
        if type(e) is ir.Name
        for name in [e.id]
    }
    for node in nodes:
        if type(node) is ir.Declare and node.name in kept and node.value is not None:
            tested |= {id(c) for c in walk.calls(node.value)}
    for call in (node for node in nodes if type(node) is ir.Call):
        name = walk.called_name(call)
        verifies = (VERIFIES.search(name) and not (known and DIGEST.search(name))) or _takes_secret(call, name, routine)
        if verifies and (id(call) in tested or name in THROWS or depth > 0):
            return place(routine.module, call.span)
        if id(call) in tested and depth < MAX_DEPTH and routine.owner is not None and type(call.function) is ir.Name:
            for callee in routine.owner.functions.get(name, ())[:1]:
                if check_of(program, callee, depth + 1, known) is not None:
                    return place(routine.module, call.span)
    return None


def _check_elsewhere(program: Program, routine: Routine, known: bool) -> Place | None:
    """The check of what all is left to: `=> Events.Handle(Request, handlers)`. What is handed on to be run there is run behind it."""
    body = routine.function.body or ()
    only = body[0].value if len(body) == 1 and type(body[0]) in (ir.Return, ir.Eval) else None  # type: ignore[union-attr]
    if type(only) is not ir.Call or type(only.function) is not ir.Member:
        return None
    later = {id(call) for node in walk.nodes(only) if type(node) is ir.Lambda for call in walk.calls(node)}
    if any(call is not only and id(call) not in later for call in walk.calls(only)):
        return None
    receivers = Receivers(program)
    reached = receivers.callees(only, receivers.of(only.function.object, routine, {}), routine)
    checks = [_asked_first(program, one, known) for one in reached]
    return checks[0] if checks and all(checks) else None


def _asked_first(program: Program, routine: Routine, known: bool) -> Place | None:
    """The check of a function that leaves by it before it does anything else."""
    at_first: list[object] = []
    for statement in routine.function.body or ():
        if type(statement) is ir.If:
            at_first.append(statement.condition)
        if type(statement) is not ir.Declare:
            break
        at_first.append(statement.value)
    check = check_of(program, routine, known=known) if at_first else None
    return check if check in {place(routine.module, call.span) for part in at_first for call in walk.calls(part)} else None


def _may_check(routine: Routine, depth: int) -> bool:
    """Is there a call at all that could be the check, or one of a function beside it that could hold it?"""
    names = walk.uses(routine.function)
    if any(VERIFIES.search(name) or CHECKS.search(name) for name in names):
        return True
    beside = routine.owner.functions if routine.owner is not None and depth < MAX_DEPTH else {}
    return any(_may_check(callee, depth + 1) for name in names for callee in beside.get(name, ())[:1])


def _takes_secret(call: ir.Call, name: str, routine: Routine) -> bool:
    """Is what the handler was given checked with a secret? What another service answered says nothing about who calls."""
    if not CHECKS.search(name):
        return False
    given = [walk.dotted(arg.value) for arg in call.args]
    params = {param.name for param in routine.function.params}
    if not any(text.partition(".")[0] in params for text in (walk.dotted(call.function), *given)):
        return False
    return any("." in text and SECRET.search(text.rpartition(".")[2]) for text in given)


def _leaves(node: ir.If) -> bool:
    return any(type(n) in (ir.Return, ir.Throw) for branch in (node.then, node.other) for n in branch)
