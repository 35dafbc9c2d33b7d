"""Do the forms for other people's services keep to what those services read?"""

import csv
import io
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace

from apiposture.model.scan import Problem, Scan
from apiposture.reports import Options, is_report, names, render
from apiposture.reports.comment import LIMIT, MARKER

from .scans import HOSTILE, accepted, bola, hostile, scan

SCHEMAS = Path(__file__).parents[3] / "build/schemas"
"""Other people's schemas are not ours to commit; where somebody has put them there, they are asked."""
PROBLEM = Problem("unparsed", "A brace is missing.", "src/A.cs", 3)
HINT = replace(bola(), certainty="low", fingerprint="0123456789abcdef")
SCANS = [scan(), scan(bola(), HINT, accepted(), problems=(PROBLEM,)), hostile()]
EVERYTHING = Options(suppressed=True)
FORMS = ["csv", "junit", "gitlab", "codequality", "github", "comment", "html", "baseline"]


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("of", SCANS)
def test_the_same_scan_gives_the_same_bytes_and_nothing_is_obeyed(name: str, of: Scan) -> None:
    text = render(name, of, EVERYTHING)
    assert text == render(name, of, EVERYTHING)
    assert text.endswith("\n")
    text.encode("utf-8")
    assert not set(text) & {"\x1b", "\x07", "\u202e", "\u2066", "\x9b"}


# CSV


def rows(of: Scan, options: Options = EVERYTHING) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render("csv", of, options))))


def test_csv_has_a_row_a_finding_with_the_decision() -> None:
    first, second, hint = rows(scan(bola(), HINT, accepted()))
    assert (first["rule"], first["line"], first["blocks"], first["suppressed"]) == ("AP101", "24", "yes", "no")
    assert (second["rule"], second["suppressed"], second["reason"], second["ticket"]) == ("AP102", "yes", "test data only", "SEC-7")
    assert (hint["fingerprint"], hint["blocks"]) == (HINT.fingerprint, "no")


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "  =cmd|' /C calc'!A0", "\t=1", "\r=1", "＝1"])
def test_no_cell_is_calculated(start: str) -> None:
    (row,) = rows(scan(replace(bola(), message=start)))
    assert row["message"][0] in "'\\"


def test_a_row_is_one_line_whatever_the_code_says() -> None:
    text = render("csv", hostile(), EVERYTHING)
    assert text.count("\n") == text.count("\r\n") == 2


# JUnit


def cases(of: Scan, options: Options = EVERYTHING) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for suite in ET.fromstring(render("junit", of, options)):
        found[suite.attrib["name"].split()[0]] = Counter(child.tag for case in suite.iter("testcase") for child in case)
        assert int(suite.attrib["tests"]) == len(list(suite.iter("testcase")))
        assert int(suite.attrib["failures"]) == len(list(suite.iter("failure")))
        assert int(suite.attrib["errors"]) == len(list(suite.iter("error")))
    return found


def test_junit_fails_for_what_fails_the_build() -> None:
    of = scan(bola(), HINT, accepted(), problems=(PROBLEM,))
    assert cases(of) == {"AP101": {"failure": 1, "skipped": 1}, "AP102": {"skipped": 1}, "Complete": {"error": 1}}
    assert cases(of, Options(gate=frozenset())) == {"AP101": {"skipped": 2}, "AP102": {"skipped": 1}, "Complete": {"error": 1}}
    assert cases(scan()) == {"AP101": {}, "AP102": {}, "Complete": {}}


def test_junit_keeps_the_text_as_text() -> None:
    root = ET.fromstring(render("junit", hostile(), Options(suppressed=True, gate=frozenset({"f" * 16}))))
    (failure,) = root.iter("failure")
    assert "</script> `tick` ```\\n@org/team" in failure.attrib["message"]
    assert "\\udcff.cs:3" in str(failure.text)


@pytest.mark.skipif(not shutil.which("xmllint"), reason="xmllint is not installed")
@pytest.mark.parametrize("schema", ["junit-ant.xsd", "junit-jenkins.xsd"])
@pytest.mark.parametrize("of", SCANS)
def test_junit_meets_both_schemas_in_use(schema: str, of: Scan, tmp_path: Path) -> None:
    if not (SCHEMAS / schema).is_file():
        pytest.skip("the schema is not there")
    for number, options in enumerate((EVERYTHING, Options(gate=frozenset({bola().fingerprint, "f" * 16}), finished="2026-11-26T15:40:00"))):
        report = tmp_path / f"{number}.xml"
        report.write_text(render("junit", of, options), "utf-8")
        subprocess.run(["xmllint", "--noout", "--schema", str(SCHEMAS / schema), str(report)], check=True, capture_output=True)


# GitLab

def thing(needed: str, **fields: dict[str, Any]) -> dict[str, Any]:
    """An object with some needed fields, and no field that the format does not know."""
    return {"type": "object", "required": needed.split(), "properties": fields, "additionalProperties": False}


def several(each: dict[str, Any], **limits: int) -> dict[str, Any]:
    return {"type": "array", "items": each, **limits}


TEXT, ANY = {"type": "string", "minLength": 1}, {"type": "string"}
LINE = {"type": "number", "minimum": 1}
LINK = {"type": "string", "pattern": "^https?://.+"}
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$"}
TOOL = thing("id name version vendor", id=TEXT, name=TEXT, version=TEXT, url=LINK, vendor=thing("name", name=TEXT))
SIGNED = several(thing("algorithm value", algorithm=ANY, value=ANY), minItems=1)
TRACKED = thing("signatures", file=ANY, start_line=LINE, end_line=LINE, signatures=SIGNED)
SAST = thing(
    "scan version vulnerabilities",
    version={"const": "15.0.7"},
    schema=LINK,
    scan=thing(
        "analyzer end_time scanner start_time status type",
        analyzer=TOOL,
        scanner=TOOL,
        start_time=MOMENT,
        end_time=MOMENT,
        status={"enum": ["success", "failure"]},
        type={"const": "sast"},
        messages=several(thing("level value", level={"enum": ["info", "warn", "fatal"]}, value=TEXT)),
    ),
    vulnerabilities=several(
        thing(
            "id identifiers location",
            id=TEXT,
            name={"type": "string", "maxLength": 255},
            description={"type": "string", "maxLength": 1048576},
            severity={"enum": ["Info", "Unknown", "Low", "Medium", "High", "Critical"]},
            solution={"type": "string", "maxLength": 7000},
            identifiers=several(thing("type name value", type=TEXT, name=TEXT, value=TEXT, url=LINK), minItems=1, maxItems=20),
            location=thing("", file=ANY, start_line=LINE, end_line=LINE, **{"class": ANY, "method": ANY}),
            tracking=thing("items", type={"const": "source"}, items=several(TRACKED)),
        )
    ),
)
"""What version 15.0.7 of the format demands of all that we write, and that we write nothing else, in our own words; `make test` fetches the
official file where it can. Of the identifiers GitLab keeps twenty."""


@pytest.mark.parametrize("of", SCANS)
def test_gitlab_report_keeps_to_the_format(of: Scan) -> None:
    report = json.loads(render("gitlab", of, EVERYTHING))
    jsonschema_rs.validator_for(SAST).validate(report)
    official = SCHEMAS / "gitlab-sast.json"
    if official.is_file():
        jsonschema_rs.validator_for(json.loads(official.read_text("utf-8"))).validate(report)


def test_gitlab_report_tells_hints_limits_and_blindness() -> None:
    long = replace(bola(), remedy="x" * 9_000, name="n" * 300)
    report = json.loads(render("gitlab", scan(long, HINT, accepted(), problems=(PROBLEM,)), Options(base="api/")))
    first, hint = report["vulnerabilities"]
    assert (len(first["solution"]), len(first["name"]), first["solution"][-1]) == (7_000, 255, "…")
    assert (first["severity"], hint["severity"]) == ("Critical", "Info")
    assert first["location"]["file"] == "api/src/OrderController.cs"
    assert first["location"]["class"] == "OrderController"
    assert (report["scan"]["status"], report["scan"]["messages"][0]["level"]) == ("failure", "fatal")
    assert json.loads(render("gitlab", scan()))["scan"]["status"] == "success"


def test_gitlab_description_can_not_leave_its_fence() -> None:
    (vulnerability,) = json.loads(render("gitlab", hostile(), EVERYTHING))["vulnerabilities"]
    shown = MarkdownIt("gfm-like", {"linkify": False}).render(vulnerability["description"])
    assert shown.startswith("<pre>")
    assert shown.rstrip().endswith("</pre>")
    assert shown.count("<pre>") == 1
    assert HOSTILE in vulnerability["description"]


CODE_QUALITY: dict[str, Any] = {
    "type": "array",
    "items": {
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "fingerprint": TEXT,
            "location": {
                "required": ["path", "lines"],
                "properties": {
                    "path": {"pattern": r"^(?!\./).+"},
                    "lines": {"required": ["begin"], "properties": {"begin": {"minimum": 1}}},
                },
            },
        },
    },
}


@pytest.mark.parametrize("of", SCANS)
def test_code_quality_keeps_to_the_format(of: Scan) -> None:
    issues = json.loads(render("codequality", of, EVERYTHING))
    jsonschema_rs.validator_for(CODE_QUALITY).validate(issues)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)


def test_code_quality_leaves_out_what_is_accepted_and_shows_blindness() -> None:
    twice = (PROBLEM, replace(PROBLEM, line=9), replace(PROBLEM, path=""))
    issues = json.loads(render("codequality", scan(bola(), HINT, accepted(), problems=twice), Options(base="api/")))
    assert [issue["severity"] for issue in issues] == ["blocker", "info", "major", "major", "major"]
    assert len({issue["fingerprint"] for issue in issues}) == 5
    assert issues[0]["location"] == {"path": "api/src/OrderController.cs", "lines": {"begin": 24}}


# GitHub

COMMAND = re.compile(
    r"^::(error|warning|notice) (?:file=[^:,\r\n]+,line=\d+(?:,(?:endLine|col|endColumn)=\d+)*,)?title=[^:,\r\n]+::[^\r\n]+$"
)


def test_github_tells_what_blocks_from_what_does_not() -> None:
    mild = replace(bola(), severity="low", fingerprint="1" * 16)
    lines = render("github", scan(bola(), HINT, mild, accepted(), problems=(PROBLEM,)), Options(base="api/")).splitlines()
    assert all(COMMAND.match(line) for line in lines)
    assert [line.split()[0] for line in lines] == ["::error", "::error", "::warning", "::notice"]
    assert "file=api/src/OrderController.cs,line=24,endLine=24,col=38,endColumn=51,title=AP101 " in lines[1]
    assert render("github", scan()) == "ApiPosture: nothing to annotate.\n"


def test_github_commands_are_ours_alone() -> None:
    lines = render("github", hostile(), EVERYTHING).splitlines()
    assert [bool(COMMAND.match(line)) for line in lines] == [True, True]


def test_github_cuts_where_github_would_and_says_so() -> None:
    many = [replace(bola(), fingerprint=f"{number:016x}") for number in range(25)]
    lines = render("github", scan(*many)).splitlines()
    assert len(lines) == 10
    assert "16 more are not shown here" in lines[-1]


# The sticky comment


def test_the_comment_opens_with_its_marker_and_the_verdict() -> None:
    mild = replace(bola(), severity="low", fingerprint="1" * 16)
    text = render("comment", scan(mild, bola(), accepted()), Options(base="api/"))
    assert text.startswith(f"{MARKER}\n### ApiPosture: 1 finding blocks this change\n")
    assert text.index("| ⛔ | critical | AP101 |") < text.index("| ⚠️ | low | AP101 |")
    assert "`api/src/OrderController.cs:24`" in text
    assert "Findings 2: 1 critical, 1 low (1 accepted)" in text
    assert "nothing blocks this change" in render("comment", scan())
    assert "the scan is incomplete" in render("comment", scan(problems=(PROBLEM,)))


@pytest.mark.parametrize("number", [1, 30, 300, 3_000])
def test_the_comment_fits_and_says_what_does_not(number: int) -> None:
    many = [replace(bola(), fingerprint=f"{each:016x}", message=bola().message + "é" * 80) for each in range(number)]
    text = render("comment", scan(*many, problems=(PROBLEM,) * number))
    assert len(text.encode()) <= LIMIT
    assert ("A comment has room for" in text) == (number > 30)
    assert text.count("<details>") == text.count("</details>")


def test_the_comment_shows_the_code_and_obeys_nothing() -> None:
    text = render("comment", hostile(), EVERYTHING)
    shown = MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(text)
    assert "</script>" not in shown
    assert "<a " not in shown
    assert "@org" not in re.sub(r"<(code|pre).*?</\1>", "", shown, flags=re.DOTALL)
    summary = re.findall("<summary>(.*?)</summary>", shown)
    assert len(summary) == 1
    assert "\\x1b[31mred" in summary[0].replace("&#91;", "[").replace("&#92;", "\\")


@pytest.mark.parametrize("name", names())
def test_a_report_is_known_by_how_it_begins(name: str) -> None:
    assert all(is_report(render(name, of, EVERYTHING)[:8192]) for of in SCANS)
    assert not any(map(is_report, ("", "# ApiPosture\n", "class A {}", "{}", "[1]", '{"name": "apiposture"}', "<!doctype html>\n")))
