"""With what, and behind which tests, does a function call back what it is handed?

`ForOwner(id, order => order.Cancel())`: what is written in the call happens to what `ForOwner` found, and only where it gets so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from apiposture.analysis.flow.effects import Callback, Facts, Summary
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import is_parameter
from apiposture.analysis.flow.lambdas import invoke
from apiposture.analysis.flow.outcome import Outcome
from apiposture.analysis.flow.values import UNKNOWN, Value, join

MOST: Final = 8
"""So many calls of its parameters are told apart; of others only what holds at all of them is known."""


def note(frame: Frame, function: Value, args: Sequence[Value], facts: Facts) -> None:
    """Note that a value is called; where it is a parameter, whoever called this function knows what it does."""
    label = next(iter(function.labels)) if len(function.labels) == 1 else None
    if label is None or not is_parameter(label) or label.key < 0:
        return
    known = frame.effects.called_back
    if len(known) < MOST:
        known.append(Callback(label.key, tuple(args), facts))
        return
    for number, one in enumerate(known):
        if one.param == label.key:
            known[number] = one._replace(facts=one.facts & facts)


def run(frame: Frame, called_back: Sequence[Callback], given: Sequence[Value]) -> dict[int, Value]:
    """Run what was handed to a function, as it calls it back; gives what was answered, by the parameter."""
    answered: dict[int, Value] = {}
    before = frame.facts
    for one in called_back:
        function = given[one.param] if one.param < len(given) else UNKNOWN
        frame.facts = one.facts
        if function.code is not None:
            answer = invoke(frame, function, one.args)
            answered[one.param] = join((answered[one.param], answer)) if one.param in answered else answer
        else:
            note(frame, function, one.args, one.facts)
    frame.facts = before
    return answered


def with_answers(came: Outcome, summary: Summary, answered: dict[int, Value]) -> Outcome:
    """What a function gives and hands back, with what the functions answered whose answers these are: `return await act(order)`."""
    own = {index: value for index, name, value in summary.writes if not name}
    outs = {index: _with_answers(value, own[index], answered) for index, value in came.outs.items()}
    return came._replace(value=_with_answers(came.value, summary.returns, answered), outs=outs)


def _with_answers(value: Value, own: Value, answered: dict[int, Value]) -> Value:
    """A value, which is `own` in the terms of the function that gives it."""
    handed_back = {label.key for label in own.labels if is_parameter(label)}
    given = [answer for param, answer in answered.items() if param in handed_back]
    return join((value, *given)) if given else value
