"""Do `record`, `history`, `diff` and `trend` keep and tell what was scanned?"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from apiposture.cli import run
from unit.repository.test_reading import git

OPEN = """
using Microsoft.AspNetCore.Mvc;
[ApiController] [Route("api/orders")]
public class OrderController : ControllerBase
{
    [HttpPost("{id}")] public IActionResult Change(int id) => Ok();
}
"""
CLOSED = OPEN.replace("[ApiController]", "[ApiController] [Microsoft.AspNetCore.Authorization.Authorize]")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one open endpoint, recorded; then closed, and recorded again."""
    top = tmp_path / "orders"
    (top / "src").mkdir(parents=True)
    (top / "src" / "OrderController.cs").write_text(OPEN)
    (top / "README.md").write_text("# Orders\n")
    git(tmp_path, "init", "-q", "-b", "main", "orders")
    git(top, "add", "-A")
    git(top, "commit", "-q", "-m", "open")
    monkeypatch.chdir(top)
    monkeypatch.setenv("APIPOSTURE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("GITHUB_ACTOR", "ada")
    monkeypatch.setenv("GITHUB_RUN_ID", "77")
    assert run(["record"]) == 0
    (top / "src" / "OrderController.cs").write_text(CLOSED)
    git(top, "commit", "-qam", "closed", at=1_780_010_000)
    assert run(["scan", "--record", "--fail-on", "none", "--format", "json", "-o", str(tmp_path / "report.json")]) == 0
    return top


def links(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    capsys.readouterr()
    assert run(["history", "--format", "json"]) == 0
    return list(json.loads(capsys.readouterr().out))


def test_a_scan_is_kept_with_all_that_is_known(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = links(capsys)
    assert first["commit"] == git(project, "rev-parse", "HEAD~1")
    assert second["commit"] == git(project, "rev-parse", "HEAD")
    assert (first["findings"], second["findings"]) == (1, 0)
    assert first["how"] == "live"
    assert first["dirty"] == 0
    who = first["who"]
    assert isinstance(who, dict)
    assert (who["operator"], who["run"], who["branch"]) == ("ada", "77", "main")
    assert git(project, "status", "--short") == ""


def test_the_history_is_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["history"]) == 0
    shown = capsys.readouterr().out
    assert "the chain holds" in shown
    assert "ada" in shown


def test_what_changed_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["diff", "1", "2"]) == 0
    shown = capsys.readouterr().out
    assert "No longer found (1)" in shown
    assert "POST /api/orders/{id} (authenticated), before: POST" not in shown
    assert "(authenticated), before: public" in shown
    assert run(["diff", git(project, "rev-parse", "HEAD~1")[:10]]) == 0
    assert "No longer found (1)" in capsys.readouterr().out
    assert run(["diff", "9"]) == 2
    assert "No scan '9' is recorded" in capsys.readouterr().err


def test_the_trend_is_by_day(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["trend"]) == 0
    assert run(["trend", "--format", "json"]) == 0
    out = capsys.readouterr().out
    assert json.loads(out[out.index("[") :])[-1]["critical"] == 0


def test_a_changed_file_makes_the_scan_dirty(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "src" / "OrderController.cs").write_text(OPEN)
    (project / "src" / "New.cs").write_text("class New { }")
    assert run(["record", "-q"]) == 0
    assert links(capsys)[-1]["dirty"] == 2
    (project / "src" / "New.cs").unlink()
    (project / "src" / "OrderController.cs").write_bytes(CLOSED.replace("\n", "\r\n").encode())
    assert run(["record", "-q"]) == 0
    assert links(capsys)[-1]["dirty"] == 0, "line ends alone change nothing"
    (project / "src" / "OrderController.cs").unlink()
    assert run(["record", "-q"]) == 4
    assert links(capsys)[-1]["dirty"] == 1, "a file that is gone is a change"


def test_an_incomplete_scan_is_recorded_as_that(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "src" / "Broken.cs").write_text("class { { {")
    assert run(["record", "-q"]) == 4
    assert links(capsys)[-1]["complete"] is False


def test_nothing_recorded_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["history", "--store", f"sqlite:///{tmp_path}/h.sqlite"]) == 2
    assert "Nothing is recorded" in capsys.readouterr().err


def test_a_missing_extra_is_a_sentence(tmp_path: Path) -> None:
    code = "import sys; sys.modules['sqlalchemy'] = None; from apiposture.cli import run; sys.exit(run(['history']))"
    src = Path(__file__).resolve().parents[3] / "src"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(src)})
    assert done.returncode == 2
    assert "pip install 'apiposture[store]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", [["history"], ["trend"], ["diff", "1"], ["evidence", "build", "-o", "p.zip"]], ids=["history", "trend", "diff", "build"]
)
def test_who_only_reads_makes_nothing(command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for store in (["--store", f"sqlite:///{tmp_path}/new/h.sqlite"], ["--store", f"sqlite:///{tmp_path}/h.sqlite"], []):
        assert run([*command, *store]) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_obeys_nothing_that_was_recorded(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names of branches come from whoever pushes, names of people from their machines."""
    git(project, "commit", "-q", "--allow-empty", "-m", "more")
    head = project / ".git" / "HEAD"
    evil = "\x1b]0;owned\x07\x1b[2J\u202e"
    (project / ".git" / "refs" / "heads" / evil).write_text(git(project, "rev-parse", "HEAD") + "\n")
    head.write_text(f"ref: refs/heads/{evil}\n")
    assert run(["record", "-q", "--operator", f"eve{evil}", "--project", evil]) == 0
    capsys.readouterr()
    assert run(["history", "--project", evil]) == 0
    told = capsys.readouterr().out
    assert "\\x1b" in told
    assert run(["history"]) == 0
    assert run(["history", "--project", "none"]) == 2
    said = "".join(capsys.readouterr())
    for text in (told, said):
        assert not set(text) & {"\x1b", "\x07", "\u202e"}
    pack = project.parent / "pack.zip"
    assert run(["evidence", "build", "--project", evil, "-o", str(pack)]) == 0
    assert run(["verify", str(pack)]) == 0
    assert not set("".join(capsys.readouterr())) & {"\x1b", "\x07", "\u202e"}
