"""How do the endpoints, the controls and the findings of a period look at one glance? Drawn from the tables alone."""

from __future__ import annotations

from apiposture.evidence.verifier.canonical import Json
from apiposture.evidence.verifier.drawing import BLACK, WHITE, Look, label, shortened, spoken, svg
from apiposture.evidence.verifier.findings import SEVERITIES
from apiposture.evidence.verifier.statuses import CLEAN, FOUND, OUTSIDE, UNSEEN, rows_of

POSTURES = {
    "public": Look("#d55e00", "stripes", "P", "public: nothing is declared, anybody may call it", WHITE),
    "anonymous": Look("#f0b23c", "dots", "A", "anonymous: declared open to anybody"),
    "unknown": Look("#ffffff", "hatch", "?", "unknown: not resolved"),
    "authenticated": Look("#9fd3f2", "plain", "L", "authenticated: whoever is logged in"),
    "role": Look("#0072b2", "rows", "R", "role: callers with a role", WHITE),
    "policy": Look("#009e73", "columns", "Y", "policy: callers who meet a policy, scope or permission", WHITE),
}
"""The most open first."""

STATES = {
    FOUND: Look("#f0b23c", "stripes", "!", "something was found"),
    UNSEEN: Look("#ffffff", "hatch", "?", "something was not seen, or nothing decides"),
    CLEAN: Look("#9fd3f2", "plain", "○", "everything was seen, and nothing was found"),
    OUTSIDE: Look("#e4e7ec", "dots", "–", "the category was not declared"),
}
LINES = {"critical": ("#b3122f", ""), "high": ("#d55e00", "9 3"), "medium": ("#b58100", "3 3"), "low": ("#6b7280", "1.5 4")}
VERBS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "*", "CALL")
DRAWN = 400
"""Routes and criteria that are drawn; the tables hold all."""

_HIGH, _WIDE, _TOP, _LEFT = 24, 58, 40, 372


def pictures_of(tables: dict[str, Json]) -> dict[str, str]:
    """Every picture of a pack, by the name of its file."""
    return {
        "pictures/controls.svg": control_sheet(tables),
        "pictures/endpoints.svg": matrix(tables),
        "pictures/trend.svg": trend(tables),
    }


def matrix(tables: dict[str, Json]) -> str:
    """Routes by methods: the posture by colour, pattern and letter, a dot for sensitive data, a frame where a finding is open."""
    endpoints = sorted(rows_of(tables, "endpoints"), key=lambda each: -list(POSTURES).index(_posture(each)))
    names = sorted({each["route"] for each in endpoints})
    routes, verbs = names[:DRAWN], _verbs(endpoints)
    width = max(_LEFT + len(verbs) * _WIDE + 16, 760)
    drawn = [label(_LEFT + at * _WIDE + _WIDE / 2, _TOP - 10, verb, "middle", "head") for at, verb in enumerate(verbs)]
    for at, route in enumerate(routes):
        y = _TOP + at * _HIGH
        drawn.append(f'<path class="line" d="M12 {y + _HIGH - 0.5:g}H{width - 12:g}" stroke-width=".6"/>')
        drawn.append(label(12, y + 16, shortened(route, 50), kind="code"))
    drawn += [_cell(each, verbs.index(each["method"]), routes.index(each["route"])) for each in endpoints if each["route"] in routes]
    bottom = _TOP + len(routes) * _HIGH + 20
    if len(names) > DRAWN:
        drawn.append(label(12, bottom, f"{len(names) - DRAWN} more routes are in 'csv/endpoints.csv'.", kind="soft"))
        bottom += 24
    there = [look for level, look in POSTURES.items() if any(_posture(each) == level for each in endpoints)]
    drawn += _legend(there, bottom)
    marks = bottom + len(there) * 24
    drawn.append(f'<circle cx="28" cy="{marks + 8:g}" r="4.5" fill="{BLACK}" stroke="{WHITE}" stroke-width="1.5"/>')
    drawn.append(label(56, marks + 12, "has to do with sensitive data (credentials, contacts, health, payments...)"))
    drawn.append(f'<rect class="frame" x="14" y="{marks + 26:g}" width="28" height="15" rx="3"/>')
    drawn.append(label(56, marks + 38, "framed: a finding is open on this endpoint"))
    count = f"{len(endpoints)} endpoints on {len(names)} routes"
    return svg(width, marks + 54, "Who may call what", count, "".join(drawn))


def _posture(endpoint: Json) -> str:
    return endpoint["posture"] if endpoint["posture"] in POSTURES else "unknown"


def _verbs(endpoints: list[Json]) -> list[str]:
    there = {each["method"] for each in endpoints}
    return [*(verb for verb in VERBS if verb in there), *sorted(there - set(VERBS))]


def _cell(endpoint: Json, column: int, row: int) -> str:
    look, x, y = POSTURES[_posture(endpoint)], _LEFT + column * _WIDE + 3, _TOP + row * _HIGH + 2
    told = f"{endpoint['method']} {endpoint['route']}: {look.meaning}" + (f" ({endpoint['needs']})" if endpoint["needs"] else "")
    told += f"; sensitive data: {endpoint['sensitive']}" if endpoint["sensitive"] else ""
    told += f"; open findings: {endpoint['open_findings']}" if endpoint["open_findings"] else ""
    drawn = look.box(x, y, _WIDE - 6, _HIGH - 5)
    if endpoint["open_findings"]:
        drawn += f'<rect class="frame" x="{x:g}" y="{y:g}" width="{_WIDE - 6:g}" height="{_HIGH - 5:g}" rx="3"/>'
    if endpoint["sensitive"]:
        drawn += f'<circle cx="{x + _WIDE - 14:g}" cy="{y + 6.5:g}" r="4.5" fill="{BLACK}" stroke="{WHITE}" stroke-width="1.5"/>'
    return f"<g><title>{spoken(told)}</title>{drawn}</g>"


def _legend(looks: list[Look], top: float) -> list[str]:
    drawn = []
    for at, look in enumerate(looks):
        drawn += [look.box(12, top + at * 24, 32, 18), label(56, top + at * 24 + 13, look.meaning)]
    return drawn


def control_sheet(tables: dict[str, Json]) -> str:
    """Every criterion with its status, and how many exceptions were noted."""
    rows = rows_of(tables, "statuses")
    most = max((row["exceptions"] for row in rows), default=0) or 1
    drawn: list[str] = []
    y, last = 12, ""
    for row in rows[:DRAWN]:
        if row["standard"] != last:
            last, y = row["standard"], y + 26
            drawn += [label(12, y - 8, last, kind="head"), label(748, y - 8, "exceptions", "end", "soft")]
        drawn.append(_control(row, y, most))
        y += 26
    if len(rows) > DRAWN:
        y += 24
        drawn.append(label(12, y - 8, f"{len(rows) - DRAWN} more criteria are in 'csv/statuses.csv'.", kind="soft"))
    there = [look for state, look in STATES.items() if any(row["status"] == state for row in rows)]
    drawn += _legend(there, y + 14)
    counts = ", ".join(f"{sum(row['status'] == state for row in rows)} {state}" for state in STATES)
    return svg(760, y + 20 + 24 * len(there), "Control sheet", counts, "".join(drawn))


def _control(row: Json, y: float, most: int) -> str:
    look = STATES[row["status"]]
    told = f"{row['standard']} {row['criterion']}: {row['status']}" + (f" ({row['reasons']})" if row["reasons"] else "")
    parts = [
        f'<path class="line" d="M12 {y + 25.5:g}H748" stroke-width=".6"/>',
        label(12, y + 17, shortened(row["criterion"], 16), kind="code"),
        look.box(112, y + 3, 32, 19),
        label(152, y + 17, row["status"], kind="head" if row["status"] == FOUND else ""),
        label(292, y + 17, shortened(row["title"], 50)),
    ]
    if row["exceptions"]:
        length = max(2, 70 * row["exceptions"] / most)
        place = f'x="{718 - length:.1f}" y="{y + 6:g}" width="{length:.1f}" height="13"'
        parts.append(f'<rect {place} rx="2" fill="{look.color}" stroke="#444a55"/>')
        parts.append(label(748, y + 17, f"{row['exceptions']:,}", "end"))
    return f"<g><title>{spoken(told)}</title>{''.join(parts)}</g>"


def trend(tables: dict[str, Json]) -> str:
    """Open findings by severity, a point a scan; each severity has a colour and a dash of its own, and its last number beside it."""
    points = rows_of(tables, "trend")
    width, height, left, top, right = 760, 230, 44, 18, 130
    most = max((point[severity] for point in points for severity in SEVERITIES), default=0) or 1
    step = (width - left - right) / max(1, len(points) - 1)
    tick = max(1, -(-most // 5))
    drawn = []
    for value in range(0, most + 1, tick):
        y = top + height * (1 - value / most)
        drawn.append(f'<path class="line" d="M{left} {y:.1f}H{width - right}" stroke-width=".8"/>')
        drawn.append(label(left - 8, round(y + 4, 1), str(value), "end", "soft"))
    for severity, (color, dash) in LINES.items():
        places = [(left + number * step, top + height * (1 - point[severity] / most)) for number, point in enumerate(points)]
        drawn.append(_curve(places, color, dash))
    drawn.append(f'<path class="axis" d="M{left} {top}V{top + height}H{width - right}" fill="none"/>')
    if points:
        drawn += _last(points[-1], most, width - right + 10, top, height)
        drawn.append(label(left, top + height + 20, points[0]["day"], kind="soft"))
        drawn.append(label(width - right, top + height + 20, points[-1]["day"] if len(points) > 1 else "", "end", "soft"))
    else:
        drawn.append(label(left + 10, top + 30, "No scan speaks for a commit."))
    return svg(width, height + top + 34, "Open findings over the period, without hints", f"{len(points)} scans", "".join(drawn))


def _curve(places: list[tuple[float, float]], color: str, dash: str) -> str:
    """Steps: what a scan found holds until the next one."""
    if not places:
        return ""
    way = f"M{places[0][0]:.1f} {places[0][1]:.1f}" + "".join(f"H{x:.1f}V{y:.1f}" for x, y in places[1:])
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    line = f'<path d="{way}" fill="none" stroke="{color}" stroke-width="2.4"{dashed}/>'
    if len(places) <= 40:
        line += "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in places)
    return line


def _last(point: Json, most: int, x: float, top: float, height: float) -> list[str]:
    """The severities at the right end, each as near to its line as the others let it."""
    ordered = sorted(LINES, key=lambda each: (-point[each], SEVERITIES.index(each)))
    places = [top + height * (1 - point[severity] / most) + 4 for severity in ordered]
    for at in range(len(places) - 2, -1, -1):
        places[at] = min(places[at], places[at + 1] - 16)
    places[0] = max(places[0], top + 4)
    for at in range(1, len(places)):
        places[at] = max(places[at], places[at - 1] + 16)
    drawn = []
    for severity, y in zip(ordered, places, strict=True):
        color, dash = LINES[severity]
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        drawn.append(f'<path d="M{x:g} {y - 4:.1f}h24" stroke="{color}" stroke-width="2.4"{dashed}/>')
        drawn.append(label(x + 30, round(y, 1), f"{severity} {point[severity]}"))
    return drawn
