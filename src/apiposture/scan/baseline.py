"""Which findings were known before?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from apiposture.model.error import PostureError
from apiposture.model.finding import HINT, KNOWN, Finding, Suppression
from apiposture.reports.baseline import shape_of, where


class Row(Struct, frozen=True):
    """A line of a baseline's file (`reports/baseline`)."""

    rule: str
    where: str
    handler: str
    fingerprint: str
    shape: str
    hint: bool = False

    def is_same(self, finding: Finding) -> bool:
        """Is it this finding, as it was called before?"""
        named = self.handler == finding.handler or self.where == where(finding)
        return self.rule == finding.rule and self.shape == shape_of(finding) and named


class Baseline(Struct, frozen=True):
    """The fingerprints of an earlier report or state, which is called `name`; `reason` is why they count as accepted.

    `decisions` are the suppressions that hid something then (rule, path, reason): what they hid was looked at, what they would hide
    besides was not. `rows` are the lines of a baseline's file; `renamed` are findings that are known under another name, each with that.
    `hints` are those that were no more than a hint then: who accepted a hint has not accepted what is sure now.
    """

    name: str
    fingerprints: frozenset[str]
    decisions: frozenset[tuple[str, str, str]] = frozenset()
    reason: str = KNOWN
    renamed: Mapping[str, str] = {}
    rows: tuple[Row, ...] = ()
    hints: frozenset[str] = frozenset()

    def with_others(self, other: Baseline | None) -> Baseline:
        """What is known from either."""
        if other is None:
            return self
        both, decided = self.fingerprints | other.fingerprints, self.decisions | other.decisions
        hints = both - (self.fingerprints - self.hints) - (other.fingerprints - other.hints)
        reason = f"{self.reason}, or {other.reason}"
        return Baseline(f"{self.name}, {other.name}", both, decided, reason, {**self.renamed, **other.renamed}, hints=hints)

    def with_names(self, findings: Sequence[Finding]) -> Baseline:
        """The same, with the names that findings have now of lines that no fingerprint meets any more. Each line is met once."""
        still = {each.fingerprint for each in findings}
        gone = [row for row in self.rows if row.fingerprint not in still]
        renamed = dict(self.renamed)
        for each in findings if gone else ():
            row = next((row for row in gone if row.is_same(each)), None)
            if row is not None and each.fingerprint not in self.fingerprints:
                renamed[each.fingerprint] = row.where
                gone.remove(row)
        return msgspec.structs.replace(self, renamed=renamed)

    def why(self, finding: Finding) -> str:
        """Why a finding counts as accepted; empty where it does not."""
        if finding.fingerprint in self.hints and finding.certainty != HINT:
            return ""
        if finding.fingerprint in self.fingerprints:
            return self.reason
        return f"{self.reason}, as '{self.renamed[finding.fingerprint]}'" if finding.fingerprint in self.renamed else ""


def decision_of(suppression: Suppression) -> tuple[str, str, str]:
    """What makes it the same decision in another state; lines move."""
    return suppression.rule, suppression.place.path, suppression.reason


def known_from(report: Path) -> Baseline:
    """Read an earlier JSON or SARIF report of ours."""
    try:
        found = json.loads(report.read_text("utf-8-sig"))
    except OSError as error:
        raise PostureError(f"Baseline '{report}' could not be read: {(error.strerror or 'unknown reason').lower()}.") from None
    except (ValueError, RecursionError):
        raise PostureError(f"Baseline '{report}' is no JSON; give a report made with --format json or sarif.") from None
    try:
        rows, hints = _rows(found), frozenset(_hints(found))
        return Baseline(report.name, frozenset(_fingerprints(found)), frozenset(_decisions(found)), rows=rows, hints=hints)
    except msgspec.ValidationError:
        raise PostureError(f"Baseline '{report}' is no report of ours; give one made with --format json or sarif.") from None


def _rows(found: Any) -> tuple[Row, ...]:
    """The lines of a baseline's file that tell the shape; no other report has any."""
    if not isinstance(found, dict) or "apiposture-baseline" not in found:
        return ()
    return tuple(msgspec.convert(each, Row) for each in found["findings"] if "shape" in each)


class _Known(Struct):
    fingerprint: str
    certainty: str = ""
    hint: bool = False
    suppressed_by: Suppression | None = None


class _Result(Struct):
    partialFingerprints: dict[str, str]  # noqa: N815 - SARIF's name
    ruleId: str = ""  # noqa: N815
    suppressions: tuple[dict[str, Any], ...] = ()


class _Root(Struct, frozen=True):
    base: str = ""


class _Run(Struct):
    results: list[_Result]
    properties: _Root = _Root()


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


def _hints(found: Any) -> Iterator[str]:
    """Those of them that are hints, as far as the report tells."""
    if isinstance(found, dict) and "runs" not in found:
        known = msgspec.convert(found, _Report).findings
        yield from (each.fingerprint for each in known if each.hint or each.certainty == HINT)


def _decisions(found: Any) -> Iterator[tuple[str, str, str]]:
    """The suppressions in a report of either form, as far as it tells them."""
    if isinstance(found, dict) and "runs" in found:
        for run in msgspec.convert(found, _Log).runs:
            for result in run.results:
                for each in result.suppressions:
                    path = each.get("location", {}).get("physicalLocation", {}).get("artifactLocation", {}).get("uri", "")
                    yield result.ruleId, unquote(str(path)).removeprefix(run.properties.base), str(each.get("justification", ""))
    else:
        for finding in msgspec.convert(found, _Report).findings:
            if finding.suppressed_by is not None:
                yield decision_of(finding.suppressed_by)
