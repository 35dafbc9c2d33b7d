"""Is every byte of the pack's container the one that it must be?

A pack is a zip in exactly one form: sorted names, no times, no comments, no extra fields. What is read is laid out again and compared, so
that nothing hides between the files. Compressed bytes have digests of their own (`container.json`), since different streams can unpack
to the same.
"""

from __future__ import annotations

import re
import struct
import zlib

from apiposture.evidence.verifier.canonical import BrokenError, Json, read, sha256, written

MANIFEST, CONTAINER, ENVELOPE = "MANIFEST.sha256", "container.json", "attest/pack.dsse.json"
SIGNOFFS, TIMES = ATTACHED = "signoff/", "timestamps/"
"""Folders of what is said of a pack after it was sealed: each file in them is about the manifest."""

STORED, DEFLATED = 0, 8
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_DATE = 0x21  # 1980-01-01, the first day that a zip can name
_LIMIT = 1 << 32


def is_stored(name: str) -> bool:
    """Files that speak about the container stand in it as they are."""
    return name in (MANIFEST, CONTAINER, ENVELOPE) or name.startswith(ATTACHED)


def compressed(content: bytes) -> bytes:
    """The content as the container holds it."""
    machine = zlib.compressobj(6, zlib.DEFLATED, -15)
    return machine.compress(content) + machine.flush()


def container_of(members: dict[str, bytes]) -> bytes:
    """The digests of the compressed bytes, by name."""
    return written({name: sha256(raw) for name, raw in members.items() if not is_stored(name)})


def manifest_of(files: dict[str, bytes]) -> bytes:
    """The digests of the files, as `sha256sum -c` reads them."""
    listed = sorted(name for name in files if name not in (MANIFEST, ENVELOPE) and not name.startswith(ATTACHED))
    return "".join(f"{sha256(files[name])}  {name}\n" for name in listed).encode("ascii")


class Member:
    """One file of the container: its content, and the bytes that it is there."""

    def __init__(self, name: str, content: bytes, raw: bytes | None = None) -> None:
        self.name = name
        self.content = content
        self.raw = raw if raw is not None else (content if is_stored(name) else compressed(content))
        self.method = STORED if is_stored(name) else DEFLATED

    def header(self) -> bytes:
        """What the local and the central header have in common."""
        crc, name = zlib.crc32(self.content), self.name.encode("ascii")
        return struct.pack("<HHHHHIIIHH", 20, 0, self.method, 0, _DATE, crc, len(self.raw), len(self.content), len(name), 0)


def laid_out(members: list[Member]) -> bytes:
    """The container of these files: the only form that it can have."""
    body, directory = [], []
    offset = 0
    for member in sorted(members, key=lambda each: each.name):
        name = member.name.encode("ascii")
        local = b"PK\x03\x04" + member.header() + name + member.raw
        central = struct.pack("<4sH", b"PK\x01\x02", 3 << 8 | 20) + member.header()
        directory.append(central + struct.pack("<HHHII", 0, 0, 0, 0o100644 << 16, offset) + name)
        body.append(local)
        offset += len(local)
    listed = b"".join(directory)
    if offset + len(listed) >= _LIMIT or len(members) > 0xFFFF:
        raise BrokenError("The pack is larger than a zip of this form can be (4 GB, 65,535 files); choose a shorter period.")
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, len(members), len(members), len(listed), offset, 0)
    return b"".join(body) + listed + end


def members_of(data: bytes) -> dict[str, Member]:
    """The files of a container; any byte that is not as `laid_out` would write it is broken."""
    try:
        found = _directory(data)
    except (struct.error, zlib.error, UnicodeDecodeError, IndexError) as error:
        raise BrokenError(f"The zip can't be read: {error}.") from None
    if laid_out(list(found.values())) != data:
        raise BrokenError("The zip's own headers were changed: it is not in the form that a pack has.")
    return found


def _directory(data: bytes) -> dict[str, Member]:
    signature, _, _, _, count, size, start, _ = struct.unpack("<4sHHHHIIH", data[-22:])
    if signature != b"PK\x05\x06" or start + size + 22 != len(data):
        raise BrokenError("The zip is cut short, or something was put behind it.")
    found: dict[str, Member] = {}
    at = start
    for _ in range(count):
        method, _, _, _, packed, unpacked, length = struct.unpack("<HHHIIIH", data[at + 10 : at + 30])
        (offset,) = struct.unpack("<I", data[at + 42 : at + 46])
        name = data[at + 46 : at + 46 + length].decode("ascii")
        if not _NAME.fullmatch(name) or name in found:
            raise BrokenError(f"The zip holds a file with a name that no pack has: {name!r}.")
        raw = data[offset + 30 + length : offset + 30 + length + packed]
        found[name] = Member(name, raw if method == STORED else _inflated(raw, unpacked, name), raw)
        at += 46 + length
    return found


def _inflated(raw: bytes, size: int, name: str) -> bytes:
    machine = zlib.decompressobj(-15)
    content = machine.decompress(raw, size + 1)
    if not machine.eof or machine.unused_data or machine.unconsumed_tail or len(content) != size:
        raise BrokenError(f"'{name}' does not unpack to what it should.")
    return content


def check_files(members: dict[str, Member]) -> Json:
    """Are exactly the listed files there, each as it was listed? The manifest's digests by name."""
    for name in (MANIFEST, CONTAINER, ENVELOPE):
        if name not in members:
            raise BrokenError(f"'{name}' is missing.")
    files = {name: member.content for name, member in members.items()}
    listed: Json = {}
    for line in files[MANIFEST].decode("ascii", "replace").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    there = {name for name in files if name not in (MANIFEST, ENVELOPE) and not name.startswith(ATTACHED)}
    if there != set(listed):
        raise BrokenError(f"The files are not those of the manifest: {', '.join(sorted(there ^ set(listed)))}.")
    for name in sorted(there):
        if sha256(files[name]) != listed[name]:
            raise BrokenError(f"'{name}' is not what the manifest says.")
    if manifest_of(files) != files[MANIFEST]:
        raise BrokenError(f"'{MANIFEST}' is not in its canonical form.")
    if read(files[CONTAINER], CONTAINER) != {name: sha256(each.raw) for name, each in members.items() if not is_stored(name)}:
        raise BrokenError("The compressed bytes of a file are not those that were sealed.")
    return listed
