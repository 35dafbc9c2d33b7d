"""Are the figures of the speed table what they say? Nothing here is timed."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench import speed


def case(name: str, seconds: list[float], **goals: object) -> speed.Case:
    return speed.Case(name, lambda: 0.0, seconds=seconds, **goals)  # type: ignore[arg-type]


def test_ratios_are_taken_round_by_round():
    assert speed.ratios([2.0, 8.0], [1.0, 4.0]) == [2.0, 2.0]
    with pytest.raises(ValueError, match="argument"):
        speed.ratios([1.0], [1.0, 2.0])


def test_a_row_has_the_medians_and_whether_the_goal_was_met():
    unit = case("unit", [1.0, 10.0, 2.0])
    cold = case("cold", [3.0, 20.0, 8.0], goal=3.0)
    start = case("start", [0.2, 0.1, 0.3], goal_seconds=0.15)
    head, *rows = speed.rows([unit, cold, start])
    assert [len(row) for row in rows] == [len(head)] * 3
    assert rows[1] == ("cold", "8.000 s", "3.000 s", "20.000 s", "3.00x", "unit", "3x", "met")
    assert rows[2][1:4] == ("0.200 s", "0.100 s", "0.300 s")
    assert rows[2][6:] == ("0.15 s", "missed")


def test_a_ratio_is_to_the_unit_around_it():
    times = {"unit": iter([1.0, 3.0, 5.0]), "cold": iter([8.0]), "start": iter([0.1]), speed.TWICE: iter([6.0])}
    unit, cold, start, twice = (speed.Case(name, times[name].__next__) for name in times)
    speed.go_round([unit, cold, start, twice])
    assert (unit.seconds, cold.beside, start.beside, twice.beside) == ([1.0, 3.0, 5.0], [2.0], [3.0], [4.0])
    assert [row[4] for row in speed.rows([unit, cold])[1:]] == ["1.00x", "4.00x"]
    assert speed.cost_of_company([unit, cold, twice]) == 1.5


def test_a_ratio_can_be_to_another_case():
    one, ten = case("one", [2.0], against="one"), case("ten", [30.0], against="one", goal=12.0)
    assert speed.rows([one, ten])[2][4:] == ("15.00x", "one", "12x", "missed")


def test_the_table_is_aligned():
    lines = speed.table([("what", "s", "", "", "", "to", "", ""), ("scan", "12.5", "", "", "", "unit", "", "met")]).splitlines()
    assert lines[0].index("s", 5) + 1 == lines[1].index("12.5") + 4
    assert lines[1].endswith("met")
    assert lines[0] == lines[0].rstrip()


def test_own_namespaces_go_below_another_one_and_foreign_ones_stay():
    texts = [
        "using System;\nusing Shop.Data;\nnamespace Shop.Web;\nclass A { Shop.Data.B b; }",
        "namespace Shop.Data { }",
        "namespace Shop { }",
        "namespace Microsoft.Extensions.DependencyInjection { }",
    ]
    roots = speed.own_roots(iter(texts))
    assert roots == ("Shop",)
    moved = speed.below(texts[0], roots, "Copy1").splitlines()
    assert moved[:3] == ["using System;", "using Copy1.Shop.Data;", "namespace Copy1.Shop.Web;"]
    assert speed.below(texts[3], roots, "Copy1") == texts[3]
    assert speed.below("using Shopping;", roots, "Copy1") == "using Shopping;"


def test_trees_are_looked_for_in_the_named_folder_only(tmp_path: Path):
    (tmp_path / "eshoponweb").mkdir()
    assert speed.tree_of(str(tmp_path), "eshoponweb") == tmp_path / "eshoponweb"
    assert speed.tree_of(str(tmp_path), "kavita") is None
    assert speed.tree_of("", "samples") is None
