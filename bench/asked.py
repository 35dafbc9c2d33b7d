"""What does our tool say about a tree, in the words that cases are held against?"""

from __future__ import annotations

import gc
from pathlib import Path

from bench.cases import Place, Said

from apiposture.config import Config
from apiposture.model import source
from apiposture.model.finding import Finding
from apiposture.scan import scan

CONFIG = Config(cache=False, jobs=1)
"""As it comes: nothing is switched on or off for a suite."""


COPIES = "AP201"
"""Its findings are of one credential each, and what stands beside one are other places of the same (decisions/0042)."""


def ours(folder: Path) -> tuple[Said, ...]:
    """The findings of one scan, in this process."""
    found = scan([folder], CONFIG)
    gc.collect()
    return tuple(said_of(finding) for finding in found.findings)


def said_of(finding: Finding) -> Said:
    """Where a finding is and how it came about; not what it is compared with."""
    parts = ("source", "step", "sink", *(("sibling",) if finding.rule == COPIES else ()))
    way = (finding.place, *(step.place for step in finding.trace if step.part in parts))
    return Said(finding.rule, frozenset(finding.cwe), finding.certainty != "low", tuple(place_of(place) for place in way))


def place_of(place: source.Place) -> Place:
    return Place(place.path, place.line, place.end_line)
