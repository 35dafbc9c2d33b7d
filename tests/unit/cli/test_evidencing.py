"""From a repository to a pack that verifies, by the commands alone."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apiposture.cli import run
from apiposture.cli.packing import declared, period_from, scope_from
from apiposture.model.error import PostureError
from unit.cli.test_recording import CLOSED, OPEN
from unit.repository.test_reading import git

START, DAY = 1_782_864_000, 86_400  # 2026-07-01
SRC = Path(__file__).resolve().parents[3] / "src"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three commits in July 2026, none of them scanned; the second opens an endpoint."""
    top = tmp_path / "orders"
    (top / "src").mkdir(parents=True)
    git(tmp_path, "init", "-q", "-b", "main", "orders")
    for number, text in enumerate((CLOSED, OPEN, CLOSED)):
        (top / "src" / "OrderController.cs").write_text(text)
        (top / f"note{number}.txt").write_text("x")
        git(top, "add", "-A")
        git(top, "commit", "-q", "-m", f"{number}", at=START + number * DAY)
    monkeypatch.chdir(top)
    monkeypatch.setenv("APIPOSTURE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(START + 100 * DAY))
    return top


def table(pack: Path, name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(pack) as archive:
        return list(csv.DictReader(io.StringIO(archive.read(f"csv/{name}.csv").decode())))


def status(pack: Path, criterion: str) -> str:
    return next(row["status"] for row in table(pack, "statuses") if row["criterion"] == criterion)


def test_from_commits_to_a_verified_pack(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evidence", "back-fill", "--period", "2026-07", "-q"]) == 0
    pack = tmp_path / "pack.zip"
    assert run(["evidence", "build", "--period", "2026-Q3", "--scope", "S,C", "-o", str(pack)]) == 0
    told = capsys.readouterr().err
    assert "new signing key" in told
    key = told.strip().rpartition(" ")[2]
    assert run(["verify", str(pack), "--key-fingerprint", key]) == 0
    shown = capsys.readouterr().out
    assert "grade   E2" in shown
    assert "files made again, byte for byte" in shown
    assert "scans by their schema" in shown
    assert [row["how"] for row in table(pack, "population") if row["in_period"] == "yes"] == ["back-filled"] * 3
    assert status(pack, "CC8.1") == "exceptions-noted", "nothing was scanned at its time"
    assert status(pack, "CC4.1") == "no-exceptions-noted"
    assert {row["state"] for row in table(pack, "findings")} == {"fixed"}
    assert run(["verify", str(pack), "--key-fingerprint", "00" * 32]) == 1
    assert run(["evidence", "build", "--period", "2026-Q3", "--scope", "S,C", "-o", str(tmp_path / "again.zip")]) == 0
    assert (tmp_path / "again.zip").read_bytes() == pack.read_bytes(), "the same history, key and time: the same bytes"
    assert run(["evidence", "verifier", "-o", str(tmp_path / "verify.py")]) == 0
    with zipfile.ZipFile(pack) as archive:
        assert archive.read("verify.py") == (tmp_path / "verify.py").read_bytes()
    command = [sys.executable, "-I", str(tmp_path / "verify.py"), str(pack), "--key-fingerprint", key, "--sample", "seed", "--count", "2"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0
    capsys.readouterr()
    assert run(["evidence", "sample", str(pack), "--seed", "seed", "--n", "2"]) == 0
    drawn = capsys.readouterr().out
    assert done.stdout.endswith(drawn.replace("\r\n", "\n"))
    assert len(drawn.splitlines()) == 3


def test_a_back_filled_scan_says_what_a_live_one_would_have_said(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["record", "-q"]) == 0
    assert run(["evidence", "back-fill", "--period", "2026-07", "-q"]) == 0
    assert run(["evidence", "back-fill", "--period", "2026-07", "-q"]) == 0, "nothing is left to do"
    capsys.readouterr()
    assert run(["history", "--format", "json"]) == 0
    links = json.loads(capsys.readouterr().out)
    assert [link["how"] for link in links] == ["live", "back-filled", "back-filled"]
    other = ["--store", f"sqlite:///{project.parent}/other.sqlite"]
    assert run(["evidence", "back-fill", "--period", "2026-07", "-q", *other]) == 0
    capsys.readouterr()
    assert run(["history", "--format", "json", *other]) == 0
    again = json.loads(capsys.readouterr().out)
    assert [link["commit"] for link in again] == [git(project, "rev-parse", name) for name in ("HEAD~2", "HEAD~1", "HEAD")]
    assert again[2]["result"] == links[0]["result"]
    assert [link["result"] for link in again[:2]] == [link["result"] for link in links[1:]]
    assert git(project, "status", "--short") == ""


def test_a_folder_of_the_repository_can_be_the_scope(project: Path, tmp_path: Path) -> None:
    assert run(["evidence", "back-fill", "src", "--period", "2026-07", "-q"]) == 0
    pack = tmp_path / "pack.zip"
    assert run(["evidence", "build", "--period", "2026-07", "-o", str(pack)]) == 0
    assert [row["path"] for row in table(pack, "files")] == ["OrderController.cs"]
    assert run(["verify", str(pack)]) == 0


def test_a_gap_is_explained_and_stays_a_gap(project: Path, tmp_path: Path) -> None:
    assert run(["record", "-q"]) == 0
    assert run(["evidence", "explain-gap", "HEAD~1", "--reason", "x"]) == 2, "only branches, tags and ids are names here"
    missed = git(project, "rev-parse", "HEAD~1")
    assert run(["evidence", "explain-gap", missed, "--reason", " "]) == 2
    assert run(["evidence", "explain-gap", missed[:10], "--reason", "the runner was down", "--operator", "ada"]) == 0
    pack = tmp_path / "pack.zip"
    assert run(["evidence", "build", "--period", "2026-07", "-o", str(pack)]) == 0
    row = next(row for row in table(pack, "population") if row["commit"] == missed)
    assert (row["explained"], row["gap"], row["scan"]) == ("yes", "the runner was down", "0")
    assert status(pack, "CC6.1") == "not-evaluated"
    assert run(["verify", str(pack)]) == 0


def test_a_second_person_signs_off(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["record", "-q"]) == 0
    capsys.readouterr()
    key, pack, signed = tmp_path / "mary.pem", tmp_path / "pack.zip", tmp_path / "signed.zip"
    assert run(["evidence", "key", str(key)]) == 0
    fingerprint = capsys.readouterr().out.strip()
    assert key.stat().st_mode & 0o077 == 0
    assert run(["evidence", "key", str(key)]) == 2, "a key is never replaced"
    assert run(["evidence", "build", "--signoff-by", fingerprint, "-o", str(pack)]) == 0
    assert run(["verify", str(pack)]) == 1
    assert run(["evidence", "signoff", str(pack), "--key", str(key), "--name", "Mary Major", "-o", str(signed)]) == 0
    assert run(["verify", str(signed), "--signoff-fingerprint", fingerprint]) == 0


@pytest.mark.parametrize("name", ["01-report.pdf", "VERIFY.html", "rules/AP101.md", "mapping/soc2.md", "verify.py"])
def test_what_is_only_looked_at_is_made_again(name: str, project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The holder of the key changes a page and seals again."""
    from apiposture.evidence.pack import sealed
    from apiposture.evidence.signing import signer_from
    from apiposture.evidence.verifier.container import members_of

    assert run(["record", "-q"]) == 0
    pack = tmp_path / "pack.zip"
    assert run(["evidence", "build", "-o", str(pack)]) == 0
    special = ("MANIFEST.sha256", "container.json", "attest/pack.dsse.json", "pubkey.pem")
    files = {each: member.content for each, member in members_of(pack.read_bytes()).items() if each not in special}
    files[name] += b"\n"
    pack.write_bytes(sealed(files, signer_from(project / ".apiposture" / "signing-key.pem")))
    capsys.readouterr()
    assert run(["verify", str(pack)]) == 1
    assert f"'{name}' is not what this same tool makes" in capsys.readouterr().out


@pytest.mark.parametrize("view", ["customer", "public"])
def test_views_are_made_and_verified(view: str, project: Path, tmp_path: Path) -> None:
    assert run(["record", "-q"]) == 0
    pack = tmp_path / "pack.zip"
    assert run(["evidence", "build", "--view", view, "--standard", "all", "-o", str(pack)]) == 0
    assert run(["verify", str(pack)]) == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["build", "--period", "2026-13", "-o", "p.zip"], "is no period"),
        (["build", "--period", "2026-09-01..2026-08-01", "-o", "p.zip"], "ends before it starts"),
        (["build", "--scope", "X", "-o", "p.zip"], "Category 'X' does not exist"),
        (["build", "--standard", "soc3", "-o", "p.zip"], "Standard 'soc3' does not exist"),
        (["build", "--out-of-scope", "tests/*", "-o", "p.zip"], "gives no reason"),
        (["build", "-o", "nowhere/p.zip"], "there is no folder"),
        (["build", "-o", "p.zip"], "Nothing is recorded"),
        (["sample", "p.zip", "--seed", "1"], "could not be read"),
    ],
)
def test_slips_are_sentences(arguments: list[str], told: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evidence", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_a_key_that_is_none_is_a_sentence(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["record", "-q"]) == 0
    (tmp_path / "key.pem").write_text("nonsense")
    assert run(["evidence", "build", "-o", str(tmp_path / "p.zip"), "--key", str(tmp_path / "key.pem")]) == 2
    assert "can't be used" in capsys.readouterr().err


def test_oscal_is_held_against_a_schema_where_one_is_named(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["record", "-q"]) == 0
    pack, schema = tmp_path / "pack.zip", tmp_path / "schema.json"
    assert run(["evidence", "build", "-o", str(pack)]) == 0
    capsys.readouterr()
    for text, code, told in (
        ('{"type": "object"}', 0, "OSCAL documents by their schemas"),
        ('{"type": "string"}', 1, "is not valid by its schema"),
        ("nonsense", 2, "can't be used"),
    ):
        schema.write_text(text)
        assert run(["verify", str(pack), "--oscal-schema", str(schema)]) == code
        shown = capsys.readouterr()
        assert told in shown.out + shown.err


def test_no_pack_is_a_broken_pack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for content in (b"", b"x" * 100, b"PK\x05\x06" + bytes(18)):
        (tmp_path / "p.zip").write_bytes(content)
        assert run(["verify", str(tmp_path / "p.zip")]) == 1
        assert "BROKEN" in capsys.readouterr().out


def test_a_missing_extra_is_a_sentence(tmp_path: Path) -> None:
    code = "import sys; sys.modules['cryptography'] = None; from apiposture.cli import run; sys.exit(run(['evidence', 'key', 'k.pem']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(SRC)})
    assert done.returncode == 2
    assert "pip install 'apiposture[evidence]'" in done.stderr


def test_verifying_needs_no_extra(tmp_path: Path) -> None:
    code = """
import sys
for name in ("cryptography", "sqlalchemy", "alembic", "reportlab", "xlsxwriter", "jsonschema_rs"):
    sys.modules[name] = None
from apiposture.cli import run
sys.exit(run(["verify", "p.zip"]))
"""
    (tmp_path / "p.zip").write_bytes(b"x")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(SRC)})
    assert done.returncode == 1, done.stderr


def test_periods_scopes_and_reasons_are_read() -> None:
    assert period_from("2026-Q4") == ("2026-10-01", "2026-12-31")
    assert period_from("2024-02") == ("2024-02-01", "2024-02-29")
    assert period_from("2026") == ("2026-01-01", "2026-12-31")
    assert scope_from("c") == ["S", "C"]
    assert declared("tests/*=not shipped = never") == {"files": "tests/*", "reason": "not shipped = never"}
    with pytest.raises(PostureError):
        period_from("yesterday")


def test_a_pack_takes_the_place_of_a_pack_alone(run: Callable[..., Any], project: Path) -> None:
    assert run("record").code == 0
    source = project / "src" / "OrderController.cs"
    before = source.read_bytes()
    outcome = run("evidence", "build", "-o", source)
    assert (outcome.code, source.read_bytes()) == (2, before)
    assert "this tool did not write what is there" in outcome.err
    assert [run("evidence", "build", "-o", project / "pack.zip").code for _ in range(2)] == [0, 0]
