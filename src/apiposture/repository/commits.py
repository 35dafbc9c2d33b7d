"""What does a commit say, and which commits led to it?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from apiposture.repository.objects import MissingError

if TYPE_CHECKING:
    from apiposture.repository.places import Repository

_TIME = re.compile(rb"> (\d+) [+-]\d{4}$")


class Commit(Struct, frozen=True):
    """A commit by its raw bytes, from which its id can be worked out again. `time` is the committer's, in seconds."""

    id: str
    tree: str
    parents: tuple[str, ...]
    time: int
    raw: bytes


def commit_from(name: str, raw: bytes) -> Commit:
    """The commit that these bytes spell. Headers end at the first empty line."""
    tree, parents, time = "", [], 0
    for line in raw.partition(b"\n\n")[0].split(b"\n"):
        key, _, value = line.partition(b" ")
        if key == b"tree":
            tree = value.decode("ascii")
        elif key == b"parent":
            parents.append(value.decode("ascii"))
        elif key == b"committer":
            found = _TIME.search(line)
            time = int(found[1]) if found else 0
    return Commit(name, tree, tuple(parents), time, raw)


def first_parents(repository: Repository, head: str) -> Iterator[Commit]:
    """The commits that a branch consists of, newest first; ends at the root, or where a shallow clone ends."""
    name = head
    while name:
        try:
            commit = repository.commit(name)
        except MissingError:
            if name == head:
                raise
            return
        yield commit
        name = commit.parents[0] if commit.parents else ""
