"""Where does a reader look: spots as places, the ways of data as steps?"""

from __future__ import annotations

from apiposture.analysis.flow.effects import Spot
from apiposture.analysis.flow.labels import Way
from apiposture.analysis.flow.ways import way
from apiposture.model.finding import Step
from apiposture.model.source import Place
from apiposture.program.places import place


def spot_place(spot: Spot) -> Place:
    """A spot as a reader sees it."""
    return place(spot.module, spot.span)


def steps(trail: Way) -> list[Step]:
    """A trail as steps, oldest first; the first is the source."""
    found: list[Step] = []
    for i, one in enumerate(way(trail)):
        found.append(Step(place(one.module, one.span), one.note, "source" if i == 0 else "step"))
    return found
