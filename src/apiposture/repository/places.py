"""Where is the repository of a folder, and what do its names stand for?"""

from __future__ import annotations

import re
from pathlib import Path

from apiposture.model.error import PostureError
from apiposture.repository.commits import Commit, commit_from
from apiposture.repository.objects import MissingError, Objects

_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class Repository:
    """One repository. `top` is the folder of its work tree, `private` what belongs to this work tree alone (HEAD), `shared` the rest."""

    def __init__(self, top: Path, private: Path) -> None:
        self.top = top
        self.private = private
        common = private / "commondir"
        self.shared = (private / common.read_text("utf-8").strip()).resolve() if common.is_file() else private
        settings = (self.shared / "config").read_text("utf-8", "replace") if (self.shared / "config").is_file() else ""
        if re.search(r"(?im)^\s*refstorage\s*=\s*reftable", settings):
            raise PostureError(f"Repository '{top}' keeps its references in a reftable, which is not read (`git refs migrate`).")
        self.objects = Objects(self.shared / "objects", 32 if re.search(r"(?im)^\s*objectformat\s*=\s*sha256", settings) else 20)

    @property
    def is_shallow(self) -> bool:
        """Does the history end before its first commit?"""
        return (self.shared / "shallow").is_file()

    def head(self) -> tuple[str, str]:
        """The branch that is checked out (empty where none is) and its commit. Raises PostureError where there is no commit yet."""
        said = (self.private / "HEAD").read_text("utf-8").strip()
        if not said.startswith("ref:"):
            return "", said
        name = said[4:].strip()
        found = self._reference(name)
        if found is None:
            raise PostureError(f"Repository '{self.top}' has no commit on '{name.removeprefix('refs/heads/')}' yet; make one first.")
        return name.removeprefix("refs/heads/"), found

    def resolve(self, name: str) -> str:
        """The commit that a branch, a tag, `HEAD` or the beginning of an id stands for. Raises PostureError for any other name."""
        if name == "HEAD":
            return self.head()[1]
        for reference in (name, f"refs/heads/{name}", f"refs/tags/{name}", f"refs/remotes/{name}", f"refs/remotes/origin/{name}"):
            found = self._reference(reference) if reference.startswith("refs/") else None
            if found is not None:
                return self._peeled(found)
        if re.fullmatch(r"[0-9a-f]{4,64}", name):
            commits = [each for each in sorted(self.objects.starting_with(name)) if self.objects.read(each)[0] == "commit"]
            if len(commits) == 1:
                return commits[0]
        raise PostureError(f"'{name}' names no commit of repository '{self.top}'; give a branch, a tag or an id.")

    def commit(self, name: str) -> Commit:
        """The commit of this id. Raises MissingError."""
        kind, raw = self.objects.read(name)
        if kind != "commit":
            raise MissingError(name)
        return commit_from(name, raw)

    def _peeled(self, name: str) -> str:
        """An annotated tag stands for what it names."""
        kind, raw = self.objects.read(name)
        return self._peeled(raw.partition(b"\n")[0].split(b" ")[1].decode("ascii")) if kind == "tag" else name

    def _reference(self, name: str, depth: int = 0) -> str | None:
        for folder in (self.private, self.shared):
            file = folder / name
            if file.is_file():
                said = file.read_text("utf-8").strip()
                return self._reference(said[4:].strip(), depth + 1) if said.startswith("ref:") and depth < 5 else said
        packed = self.shared / "packed-refs"
        if packed.is_file():
            for line in packed.read_text("utf-8", "replace").splitlines():
                value, _, found = line.partition(" ")
                if found == name and _ID.fullmatch(value):
                    return value
        return None


def find(start: Path) -> Repository | None:
    """The repository that a file or folder belongs to, None where it belongs to none."""
    folder = start.resolve()
    for place in (folder, *folder.parents):
        git = place / ".git"
        if (git / "HEAD").is_file():
            return Repository(place, git)
        if git.is_file():  # a linked work tree or a submodule
            said = git.read_text("utf-8").strip()
            if said.startswith("gitdir:"):
                return Repository(place, (place / said[7:].strip()).resolve())
    return None
