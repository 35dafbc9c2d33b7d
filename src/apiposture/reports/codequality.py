"""What does a merge request's code quality widget read? GitLab's subset of the Code Climate format."""

from collections.abc import Iterator
from hashlib import sha256
from json import dumps
from typing import Any

from apiposture.model.finding import Finding
from apiposture.model.scan import Problem, Scan
from apiposture.reports.json import well_formed
from apiposture.reports.options import Options, is_hint, shown

SEVERITIES = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor"}
HINT = "info"
SIGN = r'\[\]\n$|\[\s*\{\s*"type": "issue",\s*"description": "[^\n]*",\s*"check_name": "(AP\d{3} |[a-z-]+")'


def render(scan: Scan, options: Options) -> str:
    """A list with one issue a finding that nobody accepted, and one a blocking problem."""
    issues = [*(issue(finding, options) for finding in shown(scan.findings, options)), *problems(scan, options)]
    return dumps(well_formed(issues), indent=2) + "\n"


def issue(finding: Finding, options: Options) -> dict[str, Any]:
    """A finding; the widget compares fingerprints, so that lines may move."""
    return {
        "type": "issue",
        "description": finding.message,
        "check_name": f"{finding.rule} {finding.name}",
        "categories": ["Security"],
        "fingerprint": finding.fingerprint,
        "severity": HINT if is_hint(finding) else SEVERITIES[finding.severity],
        "location": location(options.base + finding.place.path, finding.place.line),
    }


def problems(scan: Scan, options: Options) -> Iterator[dict[str, Any]]:
    """What kept the scan from seeing everything, so that the widget never looks clean by blindness."""
    seen: dict[str, int] = {}
    for problem in scan.problems:
        if problem.blocks:
            name = f"{problem.kind}\0{problem.path}"
            seen[name] = seen.get(name, 0) + 1
            yield blind(problem, options, seen[name])


def blind(problem: Problem, options: Options, number: int) -> dict[str, Any]:
    """A blocking problem."""
    identity = f"{problem.kind}\0{problem.path}\0{number}".encode("utf-8", "surrogatepass")
    return {
        "type": "issue",
        "description": f"The scan is incomplete: {problem.message or problem.kind}",
        "check_name": problem.kind,
        "categories": ["Security"],
        "fingerprint": sha256(identity).hexdigest()[:16],
        "severity": "major",
        "location": location(options.base + problem.path or ".", problem.line),
    }


def location(path: str, line: int) -> dict[str, Any]:
    """A place: without `./`, from the repository's root."""
    return {"path": path, "lines": {"begin": max(line, 1)}}
