"""Which SARIF does a recorded report give?"""

from __future__ import annotations

import msgspec

from apiposture.model.scan import Problem, Scan
from apiposture.reports import Options
from apiposture.reports.json import Report, compact
from apiposture.reports.sarif import log_of

LEFT_OUT = "left-out"
"""The kind of problem that only the commit's own list of files tells: source that no scan read, without a declared reason."""


def sarif_of(report: bytes, left_out: int) -> bytes:
    """The same scan in SARIF 2.1.0, for all readers; the rules' pages are in 'rules/'. With source `left_out` it was no success."""
    scan = scan_of(report)
    if left_out:
        told = Problem(LEFT_OUT, f"{left_out} source files of the commit were not scanned, and no reason was declared.")
        scan = msgspec.structs.replace(scan, problems=(*scan.problems, told))
    return compact(log_of(scan, Options(personas=("regular", "auditor")))).encode("ascii")


def scan_of(report: bytes) -> Scan:
    """The scan that a JSON report was made from."""
    found = msgspec.json.decode(report, type=Report)
    snippets: dict[str, dict[int, str]] = {}
    for finding in found.findings:
        for line in finding.snippet:
            snippets.setdefault(line.path, {})[line.line] = line.text
    same = {name: getattr(found, name) for name in Scan.__struct_fields__ if name in Report.__struct_fields__}
    return Scan(version=found.tool.version, snippets=snippets, **same)
