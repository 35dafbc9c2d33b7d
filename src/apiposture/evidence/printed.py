"""How does the report look on paper? The same tables and figures, in PDF; the same bytes for the same tables."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from apiposture.evidence.documents import LIMITS
from apiposture.evidence.verifier.canonical import Json
from apiposture.evidence.verifier.statuses import rows_of

MOST = 500
"""Rows of a table on paper; the CSV files hold all."""

SECTIONS = (
    ("Findings", "findings", ("rule", "severity", "method", "route", "at", "state", "first_seen", "age_days", "overdue")),
    ("Exceptions register", "exceptions", ("rule", "at", "reason", "owner", "approver", "until", "valid", "flaws")),
    ("Endpoints", "endpoints", ("method", "route", "posture", "needs", "decided_by", "accesses", "tied", "open_findings")),
    ("Problems", "problems", ("scan", "kind", "at", "blocks", "message")),
    ("Changes", "changes", ("number", "at", "what", "before", "after")),
    ("Not supported", "unsupported", ("standard", "criteria", "why")),
    ("Rules that say nothing of a standard", "unmapped", ("standard", "rules", "why")),
)


def printed(about: Json, tables: dict[str, Json], figures: Json, fingerprint: str) -> bytes:
    """The report as PDF."""
    memory = BytesIO()
    document = SimpleDocTemplate(
        memory, pagesize=landscape(A4), invariant=1, title=f"Evidence report: {about['project']}", author="ApiPosture",
        leftMargin=36, rightMargin=36, topMargin=36, bottomMargin=36,
    )  # fmt: skip
    sheet = getSampleStyleSheet()
    small = ParagraphStyle("small", parent=sheet["BodyText"], fontSize=7.5, leading=9.5, wordWrap="CJK")
    told = f"{about['period']['start']} to {about['period']['end']} (UTC), view '{about['view']}', scope {', '.join(about['scope'])}; "
    flow: list[Any] = [
        Paragraph(_safe(f"Evidence report: {about['project']}"), sheet["Title"]),
        Paragraph(_safe(f"{told}prepared by {about['prepared_by']} at {about['prepared_at']}; key {fingerprint}"), sheet["BodyText"]),
        Paragraph(
            "This is the printed form of 01-report.html; what is verified are the tables, of which it shows parts.", sheet["BodyText"]
        ),
    ]
    statuses = [
        [row[key] for key in ("standard", "criterion", "title", "status", "exceptions", "accepted", "reasons")]
        for row in rows_of(tables, "statuses")
    ]
    flow += _section(
        "Criteria", ("standard", "criterion", "title", "status", "exceptions", "accepted", "why not evaluated"), statuses, sheet, small
    )
    flow += _section("Figures", ("figure", "value"), [[said["title"], said["value"]] for said in figures.values()], sheet, small)
    for title, name, columns in SECTIONS:
        rows = [[row[column] for column in columns] for row in rows_of(tables, name)]
        flow += _section(title, columns, rows, sheet, small)
    flow += [Paragraph("Limits", sheet["Heading2"]), *(Paragraph(_safe(limit), sheet["BodyText"]) for limit in LIMITS)]
    document.build(flow, onFirstPage=_numbered, onLaterPages=_numbered)
    return memory.getvalue()


def _section(title: str, columns: tuple[str, ...], rows: list[list[Any]], sheet: Any, small: Any) -> list[Any]:
    if not rows:
        return [Paragraph(_safe(title), sheet["Heading2"]), Paragraph("None.", sheet["BodyText"])]
    cells = [[Paragraph(f"<b>{_safe(column.replace('_', ' '))}</b>", small) for column in columns]]
    cells += [[Paragraph(_safe(_said(value)), small) for value in row] for row in rows[:MOST]]
    table = LongTable(cells, repeatRows=1, colWidths=[(landscape(A4)[0] - 72) / len(columns)] * len(columns))
    table.setStyle(TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.grey), ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    cut = [Paragraph(f"{len(rows) - MOST} more rows are in the CSV file.", sheet["BodyText"])] if len(rows) > MOST else []
    return [Paragraph(_safe(title), sheet["Heading2"]), table, *cut, Spacer(1, 8)]


def _numbered(canvas: Any, document: Any) -> None:
    canvas.setFont("Helvetica", 7)
    canvas.drawRightString(landscape(A4)[0] - 36, 20, f"page {document.page}")


def _said(value: object) -> str:
    text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    return text if len(text) <= 300 else f"{text[:299]}…"


def _safe(text: str) -> str:
    """Text that is no markup, in the letters that the built-in fonts have."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(each if each.isprintable() else " " for each in escaped).encode("cp1252", "replace").decode("cp1252")
