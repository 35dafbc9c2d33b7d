"""What did the same files say together, the last time?

The facts of one root, kept beside its pack. They are a function of the files' digests, the tool and the configuration alone, and
the key holds all three: what does not fit is worked out anew. Anything odd about the file only means that it is not used.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256

import msgspec
from msgspec import Struct

from apiposture.analysis import Derived
from apiposture.scan.cache import cache_folder
from apiposture.scan.gather import Gathered
from apiposture.scan.version import tool_key


class _Kept(Struct, frozen=True, array_like=True):
    key: str
    check: bytes
    derived: bytes


def remembered(gathered: Gathered, configuration: str, work_out: Callable[[], Derived]) -> Derived:
    """The facts of the same files, from the last run; else what `work_out` says, which is kept for the next one."""
    key = _key(gathered, configuration)
    file = cache_folder() / f"{sha256(gathered.root.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}.facts"
    with suppress(OSError, ValueError, msgspec.MsgspecError, RecursionError):
        kept = msgspec.msgpack.decode(file.read_bytes(), type=_Kept)
        if kept.key == key and kept.check == sha256(kept.derived).digest():
            return msgspec.msgpack.decode(kept.derived, type=Derived)
    derived = work_out()
    with suppress(OSError, UnicodeEncodeError):
        encoded = msgspec.msgpack.encode(derived)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=file.stem, suffix=".part", dir=file.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(msgspec.msgpack.encode(_Kept(key, sha256(encoded).digest(), encoded)))
        os.replace(name, file)
    return derived


def _key(gathered: Gathered, configuration: str) -> str:
    found = sha256(f"{tool_key()} {configuration}".encode())
    for record in gathered.records():
        found.update(f"\n{record.path} {record.digest} {record.status}".encode("utf-8", "surrogatepass"))
    return found.hexdigest()
