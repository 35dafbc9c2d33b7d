"""Does a tree serve its own earlier state, and the other way round?"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from apiposture.analysis.derived import Derived
from apiposture.analysis.memory import Memory
from apiposture.config import Config, RuleChoice, Suppress
from apiposture.model.facts import Facts
from apiposture.scan import Gathered, gather, scan, together
from apiposture.scan.remembered import EARLIER, Told, remembered

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "orders-aspnetcore"
SOURCE = "using Microsoft.AspNetCore.Mvc;\n[ApiController]\npublic class A : ControllerBase { [HttpGet] public int Get() => 1; }\n"


def gathered(folder: Path, source: str) -> Gathered:
    (folder / "A.cs").write_text(source, "utf-8")
    return gather([folder], Config(cache=False))


@pytest.mark.parametrize("first", ["", EARLIER])
def test_facts_and_units_are_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str) -> None:
    monkeypatch.setenv("APIPOSTURE_CACHE_DIR", str(tmp_path / "cache"))
    asked: list[str] = []

    def work_out(memory: Memory) -> Told:
        asked.append("known" if memory.past.key else "unknown")
        memory.units = type(memory.units)(f"{memory.key} x")
        return Told(Derived(Facts(), (), ()), ())

    (tmp_path / "app").mkdir()
    found = gathered(tmp_path / "app", SOURCE)
    one = Gathered(f"{found.root}{first}", found.examined, found.text_of)
    other = Gathered(f"{found.root}{EARLIER if not first else ''}", found.examined, found.text_of)
    for each in (one, one, other):
        remembered(each, "", work_out)
    assert asked == ["unknown"]
    edited = gathered(tmp_path / "app", SOURCE.replace("=> 1", "=> 2"))
    remembered(Gathered(other.root, edited.examined, edited.text_of), "", work_out)
    assert asked == ["unknown", "known"]
    declared = gathered(tmp_path / "app", SOURCE.replace("Get()", "Got()"))
    remembered(Gathered(other.root, declared.examined, declared.text_of), "", work_out)
    assert asked == ["unknown", "known", "unknown"]


def test_another_decision_about_findings_works_nothing_out_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails a build, what is accepted and which rules are asked is decided of facts that are there."""
    monkeypatch.setenv("APIPOSTURE_CACHE_DIR", str(tmp_path / "cache"))
    tree = Path(shutil.copytree(SAMPLE, tmp_path / "orders"))
    whole = scan([tree], Config())
    monkeypatch.setattr(together, "derive", lambda *_, **__: pytest.fail("worked out again"))
    accepted = Config(suppress=(Suppress("AP004", "meant", path="*.cs"),), fail_on="low", min_certainty="high")
    assert [finding.rule for finding in scan([tree], accepted).findings if finding.suppressed_by] == ["AP004"]
    others = [finding for finding in whole.findings if finding.rule != "AP004"]
    assert list(scan([tree], Config(rules=RuleChoice(ignore=("AP004",)))).findings) == others
    assert scan([tree], Config()) == whole
    row = {"call": "Frame.Show", "kind": "sql", "at": "arg:0", "why": "it shows"}
    with pytest.raises(pytest.fail.Exception):
        scan([tree], Config(library={"csharp": {"sink": [row]}}))
