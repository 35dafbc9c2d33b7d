"""What is known of a file since the last run?

One pack a root in the user's cache folder: a table of the files with their stamps, then what was found in each, as
MessagePack. A file whose stamp changed (size, times, inode) is examined again. Anything odd about a pack only means that
it is not used. Nothing is ever written into the scanned tree.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import IO
from zlib import crc32

import msgspec
from msgspec import Struct

from apiposture.files import Entry
from apiposture.scan.examined import Examined
from apiposture.scan.version import tool_key

_MAGIC = b"apiposture1\n"


class _Row(Struct, frozen=True, array_like=True, gc=False):
    path: str
    stamp: tuple[int, int, int]
    size: int
    start: int
    end: int
    check: int


class _Table(Struct, frozen=True, array_like=True):
    key: str
    written: int
    rows: list[_Row]


class Cache:
    """The pack of one root."""

    def __init__(self, top: Path, scope: str = "") -> None:
        name = sha256(f"{top}\n{scope}".encode("utf-8", "surrogatepass")).hexdigest()[:24]
        self._file = cache_folder() / f"{name}.pack"
        self._encoded: dict[str, bytes | memoryview] = {}

    def load(self, entries: Sequence[Entry]) -> dict[str, Examined | None]:
        """What is still true, by path. None stands for a file that is no text."""
        try:
            return self._load({entry.path: entry for entry in entries})
        except (OSError, ValueError, msgspec.MsgspecError, RecursionError):
            self._encoded.clear()
            return {}

    def add(self, entry: Entry, encoded: bytes) -> None:
        """Remember what was found in a file; what could not be examined is tried again next time."""
        if encoded:
            self._encoded[entry.path] = encoded

    def save(self, entries: Sequence[Entry]) -> None:
        """Write the pack in one step, so that no reader ever sees half of one. A cache that can't be written is no failure."""
        with suppress(OSError):
            self._save([entry for entry in entries if entry.path in self._encoded])

    def _load(self, entries: dict[str, Entry]) -> dict[str, Examined | None]:
        raw = memoryview(self._file.read_bytes())
        if bytes(raw[: len(_MAGIC)]) != _MAGIC:
            return {}
        start = len(_MAGIC) + 8
        body = start + int.from_bytes(raw[len(_MAGIC) : start], "big")
        table = msgspec.msgpack.decode(raw[start:body], type=_Table)
        if table.key != tool_key():
            return {}
        decode = msgspec.msgpack.Decoder(Examined | None).decode
        known: dict[str, Examined | None] = {}
        for row in table.rows:
            entry = entries.get(row.path)
            if entry is None or entry.stamp != row.stamp or entry.size != row.size or max(row.stamp[:2]) >= table.written:
                continue
            encoded = raw[body + row.start : body + row.end]
            if crc32(encoded) == row.check:
                known[row.path] = decode(encoded)
                self._encoded[row.path] = encoded
        return known

    def _save(self, entries: Sequence[Entry]) -> None:
        rows, at = [], 0
        for entry in entries:
            encoded = self._encoded[entry.path]
            rows.append(_Row(entry.path, entry.stamp, entry.size, at, at + len(encoded), crc32(encoded)))
            at += len(encoded)
        with written_whole(self._file) as stream:
            # A file that changed within this moment may have changed unseen; it is examined again (git calls it racy).
            written = os.fstat(stream.fileno()).st_mtime_ns - 10_000_000
            table = msgspec.msgpack.encode(_Table(tool_key(), written, rows))
            stream.write(_MAGIC + len(table).to_bytes(8, "big") + table)
            stream.writelines(self._encoded[entry.path] for entry in entries)


@contextmanager
def written_whole(file: Path) -> Iterator[IO[bytes]]:
    """Write a file of the cache in one step, so that no reader ever sees half of one. Raises OSError where that can't be done."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=file.stem, suffix=".part", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        os.replace(name, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def cache_folder() -> Path:
    """Where this user's programs keep what can be made again."""
    own = os.environ.get("APIPOSTURE_CACHE_DIR")
    if own:
        return Path(own)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "apiposture" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "apiposture"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "apiposture"
