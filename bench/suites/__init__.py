"""Which labelled suites are there? Each module of this folder is one.

A suite's module opens with what is labelled in it, how, and what is left out by which rule. `CORPUS` is its folder below
APIPOSTURE_CORPORA, and `trees(corpus, scratch)` gives its trees; programs that a suite keeps in strings are written into `scratch`, a
folder that is empty at first. Data that belongs to a suite (which of its rules ours cover, and why others are left out) stands beside
it, as `<suite>.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from bench.cases import Tree

HERE = Path(__file__).parent


class Suite(Protocol):
    """What a suite's module holds."""

    CORPUS: str

    def trees(self, corpus: Path, scratch: Path) -> Iterator[Tree]:
        """Its trees, each with its cases."""
        ...


def names() -> tuple[str, ...]:
    """The suites on the shelf."""
    return tuple(sorted(file.stem for file in HERE.glob("*.py") if not file.stem.startswith("_")))


def suite(name: str) -> Suite:
    """One of them."""
    return cast(Suite, import_module(f"bench.suites.{name}"))


class Covered:
    """Which of a suite's own rules do ours cover? `<suite>.toml` names each, or says why it, or a whole path, is left out."""

    def __init__(self, name: str) -> None:
        data = tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))
        self.rules: dict[str, tuple[str, str]] = {
            rule: (row["rule"], row.get("weakness", "")) for row in data["covered"] for rule in row["rules"]
        }
        self.left_out: dict[str, str] = {rule: row["reason"] for row in data["left_out"] for rule in row.get("rules", ())}
        self.left_out_paths: dict[str, str] = {path: row["reason"] for row in data["left_out"] for path in row.get("paths", ())}

    def leaves_out(self, path: str) -> bool:
        """Is the file at this path of the suite left out as a whole?"""
        return path.startswith(tuple(self.left_out_paths))


def commit_of(corpus: Path) -> str:
    """The commit that the suite was checked out at."""
    stamp = corpus / ".corpus-stamp"
    return stamp.read_text("utf-8").split()[1][:10] if stamp.is_file() else "unknown"
