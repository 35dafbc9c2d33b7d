"""Is a case met by exactly the findings that speak of it, and is each counted where it belongs?"""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.cases import Case, Place, Row, Said, Score, Tree, row_of, speaks_of, tally, touches

SQL = frozenset({"CWE-89"})


def case(flawed: bool = True, lines: tuple[int, int] | None = (10, 20), **more: object) -> Case:
    return Case(("AP103",), "Python", flawed, "a.py", lines, "CWE-89", **more)  # type: ignore[arg-type]


def said(line: int = 12, path: str = "a.py", rule: str = "AP103", weaknesses: frozenset[str] = SQL, sure: bool = True) -> Said:
    return Said(rule, weaknesses, sure, (Place(path, line, line),))


def scored(*found: Said, cases: tuple[Case, ...] = (case(),), all_of: tuple[str, ...] = ()) -> Score:
    scores: dict[Row, Score] = {}
    tally("suite", Tree(Path("x"), cases, all_of), found, scores)
    (score,) = scores.values()
    return score


def test_a_finding_meets_the_lines_that_it_or_its_trace_touches() -> None:
    assert touches(said(10), case())
    assert touches(said(20), case())
    assert not touches(said(21), case())
    assert not touches(said(12, "b.py"), case())
    assert touches(Said("AP103", SQL, True, (Place("b.py", 1, 1), Place("a.py", 15, 15))), case())


def test_a_whole_file_is_met_by_what_stands_in_it() -> None:
    assert touches(said(99), case(lines=None))
    assert not touches(Said("AP103", SQL, True, (Place("b.py", 1, 1), Place("a.py", 15, 15))), case(lines=None))


@pytest.mark.parametrize(
    ("rule", "weakness", "speaks"),
    [("AP103", "CWE-89", True), ("AP103", "CWE-22", False), ("AP101", "CWE-89", False), ("", "CWE-564", True), ("", "CWE-22", False)],
)
def test_a_finding_speaks_of_a_case_by_rule_and_weakness(rule: str, weakness: str, speaks: bool) -> None:
    assert speaks_of(said(rule=rule, weaknesses=frozenset({weakness})), case()) is speaks


def test_another_tool_speaks_of_a_rule_by_its_weakness() -> None:
    secret = Case(("AP201",), "text", True, "a.py")
    assert speaks_of(said(rule="", weaknesses=frozenset({"CWE-259"})), secret)
    assert not speaks_of(said(rule="", weaknesses=SQL), secret)


def test_what_is_found_missed_and_wrongly_flagged() -> None:
    score = scored(said(12), said(35), cases=(case(), case(lines=(50, 60)), case(False, (30, 40)), case(False, (70, 80))))
    assert (score.flawed, score.sound, score.found, score.alarms) == (2, 2, 1, 1)
    assert (score.recall, score.precision, score.youden) == (0.5, 0.5, 0.0)


def test_a_hint_is_no_find_and_no_false_alarm() -> None:
    score = scored(said(12, sure=False), said(35, sure=False), cases=(case(), case(False, (30, 40))))
    assert (score.found, score.alarms, score.hinted, score.hinted_alarms) == (0, 0, 1, 1)
    assert score.precision is None


def test_elsewhere_counts_where_every_place_is_labelled() -> None:
    assert scored(said(12), said(90)).alarms == 0
    assert scored(said(12), said(90), said(91, sure=False), all_of=("AP103",)).alarms == 1


def test_more_findings_than_are_right_in_a_file_are_false_alarms() -> None:
    assert scored(said(1), said(2), said(3), cases=(case(lines=None, most=2),)).alarms == 1


def test_a_row_is_named_by_rule_weakness_and_part() -> None:
    assert row_of("s", case(group="level H")) == Row("s", "AP103 CWE-89 level H", "Python")
    assert row_of("s", Case(("AP001", "AP004"), "C#", True, "a.cs")).rule == "posture"
