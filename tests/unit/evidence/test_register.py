"""Does an acceptance that lacks something hide nothing in evidence? Made-up acceptances against the rules of the register."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from apiposture.config import Config, Suppress
from apiposture.evidence.verifier.register import flaws_of
from apiposture.model.finding import Suppression
from apiposture.model.source import Place
from unit.evidence.projects import CLOSED, DAY, FILE, OPEN, RULES, START, Project, scanned
from unit.evidence.test_statuses import CLEAN, FOUND, files_of, statuses, table

GOOD = {
    "reason": "behind the gateway until the migration",
    "owner": "orders team",
    "approver": "Mary Major",
    "created": "2026-06-20",
    "until": "2026-12-31",
    "ticket": "SEC-7",
}
DAY_OF_SCAN = "2026-07-01"

FLAWED: list[tuple[str, dict[str, Any]]] = [
    *((f"no reason {text!r}", {"reason": text}) for text in ("", " ", "\t")),
    *((f"no owner {text!r}", {"owner": text}) for text in ("", "  ")),
    *((f"no approver {text!r}", {"approver": text}) for text in ("", " ")),
    *(
        (f"self-approved {one!r} {other!r}", {"owner": one, "approver": other})
        for one, other in (("ann", "ann"), ("Ann", "ann"), ("ann ", " ANN"), ("Straße", "STRASSE"), ("x", "x"))
    ),
    *((f"expired {day}", {"until": day}) for day in ("2026-06-30", "2025-12-31", "1999-01-01")),
    ("no end", {"until": ""}),
    ("not dated", {"created": ""}),
    *((f"dated later {day}", {"created": day}) for day in ("2026-07-02", "2027-01-01")),
    ("renewed too often", {"renewed": ("2026-01-01", "2026-02-01", "2026-03-01")}),
    ("nothing but a reason", {"owner": "", "approver": "", "created": "", "until": "", "ticket": ""}),
]


def accepting(changes: dict[str, Any], findings: int = 0) -> Any:
    """The scan of the open controller, its findings accepted so."""
    scan = scanned(OPEN)
    said = Suppression("", place=Place("apiposture.toml", 3), **{**GOOD, **changes})
    marked = [msgspec.structs.replace(each, suppressed_by=msgspec.structs.replace(said, rule=each.rule)) for each in scan.findings]
    more = [msgspec.structs.replace(marked[0], fingerprint=f"{number:016}") for number in range(findings)]
    return msgspec.structs.replace(scan, findings=(*marked, *more))


def packed_with(scan: Any, **changes: Any) -> dict[str, bytes]:
    project = Project()
    project.commit(START)
    project.scan(scan, START + 60)
    return files_of(project.pack(**changes))


def test_an_acceptance_that_has_everything_is_accepted_and_told() -> None:
    files = packed_with(accepting({}))
    assert statuses(files)["CC6.1"] == CLEAN
    assert all(row["valid"] for row in table(files, "exceptions"))
    assert {row["state"] for row in table(files, "findings")} == {"accepted"}
    assert next(row for row in table(files, "statuses") if row["criterion"] == "CC6.1")["accepted"] > 0
    assert "approved by Mary Major" in files["00-READ-ME-FIRST.html"].decode()


def test_the_register_tells_how_old_what_it_hides_is() -> None:
    project = Project()
    for day, scan in ((0, scanned(OPEN)), (10, accepting({}))):
        project.commit(START + day * DAY)
        project.scan(scan, START + day * DAY + 60)
    rows = table(files_of(project.pack(as_of="2026-08-10T00:00:00Z")), "exceptions")
    assert {row["oldest_days"] for row in rows} == {40}


@pytest.mark.parametrize(("name", "changes"), FLAWED, ids=[name for name, _ in FLAWED])
def test_a_flawed_acceptance_hides_nothing(name: str, changes: dict[str, Any]) -> None:
    files = packed_with(accepting(changes))
    assert statuses(files)["CC6.1"] == FOUND
    rows = table(files, "exceptions")
    assert rows
    assert not any(row["valid"] for row in rows), rows
    assert all(row["state"] == "open" for row in table(files, "findings"))
    if name != "nothing but a reason":
        assert all(name.split(" ")[0] in row["flaws"] for row in rows)


@pytest.mark.parametrize("count", [5, 20])
def test_an_over_broad_acceptance_hides_nothing(count: int) -> None:
    files = packed_with(accepting({}, findings=count))
    assert statuses(files)["CC6.1"] == FOUND
    assert any("over-broad" in row["flaws"] for row in table(files, "exceptions"))


def test_a_baseline_is_nobody_s_decision() -> None:
    scan = scanned(OPEN)
    known = [
        msgspec.structs.replace(each, suppressed_by=Suppression(each.rule, "known from the baseline", Place("baseline.json", 1)))
        for each in scan.findings
    ]
    files = packed_with(msgspec.structs.replace(scan, findings=tuple(known)))
    assert statuses(files)["CC6.1"] == FOUND


def test_an_orphaned_acceptance_is_listed() -> None:
    row = Suppress(rule="AP101", path="src/Gone.cs", **{key: GOOD[key] for key in ("reason", "owner", "approver", "until", "created")})
    files = packed_with(scanned(CLOSED, Config(cache=False, suppress=(row,), source="apiposture.toml", suppress_lines=(3,))))
    assert [row["flaws"] for row in table(files, "exceptions")] == ["orphaned"]
    assert statuses(files)["CC4.2"] == FOUND


def test_an_acceptance_counts_on_the_days_that_it_names() -> None:
    """It ran out between two commits: the finding is open again at the second."""
    project = Project()
    for at in (START, START + 40 * DAY):
        project.commit(at)
        project.scan(accepting({"until": "2026-07-31"}), at + 60)
    files = files_of(project.pack())
    assert statuses(files)["CC6.1"] == FOUND
    assert {row["state"] for row in table(files, "findings")} == {"open"}


def test_the_clock_of_a_finding_runs_by_its_severity() -> None:
    project = Project()
    for number, text in enumerate((OPEN, OPEN, CLOSED)):
        project.commit(START + number * 10 * DAY)
        project.scan(text, START + number * 10 * DAY + 60)
    rows = table(files_of(project.pack()), "findings")
    assert {(row["severity"], row["age_days"], row["overdue"]) for row in rows} >= {("critical", 10, True), ("high", 10, False)}
    one = Project()
    one.commit(START)
    one.scan(OPEN, START + 60)
    rows = table(files_of(one.pack(as_of="2026-07-08T00:00:00Z")), "findings")
    assert {(row["age_days"], row["overdue"]) for row in rows if row["severity"] == "critical"} == {(7, False)}


def test_every_flaw_is_named_at_once() -> None:
    assert flaws_of({}, DAY_OF_SCAN, 9, RULES) == ["no reason", "no owner", "no approver", "not dated", "no end", "over-broad"]
    assert flaws_of(GOOD, DAY_OF_SCAN, 5, RULES) == []


def test_the_place_of_a_finding_is_where_it_was_last_seen() -> None:
    project = Project()
    project.commit(START)
    project.scan(OPEN, START + 60)
    project.commit(START + DAY)
    project.scan("\n\n\n" + OPEN, START + DAY + 60)
    rows = table(files_of(project.pack()), "findings")
    assert len(rows) == len({row["fingerprint"] for row in rows})
    assert all(row["at"].startswith(FILE) and row["scans_open"] == 2 for row in rows), "moved lines make no new finding"
