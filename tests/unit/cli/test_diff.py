"""Does a gate speak of the change alone, and does it miss nothing that the change took away?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "orders-aspnetcore"
WHO = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")


def git(folder: Path, *arguments: str) -> None:
    around = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", "-C", str(folder), *WHO, *arguments], check=True, capture_output=True, env=around)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The sample, five standing findings and all, in a repository of its own."""
    top = tmp_path / "shop"
    shutil.copytree(SAMPLE, top)
    git(top, "init", "-q", "-b", "main")
    git(top, "add", "-A")
    git(top, "commit", "-q", "-m", "as it stands")
    return top


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def opened(outcome: Any) -> list[dict[str, Any]]:
    return [finding for finding in json.loads(outcome.out)["findings"] if finding["suppressed_by"] is None]


def test_what_stood_there_before_does_not_count(run: Run, shop: Path) -> None:
    outcome = run("scan", shop, "--diff", "main", "--format", "json")
    assert (outcome.code, outcome.err, opened(outcome)) == (0, "", [])
    findings = json.loads(outcome.out)["findings"]
    assert {finding["suppressed_by"]["reason"] for finding in findings} == {"there before, at 'main'"}
    assert len(findings) == 5


def test_lines_that_move_are_no_change(run: Run, shop: Path) -> None:
    for file in shop.rglob("*.cs"):
        file.write_text(f"// a line\n\n{file.read_text('utf-8')}", "utf-8")
    assert run("scan", shop, "--diff", "main").code == 0


def test_a_new_endpoint_without_a_check_blocks_and_is_named_alone(run: Run, shop: Path) -> None:
    edit(
        shop / "Controllers/OrderController.cs",
        '[HttpGet("{id}/lines")]',
        '[HttpGet("{id}/invoice")]\n    [Authorize]\n'
        "    public async Task<IActionResult> Invoice(int id) => Ok(await _db.Orders.FindAsync(id));\n\n"
        '    [HttpGet("{id}/lines")]',
    )
    outcome = run("scan", shop, "--diff", "main", "--format", "json")
    (finding,) = opened(outcome)
    assert (outcome.code, finding["rule"], finding["route"]) == (1, "AP101", "/api/orders/{id}/invoice")


def test_lost_and_weakened_protections_block(run: Run, shop: Path) -> None:
    controller = shop / "Controllers/OrderController.cs"
    edit(controller, "o.Id == id && o.UserId == UserId", "o.Id == id")
    edit(controller, "[HttpGet]\n    [Authorize]", "[HttpGet]\n    [AllowAnonymous]")
    git(shop, "commit", "-qam", "a careless change")
    outcome = run("scan", shop, "--diff", "HEAD~1", "--format", "json")
    found = {(finding["rule"], finding["route"]): finding for finding in opened(outcome)}
    assert outcome.code == 1
    assert set(found) == {("AP101", "/api/orders/{id}/lines"), ("AP301", "/api/orders")}
    assert "before the change it was tied to the caller" in json.dumps(found["AP101", "/api/orders/{id}/lines"]["trace"])
    assert "asked for a login before; everybody is let in now" in found["AP301", "/api/orders"]["message"]
    assert not {"AP301", "AP302"} & {finding["rule"] for finding in json.loads(run("scan", shop, "--format", "json").out)["findings"]}


@pytest.mark.parametrize("named", [(), ("--diff", "main")])
def test_what_a_comparison_names_can_be_explained_and_accepted(run: Run, shop: Path, named: tuple[str, ...]) -> None:
    edit(shop / "Controllers/OrderController.cs", "o.Id == id && o.UserId == UserId", "o.Id == id")
    (lost,) = opened(run("scan", shop, "--diff", "main", "--format", "json"))
    assert lost["rule"] == "AP101"
    assert "Missing ownership check" in run("why", lost["fingerprint"], shop, *named).out
    assert run("ignore", lost["fingerprint"][:8], shop, *named, "--reason", "the lines are shown to everybody").code == 0
    for compared in ((), ("--diff", "main")):
        findings = json.loads(run("scan", shop, *compared, "--format", "json").out)["findings"]
        accepted = [each for each in findings if (each["suppressed_by"] or {}).get("reason") == "the lines are shown to everybody"]
        assert [(each["rule"], each["place"]["line"]) for each in accepted] == [("AP101", lost["place"]["line"])]


def test_what_only_a_comparison_finds_is_accepted_by_it(run: Run, shop: Path) -> None:
    edit(shop / "Controllers/OrderController.cs", "    [HttpGet]\n    [Authorize]\n", "    [HttpGet]\n    [AllowAnonymous]\n")
    weaker = next(each for each in opened(run("scan", shop, "--diff", "main", "--format", "json")) if each["rule"] == "AP301")
    assert "needs its --diff here, too" in run("ignore", weaker["fingerprint"], shop, "--reason", "meant").err
    assert run("ignore", weaker["fingerprint"], shop, "--diff", "main", "--reason", "meant").code == 0
    assert weaker["fingerprint"] not in {each["fingerprint"] for each in opened(run("scan", shop, "--diff", "main", "--format", "json"))}


def test_a_weakening_is_accepted_beside_it_and_the_comment_is_not_unused_later(run: Run, shop: Path) -> None:
    edit(
        shop / "Controllers/OrderController.cs",
        "[HttpGet]\n    [Authorize]\n    public",
        '[HttpGet]\n    [AllowAnonymous]\n    // apiposture: ignore[AP301] reason="open from now on"\n    public',
    )
    assert run("scan", shop, "--diff", "main").code == 0
    git(shop, "commit", "-qam", "meant")
    assert json.loads(run("scan", shop, "--format", "json").out)["problems"] == []


ROUTE = ('[Route("api/orders")]', '[Route("api/v2/orders")]')
HANDLERS = [("GetOrder(", "FetchOrder("), ("GetLines(", "FetchLines("), ("nameof(GetLines)", "nameof(FetchLines)")]
PARAMETER = [('"{id}', '"{number}'), ("int id", "int number"), ("== id", "== number"), ("FindAsync(id)", "FindAsync(number)")]
CLASS = ("OrderController", "SalesController")
RENAMES = {
    "a route": [ROUTE],
    "handlers": HANDLERS,
    "a parameter": PARAMETER,
    "a class and its file": [CLASS],
    "a route and a class": [ROUTE, CLASS],
    "a route and handlers": [ROUTE, *HANDLERS],
    "the handler of a query": [("SearchLogs", "FindLogs")],
    "the file of a secret": [("PaymentGateway", "Gateway")],
}


def rename(shop: Path, pairs: list[tuple[str, str]]) -> None:
    """Call things otherwise, files too."""
    for file in sorted(shop.rglob("*.cs")):
        text, name = file.read_text("utf-8"), file.name
        for old, new in pairs:
            text, name = text.replace(old, new), name.replace(old, new)
        file.write_text(text, "utf-8")
        file.rename(file.with_name(name))


@pytest.mark.parametrize("pairs", RENAMES.values(), ids=RENAMES)
def test_what_is_called_otherwise_is_not_new(run: Run, shop: Path, pairs: list[tuple[str, str]]) -> None:
    rename(shop, pairs)
    outcome = run("scan", shop, "--diff", "main", "--format", "json")
    assert (outcome.code, outcome.err, opened(outcome)) == (0, "", [])
    assert len(json.loads(outcome.out)["findings"]) == 5


@pytest.mark.parametrize("pairs", [pairs for name, pairs in RENAMES.items() if " and " not in name or "file" in name])
def test_a_baseline_knows_what_is_called_otherwise(run: Run, shop: Path, pairs: list[tuple[str, str]]) -> None:
    report = shop.parent / "baseline.json"
    run("scan", shop, "--format", f"baseline:{report}", "--fail-on", "none")
    rename(shop, pairs)
    outcome = run("scan", shop, "--baseline", report, "--format", "json")
    assert (outcome.code, opened(outcome)) == (0, [])
    edit(next(shop.rglob("Operations*.cs")), "_db.Database.ExecuteSqlInterpolated($", "_db.Database.ExecuteSqlRaw($")
    assert [finding["rule"] for finding in opened(run("scan", shop, "--baseline", report, "--format", "json"))] == ["AP103"]


def test_an_old_finding_says_how_it_was_called(run: Run, shop: Path) -> None:
    rename(shop, [ROUTE])
    findings = json.loads(run("scan", shop, "--diff", "main", "--format", "json").out)["findings"]
    reason = next(each["suppressed_by"]["reason"] for each in findings if each["rule"] == "AP101")
    assert reason == "there before, at 'main', as 'GET /api/orders/{id}'"


@pytest.mark.parametrize("pairs", RENAMES.values(), ids=RENAMES)
def test_a_new_name_hides_no_lost_protection(run: Run, shop: Path, pairs: list[tuple[str, str]]) -> None:
    controller = shop / "Controllers/OrderController.cs"
    edit(controller, "o.Id == id && o.UserId == UserId", "o.Id == id")
    edit(controller, "[HttpGet]\n    [Authorize]", "[HttpGet]\n    [AllowAnonymous]")
    rename(shop, pairs)
    outcome = run("scan", shop, "--diff", "main", "--format", "json")
    found = {finding["rule"]: finding for finding in opened(outcome)}
    assert (outcome.code, sorted(found)) == (1, ["AP101", "AP301"])
    assert "it was tied to the caller" in json.dumps(found["AP101"]["trace"])
    if ROUTE in pairs:
        assert "before the change, as 'GET /api/orders/{id}/lines', it was tied" in json.dumps(found["AP101"]["trace"])
        assert "'GET /api/v2/orders' ('GET /api/orders' then) asked for a login before" in found["AP301"]["message"]


def test_a_copy_is_new(run: Run, shop: Path) -> None:
    """What stands there still is no other finding's past."""
    method = '    [HttpGet("{id}")]\n    [Authorize]\n    public async Task<IActionResult> GetOrder(int id)\n'
    text = (shop / "Controllers/OrderController.cs").read_text("utf-8")
    body = text.partition(method)[2].partition("\n    }\n")[0] + "\n    }\n"
    copied = method.replace('"{id}"', '"{id}/copy"').replace("GetOrder", "CopyOrder") + body
    edit(shop / "Controllers/OrderController.cs", method, f"{copied}\n{method}")
    (finding,) = opened(run("scan", shop, "--diff", "main", "--format", "json"))
    assert (finding["rule"], finding["route"]) == ("AP101", "/api/orders/{id}/copy")


def test_another_secret_on_an_accepted_line_is_new(run: Run, shop: Path) -> None:
    gateway = shop / "Services/PaymentGateway.cs"
    lines = gateway.read_text("utf-8").split("\n")
    at = next(number for number, line in enumerate(lines) if "apiKey = " in line)
    lines[at] += ' // apiposture: ignore[AP201] reason="revoked"'
    gateway.write_text("\n".join(lines), "utf-8")
    git(shop, "commit", "-qam", "accepted")
    report = shop.parent / "known.json"
    run("scan", shop, "--format", f"json:{report}", "--fail-on", "none")
    assert run("scan", shop, "--diff", "main").code == 0
    secret = next(piece for piece in lines[at].split(chr(34)) if piece.startswith("q7Zt"))
    edit(gateway, secret, secret[:-6] + "Zq81Lw")
    assert [finding["rule"] for finding in opened(run("scan", shop, "--diff", "main", "--format", "json"))] == ["AP201"]
    assert [finding["rule"] for finding in opened(run("scan", shop, "--baseline", report, "--format", "json"))] == ["AP201"]


def test_a_secret_of_the_earlier_state_is_not_shown(run: Run, shop: Path) -> None:
    gateway = shop / "Services/PaymentGateway.cs"
    secret = next(piece for piece in gateway.read_text("utf-8").split('"') if piece.startswith("q7Zt"))
    edit(gateway, f'"{secret}"', 'Environment.GetEnvironmentVariable("KEY")')
    for form in ("json", "sarif", "terminal", "html"):
        assert secret not in run("scan", shop, "--diff", "main", "--format", form).out


@pytest.mark.parametrize("name", ["gone", "--all"])
def test_a_revision_that_is_not_there_ends_with_2(run: Run, shop: Path, name: str) -> None:
    outcome = run("scan", shop, f"--diff={name}")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"error: '{name}' names no commit of ")
    assert outcome.err.count("\n") == 1


def test_thirty_standing_findings_and_one_new_one(run: Run, tmp_path: Path) -> None:
    """The gate names the new one alone."""
    text = 'using Microsoft.AspNetCore.Mvc;\n[ApiController]\n[Route("api/things")]\npublic class ThingController : ControllerBase\n{\n'
    text += "".join(f'    [HttpDelete("{n}/{{id}}")]\n    public IActionResult Delete{n}(int id) => NoContent();\n' for n in range(30))
    source, report = tmp_path / "app/ThingController.cs", tmp_path / "baseline.json"
    source.parent.mkdir()
    source.write_text(text + "}\n", "utf-8")
    assert run("scan", source.parent, "--format", f"json:{report}").code == 1
    assert len(json.loads(report.read_text("utf-8"))["findings"]) == 30
    assert run("scan", source.parent, "--baseline", report).code == 0
    new = '    [HttpPost("new")]\n    public IActionResult Add(int id) => NoContent();\n'
    source.write_text("\n\n" + text + new + "}\n", "utf-8")
    outcome = run("scan", source.parent, "--baseline", report)
    assert outcome.code == 1
    assert outcome.out.count("[CRITICAL]") == 1
    assert "'POST /api/things/new'" in outcome.out
    assert "Findings   1: 1 critical (30 known from the baseline)" in outcome.out


def test_a_baseline_can_be_configured(run: Run, shop: Path) -> None:
    run("scan", shop, "--format", f"json:{shop / 'known.json'}", "--fail-on", "none")
    (shop / "apiposture.toml").write_text('baseline = "known.json"\nexclude = ["known.json"]\n', "utf-8")
    assert run("scan", shop / "Controllers").code == 0


def test_a_ratchet_holds_nothing_that_a_change_brings_in(run: Run, shop: Path) -> None:
    (shop / "apiposture.toml").write_text("[rules]\nselect = ['AP101']\n[ratchet]\nAP101 = 2\n", "utf-8")
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "as it is held")
    edit(shop / "Controllers/OrderController.cs", "o.Id == id && o.UserId == UserId", "o.Id == id")
    assert run("scan", shop).code == 0
    outcome = run("scan", shop, "--diff", "main")
    assert (outcome.code, outcome.err) == (1, "")


def test_a_ratchet_holds_a_rule_and_says_when_it_can_be_tighter(run: Run, shop: Path) -> None:
    (shop / "apiposture.toml").write_text("[rules]\nselect = ['AP101', 'AP103']\n[ratchet]\nAP101 = 1\nAP103 = 3\n", "utf-8")
    outcome = run("scan", shop)
    assert outcome.code == 0
    assert outcome.err.split("\n") == [
        "note: the ratchet of 'AP101' holds back 1 finding.",
        "note: the ratchet of 'AP103' holds back 1 finding.",
        "note: 'AP103' has 1 of the 3 findings that its ratchet allows; set it to 1.",
        "",
    ]
    edit(shop / "Controllers/OrderController.cs", "o.Id == id && o.UserId == UserId", "o.Id == id")
    outcome = run("scan", shop)
    assert outcome.code == 1
    assert outcome.err.startswith("note: 'AP101' has 2 findings, 1 more than its ratchet allows: all of them count.\n")
    (shop / "apiposture.toml").write_text("[ratchet]\nAP999 = 1\n", "utf-8")
    assert "Rule 'AP999' does not exist" in run("scan", shop).err


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ("", 'exclude = ["*.cs"]', ["'*.cs' is excluded"]),
        ("", "[rules]\nignore = ['AP101']", ["rule 'AP101' is ignored"]),
        ("", "[rules]\nselect = ['AP006']", ["only AP006 run"]),
        ("fail_on = 'low'", "fail_on = 'none'", ["'fail_on' is 'none', it was 'low'"]),
        ("fail_on = 'none'", "fail_on = 'critical'", []),
        ("", "fail_certainty = 'high'", ["'fail_certainty' is 'high', it was 'medium'"]),
        ("", "allow_problems = 3", ["'allow_problems' is 3, it was 0"]),
        ("[ratchet]\nAP006 = 2", "[ratchet]\nAP006 = 1\nAP101 = 9", ["the ratchet of 'AP101' is 9, it was 0"]),
        ("", '[[suppress]]\nrule = "AP101"\npath = "x"\nreason = "r"', ["'AP101' is accepted for 'x' (r)"]),
        ("not toml [", "exclude = ['a']", ["'a' is excluded"]),
    ],
)
def test_a_change_that_loosens_its_own_gate_says_so(run: Run, shop: Path, before: str, now: str, said: list[str]) -> None:
    (shop / "apiposture.toml").write_text(before, "utf-8")
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "--allow-empty", "-m", "the gate")
    (shop / "apiposture.toml").write_text(now, "utf-8")
    arguments = ("--rule", "AP101", "--fail-on", "none")  # what the command line says is no change
    problems = json.loads(run("scan", shop, "--diff", "main", "--format", "json", *arguments).out)["problems"]
    found = [each for each in problems if each["kind"] == "loosened-configuration"]
    assert sorted(each["message"] for each in found) == sorted(f"The change loosens the configuration: {each}." for each in said)
    assert all(each["path"] == "apiposture.toml" and not each["blocks"] for each in found)


def test_an_empty_revision_is_a_slip(run: Run, shop: Path) -> None:
    outcome = run("scan", shop, "--diff", "")
    assert (outcome.code, outcome.err) == (2, "error: An empty revision was given for '--diff'; name a branch, a tag or a commit.\n")
