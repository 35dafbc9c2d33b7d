"""What was made of the files that ship with the tool, in an earlier run?

Tables of rows are TOML; to parse them takes as long as a tenth of a scan after one edit. What was made of them is kept in the user's cache
folder as long as the tool is the same. Anything odd about the file only means that it is not used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zlib import crc32

import msgspec
from msgspec import Struct

from apiposture import shipped
from apiposture.config import Config
from apiposture.scan.cache import cache_folder, written_whole
from apiposture.scan.version import tool_key


class _Kept(Struct, frozen=True, array_like=True):
    check: int
    content: bytes


class KeptRows:
    """What is kept; read when it is first asked for, and written where something was added."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] | None = None
        self._is_new = False

    def get(self, name: str) -> bytes | None:
        """What was kept under a name; None where nothing was."""
        if self._known is None:
            self._known = _read(_place())
        return self._known.get(name)

    def put(self, name: str, made: bytes) -> None:
        """Keep this, once `save` is called."""
        self._known = {**(self._known or {}), name: made}
        self._is_new = True

    def save(self) -> None:
        """Write it, if anything was added. A cache that can't be written is no failure."""
        if not self._is_new:
            return
        content = msgspec.msgpack.encode(self._known)
        with suppress(OSError):
            with written_whole(_place()) as stream:
                stream.write(msgspec.msgpack.encode(_Kept(crc32(content), content)))
            for other in _place().parent.glob("rows-*"):
                if other != _place():
                    other.unlink(missing_ok=True)
        self._is_new = False


@contextmanager
def rows_at_hand(config: Config) -> Iterator[None]:
    """Meanwhile, what is made of files that ship is taken from the cache, and kept there."""
    keeper = KeptRows() if config.cache else None
    shipped.keep_with(keeper)
    try:
        yield
    finally:
        shipped.keep_with(None)
        if keeper is not None:
            keeper.save()


def _place() -> Path:
    return cache_folder() / f"rows-{tool_key()}"


def _read(place: Path) -> dict[str, bytes]:
    with suppress(OSError, msgspec.MsgspecError):
        kept = msgspec.msgpack.decode(place.read_bytes(), type=_Kept)
        if crc32(kept.content) == kept.check:
            return msgspec.msgpack.decode(kept.content, type=dict[str, bytes])
    return {}
