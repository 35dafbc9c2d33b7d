"""Do the forms for other programs say the same as the tables and the scans?"""

from __future__ import annotations

from apiposture.evidence.verifier.canonical import BrokenError, Json, written
from apiposture.evidence.verifier.oscal import documents

OSCAL = "oscal/"


def check_oscal(files: dict[str, bytes], about: Json, tables: dict[str, Json]) -> int:
    """Are the OSCAL documents those that follow from the tables? How many there are."""
    wanted = {f"{OSCAL}{name}": written(document) for name, document in documents(about, tables).items()}
    for name in sorted({*wanted, *(name for name in files if name.startswith(OSCAL))}):
        if files.get(name) != wanted.get(name):
            raise BrokenError(f"'{name}' does not follow from the tables.")
    return len(wanted)


def check_sarif(report: Json, sarif: Json, name: str) -> int:
    """Does a scan in SARIF hold the same findings, each as open or accepted, and the same blindness?"""
    (run,) = sarif["runs"]
    told = [(each["ruleId"], each["partialFingerprints"]["apiposture/v1"], bool(each["suppressions"])) for each in run["results"]]
    if told != [(each["rule"], each["fingerprint"], each["suppressed"]) for each in report["findings"]]:
        raise BrokenError(f"'{name}' does not show the findings of its scan.")
    if run["invocations"][0]["executionSuccessful"] != report["complete"]:
        raise BrokenError(f"'{name}' says something else about whether the scan was complete.")
    return len(told)
