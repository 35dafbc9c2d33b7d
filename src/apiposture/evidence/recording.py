"""How does a scan become a link of the history?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from apiposture.evidence.verifier.canonical import sha256, written
from apiposture.model.facts import Datum
from apiposture.model.record import Circumstances, Digests, Origin
from apiposture.model.scan import Scan
from apiposture.reports import Options, render
from apiposture.reports.figures import figures, is_complete

SCHEMA = 1


class Recording(Struct, frozen=True):
    """What is to be kept: the bodies by their digest, and the link, once its place in the chain is known."""

    bodies: dict[str, bytes]
    detail: str
    line: Callable[[int, str], str]


class Gate(Struct, frozen=True):
    """What would have failed the build."""

    fail_on: str
    fail_certainty: str


def recording_of(
    scan: Scan,
    origin: Origin,
    circumstances: Circumstances,
    digests: Digests,
    configuration: bytes,
    gate: Gate,
    salt: str,
    how: str = "live",
    data: Sequence[Datum] = (),
) -> Recording:
    """A scan, ready to be kept. `salt` keeps people from being guessed where the details are withheld; `how` is `live` or `back-filled`.

    `configuration` is the whole of it as JSON, of which `digests` has the digest; `data` is where sensitive data is met.
    """
    result = render("json", scan, Options()).encode("ascii")
    left = sorted([path, blob] for path, blob, kind in origin.unscanned if kind == "source")
    others = len(origin.unscanned) - len(left)
    accounting = written({"commit": origin.commit, "tree": origin.tree, "root": origin.root, "unscanned": left, "others": others})
    sensitive = written(msgspec.to_builtins(data))
    counted = figures(scan)
    said = {
        "kind": "scan",
        "how": how,
        "commit": origin.commit,
        "dirty": len(origin.dirty),
        "complete": is_complete(scan),
        "files": sum(counted.files.values()),
        "endpoints": sum(counted.endpoints.values()),
        "findings": sum(counted.findings.values()),
        "problems": counted.problems,
        "accounting": sha256(accounting),
        "result": sha256(result),
        "data": sha256(sensitive),
        "digests": asdict(digests),
        "gate": asdict(gate),
    }
    bodies = {sha256(each): each for each in (result, accounting, configuration, sensitive)}
    return _linked(bodies, said, circumstances, salt, {"branch": origin.branch, "root": origin.root})


def gap_of(commit: str, reason: str, circumstances: Circumstances, salt: str) -> Recording:
    """Why a commit was not scanned, in somebody's words."""
    return _linked({}, {"kind": "gap", "commit": commit}, circumstances, salt, {"reason": reason})


def _linked(
    bodies: dict[str, bytes], said: dict[str, object], circumstances: Circumstances, salt: str, withheld: dict[str, str]
) -> Recording:
    people = {"operator": circumstances.operator, "run": circumstances.run, "host": circumstances.host, "command": circumstances.command}
    detail = written({"salt": salt, **people, **withheld})
    common = {**said, "schema": SCHEMA, "at": circumstances.at, "detail": sha256(detail)}

    def line(number: int, previous: str) -> str:
        return written({**common, "number": number, "previous": previous}).decode("ascii")

    return Recording(bodies, detail.decode("ascii"), line)
