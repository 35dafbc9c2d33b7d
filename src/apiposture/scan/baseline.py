"""Which findings were known before?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from apiposture.model.error import PostureError


class Baseline(Struct, frozen=True):
    """The fingerprints of an earlier report, which is called `name`."""

    name: str
    fingerprints: frozenset[str]


def known_from(report: Path) -> Baseline:
    """Read an earlier JSON or SARIF report of ours."""
    try:
        found = json.loads(report.read_text("utf-8-sig"))
    except OSError as error:
        raise PostureError(f"Baseline '{report}' could not be read: {(error.strerror or 'unknown reason').lower()}.") from None
    except ValueError:
        raise PostureError(f"Baseline '{report}' is no JSON; give a report made with --format json or sarif.") from None
    if not isinstance(found, dict) or not ("findings" in found or "runs" in found):
        raise PostureError(f"Baseline '{report}' is no report of ours; give one made with --format json or sarif.")
    return Baseline(report.name, frozenset(_fingerprints(found)))


def _fingerprints(report: dict[str, Any]) -> Iterator[str]:
    for finding in report.get("findings", ()):
        yield str(finding.get("fingerprint", ""))
    for run in report.get("runs", ()):
        for result in run.get("results", ()):
            yield from map(str, result.get("partialFingerprints", {}).values())
