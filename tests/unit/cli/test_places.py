"""Does no report take the place of something that this tool did not write?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def sound(tmp_path: Path, controller: str) -> Path:
    (tmp_path / "ThingController.cs").write_text(controller)
    return tmp_path


@pytest.mark.parametrize("written", ["html", "json", "csv", "terminal"])
def test_a_report_takes_the_place_of_a_report_and_of_nothing_else(run: Run, sound: Path, written: str) -> None:
    source = sound / "ThingController.cs"
    before = source.read_bytes()
    for file in (source, sound / "README.md"):
        file.write_bytes(before)
        outcome = run("scan", sound, "--format", f"{written}:{file}")
        assert (outcome.code, file.read_bytes()) == (2, before)
        assert outcome.err == f"error: The report can't be written to '{file}': this tool did not write what is there; name another file.\n"
    for _ in range(2):
        assert run("scan", sound, "--format", f"{written}:{sound / 'report'}").code != 2
    (sound / "report").write_text("")
    assert run("scan", sound, "--format", f"{written}:{sound / 'report'}").code != 2


TABLES = [("endpoints", "table"), ("endpoints", "json"), ("data", "table"), ("data", "svg"), ("doctor", "text")]


@pytest.mark.parametrize(("command", "form"), TABLES)
def test_tables_too(run: Run, sound: Path, command: str, form: str) -> None:
    place = sound / "table"
    for _ in range(2):
        assert run(command, sound, "--format", form, "-o", place).code == 0
    assert run(command, sound, "--format", form, "-o", sound / "ThingController.cs").code == 2


def test_two_reports_in_one_file_are_refused(run: Run, sound: Path) -> None:
    (sound / "there").mkdir()
    outcome = run("scan", sound, "--format", f"json:{sound}/r", "--format", f"sarif:{sound}/there/../r")
    assert outcome.code == 2
    assert outcome.err == f"error: Formats 'json' and 'sarif' would both go to '{sound}/there/../r'; give each a file of its own.\n"
