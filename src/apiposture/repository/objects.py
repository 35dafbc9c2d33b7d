"""Which bytes has an object of this id, loose or in a pack?"""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from apiposture.model.error import PostureError

KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_OFFSET_DELTA, _NAMED_DELTA = 6, 7


class MissingError(KeyError):
    """No object of that id is here: the clone is shallow or partial, or the id is wrong."""


class Objects:
    """The objects below one or more `objects` folders. `width` is the length of an id in bytes: 20, or 32 with SHA-256."""

    def __init__(self, folder: Path, width: int) -> None:
        self.width = width
        self._folders = list(_with_alternates(folder))

    @cached_property
    def _packs(self) -> list[_Pack]:
        return [_Pack(index, self.width) for folder in self._folders for index in sorted((folder / "pack").glob("pack-*.idx"))]

    def read(self, name: str) -> tuple[str, bytes]:
        """The kind and the content of an object. Raises MissingError."""
        for folder in self._folders:
            loose = folder / name[:2] / name[2:]
            if loose.is_file():
                return _loose(loose)
        raw = bytes.fromhex(name)
        for pack in self._packs:
            offset = pack.offset_of(raw)
            if offset is not None:
                return self._packed(pack, offset)
        raise MissingError(name)

    def starting_with(self, prefix: str) -> set[str]:
        """The ids that begin so."""
        loose = (file.name for folder in self._folders for file in (folder / prefix[:2]).glob(f"{prefix[2:]}*"))
        found = {prefix[:2] + name for name in loose}
        return found.union(*(pack.starting_with(prefix) for pack in self._packs))

    def _packed(self, pack: _Pack, offset: int) -> tuple[str, bytes]:
        """An object of a pack: deltas are collected down to what they start from, then applied on the way back."""
        deltas: list[bytes] = []
        while True:
            number, base, content = pack.entry(offset)
            if number in KINDS:
                kind, found = KINDS[number], content
                break
            deltas.append(content)
            if isinstance(base, int):
                offset = base
                continue
            inside = pack.offset_of(base)
            if inside is None:
                kind, found = self.read(base.hex())
                break
            offset = inside
        for delta in reversed(deltas):
            found = _applied(delta, found)
        return kind, found


class _Pack:
    """One pack with its index (version 2)."""

    def __init__(self, index: Path, width: int) -> None:
        self.width = width
        self._file = index.with_suffix(".pack")
        self._index = _mapped(index)
        if self._index[:8] != b"\xfftOc\x00\x00\x00\x02":
            raise PostureError(f"The pack index '{index.name}' is of a version that is not read; `git repack -ad` renews it.")
        self._fan = struct.unpack(">256I", self._index[8 : 8 + 1024])
        self._count = self._fan[255]
        self._names = 8 + 1024
        self._offsets = self._names + self._count * (width + 4)
        self._large = self._offsets + self._count * 4

    @cached_property
    def _pack(self) -> mmap.mmap:
        return _mapped(self._file)

    def _name(self, at: int) -> bytes:
        start = self._names + at * self.width
        return self._index[start : start + self.width]

    def _range(self, first: int) -> tuple[int, int]:
        return (self._fan[first - 1] if first else 0), self._fan[first]

    def offset_of(self, name: bytes) -> int | None:
        """Where the object starts in the pack."""
        low, high = self._range(name[0])
        while low < high:
            middle = (low + high) // 2
            found = self._name(middle)
            if found == name:
                return self._offset(middle)
            low, high = (middle + 1, high) if found < name else (low, middle)
        return None

    def _offset(self, at: int) -> int:
        start = self._offsets + at * 4
        (offset,) = struct.unpack(">I", self._index[start : start + 4])
        if offset & 0x80000000:
            start = self._large + (offset & 0x7FFFFFFF) * 8
            (offset,) = struct.unpack(">Q", self._index[start : start + 8])
        return int(offset)

    def starting_with(self, prefix: str) -> set[str]:
        """The ids in this pack that begin so."""
        low, high = self._range(int(prefix[:2], 16))
        return {name for at in range(low, high) if (name := self._name(at).hex()).startswith(prefix)}

    def entry(self, offset: int) -> tuple[int, int | bytes, bytes]:
        """The kind's number, what a delta starts from (an offset or an id), and the unpacked bytes."""
        byte = self._pack[offset]
        number, size, shift, at = byte >> 4 & 7, byte & 15, 4, offset + 1
        while byte & 0x80:
            byte = self._pack[at]
            size |= (byte & 0x7F) << shift
            shift, at = shift + 7, at + 1
        base: int | bytes = b""
        if number == _OFFSET_DELTA:
            byte = self._pack[at]
            back, at = byte & 0x7F, at + 1
            while byte & 0x80:
                byte = self._pack[at]
                back, at = (back + 1) << 7 | byte & 0x7F, at + 1
            base = offset - back
        elif number == _NAMED_DELTA:
            base, at = self._pack[at : at + self.width], at + self.width
        return number, base, _inflated(self._pack, at, size)


def _inflated(pack: mmap.mmap, at: int, size: int) -> bytes:
    """Unpack a stream that starts here; its length is known only by its end."""
    machine, found = zlib.decompressobj(), bytearray()
    step = max(256, size)
    while not machine.eof:
        if at >= len(pack):
            raise PostureError("A pack of the repository ends in the middle of an object; `git fsck` says more.")
        found += machine.decompress(pack[at : at + step])
        at += step
    return bytes(found)


def _applied(delta: bytes, base: bytes) -> bytes:
    """What a delta makes of its base: copies of stretches of it, and new bytes."""
    _, at = _varint(delta, 0)
    _, at = _varint(delta, at)
    found = bytearray()
    while at < len(delta):
        order = delta[at]
        at += 1
        if not order & 0x80:
            found += delta[at : at + order]
            at += order
            continue
        start = size = 0
        for bit in range(4):
            if order & 1 << bit:
                start |= delta[at] << 8 * bit
                at += 1
        for bit in range(3):
            if order & 0x10 << bit:
                size |= delta[at] << 8 * bit
                at += 1
        size = size or 0x10000
        found += base[start : start + size]
    return bytes(found)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if not byte & 0x80:
            return value, at


def _loose(file: Path) -> tuple[str, bytes]:
    head, _, content = zlib.decompress(file.read_bytes()).partition(b"\0")
    return head.split(b" ")[0].decode("ascii"), content


def _mapped(file: Path) -> mmap.mmap:
    with file.open("rb") as stream:
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


def _with_alternates(folder: Path, depth: int = 0) -> Iterator[Path]:
    """The folder, and those that it borrows from."""
    yield folder
    listed = folder / "info" / "alternates"
    if depth < 5 and listed.is_file():
        for line in listed.read_text("utf-8", "surrogateescape").splitlines():
            if line and not line.startswith("#"):
                yield from _with_alternates((folder / line).resolve(), depth + 1)
