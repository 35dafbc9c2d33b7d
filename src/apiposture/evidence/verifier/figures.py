"""Which number is that, and how is it worked out again? Every figure is a formula over the tables, in a language of six words."""

from __future__ import annotations

from apiposture.evidence.verifier.canonical import BrokenError, Json
from apiposture.evidence.verifier.statuses import WORDS, rows_of

Where = list[list[object]]


def counted(table: str, *where: list[object]) -> Json:
    """How many rows fulfil all conditions."""
    return {"op": "count", "table": table, "where": list(where)}


def _is(column: str, value: object) -> list[object]:
    return [column, "==", value]


SENSITIVE: list[object] = ["sensitive", ">", ""]
INSIDE, ASSESSED, OPEN = _is("in_period", True), _is("assessed", True), _is("state", "open")


def known() -> dict[str, Json]:
    """Every figure of a pack: its title and its formula."""
    found = {
        "commits": ("Commits of the protected branch in the period", counted("population", INSIDE)),
        "commits_scanned": ("Commits that have a scan", counted("population", INSIDE, ["scan", ">", 0])),
        "commits_on_time": ("Commits scanned when they were made", counted("population", INSIDE, _is("on_time", True))),
        "commits_back_filled": ("Commits scanned later (back-filled)", counted("population", INSIDE, _is("how", "back-filled"))),
        "commits_unscanned": ("Commits without a scan", counted("population", INSIDE, _is("scan", 0))),
        "commits_explained": ("Commits without a scan, with a recorded reason", counted("population", INSIDE, _is("explained", True))),
        "scanned_permille": (
            "Commits that have a scan, of a thousand",
            {"op": "permille", "part": counted("population", INSIDE, ["scan", ">", 0]), "of": counted("population", INSIDE)},
        ),
        "scans": ("Scans recorded in the period", counted("scans")),
        "scans_assessed": ("Scans that speak for a commit", counted("scans", ASSESSED)),
        "scans_incomplete": ("Of those, scans that did not see everything", counted("scans", ASSESSED, _is("complete", False))),
        "scans_partial": ("Of those, scans that leave source out undeclared", counted("scans", ASSESSED, ["undeclared_files", ">", 0])),
        "latest_hours": (
            "Longest time from a commit to its scan, in hours",
            {"op": "max", "table": "scans", "column": "delay_hours", "where": [ASSESSED]},
        ),
        "tool_changes": ("Changes of tool, rules, mapping, configuration or gate", counted("changes")),
        "files": ("Files accounted for in the last scan", counted("files")),
        "files_parsed": ("Of those, understood whole", counted("files", _is("status", "parsed"))),
        "files_left_out": ("Of those, left out without a reason", counted("files", _is("status", "left-out"))),
        "files_out_of_scope": ("Of those, declared out of scope", counted("files", _is("status", "out-of-scope"))),
        "endpoints": ("Endpoints in the last scan", counted("endpoints")),
        "endpoints_unknown": ("Of those, callers not resolved", counted("endpoints", _is("posture", "unknown"))),
        "endpoints_sensitive": ("Of those, with sensitive data", counted("endpoints", SENSITIVE)),
        "endpoints_sensitive_open": ("Of those, nothing says who may call", counted("endpoints", SENSITIVE, _is("posture", "public"))),
        "accesses": ("Proof lines of accesses to objects", counted("proofs")),
        "accesses_tied": ("Of those, tied to the caller", counted("proofs", _is("tied", True))),
        "findings": ("Findings of the period", counted("findings")),
        "findings_counted": ("Of those, exceptions of a control", counted("findings", _is("counted", True))),
        "findings_open": ("Open at the end", counted("findings", OPEN)),
        "findings_fixed": ("Fixed in the period", counted("findings", _is("state", "fixed"))),
        "findings_accepted": ("Accepted at the end, with an approved exception", counted("findings", _is("state", "accepted"))),
        "findings_overdue": ("Open longer than allowed", counted("findings", _is("overdue", True))),
        "oldest_days": ("Days of the oldest open finding", {"op": "max", "table": "findings", "column": "age_days", "where": [OPEN]}),
        "rules_found": ("Rules that found something", {"op": "distinct", "table": "findings", "column": "rule", "where": []}),
        "exceptions": ("Exceptions in the register", counted("exceptions")),
        "exceptions_invalid": ("Of those, without effect (flawed)", counted("exceptions", _is("valid", False))),
        "hidden": ("Findings that the register speaks of", {"op": "sum", "table": "exceptions", "column": "hides", "where": []}),
    }  # fmt: skip
    for severity in ("critical", "high", "medium", "low"):
        found[f"open_{severity}"] = (f"Open at the end, {severity}", counted("findings", OPEN, _is("severity", severity)))
    for level in ("public", "anonymous", "authenticated", "role", "policy"):
        found[f"endpoints_{level}"] = (f"Endpoints: {level}", counted("endpoints", _is("posture", level)))
    for word in WORDS:
        found[f"criteria_{word}"] = (f"Criteria with {word}", counted("statuses", _is("status", word)))
    return {name: {"title": title, "formula": formula} for name, (title, formula) in found.items()}


Named = dict[str, list[Json]]
"""The tables' rows by their columns' names."""


def value_of(formula: Json, tables: Named) -> int:
    """What a formula gives. A word or a column that does not exist is broken."""
    try:
        return _value(formula, tables)
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenError(f"A figure's formula can't be worked out: {error}.") from None


def _value(formula: Json, tables: Named) -> int:
    if formula["op"] == "permille":
        whole = _value(formula["of"], tables)
        return _value(formula["part"], tables) * 1000 // whole if whole else 0
    rows = [row for row in tables[formula["table"]] if all(_holds(row, each) for each in formula["where"])]
    if formula["op"] == "count":
        return len(rows)
    values = [row[formula["column"]] for row in rows]
    if formula["op"] == "distinct":
        return len(set(values))
    if formula["op"] == "max":
        return max(values, default=0)
    if formula["op"] == "sum":
        return sum(values)
    raise BrokenError(f"A figure asks for {formula['op']!r}.")


def _holds(row: Json, condition: list[object]) -> bool:
    column, comparison, value = condition
    found = row[str(column)]
    if comparison == "==":
        return bool(found == value and type(found) is type(value))
    if comparison == ">":
        return bool(found > value)
    raise BrokenError(f"A figure compares by {comparison!r}.")


def figures_of(tables: dict[str, Json]) -> Json:
    """Every figure with its value."""
    named = {name: rows_of(tables, name) for name in tables}
    return {name: {**said, "value": value_of(said["formula"], named)} for name, said in known().items()}


def shown_figures(figures: Json) -> Json:
    """The figures as a table, in their usual order."""
    rows = [[name, figures[name]["title"], figures[name]["value"]] for name in known()]
    return {"columns": ["figure", "title", "value"], "rows": rows}
