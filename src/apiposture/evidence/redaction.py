"""What may a reader of this view see?

`auditor`: everything. `customer`: no snippets, places, people or words of findings. `public`: no routes and names either. A withheld value
becomes a word that is the same for the same value, so that what is counted as one stays one, and every figure and status can still be
worked out.
"""

from __future__ import annotations

from apiposture.evidence.verifier.canonical import Json

VIEWS = ("auditor", "customer", "public")

_PLACES = {
    "findings": {"at": "place", "message": "text", "handler": "handler", "exception": "exception"},
    "exceptions": {
        "exception": "exception", "at": "place", "reason": "text", "owner": "person", "approver": "person", "ticket": "ticket",
    },
    "endpoints": {"handler": "handler", "why": "text", "decided_by": "place"},
    "proofs": {"at": "place", "proof_at": "place", "proof": "text", "not_counted": "text"},
    "data": {"what": "text", "where": "text", "at": "place"},
    "files": {"path": "file", "digest": "digest", "why": "text"},
    "problems": {"at": "place", "message": "text"},
    "population": {"gap": "text"},
    "scans": {"operator": "person", "run": "run"},
}  # fmt: skip
"""The columns that a customer does not see, and what stands there instead."""

_NAMES = {
    "findings": {"route": "route", "fingerprint": "finding"},
    "endpoints": {"route": "route", "needs": "need"},
    "data": {"reached": "route"},
    "proofs": {"route": "route", "entity": "entity", "key": "key"},
}
"""Those that the public does not see either."""

_ABOUT = ("root", "branch", "prepared_by")


def redacted(tables: dict[str, Json], view: str) -> dict[str, Json]:
    """The tables as a view shows them."""
    if view == "auditor":
        return tables
    words: dict[tuple[str, str], str] = {}
    found = {}
    for name, table in sorted(tables.items()):
        kinds = {**_PLACES.get(name, {}), **(_NAMES.get(name, {}) if view == "public" else {})}
        columns = [kinds.get(column, "") for column in table["columns"]]
        rows = [[_word(kind, value, words) if kind else value for kind, value in zip(columns, row, strict=True)] for row in table["rows"]]
        found[name] = {"columns": table["columns"], "rows": rows}
    return found


def redacted_about(about: Json, view: str) -> Json:
    """What the pack says of itself, as a view shows it."""
    if view == "auditor":
        return {**about, "view": view}
    hidden = {key: "withheld" for key in _ABOUT if about[key]}
    reasons = [{"files": "withheld", "reason": "withheld"} for _ in about["out_of_scope"]]
    return {**about, **hidden, "out_of_scope": reasons, "view": view}


def _word(kind: str, value: object, words: dict[tuple[str, str], str]) -> object:
    """`place 0007`: counted in the order in which values occur; an empty value says nothing and stays."""
    if value == "":
        return value
    number = sum(each == kind for each, _ in words) + 1 if (kind, str(value)) not in words else 0
    return words.setdefault((kind, str(value)), f"{kind} {number:04}")
