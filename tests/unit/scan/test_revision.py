"""Is an earlier commit read as it was, and does nothing of the repository run on the way?"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from apiposture.config import Config
from apiposture.model.error import PostureError
from apiposture.model.finding import Finding
from apiposture.model.source import Place
from apiposture.scan import Baseline, scan
from apiposture.scan.revision import files_of, repository_of, revision_of

QUIET = {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com", "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}  # fmt: skip


def git(folder: Path, *arguments: str, given: bytes = b"") -> str:
    around = {**os.environ, **QUIET}
    return (
        subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, env=around, input=given)
        .stdout.decode()
        .strip()
    )


def commit(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_cs", ".cs")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "work")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    top = tmp_path / "top"
    top.mkdir()
    git(top, "init", "-q", "-b", "main")
    commit(top, src__A_cs="class A {}", src__bin__B_cs="class B {}", docs__C_cs="class C {}", src__api__D_cs="class D {}")
    return top


def read(root: Path, name: str = "main", roots: tuple[Path, ...] = (), exclude: tuple[str, ...] = ()) -> dict[str, bytes]:
    repository = repository_of(root)
    found = files_of(repository, revision_of(repository, name), roots or (root,), replace(Config(), exclude_here=exclude))
    return {blob.path: repository.objects.read(blob.id)[1] for blob in found}


def test_the_files_of_a_commit_are_those_that_a_walk_would_read(repository: Path) -> None:
    assert list(read(repository)) == ["docs/C.cs", "src/A.cs", "src/api/D.cs"]
    assert read(repository / "src") == {"A.cs": b"class A {}", "api/D.cs": b"class D {}"}
    assert list(read(repository, roots=(repository / "src/api", repository / "docs/C.cs"))) == [
        "docs/C.cs",
        "src/api/D.cs",
    ]
    assert list(read(repository, exclude=("src/",))) == ["docs/C.cs"]


def test_the_state_is_that_where_the_change_began(repository: Path) -> None:
    git(repository, "switch", "-q", "-c", "change")
    commit(repository, src__A_cs="class A { int mine; }")
    git(repository, "switch", "-q", "main")
    commit(repository, src__A_cs="class A { int theirs; }")
    git(repository, "switch", "-q", "change")
    assert read(repository / "src")["A.cs"] == b"class A {}"
    assert read(repository / "src", "HEAD")["A.cs"] == b"class A { int mine; }"


def test_links_and_names_that_lead_out_are_not_followed(repository: Path) -> None:
    (repository / "src/L.cs").symlink_to("/etc/passwd")
    commit(repository)
    held = git(repository, "hash-object", "-w", "--stdin", given=b"class Evil {}")
    tree = git(repository, "mktree", given=f"100644 blob {held}\t..\n".encode())
    evil = git(repository, "commit-tree", tree, "-m", "evil")
    assert "src/L.cs" not in read(repository)
    assert read(repository, evil) == {}


@pytest.mark.parametrize("name", ["gone", "--help", "HEAD:src", "-", "HEAD~9", "~", ""])
def test_a_name_that_is_no_commit_is_said(repository: Path, name: str) -> None:
    with pytest.raises(PostureError, match=r"^'.*' (names no commit|asks for a parent)[^.]*\.$"):
        revision_of(repository_of(repository), name)


def test_commits_are_named_as_in_git(repository: Path) -> None:
    for number in range(3):
        commit(repository, src__A_cs=f"class A{number} {{}}")
    git(repository, "tag", "-a", "v1", "-m", "one", "HEAD~2")
    for name in ("HEAD~2", "main~2", "HEAD^^", "v1", "HEAD~1^1", git(repository, "rev-parse", "HEAD~2")[:10]):
        assert revision_of(repository_of(repository), name).commit == git(repository, "rev-parse", f"{name}^{{commit}}"), name


def test_where_a_change_began_is_what_git_says(repository: Path) -> None:
    git(repository, "switch", "-q", "-c", "one")
    commit(repository, src__A_cs="class One {}")
    git(repository, "switch", "-q", "main")
    commit(repository, docs__C_cs="class Two {}")
    git(repository, "switch", "-q", "one")
    git(repository, "merge", "-q", "-m", "merge", "main")
    commit(repository, src__A_cs="class Three {}")
    git(repository, "switch", "-q", "main")
    commit(repository, docs__C_cs="class Four {}")
    git(repository, "switch", "-q", "one")
    assert revision_of(repository_of(repository), "main").commit == git(repository, "merge-base", "main", "HEAD")
    git(repository, "switch", "-q", "--orphan", "alone")
    commit(repository, src__A_cs="class Alone {}")
    assert revision_of(repository_of(repository), "main").commit == git(repository, "rev-parse", "main")


def test_a_shallow_clone_says_what_it_lacks(repository: Path, tmp_path: Path) -> None:
    commit(repository, src__A_cs="class Later {}")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository}", "shallow")
    shallow = repository_of(tmp_path / "shallow")
    with pytest.raises(PostureError, match="fetch-depth: 0"):
        revision_of(shallow, "HEAD~1")
    with pytest.raises(PostureError, match="This clone is shallow"):
        revision_of(shallow, "gone")
    assert revision_of(shallow, "origin/main").commit == git(repository, "rev-parse", "main")


def test_a_shallow_clone_that_ends_before_the_change_says_what_it_is_held_against(repository: Path, tmp_path: Path) -> None:
    git(repository, "switch", "-q", "-c", "change")
    commit(repository, src__A_cs="class Mine {}")
    git(repository, "switch", "-q", "main")
    commit(repository, src__A_cs="class Theirs {}")
    git(tmp_path, "clone", "-q", "--depth", "1", "--no-single-branch", "-b", "change", f"file://{repository}", "shallow")
    (problem,) = scan([tmp_path / "shallow"], Config(cache=False), since="origin/main").problems
    assert (problem.kind, problem.blocks) == ("unknown-beginning", False)
    assert "does not reach back to where the change left 'origin/main'" in problem.message


def test_no_repository_is_said(tmp_path: Path) -> None:
    with pytest.raises(PostureError, match="is in no git repository"):
        repository_of(tmp_path)


def test_nothing_of_the_repository_runs(repository: Path, tmp_path: Path) -> None:
    """Whatever a repository's own configuration would run on a status, a checkout, a diff or a fetch leaves a mark here."""
    ran = tmp_path / "ran"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n")
    script.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "diff.external",
        "filter.f.smudge",
        "filter.f.clean",
        "diff.d.textconv",
        "core.sshCommand",
        "alias.ls-tree",
    ):
        git(repository, "config", key, f"!{script}" if key.startswith("alias") else str(script))
    hooks = repository / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"):
        (hooks / hook).write_text(script.read_text())
        (hooks / hook).chmod(0o755)
    (repository / ".gitattributes").write_text("*.cs filter=f diff=d\n")
    assert read(repository)
    assert not ran.exists()


def test_what_was_a_hint_then_is_not_known_once_it_is_sure() -> None:
    hint = Finding("AP101", "BOLA", "critical", "low", "may be", Place("a.py", 1, 1), fingerprint="0" * 8)
    sure = replace(hint, certainty="high")
    known = Baseline("main", frozenset(("0" * 8,)), hints=frozenset(("0" * 8,)))
    assert known.why(hint)
    assert not known.why(sure)
    assert known.with_others(Baseline("file", frozenset(("0" * 8,)))).why(sure)
