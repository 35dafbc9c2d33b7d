"""How does one finding stand on a page, and what chooses among all of them?"""

from collections.abc import Iterator, Sequence

from apiposture.model.finding import CERTAINTIES, SEVERITIES, Finding
from apiposture.model.scan import Scan
from apiposture.reports.codepage import code_of, siblings_of
from apiposture.reports.frame import short
from apiposture.reports.markup import Markup, joined, tag
from apiposture.reports.options import Options, is_blocking, is_hint

MOST = 1_000
"""Findings with their code; the page says how many it leaves out."""
OPEN = 20
"""Findings that are unfolded from the start, where they fail the build."""


def listing(findings: Sequence[Finding], scan: Scan, options: Options) -> Markup:
    """The findings with what chooses among them."""
    if not findings:
        return tag("p", "Nothing was found.", class_="empty")
    shown_ones = [article(finding, scan, options, number) for number, finding in enumerate(findings[:MOST])]
    rest = len(findings) - MOST
    cut = tag("p", f"{rest} more findings are not on this page; json, csv and sarif hold all of them.", class_="cut") if rest > 0 else None
    return joined(controls(findings), tag("div", *shown_ones, id="list"), cut)


def controls(findings: Sequence[Finding]) -> Markup:
    """What a reader may choose; it works with the script only, and is hidden without it."""
    severities = [word for word in SEVERITIES if any(finding.severity == word for finding in findings)]
    rules = sorted({(finding.rule, finding.name) for finding in findings})
    orders = (("severity", "Severity"), ("path", "File"), ("route", "Route"), ("rule", "Rule"), ("certainty", "Certainty"))
    states = [
        checkbox("hints", "hints", any(is_hint(finding) for finding in findings), True),
        checkbox("accepted", "known or accepted", any(finding.suppressed_by for finding in findings), False),
    ]
    return tag(
        "form",
        tag("input", type="search", id="q", placeholder="Filter by route, file, message…", aria_label="Filter by text", autocomplete="off"),
        tag("fieldset", tag("legend", "Severity"), *(checkbox(f"s-{word}", word, True, True, word) for word in severities)),
        tag("label", "Rule ", tag("select", tag("option", "all", value=""), *(option(*rule) for rule in rules), id="rule")),
        tag("label", "Sort by ", tag("select", *(tag("option", title, value=name) for name, title in orders), id="sort")),
        *states,
        tag("output", "", id="shown", role="status"),
        id="controls",
        hidden=True,
    )


def option(rule: str, name: str) -> Markup:
    """A rule to choose."""
    return tag("option", f"{rule} {name}", value=rule)


def checkbox(name: str, label: str, there: bool, checked: bool, kind: str = "") -> Markup | None:
    """A choice, where there is something to choose."""
    if not there:
        return None
    box = tag("input", type="checkbox", id=name, checked=checked, value=kind or None)
    return tag("label", box, " ", label, class_=f"choice {kind}".strip())


def article(finding: Finding, scan: Scan, options: Options, number: int) -> Markup:
    """One finding: its line, and what proves it."""
    hint, accepted = is_hint(finding), finding.suppressed_by
    endpoint = f"{finding.method} {finding.route}".strip()
    line = tag(
        "summary",
        tag("span", finding.severity, class_=f"chip {'hint' if hint else finding.severity}"),
        tag("span", finding.rule, class_="rule"),
        tag("span", finding.message, class_="message"),
        tag("span", "hint", class_="flag") if hint else None,
        tag("span", "accepted", class_="flag") if accepted else None,
        tag("span", endpoint, class_="endpoint") if endpoint else None,
    )
    return tag(
        "details",
        line,
        tag("div", *proof(finding, scan), class_="body"),
        id=f"f-{finding.fingerprint}",
        class_="finding",
        open=is_blocking(finding, options) and number < OPEN,
        data_severity=finding.severity,
        data_rank=SEVERITIES.index(finding.severity),
        data_certainty=CERTAINTIES.index(finding.certainty),
        data_rule=finding.rule,
        data_path=f"{finding.place.path}:{finding.place.line:06}",
        data_route=finding.route,
        data_hint=hint,
        data_accepted=accepted is not None,
    )


def proof(finding: Finding, scan: Scan) -> Iterator[Markup | None]:
    """What stands below a finding's line."""
    yield decision(finding)
    yield code_of(finding, scan.snippets)
    yield beside(finding)
    yield sought(finding)
    yield remedy(finding)
    yield references(finding)


def decision(finding: Finding) -> Markup | None:
    """Who accepted it and why."""
    accepted = finding.suppressed_by
    if accepted is None:
        return None
    until = f"until {accepted.until}" if accepted.until else ""
    owner = f"by {accepted.owner}" if accepted.owner else ""
    more = [word for word in (until, owner, accepted.ticket) if word]
    return tag("p", tag("b", "Accepted: "), accepted.reason, f" ({', '.join(more)})" if more else None, class_="decision")


def beside(finding: Finding) -> Markup | None:
    """The other endpoints that do it right."""
    places = list(siblings_of(finding))
    if not places:
        return None
    note = next(step.note for step in finding.trace if step.part == "sibling")
    return tag("p", note, f": {', '.join(short(place) for place in places)}", class_="siblings")


def sought(finding: Finding) -> Markup | None:
    """What was looked for and not found."""
    if not finding.looked_for:
        return None
    return tag("p", tag("b", "Looked for, and not found: "), "; ".join(finding.looked_for), class_="sought")


def remedy(finding: Finding) -> Markup | None:
    """What settles it."""
    return tag("div", tag("b", "Fix"), tag("pre", tag("code", finding.remedy)), class_="remedy") if finding.remedy else None


def references(finding: Finding) -> Markup:
    """What it speaks to, and how it is asked about or accepted."""
    parts = [f"SOC 2 {', '.join(finding.soc2)}"] * bool(finding.soc2) + [*finding.owasp, *finding.cwe, f"certainty {finding.certainty}"]
    return tag(
        "p",
        " · ".join(parts),
        " · ",
        tag("code", f"apiposture why {finding.fingerprint[:8]}"),
        " · ",
        tag("code", f"apiposture ignore {finding.fingerprint[:8]} --reason …"),
        class_="references",
    )
