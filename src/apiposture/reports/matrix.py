"""Who may call what, at one glance: routes by methods, each cell with the posture in colour, pattern and words?"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from apiposture.model.facts import POSTURES, Endpoint
from apiposture.model.finding import Finding
from apiposture.model.scan import Scan
from apiposture.reports.markup import Markup, joined, tag

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "*", "CALL")
"""The order of the columns; other methods come after them, by name."""
WORDS = {
    "public": "nothing is declared: anybody",
    "anonymous": "declared open: anybody",
    "authenticated": "any caller who is logged in",
    "role": "callers with a role",
    "policy": "callers who meet a policy, scope or permission",
    "unknown": "not resolved",
}
PREFIX = re.compile(r"(?i)api|v\d+(\.\d+)?|\{.*")
"""Parts of a route that many share and that name nothing."""
FEW = 12
"""Routes that are seen at one glance without groups."""
MOST = 1_500
"""Routes in the table; a page with more is of no use to anybody, and the endpoints report holds them all."""


def matrix(scan: Scan, findings: Sequence[Finding]) -> Markup:
    """The table with its legend; a cell leads to the findings of its endpoint."""
    if not scan.endpoints:
        return tag("p", "No endpoint was found.", class_="empty")
    about = by_endpoint(findings)
    routes = by_route(scan.endpoints)
    methods = columns(scan.endpoints)
    head = tag("tr", tag("th", "Route", scope="col"), *(tag("th", titled(method), scope="col") for method in methods))
    sizes = Counter(map(group_of, routes))
    rows: list[Markup] = []
    group = ""
    for route, endpoints in list(routes.items())[:MOST]:
        if group_of(route) != group and sizes[group_of(route)] > 1 and len(routes) > FEW:
            rows.append(tag("tr", tag("th", group_of(route), colspan=len(methods) + 1, scope="rowgroup"), class_="group"))
        group = group_of(route)
        cells = [cell(method, [each for each in endpoints if each.method == method], about) for method in methods]
        rows.append(tag("tr", tag("th", route, scope="row"), *cells))
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="matrix")
    rest = len(routes) - MOST
    cut = tag("p", f"{rest} more routes are not drawn; `apiposture endpoints` lists all of them.", class_="cut") if rest > 0 else None
    frame = tag("div", table, class_="scroll", tabindex="0", role="region", aria_label="Routes and who may call them")
    return joined(legend(scan), frame, cut)


def legend(scan: Scan) -> Markup:
    """What each colour and pattern says, for the postures that occur."""
    there = {endpoint.posture.level for endpoint in scan.endpoints}
    items = [tag("li", tag("span", level, class_=f"posture {level}"), " ", WORDS[level]) for level in POSTURES if level in there]
    return tag("ul", *items, class_="legend")


def by_route(endpoints: Sequence[Endpoint]) -> dict[str, list[Endpoint]]:
    """The endpoints by route, in the order of the routes."""
    found: dict[str, list[Endpoint]] = defaultdict(list)
    for endpoint in sorted(endpoints, key=lambda each: (each.route, each.method, each.handler)):
        found[endpoint.route].append(endpoint)
    return found


def by_endpoint(findings: Sequence[Finding]) -> dict[tuple[str, str], list[Finding]]:
    """The findings by method and route."""
    found: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.route and finding.suppressed_by is None:
            found[finding.method, finding.route].append(finding)
    return found


def columns(endpoints: Sequence[Endpoint]) -> list[str]:
    """The methods that occur, in their order."""
    there = {endpoint.method for endpoint in endpoints}
    return [*(method for method in METHODS if method in there), *sorted(there - set(METHODS))]


def titled(method: str) -> str:
    """A method as a column's title."""
    return {"*": "any", "CALL": "call"}.get(method, method)


def group_of(route: str) -> str:
    """What a route begins with, under which it is listed: `/orders`, `/api/orders`, `/api/v2/orders`."""
    parts = [part for part in route.split("/") if part]
    named = next((at for at, part in enumerate(parts) if not PREFIX.fullmatch(part)), 0)
    return "/" + "/".join(parts[: named + 1])


def cell(method: str, endpoints: Sequence[Endpoint], about: Mapping[tuple[str, str], list[Finding]]) -> Markup:
    """What is known of one route and method; empty where there is no such endpoint. Narrow screens show the method beside it."""
    found = (shown(endpoint, about.get((endpoint.method, endpoint.route), [])) for endpoint in endpoints)
    return tag("td", *found, data_method=titled(method) if endpoints else None)


def shown(endpoint: Endpoint, findings: Sequence[Finding]) -> Markup:
    """One endpoint: posture, what a caller needs, and how many findings speak about it."""
    posture = endpoint.posture
    needs = ", ".join(need.name for need in posture.needs)
    decided = f" Decided in {posture.decided_by.path}:{posture.decided_by.line}." if posture.decided_by else ""
    title = f"{endpoint.handler}. {posture.why or WORDS.get(posture.level, '')}{'' if posture.why.endswith('.') else '.'}{decided}"
    inside = [
        tag("span", posture.level, class_=f"posture {posture.level if posture.level in POSTURES else 'unknown'}"),
        tag("span", needs, class_="needs") if needs else None,
    ]
    if findings:
        noun = "finding" if len(findings) == 1 else "findings"
        inside.append(tag("a", str(len(findings)), href=f"#f-{findings[0].fingerprint}", class_="count", title=f"{len(findings)} {noun}"))
    return tag("div", *inside, class_="cell", title=title)
