"""Are mutants the same each time, and is everything that goes wrong with one a crash?"""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

import pytest
from bench import mutants


def test_the_same_seed_makes_the_same_mutants(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("".join(f"a{number} = {number}\n" for number in range(50)), "utf-8")
    files = mutants.files_of("python", tmp_path)
    one, two = (list(mutants.mutants(files, tmp_path, 9, Random(4))) for _ in range(2))
    assert one == two
    assert len({mutant.made for mutant in one}) > 3
    assert not list(mutants.mutants([], tmp_path, 9, Random(4)))


@pytest.mark.parametrize("damage", mutants.DAMAGES)
def test_any_text_can_be_damaged(damage: object) -> None:
    for text in ("", "a", "a\n", "a\r\nb"):
        assert isinstance(damage(text, Random(1))[0], str)  # type: ignore[operator]


def test_damage_is_what_it_says() -> None:
    assert mutants.cut_off("abcdef", Random(1))[0] in ("", "a", "ab", "abc", "abcd", "abcde")
    lost, doubled = mutants.lines_lost("a\nb\nc\n", Random(1))[0], mutants.lines_doubled("a\nb\nc\n", Random(1))[0]
    assert lost.count("\n") < 3 < doubled.count("\n")


def test_a_mutant_that_is_scanned_is_fine() -> None:
    assert mutants.outcome(mutants.Mutant("a.py", "def a(:\n  ((", "cut off")) == "fine"


def busy(*_: object) -> None:
    end = time.process_time() + 5
    while time.process_time() < end:
        pass


def test_errors_of_ours_and_long_runs_are_crashes(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(mutants, "judge", broken)
    assert mutants.outcome(mutants.Mutant("a.py", "", "")).startswith("crash: KeyError in test_mutants.py:")
    monkeypatch.setattr(mutants, "SECONDS", 0.05)
    monkeypatch.setattr(mutants, "judge", busy)
    assert mutants.outcome(mutants.Mutant("a.py", "", "")).startswith("too long")
