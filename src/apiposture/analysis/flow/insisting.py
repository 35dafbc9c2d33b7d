"""What holds once a query has come back that does not come back without a row?"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.analysis.flow.effects import NOTHING, Facts
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import APART, Guard, Label, are_apart
from apiposture.analysis.flow.values import Predicate, union
from apiposture.model import ir


def insisted(frame: Frame, call: ir.Call, number: int, predicates: Sequence[Predicate]) -> Facts:
    """`Keeper.objects.get(shop=shop, user=me)`: there is such a row, so that what it was found by belongs together."""
    asked = [frozenset(p.against) for p in predicates if p.against]
    if len(asked) < 2 or not are_apart(asked):
        return NOTHING
    labels = union(asked) | {APART, Label.of("object", number)}
    return frozenset((Guard.of((labels,), frame.module, call.span, True),))
