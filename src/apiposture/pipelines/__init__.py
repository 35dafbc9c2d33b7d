"""Where can a scan stand in the way of a change, and what must be written there?

The shelf's places are found by listing the folder: each `<name>.toml` with `<name>.md` beside it is one. `plan` says what a project needs.
"""

from __future__ import annotations

from functools import cache

import msgspec
from msgspec import Struct

from apiposture import shipped

__all__ = ["Place", "names", "page", "place"]


class Place(Struct, frozen=True, forbid_unknown_fields=True):
    """A CI system or a hook. `file` is what is written, `beside` what is written where that file is there already, with `then` for what is
    left to do by hand. `folder`: whatever else stands in the file's folder is read as well. `seen` are paths that show that the project
    uses it, `hosts` the hosts of repositories that have it built in.
    """

    title: str
    file: str
    text: str
    seen: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    beside: str = ""
    then: str = ""
    folder: bool = False


@cache
def names() -> tuple[str, ...]:
    """The places on the shelf, in the order of their names."""
    return tuple(name.removesuffix(".toml") for name in shipped.names(__name__, "", ".toml"))


@cache
def place(name: str) -> Place:
    """One of them. A name that is not on the shelf is a KeyError."""
    if name not in names():
        raise KeyError(name)
    return msgspec.convert(shipped.table(__name__, f"{name}.toml"), Place)


def page(name: str) -> str:
    """Its page, as Markdown. A name that is not on the shelf is a KeyError."""
    if name not in names():
        raise KeyError(name)
    return shipped.text(__name__, f"{name}.md")
