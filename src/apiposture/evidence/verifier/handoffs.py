"""How do other programs take the pack in: a SIEM by OCSF 1.5.0, a viewer of security results by HDF?

Both have words of their own for outcomes. A criterion is never handed on as met or not met: OCSF gets our own word (its status is
'Other'), HDF gets our rules, which are tests, and not the criteria; one that found nothing is 'skipped' there, and says why.
"""

from __future__ import annotations

from apiposture.evidence.verifier.canonical import Json, sha256, written
from apiposture.evidence.verifier.commits import seconds
from apiposture.evidence.verifier.statuses import OUTSIDE, UNSEEN, Assessment, rows_of

OCSF = "1.5.0"
_COMPLIANCE, _POSTURE = 2003, 2007
_SEVERITY = {"critical": 5, "high": 4, "medium": 3, "low": 2}
_CERTAINTY = {"high": 3, "medium": 2, "low": 1}
_IMPACT = {"critical": "0.9", "high": "0.7", "medium": "0.5", "low": "0.3"}
_STATE = {"open": (1, "New"), "accepted": (3, "Suppressed"), "fixed": (4, "Resolved")}


def handoffs(about: Json, tables: dict[str, Json]) -> dict[str, bytes]:
    """The files for other programs, by name."""
    made = Handoffs(about, tables)
    return {
        "hdf/exec.json": with_impacts(written(made.hdf())),
        "ocsf/criteria.jsonl": b"".join(written(made.criterion(row)) for row in made.rows["statuses"] if row["status"] != OUTSIDE),
        "ocsf/findings.jsonl": b"".join(written(made.finding(row)) for row in made.rows["findings"]),
    }


class Handoffs:
    """The forms of one pack, from its tables."""

    def __init__(self, about: Json, tables: dict[str, Json]) -> None:
        self.about = about
        self.rows = {name: rows_of(tables, name) for name in tables}
        self.assessment = Assessment(tables, about["scope"])
        self.moment = seconds(about["as_of"]) * 1000
        self.version = str(about["tool"]["version"])
        self.titles = {(row["standard"], row["criterion"]): row["title"] for row in self.rows["criteria"]}

    def event(self, kind: int, activity: int, severity: int, info: Json) -> Json:
        """What all events of OCSF have."""
        product = {"name": "ApiPosture", "vendor_name": "ApiPosture", "version": self.version}
        return {
            "activity_id": activity, "category_uid": 2, "class_uid": kind, "type_uid": kind * 100 + activity, "time": self.moment,
            "severity_id": severity, "metadata": {"version": OCSF, "product": product, "profiles": []},
            "finding_info": {**info, "data_sources": [f"{self.about['project']} {self.about['commit']}".strip()]},
        }  # fmt: skip

    def criterion(self, row: Json) -> Json:
        """A Compliance Finding: the status of a criterion, in our own word."""
        named = f"{row['standard']} {row['criterion']}"
        uid = sha256(f"{self.about['project']} {named}".encode())[:32]
        said = {"uid": uid, "title": f"{named}: {row['title']}", "desc": row["reasons"]}
        status = {"status_id": 2 if row["status"] == UNSEEN else 99, "status": row["status"]}
        told = {"standards": [row["standard"]], "control": row["criterion"], "requirements": [row["criterion"]], **status}
        return {**self.event(_COMPLIANCE, 1, 1, said), "compliance": told, "status_id": 99, "status": row["status"]}

    def finding(self, row: Json) -> Json:
        """An Application Security Posture Finding: one finding, with its life."""
        number, word = _STATE[row["state"]]
        said = {
            "uid": row["fingerprint"], "title": f"{row['rule']} {row['method']} {row['route']}".strip(), "desc": row["message"],
            "first_seen_time": seconds(row["first_seen"]) * 1000, "last_seen_time": seconds(row["last_seen"]) * 1000,
            "types": [row["rule"]],
        }  # fmt: skip
        weaknesses = [{"cwe": {"uid": each}} for each in row["cwe"].split()]
        more = {"vulnerabilities": weaknesses} if weaknesses else {}
        event = self.event(_POSTURE, 3 if row["state"] == "fixed" else 1, _SEVERITY[row["severity"]], said)
        return {**event, **more, "confidence_id": _CERTAINTY[row["certainty"]], "status_id": number, "status": word}

    def hdf(self) -> Json:
        """Every rule as a control, with its findings as results (MITRE Heimdall, exec-json)."""
        controls = [self.control(rule) for rule in self.rows["rules"]]
        profile = {
            "name": "apiposture", "title": f"ApiPosture: {self.about['project']}", "version": self.version, "status": "loaded",
            "sha256": sha256(written(self.rows["rules"])), "attributes": [], "supports": [], "controls": controls,
            "groups": [{"id": "rules", "controls": [each["id"] for each in controls]}],
        }  # fmt: skip
        platform = {"name": "ApiPosture", "release": self.version, "target_id": f"{self.about['project']} {self.about['commit']}".strip()}
        return {"platform": platform, "profiles": [profile], "statistics": {}, "version": self.version}

    def control(self, rule: Json) -> Json:
        """A rule: what it found; where it found nothing, whether it saw everything."""
        found = [row for row in self.rows["findings"] if row["rule"] == rule["rule"] and row["state"] != "fixed"]
        criteria = [f"{row['standard']} {row['criterion']}" for row in self.rows["mapping"] if rule["rule"] in row["subjects"].split()]
        return {
            "id": rule["rule"], "title": rule["name"], "desc": rule["name"], "impact": _IMPACT[rule["severity"]], "refs": [],
            "tags": {"cwe": rule["cwe"].split(), "criteria": criteria, "severity": rule["severity"]}, "source_location": {},
            "results": [self.result(row) for row in found] or [self.nothing(rule["rule"])], **self.waiver(found),
        }  # fmt: skip

    def result(self, row: Json) -> Json:
        """A finding; one with a valid acceptance is skipped."""
        told = {"code_desc": f"{row['method']} {row['route']} at {row['at']}".strip(), "start_time": row["last_seen"]}
        if row["state"] == "accepted":
            return {**told, "status": "skipped", "skip_message": f"Accepted: {row['exception']}"}
        return {**told, "status": "failed", "message": row["message"]}

    def nothing(self, rule: str) -> Json:
        """Nothing was found: by a test that saw everything, or by one that did not. It is the reader who makes a conclusion of it."""
        told = {"code_desc": "every endpoint of the scanned source", "start_time": self.about["as_of"]}
        reasons = list(self.assessment.unseen([rule]))
        said = f"Not evaluated: {'; '.join(reasons)}." if reasons else "No exception was noted, and everything was seen."
        return {**told, "status": "skipped", "skip_message": said}

    def waiver(self, found: list[Json]) -> Json:
        """The acceptance of a rule's findings, where there is one."""
        names = {row["exception"] for row in found if row["state"] == "accepted"}
        known = [row for row in self.rows["exceptions"] if row["exception"] in names]
        if not known:
            return {}
        first = known[0]
        told = f"owner {first['owner']}, approved by {first['approver']}"
        return {"waiver_data": {"expiration_date": first["until"], "justification": first["reason"], "message": told, "run": True}}


def with_impacts(document: bytes) -> bytes:
    """HDF wants an impact as a number with a fraction, which canonical JSON here has none of: it is written from its digits."""
    for digits in _IMPACT.values():
        document = document.replace(b'"impact":"%b"' % digits.encode("ascii"), b'"impact":%b' % digits.encode("ascii"))
    return document
