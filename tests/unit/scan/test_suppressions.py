"""Do decisions hide what they name, for as long as they hold, and nothing else?"""

from __future__ import annotations

from pathlib import Path

import pytest

from apiposture.config import Config, Suppress, load
from apiposture.languages import source_of
from apiposture.model.finding import Finding
from apiposture.model.scan import Scan
from apiposture.scan import Baseline, gather_sources, judge

APP = """\
using Microsoft.AspNetCore.Mvc;
[ApiController]
[Route("api/things")]
public class ThingController : ControllerBase
{
    BEFORE
    [HttpDelete("{id}")]
    public IActionResult Delete(int id) => NoContent(); AFTER
}
"""
HERE = 8
"""The line of the handler, at which AP004 stands."""


def scanned(
    before: str = "", after: str = "", config: Config | None = None, today: str = "", baseline: Baseline | None = None
) -> Scan:
    text = APP.replace("BEFORE", before).replace("AFTER", after)
    return judge(gather_sources([source_of("ThingController.cs", text)]), config or Config(), today, baseline)


def the_finding(scan: Scan) -> Finding:
    (finding,) = [finding for finding in scan.findings if finding.rule == "AP004"]
    return finding


def kinds(scan: Scan) -> list[str]:
    return [problem.kind for problem in scan.problems]


def test_a_comment_on_the_line_accepts_and_is_kept_with_the_finding() -> None:
    scan = scanned(after='// apiposture: ignore[AP004] reason="behind the gateway" owner=ann ticket=T-7 until=2027-03-31'
                    " approver=bea created=2026-09-01 renewed=2026-12-01,2027-01-15")
    accepted = the_finding(scan).suppressed_by
    assert accepted is not None
    assert (accepted.reason, accepted.owner, accepted.ticket, accepted.until) == ("behind the gateway", "ann", "T-7", "2027-03-31")
    assert (accepted.approver, accepted.created, accepted.renewed) == ("bea", "2026-09-01", ("2026-12-01", "2027-01-15"))
    assert accepted.place.line == HERE
    assert kinds(scan) == []


def test_a_comment_alone_speaks_of_the_next_line() -> None:
    comment = '    // apiposture: ignore[AP004] reason="x"\n'
    text = APP.replace("    public IActionResult", f"{comment}    public IActionResult").replace("AFTER", "")
    scan = judge(gather_sources([source_of("A.cs", text.replace("BEFORE", ""))]), Config())
    assert the_finding(scan).suppressed_by is not None


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        ("// apiposture: ignore[AP004]", "invalid-suppression"),
        ('// apiposture: ignore[AP004] reason=""', "invalid-suppression"),
        ('// apiposture: ignore[AP004] reason="x" until=soon', "invalid-suppression"),
        ('// apiposture: ignore[AP004] reason="x" util=2027-01-01', "invalid-suppression"),
        ('// apiposture: ignore[AP004] reason="x",expires=2027-01-01', "invalid-suppression"),
        ('// apiposture: ignore[AP101] reason="another rule"', "unused-suppression"),
        ('// apiposture: ignore[AP404] reason="no such rule"', "invalid-suppression"),
        ('// apiposture: ignore[BOLA] reason="no such rule"', "invalid-suppression"),
        ('// apiposture: ignore[] reason="x"', "invalid-suppression"),
        ('// apiposture: ignore AP004 reason="x"', "invalid-suppression"),
        ("// apiposture: ignore", "invalid-suppression"),
        ('/* apiposture: ignore reason="x" */', "invalid-suppression"),
    ],
)
def test_what_does_not_count_hides_nothing_and_is_said(comment: str, problem: str) -> None:
    scan = scanned(after=comment)
    assert the_finding(scan).suppressed_by is None
    assert kinds(scan) == [problem]
    assert not any(each.blocks for each in scan.problems)


def test_text_that_is_no_comment_accepts_nothing() -> None:
    scan = scanned(before='string s = @"apiposture: ignore[AP004] reason=x";')
    assert the_finding(scan).suppressed_by is None
    assert kinds(scan) == []


@pytest.mark.parametrize("written", ["ignore[ap004]", "ignore [AP004]", "ignore[ap101, Ap004]"])
def test_ids_are_read_whatever_their_case(written: str) -> None:
    scan = scanned(after=f'// apiposture: {written} reason="behind the gateway"')
    accepted = the_finding(scan).suppressed_by
    assert accepted is not None
    assert accepted.rule == "AP004"


def test_an_unknown_rule_is_said_in_one_sentence_with_its_line() -> None:
    (problem,) = scanned(after='// apiposture: ignore[AP0004] reason="x"').problems
    assert problem.message == "The suppression of 'AP0004' hides nothing: no rule has that id; did you mean 'AP004'?"
    assert (problem.path, problem.line) == ("ThingController.cs", HERE)


@pytest.mark.parametrize("line", ["// an apiposture: ignore needs a rule", "// apiposture: ignored by us", "// see apiposture: ignore"])
def test_talk_about_ignores_is_none(line: str) -> None:
    assert kinds(scanned(after=line)) == []


def test_a_problem_of_the_configuration_has_the_line_of_its_row(tmp_path: Path) -> None:
    row = "[[suppress]]\nrule = '{}'\nreason = 'x'\npath = 'Other.cs'\n"
    (tmp_path / "apiposture.toml").write_text("jobs = 1\n" + row.format("AP004") + row.format("AP404"))
    scan = scanned(config=load(tmp_path))
    assert [(p.kind, p.path, p.line) for p in scan.problems] == [
        ("invalid-suppression", "apiposture.toml", 6),
        ("unused-suppression", "apiposture.toml", 2),
    ]


def test_an_unknown_key_is_said_with_the_one_that_was_meant() -> None:
    (problem,) = scanned(after='// apiposture: ignore[AP004] reason="x" util=2027-01-01').problems
    assert problem.message == "The suppression of 'AP004' has the unknown key 'util' and hides nothing; did you mean 'until'?"


@pytest.mark.parametrize(
    "comment",
    [
        '// apiposture: ignore[AP004] reason="a=b, see https://wiki.example.com/?page=7" UNTIL=2027-01-01',
        '// apiposture: ignore[AP004] reason="x" until=2027-01-01 https://wiki.example.com/?page=7&part=2',
        '/* apiposture: ignore[AP004] reason="x" until=2027-01-01 */ private int count = 0;',
    ],
)
def test_what_only_looks_like_a_key_is_none(comment: str) -> None:
    scan = scanned(after=comment)
    accepted = the_finding(scan).suppressed_by
    assert accepted is not None
    assert accepted.until == "2027-01-01"
    assert kinds(scan) == []


def test_a_comment_far_away_accepts_nothing() -> None:
    scan = scanned(before='// apiposture: ignore[AP004] reason="too early"\n\n')
    assert the_finding(scan).suppressed_by is None
    assert kinds(scan) == ["unused-suppression"]


@pytest.mark.parametrize(("today", "hidden"), [("2027-03-30", True), ("2027-03-31", True), ("2027-04-01", False), ("", True)])
def test_an_expiry_is_honoured(today: str, hidden: bool) -> None:
    scan = scanned(after='// apiposture: ignore[AP004] reason="x" until=2027-03-31', today=today)
    assert (the_finding(scan).suppressed_by is not None) is hidden
    assert kinds(scan) == ([] if hidden else ["expired-suppression"])


@pytest.mark.parametrize(
    ("named", "hidden"),
    [
        ({"path": "ThingController.cs"}, True),
        ({"path": "*.cs"}, True),
        ({"path": "src/"}, False),
        ({"endpoint": "DELETE /api/things/{id}"}, True),
        ({"endpoint": "/api/things/{id}"}, True),
        ({"endpoint": "GET /api/things/{id}"}, False),
        ({"path": "*.cs", "endpoint": "GET /api/things/{id}"}, False),
        ({"fingerprint": "0000000000000000"}, False),
        ({"fingerprint": ""}, True),
    ],
)
def test_configured_decisions(named: dict[str, str], hidden: bool) -> None:
    if named == {"fingerprint": ""}:
        named = {"fingerprint": the_finding(scanned()).fingerprint}
    config = Config(suppress=(Suppress("AP004", "by design", **named),), source="/somewhere/apiposture.toml")
    scan = scanned(config=config)
    accepted = the_finding(scan).suppressed_by
    assert (accepted is not None) is hidden
    assert kinds(scan) == ([] if hidden else ["unused-suppression"])
    if accepted:
        assert accepted.place.path == "apiposture.toml", "no path of this machine"


def test_what_a_part_of_the_tree_does_not_meet_may_be_met_elsewhere() -> None:
    row = Suppress("AP004", "by design", path="tests/Other.cs")
    assert kinds(scanned(config=Config(suppress=(row,), source="apiposture.toml"))) == ["unused-suppression"]
    assert kinds(scanned(config=Config(suppress=(row,), source="apiposture.toml", base="src/"))) == []


def test_a_rule_that_did_not_run_leaves_its_suppressions_alone() -> None:
    config = Config(rules=Config().rules.__class__(select=("AP101",)))
    scan = scanned(after='// apiposture: ignore[AP004] reason="x"', config=config)
    assert scan.findings == ()
    assert kinds(scan) == []


def test_what_the_baseline_knows_is_accepted() -> None:
    known = the_finding(scanned()).fingerprint
    scan = scanned(baseline=Baseline("old.json", frozenset({known})))
    accepted = the_finding(scan).suppressed_by
    assert accepted is not None
    assert accepted.place.path == "old.json"


def test_a_comment_at_another_place_of_a_credential_is_no_stray_one() -> None:
    key = "AKIA" + "Q7ZP3M2LK5V8XN4T"
    comment = '  # apiposture: ignore[AP201] reason="rotated"'

    def said(first: str, second: str) -> list[str]:
        text = f'API_KEY = "{key}"{first}\nSECRET_KEY = "{key}"{second}\n'
        scan = judge(gather_sources([source_of("keys.py", text)]), Config())
        return [problem.message for problem in scan.problems if problem.kind == "unused-suppression"]

    assert said(comment, "") == []
    assert said(comment, comment) == []
    (message,) = said("", comment)
    assert "in line 1" in message
