"""What did the tree hold at an earlier commit?

Read from git's objects: no work tree is made, nothing is checked out, fetched or executed (no hook, filter, pager, helper or file monitor
of the repository is asked). The only module that runs another program, and git is the only program that it runs.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from msgspec import Struct

from apiposture.files.ignores import Ignores, first_rules, is_pruned_name
from apiposture.files.kinds import is_worth_reading
from apiposture.languages import language_of
from apiposture.model.error import PostureError

PATIENCE = 120
"""Seconds after which a git that does not answer is given up."""
_NOTHING_RUNS = (
    "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "protocol.allow=never",
    "-c", "core.pager=cat", "-c", "credential.helper=", "--no-pager", "--no-optional-locks", "--no-replace-objects",
)  # fmt: skip
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE", "GIT_PREFIX", "GIT_EXTERNAL_DIFF")
"""What a hook sets for its own git, and what would lead ours away from the scanned folder."""


class Revision(Struct, frozen=True):
    """A commit: as the user called it, its id, and the way from the repository's root to the scanned one (`src/`)."""

    name: str
    commit: str
    base: str


class Blob(Struct, frozen=True):
    """A file of a commit: its path from the scanned root, and its bytes."""

    path: str
    language: str
    raw: bytes


def revision_of(root: Path, name: str) -> Revision:
    """The commit that a change is held against: the one where it left what `name` stands for, or that itself where they share nothing."""
    top = _git(root, "rev-parse", "--show-toplevel").rstrip(b"\n")
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", may_fail=True).strip()
    if not found:
        raise PostureError(f"'{name}' names no commit in '{root}'; fetch it first (a shallow clone has no history: fetch-depth: 0).")
    began = _git(root, "merge-base", "--end-of-options", found.decode(), "HEAD", may_fail=True).strip() or found
    way = root.resolve().relative_to(Path(os.fsdecode(top)).resolve()).as_posix()
    return Revision(name, began.decode(), "" if way == "." else f"{way}/")


def blobs(
    revision: Revision, root: Path, roots: Sequence[Path], exclude: Sequence[str], configured: Sequence[str], base: str
) -> list[Blob]:
    """The files of the commit that a scan of these roots would read, in the order of their paths."""
    rules = Ignores(root, first_rules(root, exclude, configured, base))
    inside = [way for each in roots if (way := _way(root, each)) is not None]
    rows = [row for row in _listed(revision, root) if _is_within(row[0], inside) and _is_wanted(row[0], rules)]
    contents = _contents(root, [row[1] for row in rows])
    return [Blob(path, language_of(path), raw) for (path, _), raw in zip(rows, contents, strict=True)]


def _way(root: Path, scanned: Path) -> str | None:
    way = scanned.resolve().relative_to(root.resolve()).as_posix()
    return "" if way == "." else way


def _is_within(path: str, ways: Sequence[str]) -> bool:
    return any(not way or path == way or path.startswith(f"{way}/") for way in ways)


def _is_wanted(path: str, rules: Ignores) -> bool:
    """Would a walk come to this file? What git keeps is not ignored by git, so only the user's own exclusions count."""
    if ".." in path.split("/"):
        return False
    folders = [str(folder) for folder in reversed(PurePosixPath(path).parents) if str(folder) != "."]
    if any(is_pruned_name(folder) or rules.ignores(folder, folder=True) for folder in folders):
        return False
    return is_worth_reading(path.rpartition("/")[2], language_of(path)) and not rules.ignores(path, folder=False)


def _listed(revision: Revision, root: Path) -> Iterator[tuple[str, str]]:
    """Path (from the scanned root) and object of every plain file; links and submodules are not followed."""
    raw = _git(root, "ls-tree", "-r", "-z", "--full-tree", revision.commit)
    for entry in raw.split(b"\0"):
        head, _, name = entry.partition(b"\t")
        path = name.decode("utf-8", "backslashreplace")
        if head.startswith((b"100644 ", b"100755 ")) and path.startswith(revision.base):
            yield path[len(revision.base) :], head.split()[2].decode()


def _contents(root: Path, objects: Sequence[str]) -> list[bytes]:
    """The bytes of the objects, in their order."""
    raw = _git(root, "cat-file", "--batch", given="".join(f"{each}\n" for each in objects).encode())
    found, at = [], 0
    for _ in objects:
        end = raw.index(b"\n", at)
        kind = raw[at:end].split()
        if kind[-1] == b"missing":
            raise PostureError("An object of the earlier commit is not in this clone; fetch it whole (no --filter, fetch-depth: 0).")
        size = int(kind[2])
        found.append(raw[end + 1 : end + 1 + size])
        at = end + 1 + size + 1
    return found


def _git(root: Path, *arguments: str, given: bytes = b"", may_fail: bool = False) -> bytes:
    """What git answers. Raises PostureError where there is no git, no repository, or git says no."""
    command = ["git", *_NOTHING_RUNS, "-C", str(root), *arguments]
    around = {key: value for key, value in os.environ.items() if key not in _ELSEWHERE}
    around |= {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(command, input=given, capture_output=True, env=around, timeout=PATIENCE, check=False)
    except FileNotFoundError:
        raise PostureError("An earlier state can only be read with git, which is not installed.") from None
    except subprocess.TimeoutExpired:
        raise PostureError(f"git did not answer within {PATIENCE} seconds.") from None
    if done.returncode and not may_fail:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0].removeprefix("fatal: ")
        raise PostureError(f"The earlier state of '{root}' could not be read: git says '{said[:200]}'.")
    return b"" if done.returncode else done.stdout
