"""How do the endpoints and the findings of a period look at one glance?

SVG without scripts, fonts or anything from elsewhere. What a colour says is said by a pattern and a letter as well, for print and for
those who see few colours (the palette of Okabe and Ito).
"""

from __future__ import annotations

from html import escape

from apiposture.evidence.verifier.canonical import Json
from apiposture.evidence.verifier.statuses import rows_of

POSTURES = {
    "public": ("#d55e00", "P", "anybody: nothing is declared"),
    "anonymous": ("#e69f00", "A", "anybody: declared open"),
    "authenticated": ("#56b4e9", "L", "whoever is logged in"),
    "role": ("#0072b2", "R", "callers with a role"),
    "policy": ("#009e73", "Y", "callers who meet a policy, scope or permission"),
    "unknown": ("#ffffff", "?", "not resolved"),
}
DARK = ("role", "policy", "public")
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "*", "CALL")
SEVERITIES = {"critical": "#7f0000", "high": "#d55e00", "medium": "#e69f00", "low": "#999999"}
DASHES = {"critical": "", "high": "7 3", "medium": "2 3", "low": "1 5"}
MOST = 400
"""Routes that are drawn; the table of endpoints holds all."""

_ROW, _CELL, _TOP, _LEFT = 20, 46, 44, 380
_STYLE = "font-family:system-ui,sans-serif;font-size:12px"


def matrix(tables: dict[str, Json]) -> str:
    """Routes by methods: the posture by colour, letter and pattern, a dot where a finding is open."""
    endpoints = rows_of(tables, "endpoints")
    routes = sorted({each["route"] for each in endpoints})[:MOST]
    used = [method for method in METHODS if any(each["method"] == method for each in endpoints)]
    used += sorted({each["method"] for each in endpoints} - set(used))
    cells = [
        _cell(endpoint, _LEFT + used.index(endpoint["method"]) * _CELL, _TOP + routes.index(endpoint["route"]) * _ROW)
        for endpoint in endpoints
        if endpoint["route"] in routes
    ]
    heads = [_text(_LEFT + at * _CELL + _CELL // 2, _TOP - 8, method, "middle") for at, method in enumerate(used)]
    names = [_text(_LEFT - 8, _TOP + at * _ROW + 14, _short(route), "end") for at, route in enumerate(routes)]
    bottom = _TOP + len(routes) * _ROW + 16
    drawn = "".join([*heads, *names, *cells, *_legend(bottom)])
    left = f"{len(endpoints)} endpoints on {len(routes)} routes"
    return _svg(max(_LEFT + len(used) * _CELL + 20, 760), bottom + 24 * len(POSTURES) + 30, "Who may call what", left, drawn)


def _cell(endpoint: Json, x: int, y: int) -> str:
    color, letter, meaning = POSTURES.get(endpoint["posture"], POSTURES["unknown"])
    fill = "url(#hatch)" if letter == "?" else color
    ink = "#ffffff" if endpoint["posture"] in DARK else "#000000"
    told = f"{endpoint['method']} {endpoint['route']}: {meaning}" + (f" ({endpoint['needs']})" if endpoint["needs"] else "")
    dot = f'<circle cx="{x + _CELL - 9}" cy="{y + 6}" r="4" fill="#000000" stroke="#ffffff"/>' if endpoint["open_findings"] else ""
    box = f'<rect x="{x + 1}" y="{y + 1}" width="{_CELL - 2}" height="{_ROW - 2}" fill="{fill}" stroke="#333333"/>'
    name = f'<text x="{x + _CELL // 2}" y="{y + 14}" text-anchor="middle" fill="{ink}">{letter}</text>'
    return f"<g><title>{escape(told)}</title>{box}{name}{dot}</g>"


def _legend(top: int) -> list[str]:
    found = []
    for at, (level, (color, letter, meaning)) in enumerate(POSTURES.items()):
        y, fill = top + at * 24, "url(#hatch)" if letter == "?" else color
        found.append(f'<rect x="20" y="{y}" width="30" height="18" fill="{fill}" stroke="#333333"/>')
        found.append(f'<text x="35" y="{y + 13}" text-anchor="middle" fill="{"#ffffff" if level in DARK else "#000000"}">{letter}</text>')
        found.append(_text(60, y + 13, f"{level}: {meaning}"))
    y = top + len(POSTURES) * 24
    return [*found, f'<circle cx="35" cy="{y + 8}" r="4" fill="#000000"/>', _text(60, y + 13, "a finding is open on this endpoint")]


def trend(points: list[Json]) -> str:
    """Open findings by severity, a point a scan; each severity has a colour and a dash of its own."""
    width, height, left, top = 760, 260, 50, 30
    most = max((point[severity] for point in points for severity in SEVERITIES), default=0) or 1
    step = (width - left - 130) / max(1, len(points) - 1)
    drawn = [
        f'<path d="M{left} {top}V{top + height}H{width - 120}" fill="none" stroke="#333333"/>',
        _text(left - 6, top + 6, str(most), "end"),
    ]
    drawn.append(_text(left - 6, top + height, "0", "end"))
    for at, (severity, color) in enumerate(SEVERITIES.items()):
        places = [(left + number * step, top + height * (1 - point[severity] / most)) for number, point in enumerate(points)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        dash = f' stroke-dasharray="{DASHES[severity]}"' if DASHES[severity] else ""
        drawn.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2.5"{dash}/>')
        if len(places) == 1:
            drawn.append(f'<circle cx="{places[0][0]:.1f}" cy="{places[0][1]:.1f}" r="4" fill="{color}"/>')
        y = top + 14 + at * 22
        drawn.append(f'<path d="M{width - 105} {y - 4}h30" stroke="{color}" stroke-width="2.5"{dash}/>' + _text(width - 68, y, severity))
    if points:
        drawn.append(_text(left, top + height + 18, points[0]["day"]) + _text(width - 120, top + height + 18, points[-1]["day"], "end"))
    return _svg(width, height + 70, "Open findings over the period", f"{len(points)} scans", "".join(drawn))


def _svg(width: int, height: int, title: str, description: str, drawn: str) -> str:
    hatch = (
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="6" height="6" fill="#ffffff"/><path d="M0 0V6" stroke="#666666" stroke-width="2"/></pattern></defs>'
    )
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" style="{_STYLE}">'
    background = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    return f"{head}<title>{escape(title)}</title><desc>{escape(description)}</desc>{hatch}{background}{drawn}</svg>\n"


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'


def _short(route: str) -> str:
    return route if len(route) <= 56 else f"{route[:27]}…{route[-28:]}"
