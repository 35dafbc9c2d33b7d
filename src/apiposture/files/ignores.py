"""Which files does nobody want to be scanned?"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_PRUNED = frozenset(
    """
    bin obj node_modules bower_components jspm_packages .git .hg .svn .vs .gradle .terraform venv .venv virtualenv
    dist build __pycache__ site-packages .tox .nox .mypy_cache .ruff_cache .pytest_cache .hypothesis .nuget .next .nuxt
    testresults artifacts coverage
    """.split()
)
_PRUNED_PATHS = ("wwwroot/lib", "wwwroot/dist")
_VERSIONED = re.compile(r"\.\d+\.\d+")
_WILD = re.compile(r"[*?\[\\]")


def matcher(lines: Sequence[str]) -> GitIgnoreSpec:
    """What these lines of a `.gitignore` match. Loaded here: a tree without any need not wait for what reads them."""
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(lines)


def pruned(folder: os.DirEntry[str], path: str) -> bool:
    """Is this a folder of built, fetched or vendored files, which is not even opened?"""
    if is_pruned_name(path):
        return True
    return folder.name.lower() == "packages" and _holds_fetched_packages(folder.path)


def is_fetched(names: Collection[str]) -> bool:
    """Is a folder that holds these names a virtual environment, whatever it is called?"""
    return "pyvenv.cfg" in names


def is_pruned_name(path: str) -> bool:
    """The same of a folder of which only the path is known."""
    return path.rpartition("/")[2].lower() in _PRUNED or path.lower().endswith(_PRUNED_PATHS)


def _holds_fetched_packages(folder: str) -> bool:
    """`packages` is NuGet's old download folder (`Newtonsoft.Json.13.0.1`), but the source of a monorepo elsewhere."""
    try:
        with os.scandir(folder) as listing:
            return any(_VERSIONED.search(child.name) for child in listing)
    except OSError:
        return False


class Ignores:
    """The ignore rules that hold in one folder: those of the folders above, then its own."""

    def __init__(self, top: Path, rules: tuple[Rules, ...]) -> None:
        self._top = top
        self._rules = rules

    def inside(self, path: str, folder: str, names: Collection[str]) -> Ignores:
        """The rules within this folder, which may bring its own `.gitignore`."""
        if ".gitignore" not in names:
            return self
        added = _gitignore(os.path.join(folder, ".gitignore"), f"{path}/" if path else "")
        return Ignores(self._top, (*self._rules, *added))

    def ignores(self, path: str, folder: bool) -> bool:
        """Is the file or folder ignored? The last rule that says something about it decides, as in git."""
        verdict = False
        for rules in self._rules:
            said = rules.verdict(path, folder)
            verdict = verdict if said is None else said
            if said and rules.final:
                return True
        return verdict

    def is_inside(self, target: str) -> bool:
        """Does this real path lie in the scanned tree?"""
        top = str(self._top)
        return target == top or target.startswith(top.rstrip(os.sep) + os.sep)


class Rules:
    """One list of patterns. `prefix` is cut from a path (or `above` put before it) so that it starts where the list stands."""

    def __init__(self, lines: Sequence[str], prefix: str = "", above: str = "", final: bool = False) -> None:
        self.final = final
        self._prefix = prefix
        self._above = above
        self._spec = matcher(lines)
        self._may_match = _prefilter(lines)

    def verdict(self, path: str, folder: bool) -> bool | None:
        local = self._above + path[len(self._prefix) :] + ("/" if folder else "")
        if not self._may_match(local):
            return None
        return self._spec.check_file(local).include


def first_rules(top: Path, exclude: Sequence[str], configured: Sequence[str], base: str) -> tuple[Rules, ...]:
    """The user's own exclusions, and every `.gitignore` between the repository's top and the scanned folder.

    A configured pattern that speaks of the scanned folder itself does not count: it was named, so it is meant.
    """
    found: list[Rules] = []
    for folder in _repository_folders_above(top):
        above = top.relative_to(folder).as_posix() + "/"
        found += _gitignore(str(folder / ".gitignore"), above=above)
    configured = [line for line in configured if not base or not matcher([line]).match_file(base)]
    own = [Rules(exclude, final=True)] if exclude else []
    own += [Rules(configured, above=base, final=True)] if configured else []
    return (*own, *found)


def _repository_folders_above(top: Path) -> list[Path]:
    """From the folder that holds `.git` down to the one just above; none where there is no repository."""
    if (top / ".git").exists():
        return []
    above: list[Path] = []
    for folder in top.parents:
        above.append(folder)
        if (folder / ".git").exists():
            return above[::-1]
    return []


def _gitignore(file: str, prefix: str = "", above: str = "") -> tuple[Rules, ...]:
    try:
        with open(file, encoding="utf-8-sig", errors="replace") as stream:
            lines = tuple(line.rstrip("\n") for line in stream)
        return (Rules(lines, prefix, above),)
    except (OSError, ValueError):
        return ()


def _prefilter(lines: Sequence[str]) -> Callable[[str], bool]:
    """A quick no for the paths that no pattern can speak of: names and endings by table, the rest by one regex.

    A stock `.gitignore` has some 250 patterns; trying each on each path costs more than parsing the files.
    """
    names: set[str] = set()
    endings: set[str] = set()
    rest: list[str] = []
    for line in lines:
        pattern = line.strip().removeprefix("!").rstrip("/")
        if not pattern or line.startswith("#"):
            continue
        tail = pattern.removeprefix("**/")
        if "/" not in tail and not _WILD.search(tail):
            names.add(tail)
        elif "/" not in tail and tail.startswith("*.") and not _WILD.search(tail[1:]):
            endings.add(tail[1:])
        else:
            rest.append(line)
    regexes = [p.regex.pattern for p in matcher(rest).patterns if p.regex is not None]
    union = re.compile("|".join(f"(?:{_nameless(p)})" for p in regexes)) if regexes else None
    ends = tuple(endings)

    def may_match(path: str) -> bool:
        if not names.isdisjoint(path.rstrip("/").split("/")):
            return True
        if ends and any(part.endswith(ends) for part in path.rstrip("/").split("/")):
            return True
        return union is not None and union.search(path) is not None

    return may_match


@lru_cache(maxsize=4096)
def _nameless(pattern: str) -> str:
    """Named groups can't be repeated within one regex."""
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)
