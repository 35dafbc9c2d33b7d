"""What is written out member by member, and which members are taken out of that again?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from apiposture.analysis.flow.binding import APART, redacted, whole
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import Label, Labels, Way
from apiposture.analysis.flow.positions import Given
from apiposture.analysis.flow.values import Value, merge
from apiposture.model import ir

CHOOSES: Final = frozenset(("exclude", "include", "fields", "only", "cls", "default"))
"""Arguments that say which members are written: then it is not known that all are, unless they name those that are not."""


def written_apart(frame: Frame, name: str, receiver: Value, args: Given, answer: Value) -> Value:
    """The answer of a call, with the objects that it writes out member by member, if a method of this name does that."""
    if not frame.knowledge.does(name, "takes-apart"):
        return answer
    chosen = [arg for arg, _ in args if arg.name in CHOOSES]
    left_out = _left_out(chosen)
    if chosen and not left_out:
        return answer
    values = [value for value in (receiver, *(value for _, value in args)) if value.static is None]
    labels = merge((answer.labels, *objects_in(values)))
    if labels is answer.labels:
        return answer
    shown = Value(labels, answer.type, answer.about, answer.constants, answer.fields, answer.query)
    for one in left_out:
        shown = without(shown, one)
    return shown


def _left_out(chosen: Sequence[ir.Argument]) -> tuple[str, ...]:
    """The names of the members that a call is told to leave out, where it is told nothing else: `exclude={"password"}`."""
    told = chosen[0].value if len(chosen) == 1 and chosen[0].name == "exclude" else None
    items = told.items if type(told) is ir.Collection and told.kind != "map" else ()
    names = tuple(item.value for item in items if type(item) is ir.Literal and isinstance(item.value, str))
    return names if len(names) == len(items) else ()


def objects_in(values: Sequence[Value]) -> list[Labels]:
    """The labels of objects that are taken apart, and of those that something nameless holds: `new { total, users }`."""
    found = [whole(value, True) for value in values]
    for value in values:
        if value.fields and (value.type is None or value.type.decl is None):
            found += [whole(held, True) for held in value.fields.values()]
    return found


def without(value: Value, key: str) -> Value:
    """What was written out, after one of its members was taken out: `del shown["password"]`."""
    labels: dict[Label, Way] = {}
    for label, trail in redacted(value.labels, key).items():
        if label.kind == "whole" and label.path[:1] == APART:
            labels[Label.of("whole", label.key, (*APART, *sorted({*label.path[1:], key})), label.clean)] = trail
        elif not (label.kind == "sensitive" and label.path[0].rpartition(".")[2] == key):
            labels[label] = trail
    fields = {name: held for name, held in value.fields.items() if name != key} if value.fields else value.fields
    return Value(labels, value.type, value.about, value.constants, fields, value.query, value.code, items=value.items)


def take_out(frame: Frame, holder: ir.Expr, key: ir.Expr | None) -> None:
    """Note that a variable no more holds what it held under a name."""
    known = frame.env.get(holder.id) if type(holder) is ir.Name else None
    if known is not None and type(key) is ir.Literal and isinstance(key.value, str):
        frame.env[holder.id] = without(known, key.value)  # type: ignore[union-attr]
