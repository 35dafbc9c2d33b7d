"""What is kept of the findings that stood there on the first day? As little as tells them apart, one line each."""

from json import dumps

from apiposture.model.finding import KNOWN, Finding
from apiposture.model.scan import Scan
from apiposture.reports.json import well_formed
from apiposture.reports.options import Options

NEWLINE = "\n  "
SIGN = r'\{\s*"apiposture-baseline": 1'


def render(scan: Scan, options: Options) -> str:
    """What nobody has accepted, in an order that no moved line changes: a renewed baseline differs only where findings came or went."""
    rows = sorted(row(finding) for finding in scan.findings if is_standing(finding))
    body = "".join(f"\n    {each}{',' * (each != rows[-1])}" for each in rows)
    return f'{{\n  "apiposture-baseline": 1,\n  "findings": [{body}{NEWLINE * bool(rows)}]\n}}\n'


def is_standing(finding: Finding) -> bool:
    """Is it open, or known from a baseline and nothing else?"""
    return finding.suppressed_by is None or finding.suppressed_by.reason == KNOWN


def row(finding: Finding) -> str:
    """One finding on one line; all but the fingerprint is for whoever reads the file."""
    where = f"{finding.method} {finding.route}".strip() or finding.place.path
    return dumps(well_formed({"rule": finding.rule, "where": where, "handler": finding.handler, "fingerprint": finding.fingerprint}))
