"""What does an answer show to whoever calls?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from apiposture.analysis.entering import enter_alone
from apiposture.analysis.flow.callee import callee_of
from apiposture.analysis.flow.composition import Mapping
from apiposture.analysis.flow.effects import Facts
from apiposture.analysis.flow.endings import leads_away
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.targets import arranged, targets
from apiposture.analysis.flow.values import Value
from apiposture.model import ir
from apiposture.program import walk

MAX_DEPTH: Final = 2
"""So many functions that an answer is left to are looked into."""

ELSEWHERE: Final = 300
"""From here on, the status of an answer says that what was asked for is not in it (RFC 9110, section 15)."""


def shown(frame: Frame, depth: int = 0) -> Iterator[Facts]:
    """What is known on each way on which a function shows something, or ends after all that it does."""
    for (value, facts), written in zip(frame.returned, frame.ends, strict=True):
        if written is None:
            yield facts
        elif not _says_nothing(frame, value, written):
            left = _left_to_others(frame, facts, written, depth)
            yield from (facts,) if left is None else left


def _says_nothing(frame: Frame, value: Value, written: ir.Expr) -> bool:
    """Is it a refusal, a redirect, or a text or page as it stands in the code?"""
    if leads_away(frame, written):
        return True
    return not value.labels and (value.constants is not None or _is_elsewhere(frame, written) or _is_made_here(frame, written))


def _is_made_here(frame: Frame, written: ir.Expr) -> bool:
    """Does a library answer with what stands in the code alone: `render(request, "bad_link.html")`, `jsonify(error="bad")`?"""
    if type(written) is not ir.Call or not frame.knowledge.does(walk.called_name(written), "answers"):
        return False
    params = {param.name for param in frame.routine.function.params}
    given = [arg.value for arg in written.args]
    return bool(given) and all(_is_written_out(one) or (type(one) is ir.Name and one.id in params) for one in given)


def _is_written_out(expr: ir.Expr | None) -> bool:
    if type(expr) is ir.Collection:
        return all(map(_is_written_out, expr.items))
    if type(expr) is ir.New:
        return expr.type is None and all(_is_written_out(one.value) for one in (*expr.args, *expr.fields))
    return type(expr) is ir.Literal


def _is_elsewhere(frame: Frame, written: ir.Expr) -> bool:
    """Does its status say so: `Response(status=401)`, `return "", 400`?"""
    if type(written) is ir.Collection:
        return any(type(one) is ir.Literal and _is_refusal(one.value) for one in written.items[1:])
    if type(written) is not ir.Call:
        return False
    said = [arg.value for arg in written.args if arg.name and frame.knowledge.does(arg.name, "status")]
    return any(type(one) is ir.Literal and _is_refusal(one.value) for one in said)


def _is_refusal(status: object) -> bool:
    return type(status) is int and status >= ELSEWHERE


def _left_to_others(frame: Frame, facts: Facts, written: ir.Expr, depth: int) -> list[Facts] | None:
    """The same of the program's own functions that an answer is left to, in the frame's terms; None where it is made here."""
    if type(written) is not ir.Call or depth == MAX_DEPTH:
        return None
    callee = callee_of(frame, written)
    args = [(arg, frame.seen(arg.value)) for arg in written.args]
    reached = targets(frame, callee.receiver, callee.name, args, callee.written == "")
    found: list[Facts] = []
    for target in reached:
        receiver, given = arranged(frame, target, callee.receiver, args)
        frame.facts = facts
        mapping = Mapping(frame, receiver, given, frame.spot(written.span), target.routine.name)
        found += [mapping.facts(inside) for inside in shown(enter_alone(frame.summaries, target.routine), depth + 1)]
    return found if reached else None
