"""What is a labelled case, and what do a tool's findings make of it?

A suite gives trees, and says of places in them whether there is a flaw. A tool gives what it says about a tree. Here the two are held
against each other; nothing else in `bench` counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bench.labels import POSTURE

SAME = {
    "CWE-78": {"CWE-77", "CWE-88"},
    "CWE-89": {"CWE-564", "CWE-943"},
    "CWE-94": {"CWE-95", "CWE-96", "CWE-78", "CWE-1336"},
    "CWE-22": {"CWE-23", "CWE-36", "CWE-73"},
    "CWE-502": {"CWE-20", "CWE-94"},
    "CWE-601": set(),
    "CWE-611": {"CWE-20", "CWE-827"},
    "CWE-798": {"CWE-259", "CWE-321", "CWE-522", "CWE-312"},
    "CWE-862": {"CWE-306", "CWE-285", "CWE-863", "CWE-284"},
    "CWE-639": {"CWE-862", "CWE-863", "CWE-284", "CWE-285"},
    "CWE-532": {"CWE-200", "CWE-209", "CWE-312"},
}
"""What other tools (and older lists) call the same weakness."""

GENERAL = {"AP101": "CWE-639", "AP102": "CWE-532", "AP109": "CWE-213", "AP201": "CWE-798", **dict.fromkeys((*POSTURE, "AP110"), "CWE-862")}
"""The weakness of each of our rules that has only one."""


class Case(NamedTuple):
    """One labelled place: is there a flaw of this kind in these lines of the file (None: anywhere in it)?

    `rules` are those of ours that could say so, and `weakness` narrows them (AP103 speaks of sixteen). `group` sets a part of a suite
    apart. Of a whole file, `most` is how many findings are right; more are false alarms.
    """

    rules: tuple[str, ...]
    language: str
    flawed: bool
    file: str
    lines: tuple[int, int] | None = None
    weakness: str = ""
    group: str = ""
    name: str = ""
    most: int = 0


class Tree(NamedTuple):
    """A folder that is scanned as one program, and what is labelled in it. Of the rules in `all_of` every place is: a finding anywhere
    else is a false alarm.
    """

    folder: Path
    cases: tuple[Case, ...]
    all_of: tuple[str, ...] = ()


class Place(NamedTuple):
    """Lines of a file."""

    path: str
    first: int
    last: int


class Said(NamedTuple):
    """One finding of a tool: where it is and how it came about. A tool that isn't ours has weaknesses, and no rule."""

    rule: str
    weaknesses: frozenset[str]
    sure: bool
    places: tuple[Place, ...]


class Row(NamedTuple):
    """What is counted together."""

    suite: str
    rule: str
    language: str


@dataclass
class Score:
    """How a tool did. What is said as a hint only (it fails no build) counts apart."""

    flawed: int = 0
    sound: int = 0
    found: int = 0
    alarms: int = 0
    hinted: int = 0
    hinted_alarms: int = 0

    @property
    def recall(self) -> float | None:
        """Which part of the flaws was found."""
        return self.found / self.flawed if self.flawed else None

    @property
    def precision(self) -> float | None:
        """Which part of what was flagged is flawed, among the labelled places."""
        flagged = self.found + self.alarms
        return self.found / flagged if flagged else None

    @property
    def youden(self) -> float | None:
        """True-positive rate less false-positive rate, as OWASP's benchmark is scored."""
        return self.recall - self.alarms / self.sound if self.recall is not None and self.sound else None


class Verdict(NamedTuple):
    """What became of one case: the findings that meet it surely, and those that only hint."""

    case: Case
    sure: int
    hints: int


def row_of(suite: str, case: Case) -> Row:
    """The line of the table that a case belongs to."""
    rule = "posture" if set(POSTURE) & set(case.rules) else "/".join(case.rules)
    return Row(suite, " ".join(filter(None, (rule, case.weakness, case.group))), case.language)


def judged(tree: Tree, said: Sequence[Said]) -> list[Verdict]:
    """What the findings make of each case of the tree."""
    verdicts = []
    for case in tree.cases:
        met = [one for one in said if speaks_of(one, case) and touches(one, case)]
        sure = sum(one.sure for one in met)
        verdicts.append(Verdict(case, sure, len(met) - sure))
    return verdicts


def elsewhere(tree: Tree, said: Sequence[Said]) -> list[tuple[Case, Said]]:
    """Sure findings of a rule whose places are all labelled, which meet no case; each with a case of its row."""
    return [
        (like, one)
        for one in said
        if one.sure and not any(touches(one, case) and speaks_of(one, case) for case in tree.cases)
        for like in [next((case for case in tree.cases if set(case.rules) & set(tree.all_of) and speaks_of(one, case)), None)]
        if like is not None
    ]


def tally(suite: str, tree: Tree, said: Sequence[Said], scores: dict[Row, Score]) -> list[Verdict]:
    """Add one tree to the scores; what became of each case is handed back."""
    verdicts = judged(tree, said)
    for case, sure, hints in verdicts:
        score = scores.setdefault(row_of(suite, case), Score())
        if case.flawed:
            score.flawed += 1
            score.found += bool(sure)
            score.hinted += not sure and bool(hints)
            score.alarms += max(0, sure - case.most) if case.most else 0
        else:
            score.sound += 1
            score.alarms += bool(sure)
            score.hinted_alarms += not sure and bool(hints)
    for like, _ in elsewhere(tree, said):
        scores[row_of(suite, like)].alarms += 1
    return verdicts


def speaks_of(said: Said, case: Case) -> bool:
    """Is it the same kind of flaw?"""
    if said.rule:
        return said.rule in case.rules and (not case.weakness or bool(said.weaknesses & family(case.weakness)))
    weaknesses: Iterable[str] = [case.weakness] if case.weakness else [GENERAL[rule] for rule in case.rules if rule in GENERAL]
    return any(said.weaknesses & family(weakness) for weakness in weaknesses)


def family(weakness: str, same: Mapping[str, set[str]] = SAME) -> set[str]:
    """A weakness by all its numbers."""
    return {weakness, *same.get(weakness, ())}


def touches(said: Said, case: Case) -> bool:
    """Does the finding, or the way that it came about, touch the lines?"""
    if case.lines is None:
        return said.places[0].path == case.file
    first, last = case.lines
    return any(place.path == case.file and place.first <= last and first <= place.last for place in said.places)
