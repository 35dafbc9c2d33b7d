"""What does a code-scanning service read? SARIF 2.1.0 (OASIS), with everything that a reviewer needs inside."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from apiposture.model.finding import Finding, Rule, Step, Suppression
from apiposture.model.scan import Problem, Scan
from apiposture.model.source import Place
from apiposture.reports.figures import is_complete
from apiposture.reports.json import indented
from apiposture.reports.options import Options, is_hint
from apiposture.reports.taxonomies import taxonomies_of

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
SIGN = r'\{\s*"\$schema": "[^"]*sarif[^"]*",\s*"version": "2\.1\.0",\s*"runs": \[\s*\{\s*"tool": \{\s*"driver": \{\s*"name": "ApiPosture"'
SITE = "https://apiposture.com"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0"}
"""What GitHub sorts by: over 9.0 is shown as critical, 7.0 to 8.9 as high, 4.0 to 6.9 as medium, below as low."""
PRECISIONS = {"high": "very-high", "medium": "high", "low": "low"}
RANKS = {"high": 90.0, "medium": 60.0, "low": 10.0}
"""How much a result is worth a look, of 100: by its certainty."""
HINT = "low"
"""Hints are of the least level and score, whatever they would be if they were true: no gate may hold a build for them."""
BASE = "SRCROOT"
ROOTS = ("The root of the scanned tree.", "The root of the repository.")
MOST_RESULTS, MOST_STEPS, MOST_TAGS = 25_000, 1_000, 20
"""What GitHub takes of a run, of a way and of a rule; a run with more results is refused as a whole."""

Json = dict[str, Any]


def render(scan: Scan, options: Options) -> str:
    """One run, as text; everything outside ASCII is escaped."""
    return indented(log_of(scan, options))


def log_of(scan: Scan, options: Options) -> Json:
    """The log that holds this run alone."""
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [Run(scan, options).as_json()]}


class Run:
    """One scan as a SARIF run: results refer to rules, files and taxa by their index in it."""

    def __init__(self, scan: Scan, options: Options) -> None:
        self.scan = scan
        self.options = options
        self.taxonomies = taxonomies_of(scan)
        self.rule_index = {rule.id: number for number, rule in enumerate(scan.rules)}
        self.findings = [each for each in scan.findings if each.persona in options.personas]
        self.file_index = {file.path: number for number, file in enumerate(scan.files)}

    def as_json(self) -> Json:
        """The run."""
        return {
            "tool": {"driver": self.driver()},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {BASE: {"description": {"text": ROOTS[bool(self.options.base)]}}},
            "invocations": [self.invocation()],
            "artifacts": [self.artifact(path) for path in self.file_index],
            "taxonomies": [taxonomy.as_json() for taxonomy in self.taxonomies],
            "results": [self.result(each) for each in self.findings[:MOST_RESULTS]],
            "properties": {
                "frameworks": list(self.scan.frameworks),
                "configuration": self.scan.configuration,
                **({"base": self.options.base} if self.options.base else {}),
            },
        }

    def driver(self) -> Json:
        """The tool with its rules and the kinds of problem that occurred."""
        kinds = sorted({problem.kind for problem in self.problems()})
        return {
            "name": "ApiPosture",
            "version": self.scan.version,
            "informationUri": SITE,
            "rules": [self.rule(rule) for rule in self.scan.rules],
            "notifications": [{"id": kind, "shortDescription": {"text": kind}} for kind in kinds],
            "supportedTaxonomies": [taxonomy.reference(at) for at, taxonomy in enumerate(self.taxonomies)],
        }

    def rule(self, rule: Rule) -> Json:
        """A rule with its page as help."""
        page = self.options.guide(rule.id) if self.options.guide is not None else ""
        help_text = {"help": {"text": page, "markdown": page}} if page else {}
        return {
            "id": rule.id,
            "name": "".join(word.capitalize() for word in rule.name.replace("-", " ").split()),
            "shortDescription": {"text": rule.name},
            "fullDescription": {"text": rule.name + "."},
            **help_text,
            "defaultConfiguration": {"level": LEVELS[rule.severity]},
            "relationships": [{"target": target, "kinds": ["relevant"]} for target in self.taxa((*rule.cwe, *rule.owasp, *rule.soc2))],
            "properties": {
                "security-severity": SCORES[rule.severity],
                "precision": "high",
                "problem.severity": {"note": "recommendation"}.get(LEVELS[rule.severity], LEVELS[rule.severity]),
                "persona": rule.persona,
                "tags": ["security", *(f"external/cwe/{cwe.lower()}" for cwe in rule.cwe)][:MOST_TAGS],
            },
        }

    def taxa(self, ids: Sequence[str]) -> list[Json]:
        """References to the entries of the taxonomies, in their order."""
        found = (taxonomy.entry(at, name) for at, taxonomy in enumerate(self.taxonomies) for name in ids)
        return [reference for reference in found if reference is not None]

    def result(self, finding: Finding) -> Json:
        """A finding."""
        flow = [step for step in finding.trace if step.part in ("source", "step", "sink")]
        related = [step for step in finding.trace if step not in flow]
        name = {"fullyQualifiedName": finding.handler, "kind": "function"}
        result = {
            "ruleId": finding.rule,
            **({"ruleIndex": self.rule_index[finding.rule]} if finding.rule in self.rule_index else {}),
            "level": LEVELS[HINT if is_hint(finding) else finding.severity],
            "rank": RANKS[finding.certainty],
            "message": {"text": message_of(finding)},
            "locations": [self.location(finding.place) | ({"logicalLocations": [name]} if finding.handler else {})],
            "partialFingerprints": {"apiposture/v1": finding.fingerprint},
            "suppressions": [suppression(finding.suppressed_by, finding, self.options.base)] if finding.suppressed_by else [],
            "taxa": self.taxa((*finding.cwe, *finding.owasp, *finding.soc2)),
            "properties": properties_of(finding),
        }
        if flow:
            result["codeFlows"] = [{"threadFlows": [{"locations": [self.flow_location(step) for step in flow[:MOST_STEPS]]}]}]
        if related:
            result["relatedLocations"] = [self.location(step.place, step.note, at) for at, step in enumerate(related)]
        return result

    def flow_location(self, step: Step) -> Json:
        """A step of the way."""
        importance = "important" if step.part == "step" else "essential"
        return {"location": self.location(step.place, step.note), "importance": importance, "kinds": [step.part]}

    def location(self, place: Place, note: str = "", number: int | None = None) -> Json:
        """A place, with the line's text where it is known."""
        text = self.scan.snippets.get(place.path, {}).get(place.line)
        region: Json = {"startLine": max(place.line, 1), "startColumn": max(place.column, 1)}
        if place.end_line >= place.line and (place.end_line > place.line or place.end_column > place.column):
            region |= {"endLine": place.end_line, "endColumn": max(place.end_column, 1)}
        physical: Json = {"artifactLocation": self.artifact_location(place.path), "region": region}
        if text is not None:
            physical["contextRegion"] = {"startLine": max(place.line, 1), "snippet": {"text": text}}
        identity = {} if number is None else {"id": number}
        return {**identity, "physicalLocation": physical, **({"message": {"text": note}} if note else {})}

    def artifact_location(self, path: str) -> Json:
        """A file, relative to the repository's root where that is known, else to the scanned one."""
        index = {"index": self.file_index[path]} if path in self.file_index else {}
        return {"uri": uri_of(self.options.base + path), "uriBaseId": BASE, **index}

    def artifact(self, path: str) -> Json:
        """A scanned file with its digest and what became of it."""
        file = self.scan.files[self.file_index[path]]
        language = {"sourceLanguage": file.language} if file.language else {}
        hashes = {"hashes": {"sha-256": file.digest}} if file.digest else {}
        properties = {"status": file.status, "lines": file.lines}
        return {"location": self.artifact_location(path), **language, **hashes, "properties": properties}

    def invocation(self) -> Json:
        """How the run ended: with anything left unseen it is not called successful."""
        notifications = [self.notification(problem) for problem in self.problems()]
        return {"executionSuccessful": is_complete(self.scan), "toolExecutionNotifications": notifications}

    def problems(self) -> list[Problem]:
        """What could not be handled, and what this format has no room for."""
        left = len(self.findings) - MOST_RESULTS
        told = f"{left} of {len(self.findings)} findings, the least grave, are not in this log"
        message = f"{told}: code scanning takes {MOST_RESULTS:,} of a run."
        return [*self.scan.problems, *([Problem("left-out", message, blocks=False)] if left > 0 else [])]

    def notification(self, problem: Problem) -> Json:
        """A problem."""
        place = Place(problem.path, max(problem.line, 1))
        return {
            "descriptor": {"id": problem.kind},
            "level": "error" if problem.blocks else "warning",
            "message": {"text": problem.message or problem.kind},
            **({"locations": [self.location(place)]} if problem.path else {}),
        }


def message_of(finding: Finding) -> str:
    """The claim and what settles it; brackets would be read as links (SARIF 3.11.6), so they are escaped."""
    text = f"{finding.message}\nFix: {finding.remedy}" if finding.remedy else finding.message
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def properties_of(finding: Finding) -> Json:
    """What SARIF has no word for."""
    known = {
        "security-severity": SCORES[HINT if is_hint(finding) else finding.severity],
        "precision": PRECISIONS[finding.certainty],
        "severity": finding.severity,
        "certainty": finding.certainty,
        "persona": finding.persona,
        "method": finding.method,
        "route": finding.route,
        "also": list(finding.also),
        "lookedFor": list(finding.looked_for),
    }
    return {name: value for name, value in known.items() if value}


def suppression(accepted: Suppression, finding: Finding, base: str) -> Json:
    """Somebody's decision. In the finding's own file it is an inline comment, elsewhere it is configuration."""
    inline = accepted.place.path == finding.place.path
    extra = {name: getattr(accepted, name) for name in ("until", "owner", "ticket", "approver", "created", "renewed")}
    return {
        "kind": "inSource" if inline else "external",
        "status": "accepted",
        "justification": accepted.reason,
        "location": {
            "physicalLocation": {
                "artifactLocation": {"uri": uri_of(base + accepted.place.path), "uriBaseId": BASE},
                "region": {"startLine": max(accepted.place.line, 1)},
            }
        },
        "properties": {name: value for name, value in extra.items() if value},
    }


def uri_of(path: str) -> str:
    """A relative path as a URI reference (RFC 3986); bytes of a name that are no UTF-8 stay themselves."""
    try:
        raw = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "surrogatepass")
    return quote(raw, safe="/~!$&'()*+,;=@")
