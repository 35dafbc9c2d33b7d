"""What does a spreadsheet read? One row a finding, and no cell that a spreadsheet would calculate."""

from csv import QUOTE_ALL, writer
from io import StringIO

from msgspec.structs import replace

from apiposture.model.finding import Finding
from apiposture.model.scan import Scan
from apiposture.reports.options import Options, is_blocking, shown
from apiposture.reports.text import visible

COLUMNS = (
    "severity", "certainty", "rule", "name", "method", "route", "handler", "path", "line", "column", "message", "remedy",
    "cwe", "owasp", "soc2", "fingerprint", "blocks", "suppressed", "reason", "until", "owner", "ticket",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What a cell must not begin with (https://owasp.org/www-community/attacks/CSV_Injection); full-width signs count as the plain ones."""


SIGN = ",".join(f'"{column}"' for column in COLUMNS[:12])


def render(scan: Scan, options: Options) -> str:
    """A row of titles, then every finding meant for the reader, accepted ones too; lines end as RFC 4180 wants them."""
    out = StringIO()
    rows = writer(out, quoting=QUOTE_ALL, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for finding in shown(scan.findings, replace(options, suppressed=True)):
        rows.writerow([cell(value) for value in row(finding, options)])
    return out.getvalue()


def row(finding: Finding, options: Options) -> tuple[str, ...]:
    """A finding in the order of the columns."""
    place, accepted = finding.place, finding.suppressed_by
    decision = (accepted.reason, accepted.until, accepted.owner, accepted.ticket) if accepted else ("", "", "", "")
    return (
        finding.severity,
        finding.certainty,
        finding.rule,
        finding.name,
        finding.method,
        finding.route,
        finding.handler,
        options.base + place.path,
        str(place.line),
        str(place.column),
        finding.message,
        finding.remedy,
        " ".join(finding.cwe),
        " ".join(finding.owasp),
        " ".join(finding.soc2),
        finding.fingerprint,
        "yes" if is_blocking(finding, options) else "no",
        "yes" if accepted else "no",
        *decision,
    )


def cell(value: str) -> str:
    """The text on one line; one that a spreadsheet would take for a formula is marked as text."""
    text = visible(value)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
