"""A small project with a history, made without the command line: commits as raw bytes, scans of sources at hand, a store in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from apiposture.config import Config
from apiposture.evidence.pack import Material, build
from apiposture.evidence.recording import Gate, gap_of, recording_of
from apiposture.evidence.signing import Signer
from apiposture.evidence.standards import load
from apiposture.evidence.verifier.checks import USUAL
from apiposture.evidence.verifier.commits import packed, spelled
from apiposture.languages import language_of
from apiposture.model.facts import Datum
from apiposture.model.record import GENESIS, Circumstances, Digests, Origin
from apiposture.model.scan import Scan
from apiposture.model.source import SourceFile
from apiposture.scan import gather_sources, judge

if TYPE_CHECKING:
    from apiposture.store import History

START = 1_782_864_000  # 2026-07-01
DAY = 86_400
RULES = USUAL

CLOSED = """
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
[ApiController] [Route("api/orders")] [Authorize]
public class OrderController : ControllerBase
{
    [HttpGet("{id}")] public IActionResult Get(int id) => Ok();
    [HttpPost("{id}")] public IActionResult Change(int id) => Ok();
}
"""
OPEN = CLOSED.replace("[Authorize]", "")
FILE = "src/OrderController.cs"


def signer(seed: int = 1) -> Signer:
    """A key that is the same in every run."""
    key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return Signer(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), key.sign)


def scanned(text: str | dict[str, str], config: Config | None = None, day: str = "2026-07-01") -> Scan:
    """The scan of these files."""
    files = {FILE: text} if isinstance(text, str) else text
    sources = [SourceFile(path, language_of(path), body, hashlib.sha256(body.encode()).hexdigest()) for path, body in files.items()]
    return judge(gather_sources(sources), config or Config(cache=False), day)


class Project:
    """Commits and links, added one by one."""

    def __init__(self) -> None:
        self.commits: list[bytes] = []
        self.chain = self.details = b""
        self.number, self.previous = 0, GENESIS
        self.bodies: dict[str, bytes] = {}
        self.commit(START - DAY)

    def commit(self, at: int, author: str = "Ada Canary <ada.canary@example.com>") -> str:
        """One more commit on the protected branch; its id."""
        parent = f"parent {self.head()}\n" if self.commits else ""
        tree = hashlib.sha1(str(at).encode()).hexdigest()
        raw = f"tree {tree}\n{parent}author {author} {at} +0000\ncommitter {author} {at} +0000\n\nchange\n".encode()
        self.commits.append(raw)
        return self.head()

    def head(self) -> str:
        return hashlib.sha1(packed(self.commits[-1])).hexdigest()

    def scan(
        self, text: str | dict[str, str] | Scan, at: int, *, commit: str = "", how: str = "live", dirty: Sequence[str] = (),
        left_out: Sequence[str] = (), engine: str = "e" * 64, config: Config | None = None, root: str = "",
        who: str = "Grace Canary", fail_on: str = "high", keep: History | None = None,
        data: Sequence[Datum] = (),
    ) -> None:  # fmt: skip
        """One more recorded scan of the newest commit, or of `commit`; where there is a history to `keep` it in, there."""
        found = text if isinstance(text, Scan) else scanned(text, config, spelled(at)[:10])
        name = commit or self.head()
        unscanned = tuple((path, "1" * 40, "source") for path in left_out)
        origin = Origin(name, "a" * 40, "main", root, tuple(dirty), unscanned)
        digests = Digests(found.version, engine, "r" * 64, "m" * 64, hashlib.sha256(b"{}").hexdigest())
        circumstances = Circumstances(spelled(at), who, "run-7", "host.canary", "apiposture record")
        recording = recording_of(found, origin, circumstances, digests, b"{}", Gate(fail_on, "medium"), "salt", how, data)
        if keep:
            keep.append("orders", recording.line, recording.detail, recording.bodies)
        else:
            self._add(recording)

    def gap(self, commit: str, reason: str, at: int) -> None:
        """Somebody's reason for a commit without a scan."""
        self._add(gap_of(commit, reason, Circumstances(spelled(at), "Grace Canary"), "salt"))

    def _add(self, found: Any) -> None:
        self.number += 1
        line = found.line(self.number, self.previous)
        self.chain += line.encode()
        self.details += found.detail.encode()
        self.previous = hashlib.sha256(line.encode()).hexdigest()
        self.bodies.update(found.bodies)

    def about(self, **changes: Any) -> dict[str, Any]:
        """What the pack says of itself."""
        told: dict[str, Any] = {
            "schema": 1,
            "project": "orders",
            "period": {"start": "2026-07-01", "end": "2026-09-30"},
            "scope": ["S", "C"],
            "standards": ["soc2"],
            "branch": "main",
            "commit": self.head(),
            "root": "",
            "head": {"number": self.number, "hash": self.previous},
            "prepared_at": "2026-10-05T09:00:00Z",
            "prepared_by": "Grace Canary",
            "as_of": "2026-09-30T23:59:59Z",
            "rules": RULES,
            "out_of_scope": [],
            "signoff": "",
            "tool": {"version": "0.1.0"},
        }
        return {**told, **changes}

    def material(self, guides: dict[str, str] | None = None, **changes: Any) -> Material:
        """What a pack is made from."""
        about = self.about(**changes)
        standards = [load(name) for name in about["standards"]]
        return Material(about, self.chain, self.details, self.commits[::-1], standards, self.bodies.__getitem__, guides or {})

    def pack(self, view: str = "auditor", seed: int = 1, **changes: Any) -> bytes:
        """The pack."""
        return build(self.material(**changes), signer(seed), view)


def good() -> Project:
    """Three commits, each scanned within the hour; nothing is wrong."""
    project = Project()
    for number in range(3):
        at = START + number * DAY
        project.commit(at)
        project.scan(CLOSED, at + 600)
    return project


def small() -> bytes:
    """A pack with as few bytes as may be."""
    project = Project()
    project.commit(START)
    project.scan(msgspec.structs.replace(scanned(OPEN), snippets={}), START + 60)
    return project.pack(standards=["owasp_api"])
