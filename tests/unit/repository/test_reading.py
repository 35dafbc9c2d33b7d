"""Does what is read of a repository agree with Git itself?"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from apiposture.model.error import PostureError
from apiposture.repository import Checkout, Repository, blob_id, files_below, find, first_parents
from apiposture.repository.objects import MissingError

ENV = {
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "C", "GIT_COMMITTER_EMAIL": "c@example.com",
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": "/nonexistent",
}  # fmt: skip


def git(folder: Path, *arguments: str, at: int = 1_780_000_000) -> str:
    when = {"GIT_AUTHOR_DATE": f"{at} +0200", "GIT_COMMITTER_DATE": f"{at} +0200"}
    done = subprocess.run(["git", *arguments], cwd=folder, env=ENV | when, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "backslashreplace").strip()


@pytest.fixture(params=["loose", "packed", "sha256"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Branches, a merge, a tag, odd names, a link, deltas."""
    top = tmp_path / "work"
    top.mkdir()
    git(top, "init", "-q", "-b", "main", *(["--object-format=sha256"] if request.param == "sha256" else []))
    (top / "src" / "deep").mkdir(parents=True)
    for number in range(12):
        (top / "src" / "deep" / "big.txt").write_text("".join(f"line {line} {line * number % 7}\n" for line in range(3000)))
        (top / f"ünïcode {number}.txt").write_text(f"{number}")
        git(top, "add", "-A")
        git(top, "commit", "-q", "-m", f"commit {number}", at=1_780_000_000 + number * 1000)
    git(top, "checkout", "-q", "-b", "side", "HEAD~3")
    (top / "side.txt").write_text("side")
    (top / "link").symlink_to("side.txt")
    git(top, "add", "-A")
    git(top, "commit", "-q", "-m", "side")
    git(top, "checkout", "-q", "main")
    git(top, "merge", "-q", "--no-ff", "-m", "merge", "side", at=1_780_100_000)
    git(top, "tag", "-a", "v1", "-m", "tag")
    if request.param != "loose":
        git(top, "repack", "-adq", "--depth=50")
        git(top, "pack-refs", "--all")
    return top


def opened(top: Path) -> Repository:
    found = find(top / "src" / "deep")
    assert found is not None
    return found


def test_first_parents_are_those_of_git(repository: Path) -> None:
    found = opened(repository)
    branch, head = found.head()
    assert branch == "main"
    told = [f"{each.id} {each.tree} {each.time} {' '.join(each.parents)}".strip() for each in first_parents(found, head)]
    assert told == git(repository, "log", "--first-parent", "--format=%H %T %ct %P").split("\n")


def test_files_are_those_of_git(repository: Path) -> None:
    found = opened(repository)
    listed = git(repository, "ls-tree", "-r", "-z", "HEAD").split("\0")
    wanted = {line.split("\t")[1]: line.split()[2] for line in listed if line and not line.startswith("120000")}
    tree = found.commit(found.resolve("HEAD")).tree
    assert {blob.path: blob.id for blob in files_below(found.objects, tree)} == wanted
    assert [blob.path for blob in files_below(found.objects, tree, "src/deep/")] == ["big.txt"]
    assert list(files_below(found.objects, tree, "nowhere/")) == []


def test_contents_have_the_ids_that_they_are_kept_under(repository: Path) -> None:
    found = opened(repository)
    for commit in first_parents(found, found.resolve("main")):
        for blob in files_below(found.objects, commit.tree):
            assert blob_id(found.objects.read(blob.id)[1], found.objects.width) == blob.id


def test_a_commit_can_be_written_out(repository: Path, tmp_path: Path) -> None:
    found = opened(repository)
    old = found.commit(found.resolve("main")).parents[0]
    git(repository, "worktree", "add", "-q", "--detach", str(tmp_path / "theirs"), "HEAD")
    ours = Checkout(found.objects, tmp_path / "ours")
    for name in (found.resolve("main"), old, found.resolve("side"), found.resolve("main")):
        ours.hold(found.commit(name).tree)
        git(tmp_path / "theirs", "checkout", "-q", name)
        assert listing(tmp_path / "ours") == listing(tmp_path / "theirs")


def listing(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink() and file.name != ".git")
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def test_names_stand_for_what_git_says(repository: Path) -> None:
    found = opened(repository)
    head = git(repository, "rev-parse", "HEAD")
    for name in ("main", "HEAD", "v1", head, head[:10]):
        assert found.resolve(name) == head
    assert found.resolve("side") == git(repository, "rev-parse", "side")
    for name in ("nothing", "zzzz", "../../etc", "0000000"):
        with pytest.raises(PostureError, match="names no commit"):
            found.resolve(name)


def test_a_linked_work_tree_is_a_repository(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "-q", str(tmp_path / "other"), "side")
    found = find(tmp_path / "other")
    assert found is not None
    assert found.head() == ("side", git(repository, "rev-parse", "side"))


def test_a_shallow_clone_ends_where_it_was_cut(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth=2", f"file://{repository}", "shallow")
    found = find(tmp_path / "shallow")
    assert found is not None
    assert len(list(first_parents(found, found.resolve("HEAD")))) == 2
    with pytest.raises(MissingError):
        found.commit("1" * 40)


def test_no_repository_and_no_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main", "empty")
    found = find(tmp_path / "empty")
    assert found is not None
    with pytest.raises(PostureError, match="no commit on 'main' yet"):
        found.head()
    outside = find(tmp_path)
    assert outside is None or outside.top not in (tmp_path, tmp_path / "empty")


def test_a_name_that_leaves_the_folder_is_not_written(tmp_path: Path) -> None:
    """A tree object can say anything; Git itself would refuse to make this one."""

    class Objects:
        width = 20

        def read(self, name: str) -> tuple[str, bytes]:
            inner = b"100644 evil.txt\0" + b"\x01" * 20
            return {
                "00" * 20: ("tree", b"40000 ..\0" + b"\x02" * 20 + b"100644 good.txt\0" + b"\x01" * 20),
                "02" * 20: ("tree", inner),
                "01" * 20: ("blob", b"text"),
            }[name]

    folder = tmp_path / "out"
    assert Checkout(Objects(), folder).hold("00" * 20) == 1  # type: ignore[arg-type]
    assert [file.name for file in tmp_path.rglob("*.txt")] == ["good.txt"]
