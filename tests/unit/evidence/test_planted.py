"""Faults planted in real files, through the commands: does each turn the statuses to `not-evaluated`, in every format?"""

from __future__ import annotations

import errno
import os
import time
import tomllib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from apiposture import files as files_module
from apiposture.cli import run
from apiposture.evidence.verifier.container import members_of
from apiposture.rules import AP103
from apiposture.scan import examine as examine_module
from apiposture.scan import workers
from unit.cli.test_recording import CLOSED
from unit.evidence.formats import statuses_in_all, unblemished_in_hdf, was_seen_by_json, was_seen_by_sarif
from unit.repository.test_reading import git

START = 1_782_864_000  # 2026-07-01
CRITERIA = ("CC6.1", "CC6.3", "CC6.6")
"""Those that only the state of the source decides, and not when it was scanned."""

COMPLETE, INCOMPLETE, REFUSED = 0, 4, 2
UNREAD = tomllib.loads(files("apiposture.frameworks.python").joinpath("unread.toml").read_text("utf-8"))["unread"][-1]["package"]
OTHER = CLOSED.replace("Order", "Other")
SCAN = ["record", "-q"]


def write(top: Path, name: str, content: str | bytes) -> None:
    file = top / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())


def commit(top: Path) -> None:
    git(top, "add", "-A", "-f")
    git(top, "commit", "-q", "-m", "change", at=START)


class Fault:
    """How a fault is planted: files of the commit, what happens after it, and what the scan itself then says."""

    def __init__(
        self,
        before: Callable[[Path], None] = lambda top: None,
        after: Callable[[Path, pytest.MonkeyPatch], None] = lambda top, patch: None,
        code: int = INCOMPLETE,
        scan: list[str] = SCAN,
    ) -> None:
        self.before, self.after, self.code, self.scan = before, after, code, scan


def holding(name: str, content: str | bytes, code: int = INCOMPLETE) -> Fault:
    """A fault that is a file."""
    return Fault(lambda top: write(top, name, content), code=code)


def _excluded(top: Path) -> None:
    write(top, "legacy/Api.cs", OTHER)
    write(top, "apiposture.toml", 'exclude = ["legacy/"]\n')


def _ignored(top: Path) -> None:
    write(top, "legacy/Api.cs", OTHER)
    write(top, ".gitignore", "legacy/\n")


def _module(top: Path) -> None:
    """A submodule that is not checked out: its code is part of the product, and nobody read it."""
    git(top, "update-index", "--add", "--cacheinfo", f"160000,{'b' * 40},vendor/api")


def _unreadable(top: Path, patch: pytest.MonkeyPatch) -> None:
    """As the system would answer; a mode of 000 keeps nobody out who is root."""

    def opened(file: Any, *rest: Any, **more: Any) -> Any:
        if str(file).endswith("Locked.cs"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return open(file, *rest, **more)

    patch.setattr(files_module, "open", opened, raising=False)


def _in_workers(patch: pytest.MonkeyPatch, fate: Callable[[], object]) -> None:
    real = workers.examine_entry

    def hostile(entry: Any, *how: Any) -> Any:
        return fate() if "Killer" in entry.path else real(entry, *how)

    patch.setattr(workers, "examine_entry", hostile)
    patch.setattr(workers, "FEW_FILES", 0)
    patch.setattr(workers, "SECONDS_A_FILE", 1.5)


def _in_search(patch: pytest.MonkeyPatch, fate: Callable[[], object]) -> None:
    real = examine_module.searched

    def hostile(source: Any) -> Any:
        return fate() if "Killer" in source.path else real(source)

    for module in (workers, examine_module):
        patch.setattr(module, "searched", hostile)
    patch.setattr(workers, "FEW_FILES", 0)
    patch.setattr(workers, "SECONDS_A_FILE", 1.5)


def _crashing(top: Path, patch: pytest.MonkeyPatch) -> None:
    def find(facts: object) -> object:
        raise ZeroDivisionError

    patch.setattr(AP103, "find", find)


def _after_the_scan(top: Path, patch: pytest.MonkeyPatch) -> None:
    assert run(SCAN) == COMPLETE
    write(top, "src/More.cs", "class More { }")
    commit(top)


def _beside_the_commit(top: Path, patch: pytest.MonkeyPatch) -> None:
    write(top, "src/More.cs", "class More { }")


KILLER = "src/Killer.cs"
TWO = ["record", "-q", "--jobs", "2", "--no-cache"]

FAULTS: dict[str, Fault] = {
    "a syntax error": holding("src/Broken.cs", "class X { void A( { { [[ " * 60),
    "an unreadable file": Fault(lambda top: write(top, "src/Locked.cs", OTHER), _unreadable),
    "an unknown framework": holding("app/main.py", f"import {UNREAD}\n\napp = {UNREAD}.Application()\n"),
    "a huge file": holding("src/Huge.cs", b"// x\n" * 2_100_000),
    "a binary file": holding("src/Odd.cs", b"\x00\x01\x02\xff" * 500),
    "an encoding that can't be told": holding("src/Wide.cs", OTHER.encode("utf-32-be")),
    "deep nesting": holding("src/Deep.cs", "class X { void A(int x) { " + "if (x > 1) { " * 400 + "}" * 402),
    "a worker that dies": Fault(lambda top: write(top, KILLER, OTHER), lambda _, patch: _in_workers(patch, lambda: os._exit(9)), scan=TWO),
    "a worker that hangs": Fault(
        lambda top: write(top, KILLER, OTHER), lambda _, patch: _in_workers(patch, lambda: time.sleep(60)), scan=TWO
    ),
    "a search for secrets that kills its worker": Fault(
        lambda top: write(top, KILLER, OTHER), lambda _, patch: _in_search(patch, lambda: os._exit(9)), scan=TWO
    ),
    "a search for secrets that hangs": Fault(
        lambda top: write(top, KILLER, OTHER), lambda _, patch: _in_search(patch, lambda: time.sleep(60)), scan=TWO
    ),
    "a rule that crashes": Fault(lambda top: write(top, "src/Other.cs", OTHER), _crashing),
    "an excluded folder": Fault(_excluded, code=COMPLETE),
    "a folder that Git ignores, and holds": Fault(_ignored, code=COMPLETE),
    "source in a folder of built files": holding("node_modules/lib/Api.cs", OTHER, COMPLETE),
    "a broken configuration": Fault(lambda top: write(top, "apiposture.toml", 'exclude = "everything\n'), code=REFUSED),
    "a setting that does not exist": Fault(lambda top: write(top, "apiposture.toml", "exlude = []\n"), code=REFUSED),
    "a commit after the scan": Fault(after=_after_the_scan, scan=[]),
    "another state than the commit's": Fault(after=_beside_the_commit, code=COMPLETE),
    "one rule alone": Fault(code=COMPLETE, scan=["scan", "--rule", "AP006", "--record", "-q", "-o", "../r.txt"]),
    "no source at all": Fault(lambda top: write(top, "docs/read.md", "# Orders"), scan=["record", "docs", "-q"]),
}
"""Exit code 0: the scan itself saw all that it was given, and only the commit knows of the rest."""

NOTHING_SCANNED = ("a broken configuration", "a setting that does not exist", "another state than the commit's")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    top = tmp_path / "orders"
    top.mkdir()
    git(top, "init", "-q", "-b", "main")
    write(top, "src/OrderController.cs", CLOSED)
    monkeypatch.chdir(top)
    monkeypatch.setenv("APIPOSTURE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(START + 86_400))
    return top


def packed(top: Path) -> dict[str, bytes]:
    """The files of a pack of everything, which verifies."""
    pack = top.parent / "pack.zip"
    assert run(["evidence", "build", "--period", "2026-07", "-o", str(pack)]) == 0
    assert run(["verify", str(pack)]) == 0
    return {name: member.content for name, member in members_of(pack.read_bytes()).items()}


def test_without_a_fault_there_is_nothing_to_say(project: Path) -> None:
    commit(project)
    assert run(SCAN) == COMPLETE
    found = packed(project)
    assert [statuses_in_all(found)[each] for each in CRITERIA] == ["no-exceptions-noted"] * 3
    assert "AP101" in unblemished_in_hdf(found)
    assert was_seen_by_sarif(found)
    assert was_seen_by_json(found)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_in_every_format(name: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = FAULTS[name]
    if name in NOTHING_SCANNED:
        git(project, "commit", "-q", "--allow-empty", "-m", "before", at=START - 9_000_000)
        assert run(["record", "-q", "--operator", "somebody"]) == COMPLETE, "a history without a scan gives no pack"
    fault.before(project)
    commit(project)
    with monkeypatch.context() as patch:
        fault.after(project, patch)
        if fault.scan:
            assert run(fault.scan) == fault.code
    found = packed(project)
    assert [statuses_in_all(found)[each] for each in CRITERIA] == ["not-evaluated"] * 3
    assert unblemished_in_hdf(found) == (["AP006"] if name == "one rule alone" else []), "that one rule did see everything"
    if name not in ("a commit after the scan", "one rule alone"):
        assert not was_seen_by_sarif(found)
        assert not was_seen_by_json(found)


def test_a_submodule_is_source_that_nobody_read(project: Path) -> None:
    """It is no file of the commit, so nothing else would tell."""
    git(project, "add", "-A")
    _module(project)
    git(project, "commit", "-q", "-m", "change", at=START)
    assert run(SCAN) == COMPLETE
    found = packed(project)
    assert [statuses_in_all(found)[each] for each in CRITERIA] == ["not-evaluated"] * 3
    assert unblemished_in_hdf(found) == []
    assert not was_seen_by_sarif(found)
    assert b"vendor/api/" in found["csv/files.csv"]
    pack = project.parent / "declared.zip"
    declared = "vendor/api/=a client that is not part of the service"
    assert run(["evidence", "build", "--period", "2026-07", "--out-of-scope", declared, "-o", str(pack)]) == 0
    told = statuses_in_all({name: member.content for name, member in members_of(pack.read_bytes()).items()})
    assert [told[each] for each in CRITERIA] == ["no-exceptions-noted"] * 3
