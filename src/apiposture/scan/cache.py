"""What is known of a file since the last run?

Two files a root in the user's cache folder. The pack is a table of the files with their stamps and what was found in each; the store beside
it holds their code, as MessagePack, and is named after what it holds. Of a tree that did not change the code is never read, and after a few
edits it is not written anew: what little became different stands in the table. A file whose stamp changed (size, times, inode) is
examined again. Anything odd about these files only means that they are not used. Nothing is ever written into the scanned tree.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from time import monotonic_ns
from typing import IO
from zlib import crc32

import msgspec
from msgspec import Raw, Struct

from apiposture.files import Entry
from apiposture.scan.examined import NO_CODE, Examined
from apiposture.scan.version import tool_key

_MAGIC = b"apiposture3\n"
_NUMBER = 8
"""Bytes of each number that follows the magic: how long the table is, and its check."""

_TO_TABLE = len(_MAGIC) + 2 * _NUMBER

LITTLE = 1 << 18
"""Bytes of code that may stand in the table before the store is written anew."""


class _Row(Struct, frozen=True, array_like=True, gc=False):
    """One file. Its code stands between `start` and `end` of the store, or here."""

    path: str
    stamp: tuple[int, int, int]
    size: int
    start: int
    end: int
    check: int
    found: Examined | None
    code: Raw = NO_CODE

    @property
    def is_stored(self) -> bool:
        """Does its code stand in the store?"""
        return self.end > self.start


class _Table(Struct, frozen=True, array_like=True):
    key: str
    written: int
    store: str
    rows: list[_Row]


class Cache:
    """What is known of one root. It is made before the tree is walked: what changes from then on may change unseen."""

    def __init__(self, top: Path, scope: str = "") -> None:
        self._made = monotonic_ns()
        self._name = sha256(f"{top}\n{scope}".encode("utf-8", "surrogatepass")).hexdigest()[:24]
        self._file = cache_folder() / f"{self._name}.pack"
        self._found: dict[str, Examined | None] = {}
        self._added: dict[str, Raw] = {}
        self._store = ""
        self._rows: dict[str, _Row] = {}
        self._read: memoryview | None = None

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
        """The code of a file that was not added but loaded; None where the store is gone or damaged, and the next run makes another one."""
        row = self._rows.get(path)
        if row is None:
            return None
        code = self._stored()[row.start : row.end] if row.is_stored else memoryview(row.code)
        if crc32(code) == row.check:
            return Raw(code)
        with suppress(OSError):
            self._file.unlink(missing_ok=True)
        return None

    def earlier(self, path: str, digest: str) -> Raw | None:
        """The code of a file as it was when the pack that was loaded was written, if it had this digest then."""
        row = self._rows.get(path)
        return self.code_of(path) if row is not None and row.found is not None and row.found.record.digest == digest else None

    def save(self, entries: Sequence[Entry]) -> None:
        """Write the pack in one step, so that no reader ever sees half of one. A cache that can't be written is no failure."""
        known = [entry for entry in entries if entry.path in self._found]
        with suppress(OSError):
            if self._store and sum(map(self._loose_size, known)) < LITTLE:
                self._write(self._store, [self._row(entry) for entry in known])
            else:
                codes = ((entry, self._added.get(entry.path) or self.code_of(entry.path)) for entry in known)
                self._write_all([(entry, code) for entry, code in codes if code is not None])

    def _loose_size(self, entry: Entry) -> int:
        """How much code of a file does not stand in the store."""
        added = self._added.get(entry.path)
        if added is not None:
            return len(memoryview(added))
        row = self._rows[entry.path]
        return 0 if row.is_stored else len(memoryview(row.code))

    def _row(self, entry: Entry) -> _Row:
        """A file with its code, unless that stands in the store."""
        row, found = self._rows.get(entry.path), self._found[entry.path]
        if row is not None and entry.path not in self._added:
            return msgspec.structs.replace(row, stamp=entry.stamp, size=entry.size)
        code = self._added[entry.path]
        return _Row(entry.path, entry.stamp, entry.size, 0, 0, crc32(code), found, code)

    def _load(self, entries: Mapping[str, Entry]) -> dict[str, Examined | None]:
        with open(self._file, "rb") as stream:
            table = msgspec.msgpack.decode(_table_in(stream), type=_Table)
        if table.key != tool_key() or not self._place(table.store).exists():
            return {}
        self._store, self._rows = table.store, {row.path: row for row in table.rows}
        known: dict[str, Examined | None] = {}
        for row in table.rows:
            entry = entries.get(row.path)
            if entry is not None and entry.stamp == row.stamp and entry.size == row.size and max(row.stamp[:2]) < table.written:
                known[row.path] = row.found
        return known

    def _place(self, store: str) -> Path:
        return self._file.with_name(f"{self._name}-{store}.store")

    def _stored(self) -> memoryview:
        """All that the store holds; nothing where it is gone."""
        if self._read is None:
            self._read = memoryview(b"")
            with suppress(OSError):
                self._read = memoryview(self._place(self._store).read_bytes())
        return self._read

    def _write_all(self, known: Sequence[tuple[Entry, Raw]]) -> None:
        rows, at = [], 0
        for entry, code in known:
            size = len(memoryview(code))
            rows.append(_Row(entry.path, entry.stamp, entry.size, at, at + size, crc32(code), self._found[entry.path]))
            at += size
        store = sha256(repr([(row.check, row.end) for row in rows]).encode()).hexdigest()[:16]
        with written_whole(self._place(store)) as stream:
            stream.writelines(memoryview(code) for _, code in known)
        self._write(store, rows)
        for other in self._file.parent.glob(f"{self._name}-*.store"):
            if other != self._place(store):
                other.unlink(missing_ok=True)

    def _write(self, store: str, rows: list[_Row]) -> None:
        with written_whole(self._file) as stream:
            # A file that changed since the walk began may have changed unseen; it is examined again (git calls it racy). By the clock of
            # the file system, which need not be ours.
            written = os.fstat(stream.fileno()).st_mtime_ns - (monotonic_ns() - self._made) - 10_000_000
            table = msgspec.msgpack.encode(_Table(tool_key(), written, store, rows))
            stream.write(_MAGIC + len(table).to_bytes(_NUMBER, "big") + crc32(table).to_bytes(_NUMBER, "big") + table)


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
