"""Who may call what, in one table?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import msgspec
from rich.cells import cell_len

from apiposture.model.facts import Endpoint
from apiposture.model.scan import Scan
from apiposture.reports.frame import Line
from apiposture.reports.terminal import colored
from apiposture.reports.text import visible, wrapped

SIGN = r'METHOD +ROUTE +POSTURE +|\{\s*"tool": "apiposture"'
"""How what `endpoints` writes begins."""


HEADINGS = ("METHOD", "ROUTE", "POSTURE", "NEEDS", "DECIDED BY", "HANDLER")
STYLES = {"public": "bold red", "anonymous": "yellow", "authenticated": "blue", "role": "green", "policy": "green", "unknown": "magenta"}
HEADING, FAINT, JOINT, NOTHING = "bold", "dim", " · ", "-"


def as_table(scan: Scan, screen: int | None = None, color: bool = False) -> str:
    """Columns for a reader: method, route, posture, what a caller needs, the line that decided it, the handler.

    On a screen that is too narrow for them, what comes after the route and the posture stands below those.
    """
    rows = [HEADINGS, *(tuple(visible(cell) for cell in _row(endpoint)) for endpoint in scan.endpoints)]
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    is_wide = screen is None or sum(widths) + 2 * len(widths) - 2 <= screen
    lines = [line for row in rows for line in ([_beside(row, widths)] if is_wide else _below(row, widths, screen or 0))]
    lines += [[], [(_summary(scan), "")]]
    if color:
        return colored(lines, screen or sum(widths) + 2 * len(widths))
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines)


def _beside(row: Sequence[str], widths: Sequence[int]) -> Line:
    """A row in one line."""
    styles = ("", "", STYLES.get(row[2], ""), "", FAINT, FAINT)
    padded = (cell + " " * (width - cell_len(cell) + 2) for cell, width in zip(row, widths, strict=True))
    return [(cell, HEADING if row is HEADINGS else style) for cell, style in zip(padded, styles, strict=True)]


def _below(row: Sequence[str], widths: Sequence[int], screen: int) -> Iterator[Line]:
    """A row in two lines or more."""
    method, route, posture, needs, decided, handler = row
    at = [(method.ljust(widths[0] + 2), ""), (posture.ljust(widths[2] + 2), STYLES.get(posture, "")), (route, "")]
    yield [(cell, HEADING if row is HEADINGS else style) for cell, style in at]
    indent = " " * (widths[0] + 2)
    for piece in wrapped(JOINT.join(each for each in (needs, handler, decided) if each != NOTHING), screen - len(indent), JOINT):
        yield [(indent, ""), (piece, HEADING if row is HEADINGS else FAINT)]


def as_json(scan: Scan) -> str:
    """Everything that is known of the endpoints, for a program."""
    found = {"tool": "apiposture", "version": scan.version, "schema": 1, "endpoints": msgspec.to_builtins(scan.endpoints)}
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _row(endpoint: Endpoint) -> tuple[str, ...]:
    posture = endpoint.posture
    needs = ", ".join(f"{need.kind} {need.name}" for need in posture.needs)
    decided = f"{posture.decided_by.path}:{posture.decided_by.line}" if posture.decided_by else NOTHING
    return endpoint.method, endpoint.route, posture.level, needs or NOTHING, decided, endpoint.handler


def _summary(scan: Scan) -> str:
    levels: dict[str, int] = {}
    for endpoint in scan.endpoints:
        levels[endpoint.posture.level] = levels.get(endpoint.posture.level, 0) + 1
    told = ", ".join(f"{count} {level}" for level, count in sorted(levels.items(), key=lambda item: (-item[1], item[0])))
    noun = "endpoint" if len(scan.endpoints) == 1 else "endpoints"
    return f"{len(scan.endpoints)} {noun}{': ' if told else ''}{told}"
