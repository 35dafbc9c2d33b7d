"""Do the forms for other programs say the same as the tables and the scans?"""

from __future__ import annotations

from apiposture.evidence.verifier.canonical import BrokenError, Json, loose
from apiposture.evidence.verifier.statuses import FOUND, OUTSIDE, rows_of

RESULTS = "oscal/assessment-results.json"
POAM = "oscal/poam.json"


def check_oscal(files: dict[str, bytes], tables: dict[str, Json]) -> int:
    """Are the statuses in OSCAL those of the table, findings only where exceptions were noted, and the open findings all to be done?"""
    inside = [row for row in rows_of(tables, "statuses") if row["status"] != OUTSIDE]
    (result,) = loose(files[RESULTS], RESULTS)["assessment-results"]["results"]
    observed = [_props(each) for each in result["observations"] if "props" in each]
    told = [(each["standard"], each["criterion"], each["status"]) for each in observed]
    if told != [(row["standard"], row["criterion"], row["status"]) for row in inside]:
        raise BrokenError(f"'{RESULTS}' does not show the statuses.")
    titles = [each["title"] for each in result.get("findings", ())]
    if titles != [f"{row['standard']} {row['criterion']}: {row['exceptions']} exceptions" for row in inside if row["status"] == FOUND]:
        raise BrokenError(f"'{RESULTS}' has other findings than criteria with exceptions.")
    if any(each["target"]["status"]["state"] != "not-satisfied" for each in result.get("findings", ())):
        raise BrokenError(f"'{RESULTS}' says that a control is satisfied, which no scan can.")
    items = loose(files[POAM], POAM)["plan-of-action-and-milestones"]["poam-items"] if POAM in files else []
    todo = [(row["fingerprint"], row["state"]) for row in rows_of(tables, "findings") if row["state"] in ("open", "accepted")]
    if [(each["fingerprint"], each["state"]) for each in map(_props, items)] != todo:
        raise BrokenError(f"'{POAM}' does not show the open and accepted findings.")
    return len(told) + len(items)


def check_sarif(report: Json, sarif: Json, name: str) -> int:
    """Does a scan in SARIF hold the same findings, each as open or accepted, and the same blindness?"""
    (run,) = sarif["runs"]
    told = [(each["ruleId"], each["partialFingerprints"]["apiposture/v1"], bool(each["suppressions"])) for each in run["results"]]
    if told != [(each["rule"], each["fingerprint"], each["suppressed"]) for each in report["findings"]]:
        raise BrokenError(f"'{name}' does not show the findings of its scan.")
    if run["invocations"][0]["executionSuccessful"] != report["complete"]:
        raise BrokenError(f"'{name}' says something else about whether the scan was complete.")
    return len(told)


def _props(item: Json) -> Json:
    return {each["name"]: each["value"] for each in item["props"]}
