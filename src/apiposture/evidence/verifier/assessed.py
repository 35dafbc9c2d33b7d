"""Which scan speaks for each commit of the period?"""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase

from apiposture.evidence.verifier.canonical import Json
from apiposture.evidence.verifier.commits import inside, seconds

HOUR = 3600


class Sources:
    """What a pack was made from. `body` gives a report or an accounting by its digest."""

    def __init__(self, about: Json, entries: list[Json], details: list[Json], commits: list[Json], body: Callable[[str], Json]) -> None:
        self.about = about
        self.entries = entries
        self.details = details
        self.commits = commits
        self.body = body
        self.period: Json = about["period"]
        self.inside = inside(commits, self.period)
        self.scans = self._scans()
        self.speaking = speaking_for(self.scans)

    def _scans(self) -> list[Json]:
        """The recorded scans of the population's commits in the period, with what their accounting says, oldest first."""
        wanted = {commit["id"]: commit["time"] for commit in self.inside}
        found = []
        for entry, detail in zip(self.entries, self.details, strict=True):
            if entry["kind"] == "scan" and entry["commit"] in wanted:
                accounting = self.body(entry["accounting"])
                if accounting["root"] == self.about["root"]:
                    who = {"operator": detail["operator"], "run": detail["run"]}
                    found.append({**entry, **who, **self._timing(entry, wanted[entry["commit"]]), **self._left_out(accounting)})
        return found

    def _timing(self, entry: Json, committed: int) -> Json:
        """A scan that is older than its commit has a clock that can't be right: it is not on time either."""
        delay = (seconds(entry["at"]) - committed) // HOUR
        is_then = -1 <= delay <= self.about["rules"]["late_after_hours"]
        return {"committed": committed, "delay": max(0, delay), "on_time": is_then and entry["how"] == "live" and not entry["dirty"]}

    def _left_out(self, accounting: Json) -> Json:
        """Files in a language that is read and that no scan read: those for which a reason was declared, and the others."""
        reasons = {path: self.reason_for(path) for path, _ in accounting["unscanned"]}
        undeclared = sum(not reason for reason in reasons.values())
        return {"unscanned": accounting["unscanned"], "undeclared": undeclared, "declared": len(reasons) - undeclared}

    def reason_for(self, path: str) -> str:
        """Why a file is out of scope, in the words that were declared for the period."""
        return next((str(each["reason"]) for each in self.about["out_of_scope"] if fnmatchcase(path, each["files"])), "")

    def gaps(self) -> dict[str, str]:
        """The reasons that were recorded for commits without a scan."""
        pairs = zip(self.entries, self.details, strict=True)
        return {entry["commit"]: str(detail["reason"]) for entry, detail in pairs if entry["kind"] == "gap"}


def speaking_for(scans: list[Json]) -> dict[str, Json]:
    """For each commit the scan that speaks for it: of a clean work tree, complete where one is, on time where one is, and then the last."""
    found: dict[str, Json] = {}
    for scan in scans:
        if scan["dirty"]:
            continue
        before = found.get(scan["commit"])
        if before is None or rank(scan) >= rank(before):
            found[scan["commit"]] = scan
    return found


def rank(scan: Json) -> tuple[bool, bool]:
    """How well a scan speaks for its commit."""
    return scan["complete"] and not scan["undeclared"], scan["on_time"]
