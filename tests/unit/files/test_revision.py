"""Is an earlier commit read as it was, and does nothing of the repository run on the way?"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from apiposture.files.revision import Blob, blobs, revision_of
from apiposture.model.error import PostureError

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


def read(root: Path, name: str = "main", roots: tuple[Path, ...] = (), exclude: tuple[str, ...] = ()) -> list[Blob]:
    return blobs(revision_of(root, name), root, roots or (root,), exclude, (), "")


def test_the_files_of_a_commit_are_those_that_a_walk_would_read(repository: Path) -> None:
    assert [blob.path for blob in read(repository)] == ["docs/C.cs", "src/A.cs", "src/api/D.cs"]
    assert [(blob.path, blob.raw) for blob in read(repository / "src")] == [("A.cs", b"class A {}"), ("api/D.cs", b"class D {}")]
    assert [blob.path for blob in read(repository, roots=(repository / "src/api", repository / "docs/C.cs"))] == [
        "docs/C.cs",
        "src/api/D.cs",
    ]
    assert [blob.path for blob in read(repository, exclude=("src/",))] == ["docs/C.cs"]
    assert {blob.language for blob in read(repository)} == {"csharp"}


def test_the_state_is_that_where_the_change_began(repository: Path) -> None:
    git(repository, "switch", "-q", "-c", "change")
    commit(repository, src__A_cs="class A { int mine; }")
    git(repository, "switch", "-q", "main")
    commit(repository, src__A_cs="class A { int theirs; }")
    git(repository, "switch", "-q", "change")
    assert next(blob.raw for blob in read(repository / "src")) == b"class A {}"
    assert next(blob.raw for blob in read(repository / "src", "HEAD")) == b"class A { int mine; }"


def test_links_and_names_that_lead_out_are_not_followed(repository: Path) -> None:
    (repository / "src/L.cs").symlink_to("/etc/passwd")
    commit(repository)
    held = git(repository, "hash-object", "-w", "--stdin", given=b"class Evil {}")
    tree = git(repository, "mktree", given=f"100644 blob {held}\t..\n".encode())
    evil = git(repository, "commit-tree", tree, "-m", "evil")
    assert "src/L.cs" not in [blob.path for blob in read(repository)]
    assert read(repository, evil) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [("gone", "names no commit"), ("--help", "names no commit"), ("HEAD:src", "names no commit"), ("-", "names no commit")],
)
def test_a_name_that_is_no_commit_is_said(repository: Path, name: str, words: str) -> None:
    with pytest.raises(PostureError, match=words):
        revision_of(repository, name)


def test_no_repository_and_no_git_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PostureError, match="git says 'not a git repository"):
        revision_of(tmp_path, "main")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PostureError, match="not installed"):
        revision_of(tmp_path, "main")


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


def test_the_variables_of_a_hook_lead_nowhere(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert read(repository)
