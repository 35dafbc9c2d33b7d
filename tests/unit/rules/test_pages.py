"""Has every rule a page that explains it, with programs that say what is expected of them?"""

import re

import pytest

from apiposture import rules

SECTIONS = (
    "## Why it matters",
    "## How it decides",
    "## What counts as a check",
    "## How to fix it",
    "## How to accept it",
    "## Programs",
)
PROGRAM = re.compile(r"^```csharp\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXPECTED = re.compile(r"// expect: (\S+)(?: (?:low|medium|high|critical))?$", re.MULTILINE)
IDS = [rule.id for rule in rules.catalogue()]


def test_the_catalogue_is_the_folder_in_order() -> None:
    assert sorted(IDS) == IDS
    assert set(IDS) >= {"AP001", "AP002", "AP003", "AP004", "AP005", "AP006", "AP007", "AP008", "AP101", "AP102", "AP103"}


@pytest.mark.parametrize("rule", IDS)
def test_a_page_explains_before_it_shows_programs(rule: str) -> None:
    text = rules.page(rule)
    assert text.startswith(f"# {rule}: ")
    places = [text.index(section) for section in SECTIONS]
    assert places == sorted(places)
    assert f"apiposture: ignore[{rule}] reason=" in text


@pytest.mark.parametrize("rule", IDS)
def test_its_programs_expect_the_rule_and_also_silence(rule: str) -> None:
    programs = PROGRAM.findall(rules.page(rule))
    expected = [EXPECTED.findall(program) for program in programs]
    assert any(rule in found for found in expected)
    assert any(not found for found in expected)
    assert {one for found in expected for one in found} <= set(IDS)
    assert sum("// expect" in program for program in programs) == sum(bool(found) for found in expected)


def test_an_unknown_rule_has_no_page() -> None:
    with pytest.raises(KeyError):
        rules.page("AP999")
    with pytest.raises(KeyError):
        rules.page("../AP101")
