"""What did the same files say together, the last time?

The facts of one root and what the rules made of them, kept beside its pack, and the units that they were put together from. Facts and
units are a function of the files' digests, the tool and what the configuration says of libraries alone; where they do not fit any more,
the units that no change touches are taken as they are. A root and the earlier state that it is held against share what fits: what was
worked out for the one serves the other. Anything odd about a file only means that it is not used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import msgspec
from msgspec import Struct

from apiposture.analysis.derived import Derived
from apiposture.analysis.memory import Memory
from apiposture.analysis.units import Units
from apiposture.model.finding import Finding
from apiposture.model.scan import Problem
from apiposture.scan.cache import cache_folder, written_whole
from apiposture.scan.gather import Gathered
from apiposture.scan.version import tool_key

EARLIER = "@earlier"
"""What the name of a root ends with that stands for its state at an earlier commit."""


class Told(Struct, frozen=True, array_like=True):
    """What is true of the files together, what the rules make of it, a problem for each rule that stopped, and which rules were asked."""

    derived: Derived
    findings: tuple[Finding, ...]
    crashes: tuple[Problem, ...] = ()
    asked: frozenset[str] = frozenset()


class _Kept(Struct, frozen=True, array_like=True):
    key: str
    check: int
    content: bytes


def remembered(gathered: Gathered, knowledge: str, work_out: Callable[[Memory], Told]) -> Told:
    """What the same files told in the last run; else what `work_out` says, which is kept for the next one."""
    key, declared = _key(gathered, knowledge), declared_by(gathered, knowledge)
    places = [_place(root) for root in (gathered.root, _twin(gathered.root))]
    for place in places:
        with suppress(OSError, ValueError, msgspec.MsgspecError, RecursionError):
            return msgspec.msgpack.decode(_content(place.with_suffix(".facts"), key), type=Told)
    memory = Memory(_units(places, declared), declared, gathered.earlier)
    told = work_out(memory)
    with suppress(OSError, UnicodeEncodeError):
        _keep(places[0].with_suffix(".facts"), key, msgspec.msgpack.encode(told))
        _keep(places[0].with_suffix(".units"), tool_key(), msgspec.msgpack.encode(memory.units))
    return told


def _place(root: str) -> Path:
    return cache_folder() / sha256(root.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _twin(root: str) -> str:
    return root.removesuffix(EARLIER) if root.endswith(EARLIER) else f"{root}{EARLIER}"


def _units(places: Sequence[Path], declared: str) -> Units:
    """The units of the first place where the code declares the same as now; none where it does nowhere."""
    for place in places:
        with suppress(OSError, ValueError, msgspec.MsgspecError, RecursionError):
            units = msgspec.msgpack.decode(_content(place.with_suffix(".units"), tool_key()), type=Units)
            if units.key.startswith(declared):
                return units
    return Units()


def _content(file: Path, key: str) -> bytes:
    """What a file keeps; a ValueError where it is not what is wanted."""
    kept = msgspec.msgpack.decode(file.read_bytes(), type=_Kept)
    if kept.key != key or kept.check != crc32(kept.content):
        raise ValueError(file.name)
    return kept.content


def _keep(file: Path, key: str, content: bytes) -> None:
    with written_whole(file) as stream:
        stream.write(msgspec.msgpack.encode(_Kept(key, crc32(content), content)))


def _key(gathered: Gathered, knowledge: str) -> str:
    found = sha256(f"{tool_key()} {knowledge}".encode())
    for record in (examined.record for examined in gathered.examined):
        found.update(f"\n{record.path} {record.digest} {record.status}".encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def declared_by(gathered: Gathered, knowledge: str) -> str:
    """Stands for everything but the code of functions."""
    found = sha256(f"{tool_key()} {knowledge}".encode())
    for examined in gathered.examined:
        if examined.surface or examined.text:
            told = examined.surface or examined.record.digest
            found.update(f"\n{examined.record.path} {told}".encode("utf-8", "surrogatepass"))
    return found.hexdigest()
