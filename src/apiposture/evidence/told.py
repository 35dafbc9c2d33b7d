"""Which SARIF does a recorded report give?"""

from __future__ import annotations

import msgspec

from apiposture.model.scan import Scan
from apiposture.reports import Options, render
from apiposture.reports.json import Report


def sarif_of(report: bytes) -> bytes:
    """The same scan in SARIF 2.1.0, for all readers; the rules' pages are in 'rules/'."""
    return render("sarif", scan_of(report), Options(personas=("regular", "auditor"))).encode("utf-8")


def scan_of(report: bytes) -> Scan:
    """The scan that a JSON report was made from."""
    found = msgspec.json.decode(report, type=Report)
    snippets: dict[str, dict[int, str]] = {}
    for finding in found.findings:
        for line in finding.snippet:
            snippets.setdefault(line.path, {})[line.line] = line.text
    same = {name: getattr(found, name) for name in Scan.__struct_fields__ if name in Report.__struct_fields__}
    return Scan(version=found.tool.version, snippets=snippets, **same)
