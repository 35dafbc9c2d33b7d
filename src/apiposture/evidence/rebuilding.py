"""Does the same tool make the same pack again? The pages, the paper and the workbook too, byte for byte."""

from __future__ import annotations

import platform
import zlib

import reportlab
import xlsxwriter

from apiposture.evidence.pack import Material, contents
from apiposture.evidence.standards import load
from apiposture.evidence.verifier import envelope
from apiposture.evidence.verifier.canonical import BrokenError, Json, read
from apiposture.evidence.verifier.chain import CHAIN, DETAILS
from apiposture.evidence.verifier.checks import ABOUT, AUDITOR
from apiposture.evidence.verifier.commits import COMMITS
from apiposture.evidence.verifier.container import ATTACHED, CONTAINER, ENVELOPE, MANIFEST, Member

SEALING = (CONTAINER, ENVELOPE, MANIFEST, envelope.KEY)


def builder(engine: str) -> Json:
    """What the bytes of a pack depend on, besides what it is made from. `engine` is the digest of our own code."""
    libraries = {"reportlab": reportlab.Version, "xlsxwriter": xlsxwriter.__version__, "zlib": zlib.ZLIB_RUNTIME_VERSION}
    return {"engine": engine, "libraries": libraries, "python": ".".join(platform.python_version_tuple()[:2])}


def rebuilt(members: dict[str, Member], guides: dict[str, str], engine: str) -> str:
    """Make the pack again from its own sources and compare. A difference is broken; where it can't be made, say why."""
    about = read(members[ABOUT].content, ABOUT)
    if about["view"] != AUDITOR:
        return "not made again: this view withholds what it was made from"
    if about.get("builder") != builder(engine):
        return "not made again: it was made by another version, of this tool or of what it uses"
    found = contents(_material(members, about, guides), AUDITOR, envelope.fingerprint(envelope.key_of(members[envelope.KEY].content)))
    there = {name: each.content for name, each in members.items() if name not in SEALING and not name.startswith(ATTACHED)}
    for name in sorted({*found, *there}):
        if found.get(name) != there.get(name):
            raise BrokenError(f"'{name}' is not what this same tool makes from the pack's own sources.")
    return f"{len(there)} files made again, byte for byte"


def _material(members: dict[str, Member], about: Json, guides: dict[str, str]) -> Material:
    bodies = {name.rpartition("/")[2].partition(".")[0]: member.content for name, member in members.items() if name.endswith(".json")}
    standards = [load(name) for name in about["standards"]]
    chain, details = members[CHAIN].content, members[DETAILS].content
    return Material(about, chain, details, _raw(members[COMMITS].content), standards, bodies.__getitem__, guides)


def _raw(data: bytes) -> list[bytes]:
    """The commits, one by one."""
    found = []
    while data:
        head, _, rest = data.partition(b"\0")
        size = int(head[len(b"commit ") :])
        found.append(rest[:size])
        data = rest[size:]
    return found
