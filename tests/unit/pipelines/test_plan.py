"""Is what a project needs proposed, whole and valid, and is nothing that is there ever touched?"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import tree_sitter_yaml
from tree_sitter import Language, Parser

from apiposture.config import Config, config_from
from apiposture.languages import source_of
from apiposture.model.error import PostureError
from apiposture.model.scan import Scan
from apiposture.pipelines import names, page, place
from apiposture.pipelines.plan import Proposal, Wishes, branch_of, proposals, runs_us, seen_in, write
from apiposture.reports import render
from apiposture.scan import gather_sources, judge

ZIZMOR = shutil.which("zizmor", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
"""Beside the Python that runs the tests, or wherever it is installed."""
PINNED = re.compile(r"^\s*(?:- )?uses: [\w./-]+@[0-9a-f]{40} {1,2}# v\d+\.\d+\.\d+$")
INSTALL = "pip install apiposture==2.0.0a1"


def scan() -> Scan:
    text = 'using Microsoft.AspNetCore.Mvc;\n[ApiController]\n[Route("a")]\npublic class AController : ControllerBase\n{\n'
    text += "    [HttpDelete]\n    public IActionResult Delete() => NoContent();\n}\n"
    return judge(gather_sources([source_of("AController.cs", text)]), Config())


def wanted(root: Path, *places: str, **more: object) -> dict[str, Proposal]:
    return {each.path: each for each in proposals(root, scan(), Wishes(INSTALL, places, **more))}  # type: ignore[arg-type]


def alone(root: Path, name: str) -> dict[str, Proposal]:
    return wanted(root, *([] if name == "precommit" else [name]), hook=name == "precommit")


def test_every_place_has_a_page_and_says_where_it_goes() -> None:
    assert set(names()) == {"azure", "bitbucket", "github", "gitlab", "jenkins", "precommit"}
    for name in names():
        assert page(name).startswith(f"# {place(name).title.removesuffix(' hook')}\n")
        assert place(name).file
        assert bool(place(name).beside) == bool(place(name).then)
    with pytest.raises(KeyError):
        place("travis")


@pytest.mark.parametrize("name", names())
def test_a_place_is_valid_and_complete(name: str, tmp_path: Path) -> None:
    text = alone(tmp_path, name)[place(name).file].text
    assert "{install}" not in text
    assert "{branch}" not in text
    assert "apiposture scan ." in text
    assert "apiposture scan ." in text
    assert "--diff" in text
    if name != "jenkins":
        tree = Parser(Language(tree_sitter_yaml.language())).parse(text.encode())
        assert not tree.root_node.has_error


def test_the_workflow_is_pinned_and_may_do_no_more_than_it_must(tmp_path: Path) -> None:
    text = wanted(tmp_path, "github")[".github/workflows/apiposture.yml"].text
    uses = [line for line in text.split("\n") if "uses:" in line]
    assert uses
    assert all(PINNED.match(line) for line in uses)
    assert "\npermissions: {}\n" in text
    assert "persist-credentials: false" in text
    assert not re.search(r"run:.*\$\{\{", text), "no value from outside is pasted into a script"


@pytest.mark.skipif(not ZIZMOR, reason="zizmor is not installed")
def test_zizmor_finds_nothing_in_the_workflow(tmp_path: Path) -> None:
    list(write(tmp_path, list(wanted(tmp_path, "github").values())))
    command = [str(ZIZMOR), "--offline", "--persona", "auditor", str(tmp_path / ".github/workflows/apiposture.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_configuration_is_valid_and_names_the_baseline(tmp_path: Path) -> None:
    plain = wanted(tmp_path)["apiposture.toml"].text
    assert config_from(tomllib.loads(plain), "apiposture.toml").baseline == ""
    found = wanted(tmp_path, baseline=render("baseline", scan()))
    assert config_from(tomllib.loads(found["apiposture.toml"].text), "apiposture.toml").baseline == "apiposture-baseline.json"
    assert found["apiposture-baseline.json"].why == "1 standing finding, so that only new ones count"


@pytest.mark.parametrize(
    ("files", "systems"),
    [
        ({}, ()),
        ({".github/workflows/ci.yml": ""}, ("github",)),
        ({".gitlab-ci.yml": "", "Jenkinsfile": ""}, ("gitlab", "jenkins")),
        ({".git/config": '[remote "origin"]\n\turl = git@github.com:a/b.git\n'}, ("github",)),
        ({".git/config": '[remote "origin"]\n\turl = https://user@bitbucket.org/a/b\n'}, ("bitbucket",)),
        ({".git/config": '[remote "origin"]\n\turl = ssh://git@ssh.dev.azure.com:22/v3/a\n'}, ("azure",)),
        ({".git/config": '[remote "origin"]\n\turl = https://git.example.com/github.com.git\n'}, ()),
    ],
)
def test_ci_systems_are_recognised(tmp_path: Path, files: dict[str, str], systems: tuple[str, ...]) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert seen_in(tmp_path) == systems


@pytest.mark.parametrize(
    ("head", "branch"), [("ref: refs/heads/trunk\n", "trunk"), ("0" * 40, "main"), ("ref: refs/heads/$(touch x)\n", "main"), ("", "main")]
)
def test_the_branch_is_the_repositorys_own_as_far_as_it_is_a_name(tmp_path: Path, head: str, branch: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").write_text(head)
    assert branch_of(tmp_path) == branch


@pytest.mark.parametrize("name", [name for name in names() if place(name).beside])
def test_what_is_there_stays_and_the_rest_is_said(tmp_path: Path, name: str) -> None:
    own = tmp_path / place(name).file
    own.write_text("theirs: true\n")
    found = alone(tmp_path, name)
    assert place(name).file not in found
    assert found[place(name).beside].then == place(name).then
    list(write(tmp_path, list(found.values())))
    assert own.read_text() == "theirs: true\n"
    assert alone(tmp_path, name) == {}


def test_a_pipeline_that_runs_the_tool_needs_no_other(tmp_path: Path) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text("scan: {script: [apiposture scan .]}\n")
    assert list(wanted(tmp_path, "gitlab", hook=False)) == ["apiposture.toml"]


def test_a_file_that_comes_into_being_meanwhile_is_left_alone(tmp_path: Path) -> None:
    found = list(wanted(tmp_path, "github").values())
    (tmp_path / "apiposture.toml").write_text("theirs")
    with pytest.raises(PostureError, match=r"'apiposture\.toml' is there already"):
        list(write(tmp_path, found))
    assert (tmp_path / "apiposture.toml").read_text() == "theirs"
    assert not (tmp_path / ".github").exists()


@pytest.mark.parametrize("name", names())
def test_a_subfolder_is_scanned_from_where_the_ci_system_reads(name: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "services/api b").mkdir(parents=True)
    found = alone(tmp_path / "services/api b", name)
    assert set(found) == {"services/api b/apiposture.toml", place(name).file}
    assert "apiposture scan 'services/api b'" in found[place(name).file].text
    list(write(tmp_path, list(found.values())))
    assert (tmp_path / "services/api b/apiposture.toml").is_file()


def test_a_configuration_that_holds_is_not_shadowed(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text("[tool.apiposture]\n")
    found = wanted(tmp_path, hook=False, configured=project, baseline="{}")
    assert list(found) == ["apiposture-baseline.json"]
    assert found["apiposture-baseline.json"].then == (
        'write into pyproject.toml in [tool.apiposture]:  baseline = "apiposture-baseline.json"'
    )
    assert wanted(tmp_path, hook=False, configured=project, baseline="{}", named_baseline="known.json") == {}


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("- id: apiposture\n", True),
        ("  entry: apiposture scan . --diff HEAD\n", True),
        ("  run: python -m apiposture scan src\n", True),
        ("  uses: owner/apiposture@0123456789\n", True),
        ("# run: apiposture scan .\n", False),
        ("// sh 'apiposture scan .'\n", False),
        ("run: ruff # not apiposture scan\n", False),
        ("exclude: apiposture-baseline.json\n", False),
        ("", False),
    ],
)
def test_a_file_runs_the_tool_where_a_line_of_it_does(tmp_path: Path, text: str, runs: bool) -> None:
    (tmp_path / ".pre-commit-config.yaml").write_text(text)
    assert runs_us(tmp_path, place("precommit")) is runs


def test_a_step_in_another_workflow_counts(tmp_path: Path) -> None:
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/ci.yml").write_text("jobs: {a: {steps: [{run: apiposture scan .}]}}\n")
    assert runs_us(tmp_path, place("github"))
    assert list(wanted(tmp_path, "github", hook=False)) == ["apiposture.toml"]
