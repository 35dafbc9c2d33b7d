"""What do the files say that ship with the tool: pages, tables of rows, styles?

Read as a zipped or a plain installation has them. `importlib.resources` and `tomllib` would load a fifth of what an unchanged tree needs.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pkgutil import get_data
from typing import Any, Protocol, TypeVar

import msgspec


def text(package: str, name: str) -> str:
    """A file that stands beside a package's modules, or below them (`ownership/owners.toml`). Raises OSError where it is missing."""
    return (get_data(package, name) or b"").decode("utf-8").replace("\r\n", "\n")


def table(package: str, name: str) -> dict[str, Any]:
    """A TOML file of a package. Raises OSError where it is missing, tomllib.TOMLDecodeError where it is none."""
    import tomllib

    return tomllib.loads(text(package, name))


def names(package: str, folder: str, ending: str) -> tuple[str, ...]:
    """The files of a package's folder whose names end so, in their order; none where there is no such folder."""
    home = import_module(package).__path__[0]
    if os.path.isdir(home):
        place = os.path.join(home, folder)
        return tuple(sorted(name for name in os.listdir(place) if name.endswith(ending))) if os.path.isdir(place) else ()
    return _zipped(package, folder, ending)


def _zipped(package: str, folder: str, ending: str) -> tuple[str, ...]:
    from importlib.resources import files

    place = files(package).joinpath(folder) if folder else files(package)
    return tuple(sorted(each.name for each in place.iterdir() if each.name.endswith(ending))) if place.is_dir() else ()


class Keeper(Protocol):
    """Keeps from one run to the next what was made of files that ship."""

    def get(self, name: str) -> bytes | None:
        """What was kept under a name; None where nothing was."""

    def put(self, name: str, made: bytes) -> None:
        """Keep this."""


_KEEPERS: list[Keeper] = []


def keep_with(keeper: Keeper | None) -> None:
    """From now on, let `keeper` have what is made of files that ship; with None, nobody."""
    _KEEPERS[:] = [keeper] if keeper is not None else []


Made = TypeVar("Made")


def made(name: str, kind: type[Made], make: Callable[[], Made]) -> Made:
    """What `make` makes of files that ship, or what it made in an earlier run, if somebody keeps that: of `kind`, as MessagePack has it."""
    for keeper in _KEEPERS:
        kept = keeper.get(name)
        if kept is not None:
            with suppress(msgspec.MsgspecError):
                return msgspec.msgpack.decode(kept, type=kind)
    found = make()
    for keeper in _KEEPERS:
        keeper.put(name, msgspec.msgpack.encode(found))
    return found
