"""What is kept of the findings that stood there on the first day? As little as tells them apart, one line each."""

from hashlib import sha256
from json import dumps

from apiposture.model.finding import HINT, KNOWN, Finding
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
    """One finding on one line. Where its fingerprint is not met any more, the other words tell whether it is only called otherwise."""
    said = {"rule": finding.rule, "where": where(finding), "handler": finding.handler, "fingerprint": finding.fingerprint}
    hint = {"hint": True} if finding.certainty == HINT else {}
    return dumps(well_formed({**said, "shape": shape_of(finding), **hint}))


def where(finding: Finding) -> str:
    """The endpoint, or the file where there is none."""
    return f"{finding.method} {finding.route}".strip() or finding.place.path


def shape_of(finding: Finding) -> str:
    """What is wrong, whatever the endpoint, its handler and its file are called: eight digits."""
    names = {finding.method, finding.route, finding.handler, finding.place.path}
    words = (finding.rule, *("" if part in names else part for part in finding.identity))
    return sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:8]
