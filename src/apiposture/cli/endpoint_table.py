"""Who may call what, in one table?"""

from __future__ import annotations

import json

import msgspec

from apiposture.model.facts import Endpoint
from apiposture.model.scan import Scan
from apiposture.reports.text import visible

SIGN = r'METHOD +ROUTE +POSTURE +|\{\s*"tool": "apiposture"'
"""How what `endpoints` writes begins."""


def as_table(scan: Scan) -> str:
    """Columns for a reader: method, route, posture, what a caller needs, the line that decided it, the handler."""
    rows = [("METHOD", "ROUTE", "POSTURE", "NEEDS", "DECIDED BY", "HANDLER")]
    rows += [tuple(visible(cell) for cell in _row(endpoint)) for endpoint in scan.endpoints]  # type: ignore[misc]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", _summary(scan), ""])


def as_json(scan: Scan) -> str:
    """Everything that is known of the endpoints, for a program."""
    found = {"tool": "apiposture", "version": scan.version, "schema": 1, "endpoints": msgspec.to_builtins(scan.endpoints)}
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _row(endpoint: Endpoint) -> tuple[str, ...]:
    posture = endpoint.posture
    needs = ", ".join(f"{need.kind} {need.name}" for need in posture.needs)
    decided = f"{posture.decided_by.path}:{posture.decided_by.line}" if posture.decided_by else "-"
    return endpoint.method, endpoint.route, posture.level, needs or "-", decided, endpoint.handler


def _summary(scan: Scan) -> str:
    levels: dict[str, int] = {}
    for endpoint in scan.endpoints:
        levels[endpoint.posture.level] = levels.get(endpoint.posture.level, 0) + 1
    told = ", ".join(f"{count} {level}" for level, count in sorted(levels.items(), key=lambda item: (-item[1], item[0])))
    noun = "endpoint" if len(scan.endpoints) == 1 else "endpoints"
    return f"{len(scan.endpoints)} {noun}{': ' if told else ''}{told}"
