"""Do the files that other people's systems read keep to what those systems want, pinned, and with nothing pasted into scripts?"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tree_sitter_yaml
from tree_sitter import Language, Parser

from apiposture.reports.comment import MARKER

TOP = Path(__file__).resolve().parent.parent
YAML = [TOP / "action.yml", TOP / "templates/apiposture.yml", TOP / ".pre-commit-hooks.yaml"]
SCRIPTS = sorted((TOP / "action").glob("*.sh"))
ZIZMOR = shutil.which("zizmor", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
"""Beside the Python that runs the tests, or wherever it is installed."""
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} {1,2}# v\d+\.\d+\.\d+$")


@pytest.mark.parametrize("file", YAML, ids=lambda file: file.name)
def test_it_is_yaml(file: Path) -> None:
    assert not Parser(Language(tree_sitter_yaml.language())).parse(file.read_bytes()).root_node.has_error


def test_the_action_is_pinned_and_scripts_get_everything_by_variable() -> None:
    text = (TOP / "action.yml").read_text("utf-8")
    uses = [line.strip().removeprefix("- ") for line in text.split("\n") if "uses:" in line]
    assert len(uses) == 2
    assert all(PINNED.fullmatch(line) for line in uses)
    assert not re.search(r"run:.*\$\{\{", text)
    assert [script.name for script in SCRIPTS if f"/action/{script.name}" not in text] == []


def test_what_is_pinned_is_the_same_everywhere() -> None:
    workflow = (TOP / "src/apiposture/pipelines/github.toml").read_text("utf-8")
    pins: dict[str, set[str]] = {}
    for name, commit in re.findall(r"uses: ([\w./-]+)@(\w+ +# \S+)", workflow + (TOP / "action.yml").read_text("utf-8")):
        pins.setdefault(name, set()).add(commit)
    assert all(len(commits) == 1 for commits in pins.values()), pins


@pytest.mark.skipif(not ZIZMOR, reason="zizmor is not installed")
def test_zizmor_finds_nothing_in_the_action() -> None:
    command = [str(ZIZMOR), "--offline", "--persona", "pedantic", "action.yml"]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_shellcheck_finds_nothing(script: Path) -> None:
    done = subprocess.run(["shellcheck", str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


BASH = pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")


def played(script: str, tmp_path: Path, tool: str, body: str, **variables: str) -> tuple[int, list[list[str]]]:
    """Run a script with a stand-in for the one tool that it calls: the exit code, and the arguments of each call."""
    (tmp_path / "bin").mkdir()
    stand_in = tmp_path / "bin" / tool
    log = tmp_path / "calls"
    stand_in.write_text(f'#!/usr/bin/env bash\nprintf "%s\\x1f" "$@" >> {log}; printf "\\x1e" >> {log}\n{body}\n')
    stand_in.chmod(0o755)
    around = {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}", "RUNNER_TEMP": str(tmp_path), **variables}
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        around.setdefault(name, str(tmp_path / name))
    done = subprocess.run(["bash", str(TOP / "action" / script)], env=around, capture_output=True, text=True, check=False)
    calls = log.read_text().split("\x1e")[:-1] if log.exists() else []
    return done.returncode, [call.split("\x1f")[:-1] for call in calls]


@BASH
def test_the_action_hands_values_on_as_they_are(tmp_path: Path) -> None:
    evil = '$(touch owned); "x" --fail-on none'
    code, calls = played("scan.sh", tmp_path, "apiposture", "exit 1", SCAN_PATH=evil, FAIL_ON="high", DIFF="auto", BASE_REF="release/1 x")
    assert code == 1
    (call,) = calls
    assert call[:3] == ["scan", "--fail-on=high", "--diff=origin/release/1 x"]
    assert call[-2:] == ["--", evil]
    assert not (TOP / "owned").exists()
    assert "exit-code=1" in (tmp_path / "GITHUB_OUTPUT").read_text()


@BASH
@pytest.mark.parametrize(("variables", "options"), [({"DIFF": "auto"}, []), ({"DIFF": ""}, []), ({"DIFF": "v1"}, ["--diff=v1"])])
def test_without_a_pull_request_nothing_is_compared(tmp_path: Path, variables: dict[str, str], options: list[str]) -> None:
    code, ((_, *given),) = played("scan.sh", tmp_path, "apiposture", "exit 0", **variables)
    assert code == 0
    assert [each for each in given if each.startswith(("--diff", "--fail-on", "--baseline"))] == options
    assert given[-1] == "."


@BASH
def test_the_action_keeps_its_reports(tmp_path: Path) -> None:
    body = 'for each in "$@"; do case "$each" in *:*) echo x > "${each#*:}";; esac; done; exit 4'
    code, _ = played("scan.sh", tmp_path, "apiposture", body, DIFF="")
    assert code == 4
    told = (tmp_path / "GITHUB_OUTPUT").read_text()
    assert all(f"{name}={tmp_path}/apiposture/" in told for name in ("sarif", "html", "comment"))
    assert (tmp_path / "GITHUB_STEP_SUMMARY").read_text() == "x\n"


@BASH
@pytest.mark.parametrize(("there", "method", "where"), [("", "POST", "issues/7/comments"), ("41\\n42", "PATCH", "issues/comments/41")])
def test_there_is_one_comment(tmp_path: Path, there: str, method: str, where: str) -> None:
    comment = tmp_path / "comment.md"
    comment.write_text(f"{MARKER}\nmore\n")
    body = f'case "$*" in *--jq*) printf "{there}";; esac'
    code, calls = played("comment.sh", tmp_path, "gh", body, COMMENT=str(comment), NUMBER="7", GITHUB_REPOSITORY="a/b", GH_TOKEN="x")
    assert code == 0
    assert MARKER in calls[0][-1]
    assert calls[1] == ["api", "--silent", "--method", method, f"repos/a/b/{where}", "--field", f"body=@{comment}"]


def test_the_image_is_pinned_small_and_nobody_in_particular() -> None:
    lines = (TOP / "Dockerfile").read_text("utf-8").split("\n")
    assert all(re.search(r"@sha256:[0-9a-f]{64}", line) for line in lines if line.startswith("FROM "))
    assert "USER 10001" in lines
    assert any("--require-hashes" in line for line in lines)
    assert not any(line.startswith(("ADD ", "EXPOSE ")) for line in lines)
