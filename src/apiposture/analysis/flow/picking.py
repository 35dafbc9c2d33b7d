"""What was picked by the caller from what a stored object holds: `article.Comments.First(c => c.Id == id)`?"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import Label, Labels
from apiposture.analysis.flow.queries import Predicate
from apiposture.analysis.flow.values import Value
from apiposture.model.source import Span


def picked(frame: Frame, key: Labels, given: Sequence[Value], span: Span) -> tuple[Labels, Predicate] | None:
    """What the caller picked it by, and the condition that it stands in the object; None where the caller did not."""
    within = {x: trail for x, trail in key.items() if x.kind == "object" and x.path}
    if not within or len(within) < len(key):
        return None
    found_by: set[Label] = set()
    for label in within:
        access = frame.effects.accesses.get(label.key)
        if access is not None:
            found_by.update(access.key, *(p.against for p in access.predicates), *(p.about for p in access.predicates))
    chosen = {x for value in given for x in value.about if x.kind in ("param", "request") and x not in found_by}
    if not chosen:
        return None
    return dict.fromkeys(sorted(chosen, key=str)), Predicate(frozenset(), within, frozenset(chosen), frame.module, span)
