"""On what ways did data come here?"""

from __future__ import annotations

from typing import Final

from apiposture.analysis.flow.labels import Joint, Labels, Trail, Way
from apiposture.model.ir import Module
from apiposture.model.source import Span

MAX_TRAIL: Final = 14
MAX_STEPS: Final = 200
"""Of a way, so many steps are kept for showing, and so many are looked at."""


def step(labels: Labels, module: Module, span: Span, note: str) -> Labels:
    """The labels, each with one more step on its way."""
    if not labels:
        return labels
    return {label: Trail(module, span, note, trail) for label, trail in labels.items()}


def way(trail: Way) -> list[Trail]:
    """The steps of a way, oldest first; of a very long one the first and the last."""
    steps: list[Trail] = []
    pending: list[Way] = [trail]
    while pending and len(steps) < MAX_STEPS:
        one = pending.pop()
        if type(one) is Joint:
            pending += (one.earlier, one.later)
        elif type(one) is Trail:
            steps.append(one)
            pending.append(one.before)
    steps.reverse()
    return steps if len(steps) <= MAX_TRAIL else [*steps[: MAX_TRAIL // 2], *steps[-(MAX_TRAIL // 2) :]]


def continued(earlier: Way, later: Way) -> Way:
    """One way after another: `later` happened to data that had come by `earlier`."""
    if later is None:
        return earlier
    return later if earlier is None else Joint(earlier, later)
