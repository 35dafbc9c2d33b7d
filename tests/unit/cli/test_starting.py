"""Do the commands that put the scanner into a project show, ask, write, and touch nothing that is there?"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apiposture.cli import starting

Run = Callable[..., Any]
SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "orders-aspnetcore"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    top = tmp_path / "shop"
    shutil.copytree(SAMPLE, top)
    (top / ".github").mkdir()
    (top / ".github/workflows").mkdir()
    return top


def files(top: Path) -> dict[str, bytes]:
    return {path.relative_to(top).as_posix(): path.read_bytes() for path in sorted(top.rglob("*")) if path.is_file()}


NEW = {"apiposture.toml", "apiposture-baseline.json", ".github/workflows/apiposture.yml", ".pre-commit-config.yaml"}


def test_init_shows_everything_and_writes_nothing_where_nobody_can_be_asked(run: Run, shop: Path) -> None:
    before = files(shop)
    outcome = run("init", shop)
    assert outcome.code == 2
    assert "nobody can be asked here; say --yes to write 4 files" in outcome.err
    assert all(f"+++ {name}: " in outcome.out for name in NEW)
    assert files(shop) == before
    dry = run("init", shop, "--dry-run")
    assert (dry.code, dry.out) == (0, outcome.out)
    assert files(shop) == before


def test_init_writes_what_makes_the_next_scan_pass(run: Run, shop: Path) -> None:
    before = files(shop)
    assert run("scan", shop).code == 1
    outcome = run("init", shop, "--yes")
    assert outcome.code == 0
    assert set(files(shop)) - set(before) == NEW
    assert {name: files(shop)[name] for name in before} == before
    assert "pre-commit install" in outcome.err
    assert run("scan", shop).code == 0
    again = run("init", shop, "--yes")
    assert (again.code, again.out) == (0, "")
    assert "Nothing to write" in again.err


@pytest.mark.parametrize(("answer", "count"), [("y\n", 4), ("n\n", 0), ("\n", 0)])
def test_init_asks(run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch, answer: str, count: int) -> None:
    asked = []
    monkeypatch.setattr(sys, "stdin", type("Terminal", (), {"isatty": staticmethod(lambda: True)})())
    monkeypatch.setattr(starting.click, "confirm", lambda text, **_: asked.append(text) or answer.startswith("y"))
    assert run("init", shop).code == 0
    assert "Write 4 files: apiposture.toml, " in asked[0]
    assert len(NEW & set(files(shop))) == count


def test_init_leaves_out_what_is_not_wanted(run: Run, shop: Path) -> None:
    run("init", shop, "--yes", "--no-hook", "--no-baseline", "--ci", "gitlab", "--install", "pip install ./wheel.whl")
    assert "pip install ./wheel.whl" in (shop / ".gitlab-ci.yml").read_text("utf-8")
    assert not NEW - {"apiposture.toml"} & set(files(shop))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--ci", "gitlub"), "did you mean 'gitlab'"), (("--ci", "x"), "there are azure"), (("--install", "a\nb"), "one command on one line")],
)
def test_init_says_what_is_wrong(run: Run, shop: Path, arguments: tuple[str, ...], words: str) -> None:
    outcome = run("init", shop, *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert words in outcome.err
    assert run("init", shop / "README.md").code == 2


# Doctor


def test_doctor_says_what_is_recognised(run: Run, shop: Path) -> None:
    outcome = run("doctor", shop)
    assert outcome.code == 0
    assert "ASP.NET Core controllers" in outcome.out
    assert "14: 1 public, 3 anonymous, 7 authenticated, 3 role" in outcome.out
    assert "no CI file or hook runs apiposture" in outcome.out
    run("init", shop, "--yes")
    after = run("doctor", shop).out
    assert "✓ pipeline        GitHub Actions\n" in after
    assert "5 of 5 findings are still there" in after
    assert str(shop / "apiposture.toml") in after.replace("\n                  ", "")


def test_doctor_says_what_no_longer_holds(run: Run, shop: Path) -> None:
    run("init", shop, "--yes")
    (shop / "Services/PaymentGateway.cs").unlink()
    with (shop / "apiposture.toml").open("a", encoding="utf-8") as stream:
        stream.write('\n[[suppress]]\nrule = "AP001"\nendpoint = "GET /gone"\nreason = "x"\nuntil = "2020-01-01"\n[ratchet]\nAP006 = 3\n')
    remarks = {each["about"]: each for each in json.loads(run("doctor", shop, "--format", "json").out)["remarks"]}
    assert "1 gone: renew it" in remarks["baseline"]["text"]
    assert "ran out on 2020-01-01" in remarks["expired-suppression"]["text"]
    assert "set it to 0" in remarks["ratchet"]["text"]


def test_doctor_ends_with_4_where_a_scan_would(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing to see")
    outcome = run("doctor", tmp_path)
    assert outcome.code == 4
    assert "✗ no-source" in outcome.out


# Ignore


def fingerprint(run: Run, shop: Path, rule: str) -> str:
    found = json.loads(run("scan", shop, "--format", "json").out)["findings"]
    return next(str(each["fingerprint"]) for each in found if each["rule"] == rule)


def test_ignore_writes_a_decision_that_holds(run: Run, shop: Path) -> None:
    one = fingerprint(run, shop, "AP101")
    outcome = run("ignore", one[:8], shop, "--reason", 'say "why"\\', "--until", "2999-03-31", "--owner", "orders", "--ticket", "T-1")
    assert outcome.code == 0
    assert outcome.out.startswith("Possible BOLA in OrderController.cs:24.")
    findings = json.loads(run("scan", shop, "--format", "json").out)["findings"]
    accepted = next(each["suppressed_by"] for each in findings if each["fingerprint"] == one)
    assert (accepted["reason"], accepted["until"], accepted["owner"], accepted["ticket"]) == ('say "why"\\', "2999-03-31", "orders", "T-1")
    assert accepted["place"] == {"path": "apiposture.toml", "line": 2, "column": 1, "end_line": 0, "end_column": 0}
    again = run("ignore", one, shop, "--reason", "x")
    assert again.code == 2
    assert "is accepted already, in apiposture.toml:2" in again.err


def test_ignore_keeps_what_stands_in_the_file(run: Run, shop: Path) -> None:
    one, two = fingerprint(run, shop, "AP101"), fingerprint(run, shop, "AP201")
    project = shop / "pyproject.toml"
    project.write_text('# mine\n[tool.apiposture]\nfail_on = "critical" # here\n[tool.other]\nx = 1', "utf-8")
    before = project.read_text("utf-8")
    assert run("ignore", one, shop, "--reason", "a", "--dry-run").code == 0
    assert project.read_text("utf-8") == before
    run("ignore", one, shop, "--reason", "a")
    run("ignore", two, shop, "--reason", "b")
    text = project.read_text("utf-8")
    assert text.startswith(before)
    assert text.count("[[tool.apiposture.suppress]]") == 2
    assert not (shop / "apiposture.toml").exists()


def test_ignore_works_from_a_folder_below(run: Run, shop: Path) -> None:
    (shop / "apiposture.toml").write_text("", "utf-8")
    one = fingerprint(run, shop / "Controllers", "AP004")
    run("ignore", one, shop / "Controllers", "--reason", "x")
    assert "[[suppress]]" in (shop / "apiposture.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--reason", " "), "needs a reason"),
        (("--reason", "x", "--until", "soon"), "no day of the calendar"),
        (("--reason", "x", "--until", "2020-01-01"), "has passed"),
        ((), "Missing option '--reason'"),
    ],
)
def test_ignore_refuses_what_would_hide_nothing(run: Run, shop: Path, arguments: tuple[str, ...], words: str) -> None:
    outcome = run("ignore", fingerprint(run, shop, "AP101"), shop, *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert words in outcome.err
    assert not (shop / "apiposture.toml").exists()


def test_ignore_does_not_guess(run: Run, shop: Path) -> None:
    one = fingerprint(run, shop, "AP101")
    assert "is too short" in run("ignore", "ab", shop, "--reason", "x").err
    assert "No finding here" in run("ignore", "ffffffff", shop, "--reason", "x").err
    (shop / "apiposture.toml").write_text('suppress = [{rule = "AP001", reason = "r", path = "x"}]\n', "utf-8")
    outcome = run("ignore", one, shop, "--reason", "x")
    assert outcome.code == 2
    assert "spells its suppressions as one list; add there by hand" in outcome.err


def test_a_message_can_not_leave_its_comment(run: Run, tmp_path: Path) -> None:
    from apiposture.model.finding import Finding
    from apiposture.model.source import Place
    from apiposture.scan.acceptance import Acceptance, with_row

    finding = Finding("AP101", "n", "high", "high", 'a\nfail_on = "none"\r\x85\u2028[x]', Place("a", 1), fingerprint="0" * 16)
    _, after = with_row(tmp_path / "apiposture.toml", finding, Acceptance("r\nfail_on = 'none'\x7f\ud800"))
    assert [line for line in after.splitlines() if line.startswith("fail_on")] == []


def told(outcome: Any) -> str:
    """What was said, whatever the width of the lines."""
    return " ".join(outcome.out.split())


def test_doctor_ticks_a_hook_only_where_git_runs_it(run: Run, shop: Path) -> None:
    subprocess.run(["git", "init", "-q", str(shop)], check=True)
    hook = "pre-commit hook: written, not switched on"
    (shop / ".pre-commit-config.yaml").write_text("# apiposture scan .\nrepos: []\n")
    assert hook not in told(run("doctor", shop))
    (shop / ".pre-commit-config.apiposture.yaml").write_text("- id: apiposture\n")
    assert "alone changes nothing" in told(run("doctor", shop))
    (shop / ".pre-commit-config.yaml").write_text("- id: apiposture\n")
    assert hook in told(run("doctor", shop))
    (shop / ".git/hooks").mkdir(exist_ok=True)
    (shop / ".git/hooks/pre-commit").write_text("#!/bin/sh\n# File generated by pre-commit\n")
    assert "✓ pipeline pre-commit hook" in told(run("doctor", shop))


def test_init_in_a_subfolder_writes_where_ci_reads(run: Run, shop: Path) -> None:
    (shop / ".git").mkdir()
    assert run("init", shop / "Controllers", "--yes", "--ci", "github").code == 0
    assert {path.relative_to(shop).as_posix() for path in shop.rglob("*apiposture*")} == {
        ".github/workflows/apiposture.yml", "Controllers/apiposture.toml", "Controllers/apiposture-baseline.json",
    }  # fmt: skip
    assert (shop / ".pre-commit-config.yaml").is_file()
