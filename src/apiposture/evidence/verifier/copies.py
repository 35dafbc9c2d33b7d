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


Result = tuple[str, str, bool]


def results_of(report: Json) -> list[Result]:
    """What a scan in SARIF must show: each finding by rule and fingerprint, and whether it is accepted."""
    return [(each["rule"], each["fingerprint"], each["suppressed"]) for each in report["findings"]]


def check_sarif(results: list[Result], is_whole: bool, sarif: Json, name: str) -> int:
    """Does a scan in SARIF hold these findings, and call itself successful only where everything was seen?"""
    (run,) = sarif["runs"]
    told = [(each["ruleId"], each["partialFingerprints"]["apiposture/v1"], bool(each["suppressions"])) for each in run["results"]]
    if told != results:
        raise BrokenError(f"'{name}' does not show the findings of its scan.")
    if run["invocations"][0]["executionSuccessful"] != is_whole:
        raise BrokenError(f"'{name}' says something else about whether the scan was complete.")
    return len(told)
