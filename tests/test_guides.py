"""Does every command of the documents do what they show?

A document is played from top to bottom in a shell, in a repository of its own that holds a sample: each line of a `console` block that
begins with `$ ` is run, must end with the exit code that its comment names (0 where none does), and must print what stands below it;
`...` stands for any lines. Durations are not compared. Blocks marked `elsewhere` need what no test may have (a registry, a container
runtime): they hold installation and images alone. `ACCEPT=1` rewrites what is shown in full.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

TOP = Path(__file__).resolve().parent.parent
GUIDES = sorted((TOP / "docs/guide").glob("*.md"))
DOCUMENTS = [TOP / "README.md", *GUIDES]
ELSEWHERE = ("pip install ", "docker ")
BLOCK = re.compile(r"^```console(?P<how>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^(?P<fence>```+)\w+ file=(?P<path>\S+)\n(?P<text>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"\s+# exit code (\d+)$")
SECONDS = re.compile(r"\b\d+\.\d+ s\b")
pytestmark = pytest.mark.skipif(not (shutil.which("bash") and shutil.which("git")), reason="bash and git are needed")


class Command(NamedTuple):
    """A line, what it prints as far as that is shown, and how it ends. `start` and `end` are where that stands in the document."""

    line: str
    shown: tuple[str, ...]
    code: int
    start: int
    end: int


def commands(text: str) -> list[Command]:
    found = []
    for block in BLOCK.finditer(text):
        if "elsewhere" in block["how"]:
            continue
        body, begin = block["body"], block.start("body")
        starts = [match.start() for match in re.finditer(r"^\$ ", body, re.MULTILINE)]
        assert starts[:1] == [0], f"a block begins with no command: {body[:80]}"
        for start, end in pairwise([*starts, len(body)]):
            line, _, shown = body[start + 2 : end].partition("\n")
            code = CODE.search(line)
            at = begin + start + 2 + len(line) + 1
            found.append(Command(line, tuple(shown.splitlines()), int(code[1]) if code else 0, at, begin + end))
    return found


def play(lines: list[str], home: Path, source: Path, there: Path) -> list[tuple[int, list[str]]]:
    """Run the lines in one shell: how each ended, and what it printed."""
    tool = home / "bin/apiposture"
    tool.parent.mkdir(parents=True)
    tool.write_text(f'#!/usr/bin/env bash\nPYTHONPATH={shlex.quote(str(source))} exec {shlex.quote(sys.executable)} -m apiposture "$@"\n')
    tool.chmod(0o755)
    script = "".join(f"{line}\nprintf '\\n\\x1e%s\\x1f' $?\n" for line in lines)
    around = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "APIPOSTURE_", "GITHUB_", "CI"))},
        "PATH": f"{tool.parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(home), "GIT_CONFIG_SYSTEM": os.devnull,
        "APIPOSTURE_CACHE_DIR": str(home / "cache"), "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com", "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    done = subprocess.run(
        ["bash"], cwd=there, input=script.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=around, check=False, timeout=300
    )
    pieces = done.stdout.decode("utf-8").split("\x1f")[:-1]
    outcomes = [piece.rpartition("\n\x1e") for piece in pieces]
    return [(int(code), said.rstrip("\n").splitlines()) for said, _, code in outcomes]


def fits(shown: list[str], printed: list[str]) -> bool:
    """Is what is shown what was printed, with `...` for any lines?"""
    if not shown:
        return not printed
    if shown[0] == "...":
        return any(fits(shown[1:], printed[skipped:]) for skipped in range(len(printed) + 1))
    return bool(printed) and alike(shown[0]) == alike(printed[0]) and fits(shown[1:], printed[1:])


def alike(line: str) -> str:
    return SECONDS.sub("s", line.rstrip())


@pytest.fixture
def project(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A repository with a sample (the guides), or with all of them where they stand in ours (the README)."""
    top, document = tmp_path / "project", request.node.callspec.params["document"]
    if document in GUIDES:
        shutil.copytree(TOP / "samples/orders-aspnetcore", top)
        (top / ".github/workflows").mkdir(parents=True)
    else:
        shutil.copytree(TOP / "samples", top / "samples")
    git = ["git", "-C", str(top), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "as it stands"]):
        subprocess.run([*git, *arguments], check=True, capture_output=True)
    subprocess.run([*git, "update-ref", "refs/remotes/origin/main", "HEAD"], check=True)
    return top


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_every_command_does_what_is_shown(document: Path, project: Path, tmp_path: Path) -> None:
    text = document.read_text("utf-8")
    wanted = commands(text)
    assert wanted
    found = play([each.line for each in wanted], tmp_path / "home", with_files_of(text, tmp_path), project)
    assert len(found) == len(wanted)
    if os.environ.get("ACCEPT"):
        document.write_text(accepted(text, wanted, [printed for _, printed in found]), "utf-8")
    for each, (code, printed) in zip(wanted, found, strict=True):
        told = "\n".join(printed)
        assert code == each.code, f"{each.line}\nended with {code}\n{told}"
        is_shown = not each.shown or bool(os.environ.get("ACCEPT")) or fits(list(each.shown), printed)
        assert is_shown, f"{each.line}\nprinted\n{told}"


def accepted(text: str, wanted: list[Command], printed: list[list[str]]) -> str:
    """The document with what was printed in the place of what is shown in full."""
    for each, lines in reversed(list(zip(wanted, printed, strict=True))):
        if each.shown and "..." not in each.shown and not fits(list(each.shown), lines):
            text = text[: each.start] + "".join(f"{line}\n" for line in lines) + text[each.end :]
    return text


def with_files_of(text: str, folder: Path) -> Path:
    """Our source; a copy of it with the document's files, where it has any."""
    files = list(FILE.finditer(text))
    if not files:
        return TOP / "src"
    shutil.copytree(TOP / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for file in files:
        (folder / file["path"]).write_text(file["text"], "utf-8")
    return folder / "src"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_what_runs_elsewhere_is_installation_and_images(document: Path) -> None:
    blocks = [block["body"] for block in BLOCK.finditer(document.read_text("utf-8")) if "elsewhere" in block["how"]]
    lines = [line[2:] for body in blocks for line in body.splitlines() if line.startswith("$ ")]
    assert [line for line in lines if not line.startswith((*ELSEWHERE, "make "))] == []
