"""What does a function value do when it is called?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from apiposture.analysis.flow.alike import is_equality
from apiposture.analysis.flow.binding import element
from apiposture.analysis.flow.effects import NOTHING
from apiposture.analysis.flow.endings import ensured, leaves
from apiposture.analysis.flow.filling import held_at_end
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.outcome import Outcome
from apiposture.analysis.flow.values import UNKNOWN, Value, join
from apiposture.model import ir
from apiposture.program import walk

MAX_DEPTH: Final = 6
"""Lambdas and local functions that call one another deeper than this are not followed."""

MAX_AGAIN: Final = 2
"""A local function that calls itself is followed so many times: each of its calls of itself doubles what there is to follow."""


def invoke(frame: Frame, code: Value, args: Sequence[Value]) -> Value:
    """Run a lambda or local function here and now: it sees the names around it. What it loads and hands over is known to be as it says."""
    function = code.code.function if code.code is not None else None
    inner = _inside(frame, function) if function is not None else None
    if function is None or inner is None:
        return UNKNOWN
    _run(frame, inner, function, args)
    return inner.result()


def call(frame: Frame, code: ir.Lambda, args: Sequence[Value]) -> Outcome:
    """The same of one that is surely run: what it makes sure of holds behind it."""
    inner = _inside(frame, code.function)
    if inner is None:
        return Outcome(UNKNOWN, leaves=False)
    goes_on = _run(frame, inner, code.function, args)
    ends = [facts for _, facts in inner.returned] + ([inner.facts] if goes_on else [])
    frame.facts |= ensured(ends, inner) if ends else NOTHING
    return Outcome(inner.result(), leaves(inner, ends), outs=held_at_end(inner, code.function))


def _inside(frame: Frame, function: ir.Function) -> Frame | None:
    """A frame for the function; None where it can't be followed any further."""
    if frame.depth >= MAX_DEPTH or function.body is None or frame.inside.count(id(function)) >= MAX_AGAIN:
        return None
    inner = frame.inner(dict(frame.env))
    inner.inside = (*frame.inside, id(function))
    return inner


def _run(frame: Frame, inner: Frame, function: ir.Function, args: Sequence[Value]) -> bool:
    """Run the function; whether control goes on behind it."""
    since = frame.effects.last
    for i, param in enumerate(function.params):
        given = args[i] if i < len(args) else UNKNOWN
        inner.env[param.name] = given.typed(frame.type(param.type)) if param.type is not None else given
    goes_on = inner.run(function.body or ())
    frame.summaries.hold(inner, since)
    for name in frame.env:
        changed = inner.env.get(name)
        if changed is not None and changed is not frame.env[name] and all(p.name != name for p in function.params):
            frame.env[name] = join((frame.env[name], changed))
    return goes_on


def answers(frame: Frame, receiver: Value, args: Sequence[Value], item: Value | None = None) -> list[Value]:
    """Run the lambdas among a call's arguments on an item of the receiver, once for each call; the answers are what they give."""
    return [_answer(frame, value, receiver, value.code, item) for value in args if value.code is not None]


def _answer(frame: Frame, value: Value, receiver: Value, code: ir.Lambda, item: Value | None) -> Value:
    for ran, on, answer in frame.answered or ():
        if ran is value and on is receiver:
            return answer
    answer = _given(code, invoke(frame, value, [item if item is not None else element(receiver)]))
    if frame.answered is not None:
        frame.answered.append((value, receiver, answer))
    return answer


def _given(code: ir.Lambda, answer: Value) -> Value:
    """What a lambda's answer adds to a result: a test decides what is taken, and is no part of it."""
    is_test = (answer.type is not None and answer.type.name == "bool") or _compares(code.function)
    return Value(type=answer.type, about=answer.everything()) if is_test else answer


def _compares(function: ir.Function) -> bool:
    """Does it answer whether two values are the same, whichever way it goes?"""
    given = list(walk.returned(function))
    return bool(given) and all(map(is_equality, given))
