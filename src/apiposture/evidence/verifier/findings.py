"""How long did each finding live, and does it count?"""

from __future__ import annotations

from apiposture.evidence.verifier.canonical import Json
from apiposture.evidence.verifier.commits import seconds, spelled
from apiposture.evidence.verifier.register import acceptances_of, name_of, orphans_of

FINDINGS = (
    "fingerprint", "rule", "severity", "certainty", "persona", "cwe", "method", "route", "handler", "at", "message", "first_seen",
    "first_commit", "last_seen", "scans_open", "gated", "state", "exception", "counted", "age_days", "allowed_days", "overdue",
)  # fmt: skip
DAY = 86_400
SEVERITIES = ("critical", "high", "medium", "low")
CERTAINTIES = ("high", "medium", "low")
TREND = ("number", "day", *SEVERITIES)


class Lives:
    """The findings of the assessed scans, by fingerprint. Scans are shown to it in the order of their commits.

    A finding counts where it was open in any assessed scan, by certainty high or medium, for every reader. Accepted is what has an
    acceptance without flaws on the day of the commit.
    """

    def __init__(self, about: Json) -> None:
        self.about = about
        self.acceptances: dict[str, Json] = {}
        self.orphans: dict[str, Json] = {}
        self.trend: list[list[object]] = []
        self._found: dict[str, Json] = {}
        self._last = 0

    def seen(self, scan: Json, report: Json) -> None:
        """Take in one more scan."""
        day = spelled(scan["committed"])[:10]
        accepted = acceptances_of(report, day, self.about["rules"])
        self.acceptances.update(accepted)
        self.orphans = orphans_of(report)
        self._last = scan["number"]
        counts = dict.fromkeys(SEVERITIES, 0)
        for finding in report["findings"]:
            life = self._found.setdefault(finding["fingerprint"], {"first": scan, "open": 0, "gated": 0})
            acceptance = accepted.get(name_of(finding["suppressed_by"])) if finding["suppressed_by"] else None
            is_open = acceptance is None or bool(acceptance["flaws"])
            life.update(finding=finding, last=scan, is_open=is_open, acceptance=acceptance)
            life["open"] += is_open
            life["gated"] += is_open and _is_gated(finding, scan["gate"])
            counts[finding["severity"]] += is_open and _counts(finding)
        self.trend.append([scan["number"], day, *counts.values()])

    def rows(self) -> list[list[object]]:
        """The table's rows, worst first."""
        ordered = sorted(self._found.items(), key=lambda item: (SEVERITIES.index(item[1]["finding"]["severity"]), item[0]))
        return [self._row(fingerprint, life) for fingerprint, life in ordered]

    def ages(self) -> dict[str, int]:
        """The age in days of the oldest finding that each acceptance speaks of at the end."""
        found: dict[str, int] = {}
        for row in self.rows():
            named = dict(zip(FINDINGS, row, strict=True))
            if named["exception"] and named["state"] != "fixed":
                found[str(named["exception"])] = max(found.get(str(named["exception"]), 0), int(str(named["age_days"])))
        return found

    def _row(self, fingerprint: str, life: Json) -> list[object]:
        finding, first, last = life["finding"], life["first"], life["last"]
        state = "fixed" if last["number"] != self._last else "open" if life["is_open"] else "accepted"
        counted = bool(life["open"]) and _counts(finding)
        until = seconds(self.about["as_of"]) if state != "fixed" else last["committed"]
        age = max(0, until - first["committed"]) // DAY
        allowed = self.about["rules"]["days"][finding["severity"]]
        accepted = name_of(finding["suppressed_by"]) if life["acceptance"] else ""
        place = f"{finding['place']['path']}:{finding['place']['line']}"
        return [
            fingerprint, finding["rule"], finding["severity"], finding["certainty"], finding["persona"], " ".join(finding["cwe"]),
            finding["method"], finding["route"], finding["handler"], place, finding["message"], spelled(first["committed"]),
            first["commit"], spelled(last["committed"]), life["open"], life["gated"], state, accepted, counted, age, allowed,
            counted and state != "accepted" and age > allowed,
        ]  # fmt: skip


def _counts(finding: Json) -> bool:
    """Is it more than a hint, and for every reader?"""
    return bool(finding["certainty"] != "low" and finding["persona"] == "regular")


def _is_gated(finding: Json, gate: Json) -> bool:
    """Would it have failed the build?"""
    if gate["fail_on"] == "none" or finding["persona"] != "regular":
        return False
    return SEVERITIES.index(finding["severity"]) <= SEVERITIES.index(gate["fail_on"]) and CERTAINTIES.index(
        finding["certainty"]
    ) <= CERTAINTIES.index(gate["fail_certainty"])
