"""At which earlier commit did a change begin, and which files would a scan have read there?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from pathlib import Path, PurePosixPath

from msgspec import Struct

from apiposture.config import Config
from apiposture.files import common_root
from apiposture.files.ignores import Ignores, first_rules, is_pruned_name
from apiposture.files.kinds import is_worth_reading
from apiposture.languages import language_of
from apiposture.model.error import PostureError
from apiposture.repository import Blob, Commit, Repository, files_below, find
from apiposture.repository.objects import MissingError

_BACK = re.compile(r"(?P<name>.+?)(?P<steps>(?:~\d*|\^\d*)*)")
_STEP = re.compile(r"(?P<sign>[~^])(?P<count>\d*)")


FETCH = "fetch its history (`git fetch --unshallow`; in CI, fetch-depth: 0)"
"""What a clone needs that does not reach back far enough."""


class Revision(Struct, frozen=True):
    """A commit: as the user called it, its id, and that of its tree. `is_beginning`: the change began there, as far as the clone tells."""

    name: str
    commit: str
    tree: str
    is_beginning: bool = True


def repository_of(root: Path) -> Repository:
    """The repository of the scanned folder. Raises PostureError where it is in none."""
    found = find(root)
    if found is None:
        raise PostureError(f"'{root}' is in no git repository; an earlier state can be read of one only.")
    return found


def revision_of(repository: Repository, name: str) -> Revision:
    """The commit that a change is held against: where it left what `name` stands for, or that itself where they share nothing."""
    try:
        named = _resolved(repository, name)
        began = where_it_began(repository, named.id, repository.head()[1])
    except MissingError:
        lacks = f"this shallow clone; {FETCH}" if repository.is_shallow else "what is in this clone; fetch the rest of it first"
        raise PostureError(f"'{name}' goes further back than {lacks}.") from None
    except PostureError as error:
        raise PostureError(f"{error} This clone is shallow: {FETCH}.") if repository.is_shallow else error from None
    found = began or named
    return Revision(name, found.id, found.tree, began is not None)


def _resolved(repository: Repository, name: str) -> Commit:
    """`main`, `v1.2`, an id, `HEAD~3`, `main^2`."""
    parts = _BACK.fullmatch(name)
    commit = repository.commit(repository.resolve(parts["name"] if parts else name))
    for step in _STEP.finditer(parts["steps"] if parts else ""):
        count = int(step["count"] or 1)
        for which in [0] * count if step["sign"] == "~" else [count - 1] * bool(count):
            if which >= len(commit.parents):
                raise PostureError(f"'{name}' asks for a parent that commit {commit.id[:8]} does not have.")
            commit = repository.commit(commit.parents[which])
    return commit


def where_it_began(repository: Repository, one: str, other: str) -> Commit | None:
    """The newest commit that both come from; None where there is none, as far as the clone knows.

    Both histories are walked from their newest commits down, until one is come to from both sides.
    """
    sides: dict[str, int] = {}
    queue: list[tuple[int, str]] = []
    known: dict[str, Commit] = {}

    def reach(name: str, side: int) -> None:
        if sides.get(name, 0) | side == sides.get(name, 0):
            return
        try:
            commit = known.setdefault(name, repository.commit(name))
        except MissingError:
            return  # a shallow clone ends here
        sides[name] = sides.get(name, 0) | side
        heappush(queue, (-commit.time, name))

    reach(one, 1)
    reach(other, 2)
    while queue:
        _, name = heappop(queue)
        if sides[name] == 3:
            return known[name]
        for parent in known[name].parents:
            reach(parent, sides[name])
    return None


def files_of(repository: Repository, revision: Revision, roots: Sequence[Path], config: Config) -> list[Blob]:
    """The files of the commit that a scan of these roots would read, with paths from their common folder, in the order of their names."""
    top = common_root(roots)
    rules = Ignores(top, first_rules(top, config.exclude_here, config.exclude, config.base))
    inside = [_way(top, each) for each in roots]
    way = _way(repository.top.resolve(), top)
    return [blob for blob in _below(repository, revision, way) if _is_within(blob.path, inside) and _is_wanted(blob.path, rules)]


def _below(repository: Repository, revision: Revision, way: str) -> Iterator[Blob]:
    try:
        yield from files_below(repository.objects, revision.tree, way)
    except MissingError:
        raise PostureError(f"The files of '{revision.name}' are not all in this clone; fetch them first (no --filter).") from None


def _way(above: Path, below: Path) -> str:
    way = below.resolve().relative_to(above).as_posix()
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
