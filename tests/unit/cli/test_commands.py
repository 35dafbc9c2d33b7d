"""Does the command line keep its contract?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import apiposture
from apiposture import cli

Run = Callable[..., Any]
TOP = Path(__file__).resolve().parents[3]
SAMPLE = TOP / "samples" / "orders-aspnetcore"
LINE = "[CRITICAL] AP101: Possible BOLA in OrderController.cs:24. Missing ownership check for 'id'.\n"


@pytest.fixture
def sound(tmp_path: Path, controller: str) -> Path:
    (tmp_path / "ThingController.cs").write_text(controller)
    return tmp_path


def test_the_line_that_the_product_is_known_by(run: Run) -> None:
    outcome = run("scan", SAMPLE, "--fail-on", "high")
    assert outcome.code == 1
    assert LINE in outcome.out
    assert outcome.err == ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 1),
        (("--fail-on", "none"), 0),
        (("--rule", "AP102", "--fail-on", "critical"), 0),
        (("--rule", "ap102", "--fail-on", "high"), 1),
        (("--rule", "AP005", "--fail-on", "low"), 0),
        (("--exclude", "*.cs"), 4),
        (("--min-certainty", "high", "--fail-on", "high"), 1),
    ],
)
def test_exit_codes(run: Run, arguments: tuple[str, ...], code: int) -> None:
    assert run("scan", SAMPLE, *arguments).code == code


def test_a_sound_tree_is_clean(run: Run, sound: Path) -> None:
    outcome = run("scan", sound, "--fail-on", "low")
    assert outcome.code == 0, outcome.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("scan", "--format", "jsn"), "did you mean 'json'"),
        (("scan", "--rule", "AP10"), "Rule 'AP10' does not exist; did you mean"),
        (("scan", "--format", "json", "--format", "sarif"), "would all go to standard output"),
        (("scan", "--format", "json:a.json", "-o", "b.json"), "nothing to hold"),
        (("scan", "--format", "json:"), "Format 'json:' names no file; write 'json:FILE'"),
        (("scan", ""), "An empty path was given for 'paths'"),
        (("endpoints", ""), "An empty path was given for 'paths'"),
        (("scan", "--config", ""), "An empty path was given for '--config'"),
        (("scan", "-o", "nowhere/report.json"), "there is no folder 'nowhere'; create it first."),
        (("scan", "--format", "json:nowhere/report.json"), "there is no folder 'nowhere'; create it first."),
        (("endpoints", "-o", "nowhere/list.txt"), "there is no folder 'nowhere'; create it first."),
        (("scan", "-o", "samples"), "it is a folder; name a file in it."),
        (("scan", "--fail-on", "worst"), "Invalid value"),
        (("scan", "--baseline", "gone.json"), "could not be read"),
        (("explain", "AP999"), "does not exist"),
        (("why", "ffffffff", "samples/orders-aspnetcore"), "No finding here"),
        (("why", "d", "samples/orders-aspnetcore"), "'d' is too short; give at least the first 4 characters of a fingerprint."),
        (("dump", "ir", "samples"), "is a folder"),
        (("dump", "ir", "README.md"), "no language that is known"),
        (("nonsense",), "No such command"),
    ],
)
def test_what_the_user_can_mend_ends_with_2(run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str) -> None:
    monkeypatch.chdir(TOP)
    outcome = run(*arguments)
    assert outcome.code == 2
    assert words in outcome.err
    assert outcome.out == ""


def test_our_own_bug_is_loud(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(cli.scanning, "scanned", broken)
    outcome = run("scan", SAMPLE)
    assert outcome.code == 3
    assert outcome.err.startswith("bug: ApiPosture ")
    assert "ZeroDivisionError in test_commands.py:" in outcome.err
    assert "Traceback" not in outcome.err
    assert "Traceback" in run("scan", SAMPLE, "-v").err


def test_interrupted_is_said_shortly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.scanning, "scanned", interrupted)
    outcome = run("scan", SAMPLE)
    assert (outcome.code, outcome.out, outcome.err.strip()) == (130, "", "interrupted")


def test_several_formats_in_one_run(run: Run, tmp_path: Path) -> None:
    sarif, markdown = tmp_path / "a.sarif", tmp_path / "b.md"
    outcome = run("scan", SAMPLE, "--format", f"sarif:{sarif}", "--format", "json", "--format", f"markdown:{markdown}")
    assert outcome.code == 1
    assert len(json.loads(outcome.out)["findings"]) == 5
    assert len(json.loads(sarif.read_text("utf-8"))["runs"][0]["results"]) == 5
    assert "AP101" in markdown.read_text("utf-8")


def test_a_report_makes_no_folders(run: Run, tmp_path: Path) -> None:
    outcome = run("scan", SAMPLE, "-o", tmp_path / "reports" / "today" / "report.txt")
    assert (outcome.code, outcome.out) == (2, "")
    assert list(tmp_path.iterdir()) == []
    assert outcome.err.count("\n") == 1


def test_output_file_of_the_terminal_form_is_plain(run: Run, tmp_path: Path) -> None:
    outcome = run("scan", SAMPLE, "-o", tmp_path / "report.txt")
    assert (outcome.code, outcome.out) == (1, "")
    text = (tmp_path / "report.txt").read_text("utf-8")
    assert LINE in text
    assert "\x1b" not in text


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_a_baseline_accepts_what_was_known(run: Run, tmp_path: Path, form: str) -> None:
    old = tmp_path / f"old.{form}"
    run("scan", SAMPLE, "--format", f"{form}:{old}", "--rule", "AP101")
    outcome = run("scan", SAMPLE, "--baseline", old, "--format", "json")
    found = {finding["rule"]: finding["suppressed_by"] for finding in json.loads(outcome.out)["findings"]}
    assert found["AP101"] is not None
    assert found["AP103"] is None
    assert run("scan", SAMPLE, "--baseline", old, "--rule", "AP101").code == 0


@pytest.mark.parametrize("text", ['{"findings": 3}', '{"findings": [3]}', '{"runs": {}}', '{"findings": [{}]}', "[]", "3", "{}", "[" * 999])
def test_a_baseline_that_is_no_report_is_refused(run: Run, tmp_path: Path, text: str) -> None:
    old = tmp_path / "old.json"
    old.write_text(text)
    outcome = run("scan", SAMPLE, "--baseline", old)
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    assert "give" in outcome.err


@pytest.mark.parametrize("inside", ["", "src", "src/Shop"])
def test_configured_paths_start_at_the_configuration(run: Run, tmp_path: Path, controller: str, inside: str) -> None:
    """`scan .` and `scan src` say the same of the same file."""
    open_one = controller.replace("[Authorize]", "").replace("HttpGet", "HttpDelete")
    for place in ("src/Shop/A.cs", "src/Shop/Old/B.cs", "src/Shop/C.cs"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(open_one.replace("Thing", f"Thing{Path(place).stem}").replace("things", Path(place).stem))
    (tmp_path / "apiposture.toml").write_text(
        "exclude = ['src/Shop/Old/']\n[[suppress]]\nrule = 'AP004'\nreason = 'x'\npath = 'src/Shop/A.cs'\n"
    )
    found = json.loads(run("scan", tmp_path / inside, "--format", "json").out)
    told = {Path(f["place"]["path"]).name: f["suppressed"] for f in found["findings"] if f["rule"] == "AP004"}
    assert told == {"A.cs": True, "C.cs": False}
    assert found["problems"] == []


def test_a_folder_that_is_named_is_scanned_though_the_configuration_excludes_it(run: Run, tmp_path: Path, controller: str) -> None:
    (tmp_path / "samples" / "one" / "old").mkdir(parents=True)
    (tmp_path / "samples" / "one" / "A.cs").write_text(controller)
    (tmp_path / "samples" / "one" / "old" / "B.cs").write_text(controller)
    (tmp_path / "apiposture.toml").write_text("exclude = ['samples/', 'old/']\n")
    assert run("scan", tmp_path).code == 4
    found = json.loads(run("scan", tmp_path / "samples" / "one", "--format", "json").out)
    assert [file["path"] for file in found["files"]] == ["A.cs"]
    found = json.loads(run("scan", tmp_path / "samples", "--exclude", "one/A.cs", "--format", "json").out)
    assert [file["path"] for file in found["files"]] == []


def doubted(monkeypatch: pytest.MonkeyPatch, certainty: str) -> None:
    """Let every finding be of one certainty."""
    import msgspec

    real = cli.scanning.scanned

    def doubtful(*arguments: Any) -> Any:
        found = real(*arguments)
        return msgspec.structs.replace(found, findings=tuple(msgspec.structs.replace(f, certainty=certainty) for f in found.findings))

    monkeypatch.setattr(cli.scanning, "scanned", doubtful)


def test_what_is_not_shown_still_counts_and_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    doubted(monkeypatch, "medium")
    outcome = run("scan", SAMPLE, "--min-certainty", "high")
    assert outcome.code == 1
    assert "AP101" not in outcome.out
    assert outcome.err == "note: 5 findings count that --min-certainty high does not show.\n"


def test_hints_fail_a_build_only_where_that_is_configured(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    doubted(monkeypatch, "low")
    outcome = run("scan", SAMPLE)
    assert outcome.code == 0
    assert "AP101" in outcome.out
    settings = tmp_path / "apiposture.toml"
    settings.write_text('fail_certainty = "low"')
    assert run("scan", SAMPLE, "--config", settings).code == 1


def test_endpoints(run: Run) -> None:
    table = run("endpoints", SAMPLE)
    assert table.code == 0
    assert "GET     /api/orders/{id}  " in table.out
    assert "Controllers/OrderController.cs:21" in table.out
    assert table.out.endswith("14 endpoints: 7 authenticated, 3 anonymous, 3 role, 1 public\n")
    found = json.loads(run("endpoints", SAMPLE, "--format", "json").out)["endpoints"]
    assert len(found) == 14
    assert {"method", "route", "posture", "place"} <= found[0].keys()


def test_explain_and_rules(run: Run) -> None:
    from apiposture.rules import catalogue

    listed = run("rules").out
    for rule in catalogue():
        assert rule.id in listed
        shown = run("explain", rule.id.lower()).out
        assert shown.startswith("# ")
        assert "## How to accept it" in shown
        assert "```" not in shown
        assert shown.count("\n") < 100
        assert shown.endswith(f"`apiposture explain {rule.id} --all` shows the programs that test this rule as well.\n")
    assert "\n## Programs\n" in run("explain", "AP101", "--all").out


def test_a_framework_without_endpoints_is_said_once(run: Run, tmp_path: Path, controller: str) -> None:
    (tmp_path / "ThingController.cs").write_text(controller.replace("public class", "internal class"))
    for command in ("scan", "endpoints"):
        outcome = run(command, tmp_path)
        assert outcome.code == 4
        assert (outcome.out + outcome.err).count("no endpoint was found") == 1


def test_why_shows_one_finding(run: Run) -> None:
    found = json.loads(run("scan", SAMPLE, "--format", "json").out)["findings"]
    wanted = next(finding for finding in found if finding["rule"] == "AP101")
    outcome = run("why", wanted["fingerprint"], SAMPLE)
    assert outcome.code == 0
    assert outcome.out.startswith(LINE)
    assert "AP103" not in outcome.out


def test_dump(run: Run) -> None:
    file = SAMPLE / "Controllers" / "OrderController.cs"
    assert "FindAsync" in run("dump", "ir", file).out
    facts = json.loads(run("dump", "facts", file).out)
    assert len(facts["endpoints"]) == 6
    assert "q7Zt9XbLw3VnR5sKd8PmFy2HcJ6gTa4E" not in run("dump", "facts", SAMPLE).out


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    source = str(Path(apiposture.__file__).parent.parent)
    variables = {**os.environ, "PYTHONPATH": source, **environment}
    return subprocess.run([sys.executable, "-m", "apiposture", *arguments], capture_output=True, text=True, env=variables, cwd=TOP)


def test_version_and_completion() -> None:
    assert command("--version").stdout == f"apiposture {apiposture.__version__}\n"
    offered = command(_APIPOSTURE_COMPLETE="bash_complete", COMP_WORDS="apiposture explain AP10", COMP_CWORD="2").stdout
    assert "AP101" in offered


@pytest.mark.skipif(os.name != "posix", reason="a shell is needed")
def test_a_reader_who_has_enough_is_no_failure() -> None:
    source = str(Path(apiposture.__file__).parent.parent)
    line = f"PYTHONPATH={source} {sys.executable} -m apiposture dump facts samples/orders-aspnetcore | head -c 1"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=TOP)
    assert (done.returncode, done.stdout, done.stderr) == (0, "{", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a shell and a full device are needed")
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("scan samples/orders-aspnetcore >&-", 2, "can't be written to standard output: it is closed"),
        ("rules >&-", 2, "can't be written to standard output: it is closed"),
        ("scan samples/orders-aspnetcore >/dev/full", 2, "could not be written to standard output: no space left on device."),
        ("scan samples/orders-aspnetcore -o /dev/full", 2, "could not be written to '/dev/full': no space left on device."),
        ("--help >/dev/full", 2, "no space is left on the device"),
        ("scan samples/orders-aspnetcore -o /dev/null >&-", 1, ""),
        ("scan samples/orders-aspnetcore -o /dev/null 2>&-", 1, ""),
    ],
)
def test_an_output_that_takes_nothing_is_said_in_one_sentence(arguments: str, code: int, words: str) -> None:
    source = str(Path(apiposture.__file__).parent.parent)
    line = f"PYTHONPATH={source} {sys.executable} -m apiposture {arguments}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=TOP)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert done.stderr.count("\n") == bool(words)


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("no_color", "colored"), [("", True), ("1", False)])
def test_colour_is_for_terminals_that_want_it(no_color: str, colored: bool) -> None:
    import pty

    ours, theirs = pty.openpty()
    source = str(Path(apiposture.__file__).parent.parent)
    variables = {**os.environ, "PYTHONPATH": source, "NO_COLOR": no_color, "TERM": "xterm", "COLUMNS": "80"}
    arguments = [sys.executable, "-m", "apiposture", "scan", str(SAMPLE)]
    with subprocess.Popen(arguments, stdout=theirs, stderr=subprocess.DEVNULL, env=variables) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
        assert process.wait() == 1
    os.close(ours)
    assert (b"\x1b[" in shown) is colored


def _read(handle: int) -> bytes:
    try:
        return os.read(handle, 65536)
    except OSError:
        return b""


@pytest.mark.parametrize(
    ("shell", "words"), [("bash", "complete -o nosort"), ("zsh", "#compdef apiposture"), ("fish", "complete --no-files")]
)
def test_completion_is_printed_for_each_shell(run: Run, shell: str, words: str) -> None:
    outcome = run("completion", shell)
    assert outcome.code == 0
    assert words in outcome.out
    assert "_APIPOSTURE_COMPLETE" in outcome.out


def test_the_map_of_sensitive_data(run: Run, tmp_path: Path) -> None:
    outcome = run("data", SAMPLE)
    assert outcome.code == 0
    assert "  enters by  POST /api/customers  (RegistrationRequest.Password)" in outcome.out
    assert "  logged to  Splunk  (RegistrationRequest.SSN)" in outcome.out
    assert outcome.out.endswith("3 kinds of sensitive data: 3 ways in, 3 logs\n")
    found = json.loads(run("data", SAMPLE, "--format", "json").out)["data"]
    assert [(each["kind"], each["role"]) for each in found][:2] == [("credential", "enters"), ("credential", "logged")]
    assert run("data", SAMPLE, "--format", "svg", "-o", tmp_path / "map.svg").code == 0
    assert (tmp_path / "map.svg").read_text("utf-8").startswith("<svg ")
    assert run("data", tmp_path).code == 4
