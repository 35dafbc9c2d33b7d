"""Which findings were known before?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
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
    except (ValueError, RecursionError):
        raise PostureError(f"Baseline '{report}' is no JSON; give a report made with --format json or sarif.") from None
    try:
        return Baseline(report.name, frozenset(_fingerprints(found)))
    except msgspec.ValidationError:
        raise PostureError(f"Baseline '{report}' is no report of ours; give one made with --format json or sarif.") from None


class _Known(Struct):
    fingerprint: str


class _Result(Struct):
    partialFingerprints: dict[str, str]  # noqa: N815 - SARIF's name


class _Run(Struct):
    results: list[_Result]


class _Report(Struct):
    findings: list[_Known]


class _Log(Struct):
    runs: list[_Run]


def _fingerprints(found: Any) -> Iterator[str]:
    """Those of a report in either form. Raises msgspec.ValidationError for anything else."""
    if isinstance(found, dict) and "runs" in found:
        for run in msgspec.convert(found, _Log).runs:
            for result in run.results:
                yield from result.partialFingerprints.values()
    else:
        for finding in msgspec.convert(found, _Report).findings:
            yield finding.fingerprint
