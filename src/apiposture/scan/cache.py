"""What is known of a file since the last run?

One pack a root in the user's cache folder: a table of the files with their stamps and what was found in each, then their code, as
MessagePack. Of a tree that did not change the code is never read. A file whose stamp changed (size, times, inode) is examined
again. Anything odd about a pack only means that it is not used. Nothing is ever written into the scanned tree.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import IO
from zlib import crc32

import msgspec
from msgspec import Raw, Struct

from apiposture.files import Entry
from apiposture.scan.examined import NO_CODE, Examined
from apiposture.scan.version import tool_key

_MAGIC = b"apiposture2\n"
_NUMBER = 8
"""Bytes of each number that follows the magic: how long the table is, and its check."""

_TO_TABLE = len(_MAGIC) + 2 * _NUMBER


class _Row(Struct, frozen=True, array_like=True, gc=False):
    path: str
    stamp: tuple[int, int, int]
    size: int
    end: int
    check: int
    found: Examined | None


class _Table(Struct, frozen=True, array_like=True):
    key: str
    written: int
    rows: list[_Row]


class Cache:
    """The pack of one root."""

    def __init__(self, top: Path, scope: str = "") -> None:
        name = sha256(f"{top}\n{scope}".encode("utf-8", "surrogatepass")).hexdigest()[:24]
        self._file = cache_folder() / f"{name}.pack"
        self._found: dict[str, Examined | None] = {}
        self._added: dict[str, Raw] = {}
        self._table = b""
        self._rows: Sequence[_Row] = ()
        self._read: Mapping[str, Raw] | None = None

    def load(self, entries: Sequence[Entry]) -> dict[str, Examined | None]:
        """What is still true, by path, without the code (`code_of`). None stands for a file that is no text."""
        with suppress(OSError, ValueError, msgspec.MsgspecError, RecursionError):
            self._found = self._load({entry.path: entry for entry in entries})
        return dict(self._found)

    def add(self, entry: Entry, found: Examined | None) -> None:
        """Remember what was found in a file."""
        self._found[entry.path] = msgspec.structs.replace(found, code=NO_CODE) if found is not None else None
        self._added[entry.path] = found.code if found is not None else NO_CODE

    def code_of(self, path: str) -> Raw | None:
        """The code of a file that was not added but loaded; None where the pack has meanwhile become another one, or is damaged."""
        if self._read is None:
            self._read = self._codes()
        return self._read.get(path)

    def earlier(self, path: str, digest: str) -> Raw | None:
        """The code of a file as it was when the pack that was loaded was written, if it had this digest then."""
        row = next((row for row in self._rows if row.path == path), None)
        return self.code_of(path) if row is not None and row.found is not None and row.found.record.digest == digest else None

    def save(self, entries: Sequence[Entry]) -> None:
        """Write the pack in one step, so that no reader ever sees half of one. A cache that can't be written is no failure."""
        codes = {path: self._added[path] if path in self._added else self.code_of(path) for path in self._found}
        with suppress(OSError):
            self._save([(entry, code) for entry in entries if (code := codes.get(entry.path)) is not None])

    def _load(self, entries: Mapping[str, Entry]) -> dict[str, Examined | None]:
        with open(self._file, "rb") as stream:
            self._table = _table_in(stream)
        table = msgspec.msgpack.decode(self._table, type=_Table)
        if table.key != tool_key():
            return {}
        self._rows = table.rows
        known: dict[str, Examined | None] = {}
        for row in table.rows:
            entry = entries.get(row.path)
            if entry is not None and entry.stamp == row.stamp and entry.size == row.size and max(row.stamp[:2]) < table.written:
                known[row.path] = row.found
        return known

    def _codes(self) -> dict[str, Raw]:
        """The code of all files in the pack that was loaded."""
        with suppress(OSError, ValueError):
            with open(self._file, "rb") as stream:
                same = _table_in(stream) == self._table
                raw = memoryview(stream.read())
            starts = [0, *(row.end for row in self._rows)]
            cut = {row.path: (raw[start : row.end], row.check) for start, row in zip(starts, self._rows, strict=False)}
            return {path: Raw(code) for path, (code, check) in cut.items() if crc32(code) == check} if same else {}
        return {}

    def _save(self, known: Sequence[tuple[Entry, Raw]]) -> None:
        rows, at = [], 0
        for entry, code in known:
            at += len(memoryview(code))
            rows.append(_Row(entry.path, entry.stamp, entry.size, at, crc32(code), self._found[entry.path]))
        with written_whole(self._file) as stream:
            # A file that changed within this moment may have changed unseen; it is examined again (git calls it racy).
            written = os.fstat(stream.fileno()).st_mtime_ns - 10_000_000
            table = msgspec.msgpack.encode(_Table(tool_key(), written, rows))
            stream.write(_MAGIC + len(table).to_bytes(_NUMBER, "big") + crc32(table).to_bytes(_NUMBER, "big") + table)
            stream.writelines(memoryview(code) for _, code in known)


def _table_in(stream: IO[bytes]) -> bytes:
    """The encoded table that a pack begins with. Raises ValueError where it is not whole."""
    head = stream.read(_TO_TABLE)
    size, check = (int.from_bytes(head[at : at + _NUMBER], "big") for at in (len(_MAGIC), len(_MAGIC) + _NUMBER))
    if not head.startswith(_MAGIC) or size > os.fstat(stream.fileno()).st_size:
        raise ValueError("no pack")
    table = stream.read(size)
    if crc32(table) != check:
        raise ValueError("damaged")
    return table


@contextmanager
def written_whole(file: Path) -> Iterator[IO[bytes]]:
    """Write a file of the cache in one step, so that no reader ever sees half of one. Raises OSError where that can't be done."""
    import tempfile  # an unchanged tree writes nothing

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
