"""Which other tools can be measured on the same files? Each module of this folder is one.

`NAME` is how the table calls it, `PROGRAM` the file below the virtual environment's `bin`, `DOES_NOT` what it does not do, and
`found(program, folder)` gives its findings in a folder, with paths from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from os.path import commonpath
from pathlib import Path
from typing import Protocol, cast

from bench.cases import Place, Said, Tree

HERE = Path(__file__).parent


class Peer(Protocol):
    """What a peer's module holds."""

    NAME: str
    PROGRAM: str
    DOES_NOT: str

    def found(self, program: Path, folder: Path) -> Iterator[Said]:
        """Its findings in the folder."""
        ...


def every() -> tuple[Peer, ...]:
    """The tools on the shelf."""
    names = sorted(file.stem for file in HERE.glob("*.py") if not file.stem.startswith("_"))
    return tuple(cast(Peer, import_module(f"bench.peers.{name}")) for name in names)


def installed(venv: Path) -> tuple[Peer, ...]:
    """Those that the virtual environment has."""
    return tuple(peer for peer in every() if (venv / "bin" / peer.PROGRAM).is_file())


def asked(peer: Peer, venv: Path, trees: Sequence[Tree]) -> Iterator[tuple[Tree, tuple[Said, ...]]]:
    """What it finds in each tree. It is run once, on the folder that holds them all where there are many: none of them links programs."""
    if not trees:
        return
    top = Path(commonpath([tree.folder for tree in trees]))
    tops = [top] if len(trees) > 8 else [tree.folder for tree in trees]
    for folder in dict.fromkeys(tops):
        said = tuple(peer.found(venv.absolute() / "bin" / peer.PROGRAM, folder))
        for tree in trees:
            if tree.folder.is_relative_to(folder):
                yield tree, below(said, tree.folder.relative_to(folder).as_posix())


def below(said: Sequence[Said], prefix: str) -> tuple[Said, ...]:
    """What was found below a folder, with paths from there."""
    start = "" if prefix == "." else f"{prefix}/"
    return tuple(
        one._replace(places=tuple(Place(place.path[len(start) :], place.first, place.last) for place in one.places))
        for one in said
        if one.places[0].path.startswith(start)
    )
