"""What does it say of objects that a query finds something, or finds nothing?

`if (!db.Orders.Any(o => o.Id == id && o.UserId == me)) return Forbid();` lets only the owner through. `if (db.Votes.Any(v => v.PollId == id
&& v.UserId == me)) return Conflict();` lets everybody else through, and says nothing of whose the poll is. Where the query asks for what is
not the caller's, it is the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import ANYWAY, APART, FOUND, NEVER, NOT_FOUND, OTHERS, PRINCIPAL, Label
from apiposture.analysis.flow.positions import Given
from apiposture.analysis.flow.queries import Predicate
from apiposture.analysis.flow.values import Value
from apiposture.analysis.words import words
from apiposture.model import ir
from apiposture.program.types import TypeUse

TURNED: Final = {FOUND: NOT_FOUND, NOT_FOUND: FOUND, ANYWAY: NEVER, NEVER: ANYWAY}


def turned(value: Value) -> Value:
    """The opposite answer."""
    about = frozenset(TURNED.get(label, label) for label in value.about)
    return Value(value.labels, value.type, about, value.constants) if about != value.about else value


def tied(labels: frozenset[Label], truth: bool) -> frozenset[Label]:
    """Those of the labels that a test looked at which its outcome ties to each other."""
    if (ANYWAY if truth else NEVER) in labels:
        return frozenset(x for x in labels if x.kind == "right")
    says = (FOUND in labels) - (NOT_FOUND in labels)
    if not says:
        return labels
    if (says > 0) == truth:
        return labels
    return labels | {PRINCIPAL, APART} if OTHERS in labels else frozenset(x for x in labels if x.kind == "right" or x is APART)


def asks_for_others(predicates: Sequence[Predicate]) -> bool:
    """Does a query ask for what was chosen and is not the caller's own, and for nothing more, so that it is where none is found?"""
    chosen = (any(not x.path or x.path[-1] not in p.members for x in p.against) for p in predicates if not p.others)
    return any(p.others for p in predicates) and all(chosen)


def all_but(asked: Sequence[Predicate]) -> tuple[Predicate, ...]:
    """What a query asks that finds all but what these find: if that is the caller's own, what is left is others'."""
    if len(asked) != 1 or PRINCIPAL not in asked[0].against:
        return ()
    return (asked[0].of(frozenset(), asked[0].several).of_others(),)


def with_whether_made(found: Value, number: int, args: Given) -> Value:
    """What was found, or else made, holding what was asked of it, with the answer which of both: what was just made is nobody else's."""
    made = Value(type=TypeUse("bool"), about=frozenset((Label.of("object", number), NOT_FOUND, OTHERS)))
    asked = {arg.name: value for arg, value in args if arg.name is not None and any(x.kind == "object" for x in value.labels)}
    held = Value(found.labels, found.type, found.about, fields=asked or None)
    return Value(found.labels, None, found.about, items=(held, made))


def overridden(condition: Value, before: Value | None, value: Value, truth: bool) -> Value:
    """What a variable holds behind a test on one side of which it is set to be true or false, whatever was asked before. Who asks the
    caller first, or the object, may let some through.
    """
    asked_first = any(x.kind in ("principal", "object") for x in condition.everything())
    if asked_first or before is None or before.constants is not None or not before.about:
        return value
    about = value.about | {ANYWAY if truth else NEVER}
    return Value(value.labels, value.type, about, value.constants, value.fields, value.query)


COUNTS: Final = {("==", 0): False, ("!=", 0): True, (">", 0): True, (">=", 1): True, ("<=", 0): False, ("<", 1): False}


def counted(frame: Frame, condition: ir.Binary) -> tuple[ir.Expr, bool] | None:
    """`orders.Count(...) > 0`: what counts, and whether the condition says that there is one."""
    number = condition.right.value if type(condition.right) is ir.Literal else None
    there = COUNTS.get((condition.operator, number)) if type(number) is int else None
    return (condition.left, there) if there is not None and FOUND in frame.seen(condition.left).about else None


def identifier(frame: Frame, left: ir.Expr, right: ir.Expr) -> Value | None:
    """`id != 0`, `id != Guid.Empty`: the identifier of something stored, which is held against what it is where nothing was found."""
    for side, other in ((left, right), (right, left)):
        if _is_none(frame, side):
            value = frame.seen(other)
            if value.labels and all(x.kind == "object" and x.path and x.path[-1] in words().identifiers for x in value.labels):
                return value
    return None


def _is_none(frame: Frame, expr: ir.Expr) -> bool:
    """Is it what an identifier is where there is none: 0, `Guid.Empty`?"""
    if type(expr) is ir.Literal:
        return type(expr.value) is int and expr.value == 0
    return type(expr) is ir.Member and frame.knowledge.does(expr.name, "none")


IS_THERE: Final = {(">=", 0): True, (">", -1): True, ("!=", -1): True, ("<", 0): False, ("==", -1): False}


def sought(frame: Frame, condition: ir.Binary) -> tuple[ir.Call, bool] | None:
    """`text.IndexOf(x) >= 0`: the call, and whether the condition says that something was found."""
    call = condition.left
    if type(call) is not ir.Call or type(call.function) is not ir.Member or not frame.knowledge.does(call.function.name, "seeks"):
        return None
    right = condition.right
    negative = type(right) is ir.Unary and right.operator == "-" and type(right.operand) is ir.Literal
    number = -right.operand.value if negative else right.value if type(right) is ir.Literal else None  # type: ignore
    found = IS_THERE.get((condition.operator, number)) if type(number) is int else None
    return (call, found) if found is not None else None
