"""What does GitLab's vulnerability report read? Its SAST report format."""

from json import dumps
from typing import Any
from uuid import UUID, uuid5

from apiposture.model.finding import Finding
from apiposture.model.scan import Problem, Scan
from apiposture.reports.figures import is_complete
from apiposture.reports.json import well_formed
from apiposture.reports.options import LONG_AGO, Options, is_hint, shown

VERSION = "15.0.7"
SCHEMA = f"https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/v{VERSION}/dist/sast-report-format.json"
SITE = "https://apiposture.com"
SIGN = r'\{\s*"version": "[^"]*",\s*"schema": "[^"]*sast[^"]*",\s*"scan": \{\s*"analyzer": \{\s*"id": "apiposture"'
OURS = UUID("5f0c1c5e-6f0b-5a38-9f3a-0b7f6c0a9d11")
"""The name space of the ids that are made from fingerprints."""

SEVERITIES = {"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low"}
HINT = "Info"
NAME, SOLUTION, DESCRIPTION = 255, 7_000, 1_048_576
"""Characters that the format allows."""

Json = dict[str, Any]


def render(scan: Scan, options: Options) -> str:
    """One report. Accepted findings are left out: GitLab keeps its own decisions."""
    report = {
        "version": VERSION,
        "schema": SCHEMA,
        "scan": header(scan, options),
        "vulnerabilities": [vulnerability(finding, options) for finding in shown(scan.findings, options)],
    }
    return dumps(well_formed(report), indent=2) + "\n"


def header(scan: Scan, options: Options) -> Json:
    """Who scanned, when, and whether everything was seen."""
    tool = {"id": "apiposture", "name": "ApiPosture", "url": SITE, "version": scan.version, "vendor": {"name": "ApiPosture"}}
    return {
        "analyzer": tool,
        "scanner": tool,
        "type": "sast",
        "start_time": options.started or LONG_AGO,
        "end_time": options.finished or options.started or LONG_AGO,
        "status": "success" if is_complete(scan) else "failure",
        "messages": [message(problem) for problem in scan.problems],
    }


def message(problem: Problem) -> Json:
    """A problem."""
    where = f" ({problem.path}:{max(problem.line, 1)})" if problem.path else ""
    return {"level": "fatal" if problem.blocks else "warn", "value": f"{problem.kind}: {problem.message}{where}"}


def vulnerability(finding: Finding, options: Options) -> Json:
    """A finding. The id stays the same as long as the fingerprint does."""
    return {
        "id": str(uuid5(OURS, finding.fingerprint)),
        "name": cut(finding.name, NAME),
        "description": cut(description(finding), DESCRIPTION),
        "severity": HINT if is_hint(finding) else SEVERITIES[finding.severity],
        **({"solution": cut(finding.remedy, SOLUTION)} if finding.remedy else {}),
        "identifiers": identifiers(finding),
        "location": location(finding, options),
        "tracking": tracking(finding, options),
    }


def description(finding: Finding) -> str:
    """The claim, the endpoint, and the way; GitLab reads it as Markdown, so code stands in a fence that it can't close."""
    endpoint = f"{finding.method} {finding.route}".strip()
    steps = [f"{number}. {step.place.path}:{step.place.line} {step.note}" for number, step in enumerate(finding.trace, 1)]
    lines = [finding.message, *([f"Endpoint: {endpoint}"] if endpoint else []), *steps, f"Certainty: {finding.certainty}"]
    text = "\n".join(lines)
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}"


def identifiers(finding: Finding) -> list[Json]:
    """The rule first: by it GitLab tells findings apart. Then the weaknesses and categories."""
    rule = {"type": "apiposture_rule", "name": f"ApiPosture {finding.rule}", "value": finding.rule}
    weaknesses = [
        {
            "type": "cwe",
            "name": name,
            "value": name.removeprefix("CWE-"),
            "url": f"https://cwe.mitre.org/data/definitions/{name.removeprefix('CWE-')}.html",
        }
        for name in finding.cwe
    ]
    return [rule, *weaknesses, *({"type": "owasp", "name": name, "value": name} for name in finding.owasp)]


def location(finding: Finding, options: Options) -> Json:
    """Where it stands, from the repository's root."""
    place = finding.place
    owner, _, method = finding.handler.rpartition(".")
    return {
        "file": options.base + place.path,
        "start_line": max(place.line, 1),
        "end_line": max(place.line, place.end_line, 1),
        **({"class": owner} if owner else {}),
        **({"method": method} if method else {}),
    }


def tracking(finding: Finding, options: Options) -> Json:
    """How GitLab follows it while lines move."""
    place = finding.place
    return {
        "type": "source",
        "items": [
            {
                "file": options.base + place.path,
                "start_line": max(place.line, 1),
                "end_line": max(place.line, place.end_line, 1),
                "signatures": [{"algorithm": "scope_offset", "value": f"apiposture:{finding.fingerprint}"}],
            }
        ],
    }


def cut(text: str, most: int) -> str:
    """At most so many characters, with an ellipsis where something is left out."""
    return text if len(text) <= most else text[: most - 1] + "…"
