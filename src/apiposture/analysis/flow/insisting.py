"""What holds once a query has come back that does not come back without a row?"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from apiposture.analysis.flow.effects import NOTHING, Facts
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import APART, Guard, Label, are_apart
from apiposture.analysis.flow.queries import Predicate
from apiposture.analysis.flow.values import Value, union
from apiposture.model import ir
from apiposture.program import walk


def insisted(frame: Frame, call: ir.Call, number: int, predicates: Sequence[Predicate]) -> Facts:
    """`Keeper.objects.get(shop=shop, user=me)`: there is such a row, so that what it was found by belongs together."""
    asked = [frozenset(p.against) for p in predicates if p.against and not _is_loose(frame, p)]
    if len(asked) < 2 or not are_apart(asked):
        return NOTHING
    labels = union(asked) | {APART, Label.of("object", number)}
    return frozenset((Guard.of((labels,), frame.module, call.span, True),))


def tells_whether(statement: ir.Try) -> bool:
    """Does it set a name or answer by whether its body came to its end: `voted = True`?"""
    inside = walk.nodes((*statement.body, *(handler.body for handler in statement.handlers)))
    return any(type(node) in (ir.Assign, ir.Declare, ir.Return) for node in inside)


def only_asked(frame: Frame, before: Collection[int]) -> None:
    """The queries that are not among those before were asked for what they tell, and insist on nothing."""
    for number, access in frame.effects.accesses.items():
        if access.insists and number not in before:
            frame.effects.accesses[number] = access.but(insists=False)


def _is_loose(frame: Frame, predicate: Predicate) -> bool:
    """`shop_id__gte=shop_id`: rows pass as well that are of another shop."""
    endings = (member.rpartition("__") for member in predicate.members)
    return any(sign and frame.knowledge.does(ending, "loosens") for _, sign, ending in endings)


def of_items(learnt: Facts, item: Value) -> Facts:
    """What a loop's body learnt that holds behind the loop: not whom a query ties that looks at no item, for there may have been none."""
    looked_at = item.everything()
    return frozenset(guard for guard in learnt if all(_looks_at(labels, looked_at) for labels in guard.alternatives))


def _looks_at(labels: frozenset[Label], item: frozenset[Label]) -> bool:
    if APART not in labels or not labels.isdisjoint(item):
        return True
    return any(label.kind == "object" and label.path for label in labels)  # of something that was found by it
