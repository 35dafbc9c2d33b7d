"""Are secrets that are searched while others look at the code the same secrets, whatever happens to the search?"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apiposture.config import Config
from apiposture.model.scan import Problem
from apiposture.scan import Gathered, gather, scan, workers
from apiposture.scan import examine as examine_module
from apiposture.scan.examined import Searched, Wanted

LATER = Wanted(later=True)
VALUE = "q7Zt9XbLw3VnR5sKd8PmFy2HcJ6gTa4E"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(workers, "FEW_FILES", 0)
    for number in range(60):
        (tmp_path / f"File{number:02}.cs").write_text(f'class C{number} {{ string ApiKey = "{VALUE[:-2]}{number:02}"; }}')
    (tmp_path / "settings.json").write_text("{}")
    return tmp_path


def instead(monkeypatch: pytest.MonkeyPatch, fate: Callable[[], Searched]) -> None:
    """Something happens where File07 is searched."""
    real = examine_module.searched

    def searched(source: Any) -> Searched:
        return fate() if "File07" in source.path else real(source)

    monkeypatch.setattr(workers, "searched", searched)
    monkeypatch.setattr(examine_module, "searched", searched)


def paths(gathered: Gathered) -> set[str]:
    return {secret.place.path for secret in gathered.secrets()}


def test_the_code_is_there_before_the_secrets_and_both_are_as_ever(tree: Path) -> None:
    alone = gather([tree], Config(jobs=1, cache=False))
    later = gather([tree], Config(jobs=3, cache=False), wanted=LATER)
    assert not any(found.secrets for found in later.examined)
    assert later.modules() == alone.modules()
    assert later.secrets() == alone.secrets()
    assert len(later.secrets()) == 60
    assert (later.records(), later.problems(), later.settled) == (alone.records(), alone.problems(), alone.settled)


def test_what_was_found_later_is_kept(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    time.sleep(0.05)  # what was written at this very moment is examined again in any case
    first = gather([tree], Config(jobs=2), wanted=LATER)
    assert len(first.secrets()) == 60
    monkeypatch.setattr(workers, "examine_entry", lambda *_: pytest.fail("a file was examined again"))
    assert gather([tree], Config(jobs=2)).secrets() == first.secrets()


def test_a_search_that_takes_its_worker_down_costs_that_file_alone(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, lambda: os._exit(9))
    found = gather([tree], Config(jobs=2, cache=False), wanted=LATER)
    assert len(found.modules()) == 60
    assert len(paths(found)) == 59
    told = Problem("worker-crashed", "File 'File07.cs' made the process that read it stop.", "File07.cs")
    assert told in found.problems()
    assert [record.path for record in found.records() if record.status == "failed"] == ["File07.cs"]


def test_a_search_that_stops_is_told(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped() -> Searched:
        return Searched(problems=(Problem("unparsed", "It stopped.", "File07.cs"),))

    instead(monkeypatch, stopped)
    found = scan([tree], Config(jobs=2, cache=False))
    assert [(problem.kind, problem.path) for problem in found.problems if problem.path] == [("unparsed", "File07.cs")]
    assert [record.path for record in found.files if record.status == "failed"] == ["File07.cs"]
    assert len([finding for finding in found.findings if finding.rule == "AP201"]) == 59
