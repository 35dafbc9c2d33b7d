"""Can the rows of the standards be trusted?"""

import copy
import re
import tomllib
from importlib.resources import files
from typing import Any

import pytest

from apiposture.evidence.standards import ACTIVITIES, load, names, page, published, standard_from
from apiposture.rules import catalogue

RULES = {rule.id: rule for rule in catalogue()}


def spelled(name: str) -> dict[str, Any]:
    return tomllib.loads(files("apiposture.evidence.standards").joinpath(f"{name}.toml").read_text("utf-8"))


def test_all_standards_are_there_and_soc2_comes_first() -> None:
    assert names() == ("soc2", "asvs", "cwe", "hipaa", "iso27001", "nist_800_53", "owasp_api", "pci_dss")


@pytest.mark.parametrize("name", names())
def test_every_row_speaks_of_a_rule_or_an_activity(name: str) -> None:
    for row in load(name).rows:
        assert set(row.subjects) <= {*RULES, *ACTIVITIES}, row
        assert set(row.only) <= published("cwe"), row
        assert len(row.rationale) > 20, row
        assert len(row.not_shown) > 8, row


@pytest.mark.parametrize("name", names())
def test_no_rule_is_forgotten(name: str) -> None:
    """Each is mapped, or named as saying nothing of this standard, with the reason. A new rule fails here until somebody has decided."""
    standard = load(name)
    mapped = {subject for row in standard.rows for subject in row.subjects} - set(ACTIVITIES)
    told = [rule for group in standard.unmapped for rule in group.rules]
    assert sorted([*mapped, *told]) == sorted(RULES)
    assert all(len(group.why) > 40 for group in standard.unmapped)


@pytest.mark.parametrize("name", names())
def test_what_compares_decides_nothing(name: str) -> None:
    """A recorded scan is not compared with an earlier state: such a rule never runs there, and could keep a status from being evaluated."""
    for row in load(name).rows:
        if any(RULES[subject].compares for subject in row.subjects if subject in RULES):
            assert row.strength == "informs", row


@pytest.mark.parametrize("name", names())
def test_nothing_is_said_twice(name: str) -> None:
    told = [(subject, row.criterion, row.focus, row.needs, row.only) for row in load(name).rows for subject in row.subjects]
    assert sorted(told) == sorted(set(told))


@pytest.mark.parametrize("name", names())
def test_a_page_opens_with_its_title_and_claims_nothing(name: str) -> None:
    assert page(name).startswith("# ")
    told = page(name) + repr(load(name))
    assert not re.search(r"(?i)\bcompliant|certified|\bpass(ed|es)?\b", told)


def test_what_a_rule_says_of_itself_stands_in_the_standards() -> None:
    """Where a rule names a criterion of SOC 2, a risk or a weakness, a row says how strongly."""
    for name, of in (("soc2", "soc2"), ("owasp_api", "owasp"), ("cwe", "cwe")):
        told = {(subject, row.criterion) for row in load(name).rows for subject in row.subjects}
        mapped = {subject for subject, _ in told}
        for rule in RULES.values():
            for criterion in getattr(rule, of):
                if rule.id in mapped and criterion in published(name) and criterion != "CWE-74":
                    assert (rule.id, criterion) in told, (rule.id, criterion)


def test_the_article_s_references_are_kept_beside_the_right_ones() -> None:
    said = {subject: row.article for row in load("soc2").rows if row.article for subject in row.subjects}
    assert said["AP101"] == "CC6.1"
    assert said["AP103"] == "CC7.1"
    assert said["AP102"] == said["AP201"] == "CC8.1"


def test_soc2_accounts_for_each_of_its_criteria() -> None:
    soc2 = load("soc2")
    spoken = {criterion.id for criterion in soc2.criteria} | {each for group in soc2.unsupported for each in group.ids}
    assert spoken == published("soc2")
    assert len(published("soc2")) == 61


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("criterion", lambda found: found["criterion"][0].update(id="CC6.99")),
        ("row", lambda found: found["row"][0].update(criterion="CC6.99")),
        ("unsupported", lambda found: found["unsupported"][0].update(ids=["CC9.9"])),
        ("has no title", lambda found: found["row"][0].update(criterion="CC1.1")),
        ("lacks a subject", lambda found: found["row"][0].update(not_shown="")),
        ("both mapped", lambda found: found.update(unmapped=[{"rules": ["AP101"], "why": "x"}])),
        ("both supported", lambda found: found["unsupported"][0].update(ids=["CC6.1"])),
    ],
)
def test_rows_that_cannot_be_trusted_do_not_load(where: str, change: Any) -> None:
    found = copy.deepcopy(spelled("soc2"))
    change(found)
    with pytest.raises(ValueError, match=where):
        standard_from("soc2", found, published("soc2"))


def test_proposed_rows_reach_nobody() -> None:
    found = copy.deepcopy(spelled("soc2"))
    found["row"][0]["status"] = "proposed"
    assert len(standard_from("soc2", found, published("soc2")).rows) == len(load("soc2").rows) - 1
