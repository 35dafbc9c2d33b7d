"""Which files does a commit hold?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from msgspec import Struct

from apiposture.repository.objects import MissingError, Objects

_FOLDER, _LINK, _MODULE = "40000", "120000", "160000"


class Blob(Struct, frozen=True):
    """A file of a tree: its path, the mode as Git writes it, and the id of its content."""

    path: str
    mode: str
    id: str


def files_below(objects: Objects, tree: str, prefix: str = "") -> Iterator[Blob]:
    """The files of a tree, without links and submodules, with paths from the folder `prefix` (`src/api/`), in the order of their names."""
    return (blob for blob in _below(objects, tree, prefix) if blob.mode not in (_LINK, _MODULE))


def modules_below(objects: Objects, tree: str, prefix: str = "") -> Iterator[Blob]:
    """The submodules of a tree: places where another repository's commit is meant to stand, whose files this one doesn't hold."""
    return (blob for blob in _below(objects, tree, prefix) if blob.mode == _MODULE)


def _below(objects: Objects, tree: str, prefix: str) -> Iterator[Blob]:
    for part in [part for part in prefix.split("/") if part]:
        found = next((name for mode, child, name in _entries(objects, tree) if child == part and mode == _FOLDER), None)
        if found is None:
            return
        tree = found
    yield from _walk(objects, tree, "")


def _walk(objects: Objects, tree: str, path: str) -> Iterator[Blob]:
    for mode, name, child in _entries(objects, tree):
        if mode == _FOLDER:
            yield from _walk(objects, child, f"{path}{name}/")
        else:
            yield Blob(f"{path}{name}", mode, child)


def _entries(objects: Objects, tree: str) -> Iterator[tuple[str, str, str]]:
    kind, raw = objects.read(tree)
    if kind != "tree":
        raise MissingError(tree)
    at = 0
    while at < len(raw):
        space, end = raw.index(b" ", at), raw.index(b"\0", at)
        mode, name = raw[at:space].decode("ascii"), raw[space + 1 : end].decode("utf-8", "backslashreplace")
        at = end + 1 + objects.width
        yield mode, name, raw[end + 1 : at].hex()


def blob_id(content: bytes, width: int = 20) -> str:
    """The id that Git gives this content."""
    whole = b"blob %d\0" % len(content) + content
    return (hashlib.sha1(whole, usedforsecurity=False) if width == 20 else hashlib.sha256(whole)).hexdigest()
