"""What may be said of each criterion? Four words, and the reasons.

`exceptions-noted` where something was found; `not-evaluated` where nothing was found but something was not seen; `no-exceptions-noted`
only where everything was seen; `out-of-scope` where the criterion's category was not declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from apiposture.evidence.verifier.canonical import Json

CLEAN, FOUND, UNSEEN, OUTSIDE = "no-exceptions-noted", "exceptions-noted", "not-evaluated", "out-of-scope"
WORDS = (CLEAN, FOUND, UNSEEN, OUTSIDE)
STATUSES = ("standard", "criterion", "title", "status", "exceptions", "accepted", "decided_by", "reasons")
DECISIVE = ("operates", "tests")

Row = dict[str, object]


def rows_of(tables: dict[str, Json], name: str) -> list[Json]:
    """A table's rows by their columns' names."""
    return [dict(zip(tables[name]["columns"], row, strict=True)) for row in tables[name]["rows"]]


class Assessment:
    """The tables, asked about one row of the mapping at a time."""

    def __init__(self, tables: dict[str, Json], scope: list[str]) -> None:
        self.scope = set(scope)
        self.criteria = rows_of(tables, "criteria")
        self.mapping = rows_of(tables, "mapping")
        self.findings = rows_of(tables, "findings")
        self.endpoints = rows_of(tables, "endpoints")
        self.exceptions = rows_of(tables, "exceptions")
        self.population = [each for each in rows_of(tables, "population") if each["in_period"]]
        self.proved = all(each["proved"] for each in self.population)
        self.assessed = [each for each in rows_of(tables, "scans") if each["assessed"]]

    def statuses(self) -> list[list[object]]:
        """A row a criterion."""
        return [self._status(each) for each in self.criteria]

    def _status(self, criterion: Json) -> list[object]:
        named = [criterion["standard"], criterion["criterion"], criterion["title"]]
        rows = [
            row for row in self.mapping
            if (row["standard"], row["criterion"]) == (criterion["standard"], criterion["criterion"])
        ]  # fmt: skip
        wanted = [row for row in rows if self._is_in_scope(row)]
        if not self._is_in_scope(criterion) or (rows and not wanted):
            return [*named, OUTSIDE, 0, 0, "", ""]
        decisive = [row for row in wanted if row["strength"] in DECISIVE]
        told = sorted({f"{row['strength']} {subject}" for row in decisive for subject in row["subjects"].split()})
        found = {reason: None for row in decisive for reason in self._exceptions(row)}
        unseen = list(dict.fromkeys(reason for row in decisive for reason in self.unseen(row["subjects"].split())))
        if not decisive:
            unseen = ["what is listed informs only"]
        accepted = len({each for row in decisive for each in self._accepted(row)})
        status = FOUND if found else UNSEEN if unseen else CLEAN
        return [*named, status, len(found), accepted, ", ".join(told), "; ".join(unseen)]

    def _is_in_scope(self, row: Json) -> bool:
        return set(row["needs"].split()) <= self.scope

    def _exceptions(self, row: Json) -> Iterator[str]:
        for subject in row["subjects"].split():
            yield from ACTIVITIES[subject](self) if subject in ACTIVITIES else self.open_findings(subject, row)

    def _of_rule(self, rule: str, row: Json) -> Iterator[Json]:
        only = set(row["only"].split())
        return (each for each in self.findings if each["rule"] == rule and (not only or only & set(each["cwe"].split())))

    def open_findings(self, rule: str, row: Json) -> Iterator[str]:
        """The findings of a rule that were open in the period."""
        return (f"finding {each['fingerprint']}" for each in self._of_rule(rule, row) if each["counted"])

    def _accepted(self, row: Json) -> Iterator[str]:
        for subject in row["subjects"].split():
            yield from (each["fingerprint"] for each in self._of_rule(subject, row) if each["state"] == "accepted")

    def unseen(self, subjects: list[str]) -> Iterator[str]:
        """Why nothing found does not mean that there is nothing."""
        if not self.population:
            yield "no commit of the protected branch lies in the period"
        elif not self.proved:
            yield "the population does not reach back to the start of the period"
        missing = sum(not each["scan"] for each in self.population)
        if missing:
            yield f"{missing} of {len(self.population)} commits have no scan"
        blind = sum(not each["complete"] for each in self.assessed)
        if blind:
            yield f"{blind} scans are incomplete"
        partial = sum(each["undeclared_files"] > 0 for each in self.assessed)
        if partial:
            yield f"{partial} scans leave source files out without a declared reason"
        if not self.assessed:
            yield "nothing was scanned"
        elif not self.endpoints:
            yield "no endpoint was found"
        for subject in subjects:
            skipped = 0 if subject in ACTIVITIES else sum(subject not in each["rules_run"].split() for each in self.assessed)
            if skipped:
                yield f"{subject} did not run in {skipped} scans"

    def late(self) -> Iterator[str]:
        """Commits that were not scanned when they were made, or without a gate, and findings that the gate would have refused."""
        yield from (f"late {each['commit']}" for each in self.population if not each["on_time"])
        yield from (f"ungated {each['commit']}" for each in self.assessed if each["fail_on"] == "none")
        yield from (f"finding {each['fingerprint']}" for each in self.findings if each["gated"])

    def unscanned(self) -> Iterator[str]:
        """Commits that were never scanned."""
        return (f"unscanned {each['commit']}" for each in self.population if not each["scan"])

    def unknown(self) -> Iterator[str]:
        """Endpoints of which it could not be told who may call them."""
        return (f"endpoint {each['method']} {each['route']}" for each in self.endpoints if each["posture"] == "unknown")

    def irregular(self) -> Iterator[str]:
        """Acceptances that do not count, and findings that are overdue."""
        yield from (f"exception {each['exception']}" for each in self.exceptions if not each["valid"])
        yield from (f"finding {each['fingerprint']}" for each in self.findings if each["overdue"])

    def none(self) -> Iterator[str]:
        """The pack's integrity is for its verifier to test."""
        return iter(())


ACTIVITIES: dict[str, Callable[[Assessment], Iterator[str]]] = {
    "gate": Assessment.late,
    "history": Assessment.unscanned,
    "inventory": Assessment.unknown,
    "exceptions": Assessment.irregular,
    "integrity": Assessment.none,
}
"""What counts as an exception of each activity."""


def words_of(statuses: Json) -> dict[str, str]:
    """The word for each criterion: `soc2 CC6.1` -> `not-evaluated`."""
    return {f"{row['standard']} {row['criterion']}": row["status"] for row in rows_of({"statuses": statuses}, "statuses")}


def statuses_of(tables: dict[str, Json], scope: list[str]) -> Json:
    """The table of statuses, from the other tables."""
    return {"columns": list(STATUSES), "rows": Assessment(tables, scope).statuses()}
