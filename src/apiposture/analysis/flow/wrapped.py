"""What does a generic function make of what it is handed: which types, and what do functions give that it calls?

`Result.Create(request).Map(r => new Rename(id, r.Name)).Bind(c => sender.Send(c))`: what `Map` gives holds what its function gives.
"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.analysis.flow.binding import element
from apiposture.analysis.flow.digging import ANSWER
from apiposture.analysis.flow.frame import Effects, Frame
from apiposture.analysis.flow.lambdas import invoke
from apiposture.analysis.flow.values import Value, flat
from apiposture.model import ir
from apiposture.program.types import Routine, TypeUse


def with_answers(frame: Frame, routine: Routine, receiver: Value, given: list[Value]) -> list[Value]:
    """The values for a function's parameters, those that make something new of an item with what they give."""
    names = [param.name for param in routine.function.type_params]
    if not names or all(value.code is None for value in given):
        return given
    pairs = zip(routine.function.params, given, strict=True)
    return [_answering(frame, receiver, value) if value.code is not None and _made_by(param, names) else value for param, value in pairs]


def _made_by(param: ir.Param, names: Sequence[str]) -> str:
    """The type variable that stands for what a function gives: `TOut` of `Func<TIn, TOut>` and `Func<TIn, Task<TOut>>`; empty without."""
    last = param.type.args[-1] if param.type is not None and param.type.args else None
    while last is not None and last.name not in names and len(last.args) == 1:
        last = last.args[0]
    return last.name if last is not None and last.name in names else ""


def _answering(frame: Frame, receiver: Value, value: Value) -> Value:
    """The function, with what it gives: it is run to see that, and not for what it does."""
    effects, facts, refuses, env = frame.effects, frame.facts, frame.refuses, frame.env
    frame.effects, frame.env = Effects(), dict(env)
    answer = invoke(frame, value, [element(receiver)])
    frame.effects, frame.facts, frame.refuses, frame.env = effects, facts, refuses, env
    labels = {label: trail for label, trail in flat(answer).items() if label.kind != "object"}
    if len(labels) < len(flat(answer)):
        answer = Value(labels, answer.type)  # what it loads is loaded where it is called
    return Value(value.labels, value.type, value.about, fields={ANSWER: answer}, code=value.code)


def method_bindings(frame: Frame, call: ir.Call, function: ir.Function, given: Sequence[Value]) -> dict[str, TypeUse]:
    """What a generic function's type variables stand for in one call."""
    names = [p.name for p in function.type_params]
    if not names:
        return {}
    if call.type_args:
        uses = [frame.type(ref) for ref in call.type_args]
        return {name: use for name, use in zip(names, uses, strict=False) if use is not None}
    bound: dict[str, TypeUse] = {}
    for param, value in zip(function.params, given, strict=False):
        answer = value.fields.get(ANSWER) if value.fields else None
        if answer is not None and answer.type is not None:
            bound.setdefault(_made_by(param, names), answer.type)
        if param.type is not None and value.type is not None:
            if param.type.name in names:
                bound.setdefault(param.type.name, value.type)
            for ref, use in zip(param.type.args, value.type.args, strict=False):
                if ref.name in names:
                    bound.setdefault(ref.name, use)
    return bound
