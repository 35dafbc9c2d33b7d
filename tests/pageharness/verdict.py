"""Does the scanner say of a block what its page says?"""

from __future__ import annotations

from apiposture.config import Config
from apiposture.model.facts import Posture
from apiposture.model.finding import CERTAINTIES
from apiposture.model.scan import Scan
from apiposture.scan import gather_sources, judge, told_of
from apiposture.scan.earlier import judged
from apiposture.scan.revision import Revision
from pageharness.app import App

DEFAULT_RULES = frozenset({"AP101", "AP102", "AP103"})
"""What a library's page is about where its block names no rule."""


def scan_of(app: App) -> Scan:
    config = Config()
    earlier = None
    if app.before:
        earlier = judged(Revision("before", "", ""), gather_sources(app.before), config, lambda found: told_of(found, config))
    return judge(gather_sources(app.sources), config, earlier=earlier)


def disagreements(app: App, scan: Scan) -> list[str]:
    """One line for each claim that does not hold and each finding that nobody claimed."""
    shown = [f for f in scan.findings if f.rule in app.rules and f.suppressed_by is None]
    shown.sort(key=lambda f: -CERTAINTIES.index(f.certainty))
    found = {(f.rule, f.place.path, f.place.line): f for f in shown}
    claimed = {(c.rule, c.path, c.line): c for c in app.claims}
    said: list[tuple[int, str]] = []
    for key, claim in claimed.items():
        if claim.verb in ("expect", "hint") and key not in found:
            said.append((claim.page_line, f"expected {claim.rule} ({claim.path}:{claim.line}), got nothing"))
        if claim.verb in ("expect", "hint") and key in found and (found[key].certainty == "low") != (claim.verb == "hint"):
            said.append((claim.page_line, f"{claim.rule} is found with certainty {found[key].certainty}, not with '{claim.verb}'"))
        if claim.severity and key in found and found[key].severity != claim.severity:
            said.append((claim.page_line, f"{claim.rule} is found with severity {found[key].severity}, not {claim.severity}"))
        if claim.verb == "missed" and key in found:
            said.append((claim.page_line, f"{claim.rule} is no longer missed: write 'expect: {claim.rule}'"))
        if claim.verb == "spurious" and key not in found:
            said.append((claim.page_line, f"{claim.rule} is no longer spurious: remove the comment"))
    for key, finding in found.items():
        if key not in claimed:
            where = app.page_lines.get((finding.place.path, finding.place.line), 0)
            place = f"{finding.place.path}:{finding.place.line}"
            said.append((where, f"expected nothing, got {finding.rule} ({place}, certainty {finding.certainty}): {finding.message}"))
    said += [
        (app.page_lines.get((problem.path, problem.line), 0), f"problem '{problem.kind}': {problem.message}")
        for problem in scan.problems
        if problem.kind in ("rule-crashed", "unparsed", "too-deep", "worker-crashed")
    ]
    return [f"line {line}: {text}" for line, text in sorted(said)]


def endpoint_table(scan: Scan) -> str:
    """Method, route, posture, what a caller needs, and the line that decided it, in columns."""
    rows = [(e.method, e.route, e.posture.level, _needs(e.posture), _decided(e.posture)) for e in scan.endpoints]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    return "".join(
        "  ".join([*(row[column].ljust(widths[column]) for column in range(4)), row[4]]).rstrip() + "\n" for row in rows
    )


def _needs(posture: Posture) -> str:
    return ",".join(f"{need.kind}:{need.name}" for need in posture.needs) or "-"


def _decided(posture: Posture) -> str:
    return f"{posture.decided_by.path}:{posture.decided_by.line}" if posture.decided_by else "-"
