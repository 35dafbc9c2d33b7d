"""What is known behind a loop?

Its body is gone through twice: names that it carries from one round to the next are seen by the second. It is left where its items or its
condition end, and at each `break`.
"""

from __future__ import annotations

from typing import Final

from apiposture.analysis.flow.binding import assign, element, is_nothing
from apiposture.analysis.flow.conditions import assume
from apiposture.analysis.flow.effects import Facts
from apiposture.analysis.flow.frame import Frame, meet, settled
from apiposture.analysis.flow.gone_through import rows_of
from apiposture.analysis.flow.insisting import of_items
from apiposture.analysis.flow.values import Value
from apiposture.model import ir

State = tuple[dict[str, Value], Facts]
"""What the names hold at one point, and what is known there."""

ROUNDS: Final = 2


class Jumps:
    """The points at which the body of one loop is left before its end."""

    __slots__ = ("breaks", "facts", "rounds")

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        """What was known before the loop: all else was learnt in it."""
        self.breaks: list[State] = []
        self.rounds: list[State] = []


def jump(frame: Frame, statement: ir.Jump) -> bool:
    """`break` or `continue`: what is known here is known where it leads to."""
    if frame.loops and statement.kind in ("break", "continue"):
        jumps = frame.loops[-1]
        here = (settled(dict(frame.env), frame.facts - jumps.facts), frame.facts)
        (jumps.breaks if statement.kind == "break" else jumps.rounds).append(here)
    return False


def loop(frame: Frame, statement: ir.Loop) -> bool:
    """Go through a loop's body as often as tells something new."""
    before: State = (dict(frame.env), frame.facts)
    emptied: dict[str, Value] = {}
    ended = frame.facts
    item: Value | None = None
    jumps = Jumps(frame.facts)
    frame.loops.append(jumps)
    taken = frame.taken
    for _ in range(ROUNDS):
        item = _enter(frame, statement)
        jumps.rounds.clear()
        ends = [(frame.env, frame.facts)] if frame.run(statement.body) else []
        ends += jumps.rounds
        frame.taken = taken
        if ends:
            frame.env, ended = meet(ends)
            emptied = _emptied(frame, statement)
        carried = any(frame.env.get(name) is not value for name, value in before[0].items())
        frame.env, _facts = meet([(frame.env, frame.facts), before])
        frame.facts = before[1]
        if not carried:
            break
        before = (dict(frame.env), frame.facts)
    frame.loops.pop()
    # A check of every item holds behind the loop, for there is nothing behind it that was not an item.
    frame.facts = before[1] if item is None else before[1] | of_items(ended - before[1], item)
    if jumps.breaks:
        frame.env, frame.facts = meet([(frame.env, frame.facts), *jumps.breaks])
    elif emptied and type(statement.iterable) is ir.Name:
        for name, nothing in emptied.items():
            frame.env[statement.iterable.id] = frame.env[statement.iterable.id].with_field(name, nothing)
    return True


def _emptied(frame: Frame, statement: ir.Loop) -> dict[str, Value]:
    """The members that each item is left with nothing in: `foreach (var user in users) user.Password = null`."""
    if type(statement.target) is not ir.Name or type(statement.iterable) is not ir.Name or statement.iterable.id not in frame.env:
        return {}
    item = frame.env.get(statement.target.id)
    return {name: held for name, held in (item.fields or {}).items() if is_nothing(held)} if item is not None else {}


def _enter(frame: Frame, statement: ir.Loop) -> Value | None:
    """Begin a round: with an item, which is the answer, or because the condition holds."""
    item = None
    if statement.iterable is not None:
        item = element(rows_of(frame, frame.value(statement.iterable), statement.iterable, statement.span))
        if statement.target is not None:
            assign(frame, statement.target, item, statement.span)
    if statement.condition is not None:
        frame.value(statement.condition)
        assume(frame, statement.condition, True)
    return item
