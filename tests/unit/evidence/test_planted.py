"""Ten faults planted in real files, through the commands: does each turn the statuses to `not-evaluated`, in every format?"""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
import zipfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from apiposture.cli import run
from unit.cli.test_recording import CLOSED
from unit.repository.test_reading import git

START = 1_782_864_000  # 2026-07-01
CRITERIA = ("CC6.1", "CC6.3", "CC6.6")
"""Those that only the state of the source decides, and not when it was scanned."""


def _write(top: Path, name: str, content: str | bytes) -> None:
    file = top / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())


def _excluded(top: Path) -> None:
    _write(top, "legacy/OldController.cs", CLOSED.replace("OrderController", "OldController"))
    _write(top, "apiposture.toml", 'exclude = ["legacy/"]\n')


def _ignored(top: Path) -> None:
    _write(top, "legacy/OldController.cs", CLOSED.replace("OrderController", "OldController"))
    _write(top, ".gitignore", "legacy/\n")


UNREAD = tomllib.loads(files("apiposture.frameworks.python").joinpath("unread.toml").read_text("utf-8"))["unread"][-1]["package"]

BLIND: dict[str, Callable[[Path], None]] = {
    "a syntax error": lambda top: _write(top, "src/Broken.cs", "class X { void A( { { [[ " * 60),
    "a binary file": lambda top: _write(top, "src/Odd.cs", b"\x00\x01\x02\xff" * 500),
    "a huge file": lambda top: _write(top, "src/Huge.cs", b"// x\n" * 2_100_000),
    "an unknown framework": lambda top: _write(top, "app/main.py", f"import {UNREAD}\n\napp = {UNREAD}.Application()\n"),
}
"""What the scan itself says that it could not see."""

LEFT_OUT: dict[str, Callable[[Path], None]] = {
    "an excluded folder": _excluded,
    "a folder that Git ignores, and holds": _ignored,
    "source in a folder of built files": lambda top: _write(top, "node_modules/lib/Api.cs", CLOSED.replace("Order", "Lib")),
}
"""What only the commit's own list of files tells."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    top = tmp_path / "orders"
    top.mkdir()
    git(top, "init", "-q", "-b", "main")
    _write(top, "src/OrderController.cs", CLOSED)
    monkeypatch.chdir(top)
    monkeypatch.setenv("APIPOSTURE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(START + 86_400))
    return top


def commit(top: Path) -> None:
    git(top, "add", "-A", "-f")
    git(top, "commit", "-q", "-m", "change", at=START)


def statuses(top: Path) -> dict[str, str]:
    """Of each criterion in a pack of everything, once CSV, OSCAL, pages and the verifier agree."""
    pack = top.parent / "pack.zip"
    assert run(["evidence", "build", "--period", "2026-07", "-o", str(pack)]) == 0
    assert run(["verify", str(pack)]) == 0
    with zipfile.ZipFile(pack) as archive:
        found = {row["criterion"]: row["status"] for row in csv.DictReader(io.StringIO(archive.read("csv/statuses.csv").decode()))}
        (result,) = json.loads(archive.read("oscal/assessment-results.json"))["assessment-results"]["results"]
        page = archive.read("01-report.html").decode()
        sarif = [json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".sarif")]
    told = [{each["name"]: each["value"] for each in observation["props"]} for observation in result["observations"]]
    assert {each["criterion"]: each["status"] for each in told} == {key: word for key, word in found.items() if word != "out-of-scope"}
    assert dict(re.findall(r'data-of="soc2 ([^"]*)" value="([^"]*)"', page)) == found
    found["sarif"] = str(all(log["runs"][0]["invocations"][0]["executionSuccessful"] for log in sarif))
    return found


def test_without_a_fault_there_is_nothing_to_say(project: Path) -> None:
    commit(project)
    assert run(["record", "-q"]) == 0
    told = statuses(project)
    assert [told[each] for each in (*CRITERIA, "sarif")] == ["no-exceptions-noted"] * 3 + ["True"]


@pytest.mark.parametrize("fault", BLIND)
def test_what_a_scan_could_not_see(fault: str, project: Path) -> None:
    BLIND[fault](project)
    commit(project)
    assert run(["record", "-q"]) == 4
    told = statuses(project)
    assert [told[each] for each in (*CRITERIA, "sarif")] == ["not-evaluated"] * 3 + ["False"]


@pytest.mark.parametrize("fault", LEFT_OUT)
def test_what_was_left_out(fault: str, project: Path) -> None:
    LEFT_OUT[fault](project)
    commit(project)
    assert run(["record", "-q"]) == 0, "the scan itself is complete: only the commit knows of the rest"
    told = statuses(project)
    assert [told[each] for each in CRITERIA] == ["not-evaluated"] * 3


def test_a_commit_that_was_not_scanned(project: Path) -> None:
    commit(project)
    assert run(["record", "-q"]) == 0
    _write(project, "src/More.cs", "class More { }")
    commit(project)
    assert [statuses(project)[each] for each in CRITERIA] == ["not-evaluated"] * 3


def test_a_scan_of_something_else_than_the_commit(project: Path) -> None:
    commit(project)
    _write(project, "src/More.cs", "class More { }")
    assert run(["record", "-q"]) == 0
    assert [statuses(project)[each] for each in CRITERIA] == ["not-evaluated"] * 3


def test_one_rule_alone(project: Path) -> None:
    commit(project)
    assert run(["scan", "--rule", "AP006", "--record", "-q", "-o", str(project.parent / "r.txt")]) == 0
    assert [statuses(project)[each] for each in CRITERIA] == ["not-evaluated"] * 3


def test_no_source_at_all(project: Path) -> None:
    _write(project, "docs/read.md", "# Orders")
    commit(project)
    assert run(["record", "docs", "-q"]) == 4
    told = statuses(project)
    assert [told[each] for each in (*CRITERIA, "sarif")] == ["not-evaluated"] * 3 + ["False"]
