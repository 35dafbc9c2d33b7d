"""Does a label meet exactly the findings that speak of its function?"""

from __future__ import annotations

from collections import Counter

import pytest
from bench import labels


def finding(rule: str, line: int, *trace: tuple[str, int]) -> dict[str, object]:
    steps = [{"place": {"path": "A.cs", "line": at}, "part": part} for part, at in trace]
    return {"rule": rule, "place": {"path": "A.cs", "line": line}, "trace": steps}


def test_a_function_is_flagged_by_place_and_by_trace():
    found = {"findings": [finding("AP101", 12), finding("AP101", 90, ("source", 15)), finding("AP103", 13)]}
    assert labels.flags(found, "A.cs", [10, 20], ("AP101",)) == Counter({"AP101": 2})
    assert labels.flags(found, "B.cs", [10, 20], ("AP101",)) == Counter()


def test_what_a_finding_is_compared_with_is_not_flagged():
    found = {"findings": [finding("AP101", 90, ("sibling", 15), ("declaration", 11))]}
    assert labels.flags(found, "A.cs", [10, 20], ("AP101",)) == Counter()


@pytest.mark.parametrize(
    ("before", "after", "expect", "said"),
    [
        (True, False, "", "caught"),
        (False, False, "", "missed"),
        (True, True, "", "flagged in both"),
        (False, True, "", "flagged when mended"),
        (False, False, "silent in both", "rightly silent"),
        (True, False, "silent in both", "false alarm"),
    ],
)
def test_verdicts(before: bool, after: bool, expect: str, said: str):
    assert labels.verdict(before, after, expect) == said


def test_counts_on_one_line():
    assert labels.shown(Counter({"AP004": 1, "AP001": 3})) == "AP001 x3 AP004"
    assert labels.shown(Counter()) == "-"
