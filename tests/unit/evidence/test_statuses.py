"""Does a status say what was seen, in every format, and never more?"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import msgspec
import pytest

from apiposture.config import Config, RuleChoice
from apiposture.evidence.pack import build
from apiposture.evidence.verifier.asked import report_on
from apiposture.evidence.verifier.checks import USUAL, Expected
from apiposture.evidence.verifier.container import members_of
from apiposture.evidence.verifier.statuses import rows_of
from apiposture.model.scan import Problem
from unit.evidence.projects import CLOSED, DAY, FILE, OPEN, START, Project, good, scanned, signer

CLEAN, FOUND, UNSEEN, OUTSIDE = "no-exceptions-noted", "exceptions-noted", "not-evaluated", "out-of-scope"


def files_of(pack: bytes) -> dict[str, bytes]:
    return {name: member.content for name, member in members_of(pack).items()}


def statuses(files: dict[str, bytes]) -> dict[str, str]:
    """Of each criterion, once all formats agree."""
    table = json.loads(files["tables/statuses.json"])
    told = {row["criterion"]: row["status"] for row in rows_of({"statuses": table}, "statuses")}
    by_csv = {row["criterion"]: row["status"] for row in csv.DictReader(io.StringIO(files["csv/statuses.csv"].decode()))}
    (result,) = json.loads(files["oscal/assessment-results.json"])["assessment-results"]["results"]
    by_oscal = {}
    for observation in result["observations"]:
        props = {each["name"]: each["value"] for each in observation["props"]}
        by_oscal[props["criterion"]] = props["status"]
    page = files["01-report.html"].decode()
    by_page = dict(re.findall(r'data-of="soc2 ([^"]*)" value="([^"]*)"', page))
    assert told == by_csv == by_page
    assert by_oscal == {criterion: status for criterion, status in told.items() if status != OUTSIDE}
    return told


def table(files: dict[str, bytes], name: str) -> list[dict[str, Any]]:
    return rows_of({name: json.loads(files[f"tables/{name}.json"])}, name)


def test_where_everything_was_seen_and_nothing_found() -> None:
    told = statuses(files_of(good().pack()))
    assert told["CC6.1"] == told["CC7.1"] == told["CC8.1"] == told["CC4.1"] == CLEAN
    assert told["P4.1"] == told["PI1.2"] == OUTSIDE
    assert told["CC6.8"] == UNSEEN, "what only informs decides nothing"


def test_a_finding_is_an_exception_even_when_it_was_fixed() -> None:
    project = Project()
    for number, text in enumerate((CLOSED, OPEN, CLOSED)):
        project.commit(START + number * DAY)
        project.scan(text, START + number * DAY + 60)
    files = files_of(project.pack())
    assert statuses(files)["CC6.1"] == FOUND
    assert {row["state"] for row in table(files, "findings")} == {"fixed"}


def test_categories_that_were_not_declared_are_out_of_scope() -> None:
    files = files_of(good().pack(scope=["S"]))
    assert statuses(files)["C1.1"] == OUTSIDE
    mapping = [row for row in table(files, "mapping") if row["needs"] == "C"]
    assert mapping, "the rows are there, and decide nothing"


def blind(scan: Any, kind: str) -> Any:
    return msgspec.structs.replace(scan, problems=(Problem(kind, f"Something was not seen: {kind}.", FILE),))


def _incomplete(project: Project, at: int, kind: str) -> None:
    project.commit(at)
    project.scan(blind(scanned(CLOSED), kind), at + 60)


def _syntax_error(project: Project, at: int) -> None:
    project.commit(at)
    project.scan({FILE: CLOSED, "src/Broken.cs": "class { { { ((" * 40}, at + 60)


def _no_source(project: Project, at: int) -> None:
    project.commit(at)
    project.scan({"notes.txt": "nothing"}, at + 60)


def _no_endpoint(project: Project, at: int) -> None:
    project.commit(at)
    project.scan({"src/A.cs": "class A { }"}, at + 60)


def _left_out(project: Project, at: int) -> None:
    project.commit(at)
    project.scan(CLOSED, at + 60, left_out=["legacy/OldController.cs"])


def _unscanned(project: Project, at: int) -> None:
    project.commit(at)


def _dirty(project: Project, at: int) -> None:
    project.commit(at)
    project.scan(CLOSED, at + 60, dirty=[FILE])


def _elsewhere(project: Project, at: int) -> None:
    project.commit(at)
    project.scan(CLOSED, at + 60, root="docs/")
    project.scan(CLOSED, at - DAY + 61, commit=project.head(), dirty=[FILE])


def _rule_off(project: Project, at: int) -> None:
    project.commit(at)
    project.scan(CLOSED, at + 60, config=Config(cache=False, rules=RuleChoice(ignore=("AP004", "AP101", "AP102", "AP103", "AP201"))))


FAULTS = {
    "a syntax error": _syntax_error,
    "an unreadable file": lambda project, at: _incomplete(project, at, "unread"),
    "an unknown framework": lambda project, at: _incomplete(project, at, "unread-framework"),
    "a huge file": lambda project, at: _incomplete(project, at, "too-large"),
    "a crashed rule": lambda project, at: _incomplete(project, at, "rule-crashed"),
    "a framework without endpoints": lambda project, at: _incomplete(project, at, "no-endpoints"),
    "an excluded folder": _left_out,
    "no source at all": _no_source,
    "source without an endpoint": _no_endpoint,
    "a commit without a scan": _unscanned,
    "a scan of other files than the commit's": _dirty,
    "rules that did not run": _rule_off,
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("place", ["first", "last"])
def test_what_was_not_seen_is_never_clean(fault: str, place: str) -> None:
    """In any criterion that findings of the source decide, and in any format."""
    project = Project()
    if place == "first":
        FAULTS[fault](project, START)
    for number in (1, 2):
        project.commit(START + number * DAY)
        project.scan(CLOSED, START + number * DAY + 60)
    if place == "last":
        FAULTS[fault](project, START + 9 * DAY)
    if fault == "source without an endpoint" and place == "first":
        pytest.skip("what came later had endpoints")
    files = files_of(project.pack(prepared_at="2026-10-05T09:00:00Z"))
    told = statuses(files)
    for criterion in ("CC6.1", "CC6.6", "CC7.1", "CC8.1"):
        assert told[criterion] != CLEAN, criterion
    assert told["CC6.6"] == UNSEEN
    assert CLEAN not in files["oscal/assessment-results.json"].decode() or told["CC6.1"] != CLEAN


def test_a_declared_reason_takes_files_out_of_scope_and_is_printed() -> None:
    project = good()
    project.commit(START + 5 * DAY)
    project.scan(CLOSED, START + 5 * DAY + 60, left_out=["tests/Fake.cs", "tests/More.cs"])
    assert statuses(files_of(project.pack()))["CC6.1"] == UNSEEN
    files = files_of(project.pack(out_of_scope=[{"files": "tests/*", "reason": "tests are not shipped"}]))
    assert statuses(files)["CC6.1"] == CLEAN
    assert "tests are not shipped" in files["00-READ-ME-FIRST.html"].decode()
    assert [row["status"] for row in table(files, "files")].count("out-of-scope") == 2


def test_a_population_that_does_not_reach_back_is_said() -> None:
    project = good()
    material = project.material()
    cut = msgspec.structs.replace(material, commits=material.commits[:2])

    files = files_of(build(cut, signer()))
    assert statuses(files)["CC6.1"] == UNSEEN
    assert any("does not reach back" in row["reasons"] for row in table(files, "statuses"))


def test_without_commits_nothing_is_evaluated() -> None:
    """Source outside Git: there is no population that could be complete."""
    material = msgspec.structs.replace(good().material(commit="", branch=""), commits=())
    files = files_of(build(material, signer()))
    told = statuses(files)
    assert CLEAN not in told.values()
    assert "There is no population" in files["00-READ-ME-FIRST.html"].decode()
    assert report_on(build(material, signer()), Expected())[0]


def test_late_and_back_filled_scans_are_no_operation_of_a_gate() -> None:
    for how, delay in (("live", 3 * DAY), ("back-filled", 60)):
        project = good()
        project.commit(START + 6 * DAY)
        project.scan(CLOSED, START + 6 * DAY + delay, how=how)
        told = statuses(files_of(project.pack()))
        assert told["CC8.1"] == told["CC7.1"] == FOUND
        assert told["CC6.3"] == CLEAN, "the state of the source at that commit is known all the same"
        assert told["CC4.1"] == CLEAN


def test_a_gap_with_a_reason_is_a_gap() -> None:
    project = good()
    missed = project.commit(START + 6 * DAY)
    project.gap(missed, "the runner was down", START + 7 * DAY)
    files = files_of(project.pack())
    assert statuses(files)["CC4.1"] == FOUND
    assert statuses(files)["CC6.1"] == UNSEEN
    row = next(row for row in table(files, "population") if row["commit"] == missed)
    assert (row["explained"], row["gap"]) == (True, "the runner was down")
    assert "the runner was down" in files["01-report.html"].decode()


def test_a_later_scan_of_the_same_commit_can_complete_an_incomplete_one() -> None:
    project = good()
    _incomplete(project, START + 6 * DAY, "unread")
    project.scan(CLOSED, START + 6 * DAY + 600)
    assert statuses(files_of(project.pack()))["CC6.1"] == CLEAN


def test_a_change_of_the_rules_is_shown() -> None:
    project = good()
    project.commit(START + 6 * DAY)
    project.scan(CLOSED, START + 6 * DAY + 60, engine="f" * 64)
    files = files_of(project.pack())
    assert [row["what"] for row in table(files, "changes")] == ["engine"]


WORDS = re.compile(r"(?i)\b(compliant|compliance achieved|certified|certification|pass(ed|es)?|fail(ed|s)?(?!-on))\b")


@pytest.mark.parametrize("view", ["auditor", "customer", "public"])
def test_no_word_claims_more_than_was_tested(view: str) -> None:
    project = good()
    project.commit(START + 6 * DAY)
    project.scan(OPEN, START + 6 * DAY + 60)
    for name, content in files_of(project.pack(view)).items():
        if name.endswith((".html", ".json", ".csv", ".svg")) and not name.startswith(("scans/", "config/", "attest/", "container")):
            text = content.decode().replace('"status":"failed"', "")  # HDF's word for a finding of a rule; it has no other
            assert not WORDS.search(text), (name, WORDS.search(text))


def test_a_commit_with_another_date_stays_where_it_stands() -> None:
    """Its maker dates it before the period, so that nobody asks for its scan."""
    project = good()
    hidden = project.commit(START - 300 * DAY)
    project.commit(START + 6 * DAY)
    project.scan(CLOSED, START + 6 * DAY + 60)
    files = files_of(project.pack())
    assert statuses(files)["CC6.1"] == UNSEEN
    assert statuses(files)["CC4.1"] == FOUND
    row = next(row for row in table(files, "population") if row["commit"] == hidden)
    assert (row["in_period"], row["scan"]) == (True, 0)


def test_a_scan_that_is_older_than_its_commit_is_not_of_its_time() -> None:
    project = good()
    project.commit(START + 9 * DAY)
    project.scan(CLOSED, START + 3 * DAY)
    assert statuses(files_of(project.pack()))["CC8.1"] == FOUND


def test_a_gate_that_is_off_did_not_operate() -> None:
    project = good()
    project.commit(START + 6 * DAY)
    project.scan(CLOSED, START + 6 * DAY + 60, fail_on="none")
    told = statuses(files_of(project.pack()))
    assert told["CC8.1"] == FOUND
    assert told["CC6.1"] == CLEAN


def test_rules_of_one_s_own_are_told() -> None:
    lenient = {**USUAL, "late_after_hours": 10_000}
    lines = report_on(good().pack(rules=lenient), Expected())[1]
    assert any("rules of its own" in line for line in lines)
    assert not any("rules of its own" in line for line in report_on(good().pack(), Expected())[1])
