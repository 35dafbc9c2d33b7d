"""Do the machine formats hold everything, in the form that their schemas ask for?"""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from msgspec.structs import replace

from apiposture.model.scan import Problem, Scan
from apiposture.reports import Options, names, page, render
from apiposture.reports.json import schema

from .scans import HOSTILE, accepted, bola, hostile, scan

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "src/apiposture/reports"
PROBLEM = Problem("unparsed", "A brace is missing.", "src/A.cs", 3)
SCANS = [scan(), scan(bola(), accepted(), problems=(PROBLEM,)), hostile()]


def parsed(name: str, of: Scan, options: Options | None = None) -> Any:
    return json.loads(render(name, of, options))


def test_the_shelf_is_what_the_folder_holds() -> None:
    assert set(names()) >= {"json", "markdown", "sarif", "terminal"}
    assert all(page(name).startswith(f"# {name}") for name in names())
    with pytest.raises(KeyError):
        render("options", scan())


@pytest.mark.parametrize("name", ["json", "sarif", "markdown", "terminal"])
def test_the_same_scan_gives_the_same_bytes(name: str) -> None:
    first = render(name, scan(bola(), accepted(), problems=(PROBLEM,)))
    assert first == render(name, scan(bola(), accepted(), problems=(PROBLEM,)))
    assert first.endswith("\n")
    first.encode("utf-8")


def test_the_json_schema_is_the_structs_own() -> None:
    assert json.loads((FOLDER / "json.schema.json").read_text(encoding="utf-8")) == json.loads(json.dumps(schema()))


@pytest.mark.parametrize("of", SCANS)
def test_json_meets_its_schema(of: Scan) -> None:
    jsonschema_rs.Draft202012Validator(schema()).validate(parsed("json", of))


def test_json_holds_everything_and_marks_what_is_accepted() -> None:
    found = parsed("json", scan(bola(), accepted(), problems=(PROBLEM,)), Options(certainty="high"))
    assert found["schema"] == 1
    assert found["complete"] is False
    assert [finding["suppressed"] for finding in found["findings"]] == [False, True]
    assert found["findings"][1]["suppressed_by"]["reason"] == "test data only"
    assert found["findings"][0]["snippet"][2] == {
        "path": "src/OrderController.cs",
        "line": 24,
        "text": "        var order = await _db.Orders.FindAsync(id);",
    }
    assert found["figures"]["findings"] == {"critical": 1}
    assert found["figures"]["suppressed"] == 1


@pytest.mark.parametrize("name", ["json", "sarif"])
def test_machine_formats_are_plain_ascii_and_keep_the_text(name: str) -> None:
    text = render(name, hostile())
    assert text.isascii()
    assert "\x1b" not in text
    assert json.dumps(HOSTILE)[1:-1] in text


def run_of(of: Scan, options: Options | None = None) -> Any:
    return parsed("sarif", of, options)["runs"][0]


SARIF_SCHEMA = ROOT / "build/sarif/package/lib/schemas/sarif-2.1.0-rtm.5.json"
"""Brought by `npm pack @microsoft/jest-sarif@1.0.0-beta.0` (MIT), unpacked there: it is not ours to commit."""


def official_schema() -> Any:
    """The schema of OASIS; one of its patterns has a bracket too many, which strict readers of regular expressions refuse."""
    text = SARIF_SCHEMA.read_text(encoding="utf-8")
    return json.loads(text.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$"))


@pytest.mark.skipif(not SARIF_SCHEMA.is_file(), reason="the official SARIF schema is not installed")
@pytest.mark.parametrize("of", SCANS)
def test_sarif_meets_the_official_schema(of: Scan) -> None:
    log = parsed("sarif", of, Options(guide=lambda rule: "# AP101" if rule == "AP101" else ""))
    validator = jsonschema_rs.validator_for(official_schema())
    validator.validate(log)
    del log["runs"][0]["tool"]["driver"]["name"]
    assert not validator.is_valid(log)


def test_sarif_results_refer_to_rules_files_and_taxa() -> None:
    run = run_of(scan(bola(), accepted()))
    result = run["results"][0]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "AP101"
    location = result["locations"][0]["physicalLocation"]
    assert run["artifacts"][location["artifactLocation"]["index"]]["location"]["uri"] == "src/OrderController.cs"
    assert location["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
    assert location["region"] == {"startLine": 24, "startColumn": 38, "endLine": 24, "endColumn": 51}
    named = [(run["taxonomies"][taxon["toolComponent"]["index"]], taxon) for taxon in result["taxa"]]
    assert {(taxonomy["name"], taxonomy["taxa"][taxon["index"]]["id"]) for taxonomy, taxon in named} == {
        ("CWE", "639"),
        ("OWASP API Security Top 10", "API1:2023"),
        ("SOC 2 Trust Services Criteria", "CC6.1"),
    }
    assert result["partialFingerprints"] == {"apiposture/v1": "7f3a19c2d4e5f607"}
    assert result["level"] == "error"
    assert run["columnKind"] == "unicodeCodePoints"


def test_sarif_shows_hints_as_hints_and_auditors_what_is_theirs() -> None:
    hint = replace(bola(), certainty="low")
    auditor = replace(bola(), persona="auditor")
    (claim, shown) = run_of(scan(bola(), hint, auditor))["results"]
    assert (claim["level"], claim["properties"]["security-severity"]) == ("error", "9.5")
    assert (shown["level"], shown["properties"]["security-severity"]) == ("note", "3.0")
    assert (shown["properties"]["precision"], shown["properties"]["severity"]) == ("low", "critical")
    assert shown["rank"] < claim["rank"]
    assert len(run_of(scan(auditor), Options(personas=("regular", "auditor")))["results"]) == 1
    assert run_of(scan(auditor))["results"] == []
    assert len(parsed("json", scan(bola(), hint, auditor))["findings"]) == 3


def test_sarif_tells_the_way_and_what_is_beside_it() -> None:
    result = run_of(scan(bola()))["results"][0]
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["kinds"] for step in steps] == [["source"], ["sink"], ["step"]]
    assert [each["id"] for each in result["relatedLocations"]] == [0, 1, 2]
    assert "4 of 5" in result["relatedLocations"][1]["message"]["text"]


def test_sarif_keeps_accepted_findings_with_the_decision() -> None:
    run = run_of(scan(bola(), accepted()))
    assert run["results"][0]["suppressions"] == []
    (decision,) = run["results"][1]["suppressions"]
    assert (decision["kind"], decision["status"], decision["justification"]) == (
        "inSource",
        "accepted",
        "test data only",
    )
    assert decision["properties"] == {"until": "2027-03-31", "owner": "kim", "ticket": "SEC-7"}


def test_sarif_is_not_successful_when_something_was_left_unseen() -> None:
    (invocation,) = run_of(scan(problems=(PROBLEM,)))["invocations"]
    assert invocation["executionSuccessful"] is False
    (note,) = invocation["toolExecutionNotifications"]
    assert (note["descriptor"]["id"], note["level"]) == ("unparsed", "error")
    assert note["locations"][0]["physicalLocation"]["region"]["startLine"] == 3
    (invocation,) = run_of(scan(problems=(Problem("limit", "Cut.", blocks=False),)))["invocations"]
    assert invocation["executionSuccessful"] is True


def test_sarif_carries_the_rules_page_as_help() -> None:
    rules = run_of(scan(), Options(guide=lambda rule: "# AP101" if rule == "AP101" else ""))["tool"]["driver"]["rules"]
    assert rules[0]["help"] == {"text": "# AP101", "markdown": "# AP101"}
    assert "help" not in rules[1]
    assert rules[0]["properties"]["security-severity"] == "9.5"


def test_sarif_encodes_odd_file_names_and_escapes_links() -> None:
    run = run_of(hostile())
    result = run["results"][0]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "src/a%20b%0A%5Bbold%5D%1B%5B2J%231%3F%25/%E2%80%AE%3A%FF.cs"
    assert "\\[a\\](http" in result["message"]["text"]


def test_artifacts_carry_the_files_digests() -> None:
    run = run_of(scan())
    assert [artifact["hashes"]["sha-256"] for artifact in run["artifacts"]] == ["a" * 64, "b" * 64, "c" * 64]
    assert len(sha256().hexdigest()) == len(run["artifacts"][0]["hashes"]["sha-256"])


def test_sarif_keeps_to_what_code_scanning_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apiposture.reports.sarif.MOST_RESULTS", 1)
    mild = replace(bola(), severity="low", fingerprint="1" * 16)
    (run,) = json.loads(render("sarif", scan(bola(), mild), Options(base="api/")))["runs"]
    assert [result["level"] for result in run["results"]] == ["error"]
    (left,) = run["invocations"][0]["toolExecutionNotifications"]
    assert left["message"]["text"].startswith("1 of 2 findings, the least grave, are not in this log")
    assert left["descriptor"]["id"] in {each["id"] for each in run["tool"]["driver"]["notifications"]}
    assert run["invocations"][0]["executionSuccessful"]


def test_sarif_counts_from_the_repository() -> None:
    (log,) = json.loads(render("sarif", scan(bola(), accepted()), Options(base="api/")))["runs"]
    found = re.findall(r'"uri": "([^"]*\.cs)"', json.dumps(log))
    assert found
    assert all(path.startswith("api/src/") for path in found)
