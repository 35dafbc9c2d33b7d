"""Which request data reaches an interpreter?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from apiposture.analysis.flow.effects import Facts, SinkEffect
from apiposture.analysis.flow.labels import Guard, Label, Labels, Way
from apiposture.analysis.flow.values import is_harmless
from apiposture.analysis.spots import spot_place, steps
from apiposture.analysis.trust import Mark, mark, marks
from apiposture.model.facts import Flow
from apiposture.model.finding import CERTAINTIES, Step


def flows(effect: SinkEffect, endpoint: int) -> Iterator[Flow]:
    """The flow that a sink shows, if request data that nothing made harmless reaches it, or if it is unsafe in itself."""
    labels = _left(effect.labels, effect.facts, effect.row.kind)
    at = spot_place(effect.spot)
    sink = Step(at, f"it reaches '{effect.call}'", "sink")
    function = effect.spot.routine.name
    if labels:
        label, trail, certainty = min(_ways(labels, effect), key=lambda one: CERTAINTIES.index(one[2]))
        name = label.path[-1] if label.path else str(label.key)
        way = steps(trail)
        yield Flow(
            effect.row.kind, endpoint, name, str(label.key), effect.call, at, function,
            (*way, sink), _no_surer_than(certainty, len(way)), effect.row.why, effect.row.inherent,
            all(BEHIND.isdisjoint(x.clean) for x in labels),
        )  # fmt: skip
    elif effect.row.inherent:
        yield Flow(effect.row.kind, endpoint, "", "", effect.call, at, function, (sink,), effect.certainty, effect.row.why, True)


def _ways(labels: Labels, effect: SinkEffect) -> Iterator[tuple[Label, Way, str]]:
    """The ways to the sink, each with how sure it is that the caller's text comes by it."""
    checked, unseen = (
        {one for g in effect.facts if said in g.clears for side in g.alternatives for one in marks(side)} for said in ("checked", "unseen")
    )
    for label, trail in labels.items():
        certainty = "low" if effect.row.kind in ADDRESSES and mark(label) in unseen else effect.certainty
        if "checked" in label.clean or mark(label) in checked:
            certainty = CERTAINTIES[min(CERTAINTIES.index(certainty) + 1, len(CERTAINTIES) - 1)]
        yield label, trail, "low" if "key" in label.clean else certainty


ADDRESSES: Final = ("redirect", "ssrf")
"""Kinds of sink that are told where to go: what is asked about an address before is whether one may."""

BEHIND: Final = frozenset(("no-root", "behind"))
"""Marks of data that stands behind something else in a text."""

LONG, VERY_LONG = 9, 13
"""Ways of so many steps and more: with each step it is less sure that the value is still the caller's text."""


def _no_surer_than(certainty: str, length: int) -> str:
    limit = "low" if length >= VERY_LONG else "medium" if length >= LONG else "high"
    return max(certainty, limit, key=CERTAINTIES.index)


def _left(labels: Labels, facts: Facts, kind: str) -> Labels:
    """The request's labels that no guard on the way has cleared for this kind of sink."""
    cleared = [(_looked_at(guard), guard.clears) for guard in facts if guard.clears and guard.alternatives]
    return {x: t for x, t in labels.items() if x.kind == "request" and _dangerous(x, kind, cleared)}


def _looked_at(guard: Guard) -> frozenset[Mark]:
    """What each of a guard's alternatives looked at: `a.isalnum() or b in NAMES` says nothing of either."""
    return frozenset.intersection(*[frozenset(marks(side)) for side in guard.alternatives])


IN_LINES: Final = ("log", "header")
"""Kinds of sink that a text is dangerous for only if it holds a line end. No header that a server accepts does."""


def _dangerous(label: Label, kind: str, cleared: Sequence[tuple[frozenset[Mark], frozenset[str]]]) -> bool:
    if kind in IN_LINES and label.key == "header":
        return False
    holders = tuple(_holders(label))
    kinds = (clears for looked_at, clears in cleared if any(one in looked_at and not _is_other(label, one, looked_at) for one in holders))
    return not is_harmless(kind, label.clean.union(*kinds))


def _is_other(label: Label, holder: Mark, looked_at: Collection[Mark]) -> bool:
    """Was the holder looked at only where another part of it was looked up: a check of `Query["back"]` says nothing of `Query["next"]`?"""
    path, above = label.path, _path(holder)
    if above == path or label.kind != "request":
        return False
    below = [one for one in (_path(other) for other in looked_at if other[:2] == holder[:2]) if len(one) > len(above)]
    below = [one for one in below if one[: len(above)] == above]
    return bool(below) and not any(one == path[: len(one)] or one[: len(path)] == path for one in below)


def _path(one: Mark) -> tuple[str, ...]:
    """The path of members in the mark of a request's value."""
    path = one[2] if one[0] == "request" else ()
    return path if isinstance(path, tuple) else ()


def _holders(label: Label) -> Iterator[Mark]:
    """The value itself and what it is a part of: a part of something harmless is harmless."""
    for length in range(len(label.path) + 1):
        one = mark(Label.of(label.kind, label.key, label.path[:length], label.clean))
        if one is not None:
            yield one
