"""Does bad input get a clear answer, and does nothing else get lost with it?

Every test puts something bad beside a sound controller and looks that its endpoint is still found.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apiposture.config import Config
from apiposture.files import walk
from apiposture.model.scan import Problem

Run = Callable[..., Any]


@pytest.fixture
def tree(tmp_path: Path, controller: str) -> Path:
    (tmp_path / "ThingController.cs").write_text(controller)
    return tmp_path


def scanned(run: Run, *arguments: object) -> tuple[int, dict[str, Any]]:
    outcome = run("scan", *arguments, "--format", "json", "--no-cache")
    assert outcome.out, outcome.err
    return outcome.code, json.loads(outcome.out)


def routes(report: dict[str, Any]) -> list[str]:
    return [endpoint["route"] for endpoint in report["endpoints"]]


def problems(report: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for problem in report["problems"]:
        found.setdefault(problem["kind"], []).append(problem)
    return found


def test_missing_path(run: Run, tmp_path: Path) -> None:
    outcome = run("scan", tmp_path / "nowhere")
    assert outcome.code == 2
    assert "nowhere' does not exist" in outcome.err
    assert outcome.out == ""


def test_unreadable_file(run: Run, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests may run as root, who can read everything: the refusal comes from `open` itself."""
    (tree / "Locked.cs").write_text("class Locked { }")
    real_open = open

    def guarded(file: Any, *args: Any, **kwargs: Any) -> Any:
        if str(file).endswith("Locked.cs"):
            raise PermissionError(13, "Permission denied", str(file))
        return real_open(file, *args, **kwargs)

    monkeypatch.setattr("builtins.open", guarded)
    code, report = scanned(run, tree)
    assert code == 4
    assert [p["path"] for p in problems(report)["unread"]] == ["Locked.cs"]
    assert "permission denied" in problems(report)["unread"][0]["message"]
    assert routes(report) == ["/api/things/{id}"]


def test_unreadable_folder(run: Run, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "locked").mkdir()
    real = os.scandir

    def guarded(path: Any) -> Any:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", guarded)
    code, report = scanned(run, tree)
    assert code == 4
    assert [p["path"] for p in problems(report)["unread"]] == ["locked"]
    assert routes(report) == ["/api/things/{id}"]


def test_binary_source(run: Run, tree: Path) -> None:
    (tree / "Compiled.cs").write_bytes(bytes(range(256)) * 64)
    code, report = scanned(run, tree)
    assert code == 4
    assert "binary" in problems(report)["unread"][0]["message"]
    assert routes(report) == ["/api/things/{id}"]


def test_binary_that_is_no_source_is_no_problem(run: Run, tree: Path) -> None:
    (tree / "picture.xyz").write_bytes(b"\x00\x01\x02" * 1000)
    code, report = scanned(run, tree)
    assert code == 0
    assert not report["problems"]
    assert [file["path"] for file in report["files"]] == ["ThingController.cs"]


def test_enormous_source_is_read_to_its_end(run: Run, tree: Path, controller: str) -> None:
    filler = "".join(f"class Filler{n} {{ public string Name => \"{'x' * 2000}\"; }}\n" for n in range(2600))
    assert len(filler) > 5_000_000
    (tree / "Enormous.cs").write_text(filler + controller.replace("Thing", "Last").replace("things", "last").replace("namespace Shop;", ""))
    code, report = scanned(run, tree)
    assert code == 0, report["problems"]
    assert set(routes(report)) == {"/api/things/{id}", "/api/last/{id}"}


def test_beyond_all_measure_is_said(run: Run, tree: Path) -> None:
    (tree / "Generated.cs").write_text("// filler\n" * 1_100_000)
    (tree / "data.json").write_text("[" + "1," * 600_000 + "1]")
    code, report = scanned(run, tree)
    assert code == 4
    assert [(p["path"], p["blocks"]) for p in problems(report)["too-large"]] == [("Generated.cs", True), ("data.json", False)]
    assert routes(report) == ["/api/things/{id}"]


@pytest.mark.parametrize("opening", ["(", "[", "{", "<", "a.b(", "x => ", "!", "if (a) ", "new A { B = "])
def test_deeply_nested(run: Run, tree: Path, opening: str) -> None:
    (tree / "Deep.cs").write_text(f"class Deep {{ void M() {{ var x = {opening * 10_000}1; }} }}\n")
    code, report = scanned(run, tree)
    assert code in (0, 4)
    assert report["problems"], "it must be said that the file was not read as it stands"
    assert all("Deep.cs" in problem["message"] + problem["path"] for problem in report["problems"])
    assert routes(report) == ["/api/things/{id}"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"])
def test_encodings(run: Run, tmp_path: Path, controller: str, encoding: str) -> None:
    text = controller.replace("things", "größe")
    (tmp_path / "ThingController.cs").write_bytes(text.encode(encoding))
    code, report = scanned(run, tmp_path)
    assert code == 0, report["problems"]
    assert routes(report) == ["/api/größe/{id}"]
    assert report["endpoints"][0]["place"]["line"] == 12


def test_wrong_encoding_is_read_as_far_as_it_goes(run: Run, tree: Path, controller: str) -> None:
    broken = controller.replace("Thing", "Other").replace("things", "other").encode() + b"// \xff\xfe\x81\x8d \xc3\x28\n"
    (tree / "OtherController.cs").write_bytes(broken)
    code, report = scanned(run, tree)
    assert code == 0, report["problems"]
    assert set(routes(report)) == {"/api/things/{id}", "/api/other/{id}"}


def test_nul_bytes(run: Run, tmp_path: Path, controller: str) -> None:
    (tmp_path / "ThingController.cs").write_bytes(controller.encode().replace(b"namespace Shop;", b"namespace Shop;\0\0") + b"\0")
    code, report = scanned(run, tmp_path)
    assert code == 0, report["problems"]
    assert routes(report) == ["/api/things/{id}"]


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_link_loops_and_links_to_elsewhere(run: Run, tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "Secret.cs").write_text("class Secret { }")
    (tree / "loop").symlink_to(tree)
    (tree / "self.cs").symlink_to("self.cs")
    (tree / "out").symlink_to(elsewhere)
    (tree / "dangling.cs").symlink_to("gone.cs")
    code, report = scanned(run, tree)
    assert code == 0
    assert [file["path"] for file in report["files"]] == ["ThingController.cs"]
    assert [(p["path"], p["blocks"]) for p in problems(report)["unread"]] == [("out", False)]


def test_syntax_errors(run: Run, tree: Path) -> None:
    (tree / "Broken.cs").write_text("class Broken { void M( { if (x { return ; ) } public int Fine() => 1; }\n}}} ((\n")
    code, report = scanned(run, tree)
    assert code in (0, 4)
    assert [p["path"] for p in problems(report)["unparsed"]] == ["Broken.cs"]
    assert routes(report) == ["/api/things/{id}"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fail_on = high", "not valid TOML"),
        ("fial_on = 'high'", "did you mean 'fail_on'"),
        ("fail_on = 'highest'", "fail_on"),
        ("exclude = 'a'", "exclude"),
        ("[[suppress]]\nrule = 'AP101'\nreason = 'x'\n", "names no 'path'"),
        ("[rules]\nselect = ['AP999']", "Rule 'AP999' does not exist"),
        ("[tool.apiposture]\nfail_on = 'high'", "unknown key 'tool'"),
    ],
)
def test_broken_configuration(run: Run, tree: Path, text: str, words: str) -> None:
    (tree / "apiposture.toml").write_text(text)
    outcome = run("scan", tree)
    assert outcome.code == 2
    assert words in outcome.err
    assert outcome.err.count("\n") == 1, "one sentence"
    assert outcome.out == ""


def test_route_that_looks_like_markup(run: Run, tmp_path: Path, controller: str) -> None:
    text = controller.replace("api/things", "api/[red]x[/red]").replace("[Authorize]\n", "")
    (tmp_path / "ThingController.cs").write_text(text)
    outcome = run("scan", tmp_path, "--no-cache")
    assert outcome.code == 1
    assert "/api/[red]x[/red]/{id}" in outcome.out
    shown = run("endpoints", tmp_path, "--no-cache")
    assert "/api/[red]x[/red]/{id}" in shown.out


@pytest.mark.skipif(os.name != "posix", reason="such names are not allowed elsewhere")
def test_odd_file_names(run: Run, tmp_path: Path, controller: str) -> None:
    names = ["with space.cs", "new\nline.cs", "größe-日本.cs", "[bold]x.cs", "-rf.cs", "\x1b[31m.cs"]
    for number, name in enumerate(names):
        text = controller.replace("Thing", f"Thing{number}").replace("things", f"things{number}").replace("[Authorize]\n", "")
        (tmp_path / name).write_text(text)
    raw = os.fsencode(tmp_path) + b"/latin-\xe9.cs"
    with open(raw, "wb") as stream:
        stream.write(b"class Latin { }")
    code, report = scanned(run, tmp_path, "--fail-on", "none")
    assert code == 0, report["problems"]
    assert len(report["endpoints"]) == len(names)
    assert {file["path"] for file in report["files"]} == {*names, "latin-\\xe9.cs"}
    for form in ("terminal", "sarif", "markdown"):
        outcome = run("scan", tmp_path, "--format", form, "--no-cache")
        assert outcome.code == 1
        assert "\x1b" not in outcome.out, "a file name must not steer the terminal"


@pytest.mark.parametrize("name", ["node_modules", "bin", "obj", "venv", ".git"])
def test_what_was_built_or_fetched_is_not_walked(tree: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Pruned, not walked: it could hold 50,000 files or any number, since the folder is never opened."""
    inner = tree / "src" / name
    inner.mkdir(parents=True)
    for number in range(50):
        (inner / f"File{number}.cs").write_text("class A { }")
    opened: list[str] = []
    real = os.scandir

    def spied(path: Any) -> Any:
        opened.append(os.fspath(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", spied)
    found = list(walk([tree]))
    assert [item.path for item in found] == ["ThingController.cs"]
    assert [Path(path).name for path in opened] == [tree.name, "src"]


def test_no_source_at_all(run: Run, tmp_path: Path) -> None:
    (tmp_path / "main.go").write_text("package main\n")
    code, report = scanned(run, tmp_path)
    assert code == 4
    assert [p["kind"] for p in report["problems"]] == ["no-source"]
    assert "No source file of a supported language was found" in report["problems"][0]["message"]


def test_empty_folder(run: Run, tmp_path: Path) -> None:
    code, report = scanned(run, tmp_path)
    assert code == 4
    assert "no file was read" in report["problems"][0]["message"]


def test_a_framework_without_endpoints_is_no_clean_scan(run: Run, tmp_path: Path) -> None:
    (tmp_path / "Program.cs").write_text(
        "using Microsoft.AspNetCore.Mvc;\npublic abstract class Nothing : ControllerBase { }\n"
        "var builder = WebApplication.CreateBuilder(args);\nvar app = builder.Build();\napp.MapControllers();\napp.Run();\n"
    )
    (tmp_path / "App.csproj").write_text('<Project Sdk="Microsoft.NET.Sdk.Web"></Project>\n')
    code, report = scanned(run, tmp_path)
    assert code == 4
    assert "no-endpoints" in problems(report)


def test_a_worker_that_dies_or_hangs_takes_one_file_with_it(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from apiposture.scan import gather, workers

    for number in range(40):
        (tree / f"Fine{number:02}.cs").write_text(f"class Fine{number} {{ }}")
    (tree / "Fine07Killer.cs").write_text("class Killer { }")
    (tree / "Fine21Sleeper.cs").write_text("class Sleeper { }")
    real = workers.examine_entry

    def hostile(entry: Any, *how: Any) -> Any:
        if "Killer" in entry.path:
            os._exit(9)
        if "Sleeper" in entry.path:
            import time

            time.sleep(60)
        return real(entry, *how)

    monkeypatch.setattr(workers, "examine_entry", hostile)
    monkeypatch.setattr(workers, "FEW_FILES", 0)
    monkeypatch.setattr(workers, "SECONDS_A_FILE", 1.5)
    found = gather([tree], Config(jobs=2, cache=False))
    said = {(problem.kind, problem.path) for problem in found.problems()}
    assert said == {("worker-crashed", "Fine07Killer.cs"), ("limit", "Fine21Sleeper.cs")}
    assert all(problem.blocks for problem in found.problems())
    assert len(found.modules()) == 41
    assert isinstance(found.problems()[0], Problem)
