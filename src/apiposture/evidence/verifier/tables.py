"""Which tables do the sources of a pack add up to? Every figure and every status is worked out from these alone."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from apiposture.evidence.verifier.assessed import Sources
from apiposture.evidence.verifier.canonical import Json
from apiposture.evidence.verifier.commits import is_proved, spelled
from apiposture.evidence.verifier.findings import FINDINGS, TREND, Lives
from apiposture.evidence.verifier.register import REGISTER, Rows, register_of

SCANS = (
    "number", "at", "how", "commit", "committed", "delay_hours", "on_time", "assessed", "dirty", "complete", "undeclared_files",
    "declared_files", "files", "endpoints", "rules_run", "version", "engine", "rules", "mapping", "configuration", "fail_on", "result",
    "operator", "run",
)  # fmt: skip
POPULATION = ("position", "commit", "at", "in_period", "proved", "scan", "how", "on_time", "explained", "gap")
ENDPOINTS = (
    "method", "route", "handler", "framework", "posture", "why", "needs", "decided_by", "accesses", "tied", "open_findings", "sensitive",
)  # fmt: skip
DATA = ("kind", "role", "what", "where", "at", "certainty", "reached")
PROOFS = ("method", "route", "entity", "operation", "key", "key_source", "at", "tied", "kind", "proof_at", "proof", "not_counted")
FILES = ("path", "language", "lines", "status", "digest", "why")
PROBLEMS = ("scan", "kind", "at", "blocks", "message")
RULES = ("rule", "name", "severity", "persona", "cwe")
CHANGES = ("number", "at", "what", "before", "after")
MAPPING = ("standard", "criterion", "subjects", "strength", "focus", "needs", "only", "article", "rationale", "not_shown")
CRITERIA_KNOWN = ("standard", "criterion", "title", "needs")
UNSUPPORTED = ("standard", "criteria", "why")
UNMAPPED = ("standard", "rules", "why")
KINDS = ("version", "engine", "rules", "mapping", "configuration")


def table(columns: tuple[str, ...], rows: Rows) -> Json:
    """A table as it is written."""
    return {"columns": list(columns), "rows": rows}


def tables_of(sources: Sources, standards: list[Json]) -> dict[str, Json]:
    """All tables but the statuses, which follow from these."""
    scans, speaking = sources.scans, sources.speaking
    assessed = [speaking[commit["id"]] for commit in reversed(sources.inside) if commit["id"] in speaking]
    lives = Lives(sources.about)
    problems: Rows = []
    ran: dict[int, str] = {}
    report: Json = {}
    for scan in assessed:
        report = sources.body(scan["result"])
        ran[scan["number"]] = " ".join(rule["id"] for rule in report["rules"])
        lives.seen(scan, report)
        problems += [[scan["number"], each["kind"], _placed(each), each["blocks"], each["message"]] for each in report["problems"]]
    last = assessed[-1] if assessed else None
    data: Any = sources.body(last["data"]) if last and last.get("data") else []
    return {
        "scans": table(SCANS, [_scan_row(scan, speaking, ran) for scan in scans]),
        "population": table(POPULATION, _population(sources, speaking)),
        "findings": table(FINDINGS, lives.rows()),
        "trend": table(TREND, lives.trend),
        "exceptions": table(REGISTER, register_of(lives.acceptances, lives.orphans, lives.ages())),
        "endpoints": table(ENDPOINTS, _endpoints(report, data) if last else []),
        "data": table(DATA, [_datum(each) for each in data]),
        "proofs": table(PROOFS, _proofs(report) if last else []),
        "files": table(FILES, _files(sources, last, report) if last else []),
        "problems": table(PROBLEMS, problems),
        "rules": table(RULES, [_rule(each) for each in report["rules"]] if last else []),
        "changes": table(CHANGES, _changes(scans)),
        **_standards(standards),
    }


def _scan_row(scan: Json, speaking: dict[str, Json], ran: dict[int, str]) -> list[object]:
    is_assessed = speaking.get(scan["commit"], {}).get("number") == scan["number"]
    digests = scan["digests"]
    return [
        scan["number"], scan["at"], scan["how"], scan["commit"], spelled(scan["committed"]), scan["delay"], scan["on_time"], is_assessed,
        scan["dirty"], scan["complete"], scan["undeclared"], scan["declared"], scan["files"], scan["endpoints"],
        ran.get(scan["number"], ""), *(digests[kind] for kind in KINDS), scan["gate"]["fail_on"], scan["result"],
        scan["operator"], scan["run"],
    ]  # fmt: skip


def _population(sources: Sources, speaking: dict[str, Json]) -> Rows:
    """The commits, newest first, each with the scan that speaks for it, or why there is none."""
    gaps, proved = sources.gaps(), is_proved(sources.commits, sources.period)
    within = {commit["id"] for commit in sources.inside}
    rows: Rows = []
    for position, commit in enumerate(sources.commits):
        scan, is_inside = speaking.get(commit["id"]), commit["id"] in within
        told = [scan["number"], scan["how"], scan["on_time"]] if scan else [0, "", False]
        gap = gaps.get(commit["id"], "") if is_inside and not scan else ""
        rows.append([position, commit["id"], spelled(commit["time"]), is_inside, proved, *told, bool(gap), gap])
    return rows


def _rule(each: Json) -> list[object]:
    return [each["id"], each["name"], each["severity"], each["persona"], " ".join(each["cwe"])]


def _datum(each: Json) -> list[object]:
    what, reached = ", ".join(each["what"]), ", ".join(each["reached"])
    return [each["kind"], each["role"], what, each["where"], _placed(each["place"]), each["certainty"], reached]


def _endpoints(report: Json, data: Any) -> Rows:
    rows: Rows = []
    met: dict[str, dict[str, None]] = {}
    for datum in data:
        for name in (datum["where"], *datum["reached"]):
            met.setdefault(name, {})[datum["kind"]] = None
    for index, endpoint in enumerate(report["endpoints"]):
        posture, accesses = endpoint["posture"], [each for each in report["accesses"] if each["endpoint"] == index]
        who = endpoint["method"], endpoint["route"], endpoint["handler"]
        flagged = sum((f["method"], f["route"], f["handler"]) == who and not f["suppressed"] for f in report["findings"])
        needs = ", ".join(f"{need['kind']} {need['name']}" for need in posture["needs"])
        decided = _placed(posture["decided_by"]) if posture["decided_by"] else ""
        sensitive = ", ".join(sorted(met.get(f"{endpoint['method']} {endpoint['route']}", ())))
        tied = sum(bool(each["checks"]) for each in accesses)
        counts = [len(accesses), tied, flagged]
        rows.append([*who, endpoint["framework"], posture["level"], posture["why"], needs, decided, *counts, sensitive])
    return rows


def _proofs(report: Json) -> Rows:
    """What protects each access to an object: the line, or that there is none."""
    rows: Rows = []
    for access in report["accesses"]:
        index = access["endpoint"]
        endpoint = report["endpoints"][index] if 0 <= index < len(report["endpoints"]) else {"method": "", "route": ""}
        weak = "; ".join(f"{_placed(step['place'])}: {step['note']}" for step in access["weak"])
        what = [endpoint["method"], endpoint["route"], access["entity"], access["operation"], access["key"], access["key_source"]]
        checks = access["checks"] or [None]
        for check in checks:
            proof = [True, check["kind"], _placed(check["place"]), check["text"]] if check else [False, "", "", ""]
            rows.append([*what, _placed(access["place"]), *proof, weak])
    return rows


def _files(sources: Sources, scan: Json, report: Json) -> Rows:
    """Every file of the last scan, and every one of its commit that no scan read though its language is read."""
    rows: Rows = [[each["path"], each["language"], each["lines"], each["status"], each["digest"], ""] for each in report["files"]]
    for path, blob in scan["unscanned"]:
        reason = sources.reason_for(path)
        rows.append([path, "", 0, "out-of-scope" if reason else "left-out", blob, reason or "no reason was declared"])
    return rows


def _changes(scans: list[Json]) -> Rows:
    """When the tool, its rules, the mapping or the configuration changed."""
    rows: Rows = []
    for before, after in pairwise(scans):
        for kind in KINDS:
            if before["digests"][kind] != after["digests"][kind]:
                rows.append([after["number"], after["at"], kind, before["digests"][kind], after["digests"][kind]])
        if before["gate"] != after["gate"]:
            rows.append([after["number"], after["at"], "gate", before["gate"]["fail_on"], after["gate"]["fail_on"]])
    return rows


def _standards(standards: list[Json]) -> dict[str, Json]:
    mapping: Rows = []
    known: Rows = []
    unsupported: Rows = []
    unmapped: Rows = []
    for standard in standards:
        name = standard["name"]
        known += [[name, each["id"], each["title"], " ".join(each["needs"])] for each in standard["criteria"]]
        unsupported += [[name, ", ".join(each["ids"]), each["why"]] for each in standard["unsupported"]]
        unmapped += [[name, ", ".join(each["rules"]), each["why"]] for each in standard["unmapped"]]
        for row in standard["rows"]:
            lists = [" ".join(row["subjects"]), row["strength"], row["focus"], " ".join(row["needs"]), " ".join(row["only"])]
            mapping.append([name, row["criterion"], *lists, row["article"], row["rationale"], row["not_shown"]])
    return {
        "mapping": table(MAPPING, mapping),
        "criteria": table(CRITERIA_KNOWN, known),
        "unsupported": table(UNSUPPORTED, unsupported),
        "unmapped": table(UNMAPPED, unmapped),
    }


def _placed(place: Json) -> str:
    return f"{place['path']}:{place['line']}" if place["path"] else ""
