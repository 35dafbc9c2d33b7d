"""Who is it where somebody else may stand in for the caller: `sent.get("user") or me`?"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.analysis.flow.labels import PRINCIPAL
from apiposture.analysis.flow.values import SOME, Value

CHOSEN = ("request", "object")
"""Kinds of labels of what may be somebody else."""


def one_of_two(value: Value, sides: Sequence[Value]) -> Value:
    """A value that is one of these; it ties nobody where one is the caller, and another what the caller chose."""
    callers = [side for side in sides if PRINCIPAL in side.labels]
    if not callers or len(callers) == len(sides) or not any(map(_is_chosen, sides)):
        return value
    labels = {x.with_clean(x.clean | SOME) if x is PRINCIPAL else x: trail for x, trail in value.labels.items()}
    return Value(labels, value.type, value.about, value.constants, value.fields, value.query, items=value.items)


def _is_chosen(side: Value) -> bool:
    return PRINCIPAL not in side.everything() and any(x.kind in CHOSEN and "key" not in x.clean for x in side.labels)
