"""Which acceptances of findings count? One that lacks what an acceptance needs hides nothing here, whatever it hid in a build."""

from __future__ import annotations

from apiposture.evidence.verifier.canonical import Json

Rows = list[list[object]]
REGISTER = (
    "exception", "rule", "at", "reason", "owner", "approver", "ticket", "created", "until", "renewals", "hides", "oldest_days",
    "valid", "flaws",
)  # fmt: skip
ORPHANED = "unused-suppression"


def flaws_of(said: Json, day: str, hides: int, rules: Json) -> list[str]:
    """What is wrong with an acceptance, held against a day."""
    found = []
    owner, approver = str(said.get("owner", "")).strip().casefold(), str(said.get("approver", "")).strip().casefold()
    if not str(said.get("reason", "")).strip():
        found.append("no reason")
    if not owner:
        found.append("no owner")
    if not approver:
        found.append("no approver")
    elif approver == owner:
        found.append("self-approved")
    if not said.get("created"):
        found.append("not dated")
    elif said["created"] > day:
        found.append("dated later")
    if not said.get("until"):
        found.append("no end")
    elif said["until"] < day:
        found.append("expired")
    if len(said.get("renewed", ())) > rules["renewals"]:
        found.append("renewed too often")
    if hides > rules["hides"]:
        found.append("over-broad")
    return found


def name_of(said: Json) -> str:
    """What tells acceptances apart: where they are written, and for which rule."""
    place = said["place"]
    return f"{place['path']}:{place['line']} {said['rule']}"


def acceptances_of(report: Json, day: str, rules: Json) -> dict[str, Json]:
    """The acceptances that hide something in a report, by name, each with its flaws and how much it hides."""
    found: dict[str, Json] = {}
    for finding in report["findings"]:
        said = finding["suppressed_by"]
        if said is not None:
            entry = found.setdefault(name_of(said), {"said": said, "hides": 0})
            entry["hides"] += 1
    for entry in found.values():
        entry["flaws"] = flaws_of(entry["said"], day, entry["hides"], rules)
    return found


def orphans_of(report: Json) -> dict[str, Json]:
    """The acceptances that meet nothing."""
    return {f"{each['path']}:{each['line']}": each for each in report["problems"] if each["kind"] == ORPHANED}


def register_of(found: dict[str, Json], orphans: dict[str, Json], ages: dict[str, int]) -> Rows:
    """The register's rows. `ages` says how old the oldest finding is that each speaks of at the end, in days."""
    rows: Rows = []
    for name, entry in sorted(found.items()):
        said, flaws = entry["said"], entry["flaws"]
        place = f"{said['place']['path']}:{said['place']['line']}"
        told = [said.get(key, "") for key in ("reason", "owner", "approver", "ticket", "created", "until")]
        counts = [len(said.get("renewed", ())), entry["hides"], ages.get(name, 0)]
        rows.append([name, said["rule"], place, *told, *counts, not flaws, ", ".join(flaws)])
    for name, problem in sorted(orphans.items()):
        rows.append([f"{name} orphaned", "", name, problem["message"], "", "", "", "", "", 0, 0, 0, False, "orphaned"])
    return rows
