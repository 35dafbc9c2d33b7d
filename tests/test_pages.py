"""Do the pages of the shelves tell the truth? Their programs are the tests; CONTRIBUTING.md says how they are written."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

import pytest

import apiposture
from apiposture.languages import lower
from apiposture.languages.show import show
from apiposture.rules import catalogue
from pageharness.app import app_of, is_program, joined
from pageharness.blocks import Block, blocks_of, rewrite
from pageharness.verdict import DEFAULT_RULES, disagreements, endpoint_table, scan_of

SOURCE = Path(apiposture.__file__).parent
PAGES = sorted(SOURCE.rglob("*.md"))
ACCEPT = os.environ.get("ACCEPT") == "1"
OWN_RULES = {"sensitive": frozenset({"AP102"}), "secrets": frozenset({"AP201"})}


def cases() -> list[object]:
    return [
        pytest.param(block, id=f"{page.relative_to(SOURCE).as_posix()}:{block.line}")
        for page in PAGES
        if "languages" not in page.parts and page.parent.name != "reports"
        for block in blocks_of(page)
        if is_program(block)
    ]


def language_cases() -> list[object]:
    return [
        pytest.param(block, id=f"{page.relative_to(SOURCE).as_posix()}:{block.line}")
        for page in PAGES
        if "languages" in page.parts
        for block in blocks_of(page)
        if block.shown and block.shown.language == "ir"
    ]


@cache
def all_rules() -> frozenset[str]:
    return frozenset(rule.id for rule in catalogue())


def own_rules(block: Block) -> frozenset[str]:
    """What a block without a word is silent about: a rule page's own rule; on other pages what their folder is about."""
    if re.fullmatch(r"AP\d{3}", block.page.stem):
        return frozenset({block.page.stem})
    folder = OWN_RULES.get(block.page.parent.name)
    if folder is not None:
        return folder
    return frozenset() if re.search(r"\bAP\d{3}\b", block.text) else DEFAULT_RULES


@pytest.mark.parametrize("block", cases())
def test_page(block: Block) -> None:
    app = app_of(block, own_rules(block), all_rules())
    scan = scan_of(app)
    said = disagreements(app, scan)
    if said:
        pytest.fail(f"{block.page.name} disagrees:\n  " + "\n  ".join(said), pytrace=False)
    if block.shown is not None:
        assert block.shown.language == "endpoints", "only an `endpoints` block shows what becomes of a program here"
        compare(block, endpoint_table(scan))


@pytest.mark.parametrize("block", language_cases())
def test_language_page(block: Block) -> None:
    source = app_of(block, frozenset(), all_rules()).sources[0]
    module = lower(source)
    assert not module.faults or "faults" in block.info, f"line {block.line}: the example is not valid: {module.faults}"
    compare(block, show(module))


def compare(block: Block, got: str) -> None:
    """The second block against what the code says today; ACCEPT=1 rewrites it instead."""
    assert block.shown is not None
    wanted = [joined(line).rstrip() for line in block.shown.lines]
    lines = [line.rstrip() for line in got.rstrip("\n").split("\n")] if got.strip() else []
    if ACCEPT and lines != wanted:
        rewrite(block.page, block, got)
        return
    if lines != wanted:
        rows = [f"  line {block.shown.line + n}: expected {w!r}, got {g!r}" for n, (w, g) in enumerate(_zipped(wanted, lines)) if w != g]
        pytest.fail(f"{block.page.name} shows something else (`make pages ACCEPT=1` rewrites it):\n" + "\n".join(rows), pytrace=False)


def _zipped(wanted: list[str], got: list[str]) -> list[tuple[str | None, str | None]]:
    return [(wanted[n] if n < len(wanted) else None, got[n] if n < len(got) else None) for n in range(max(len(wanted), len(got)))]


def test_the_harness_sees_pages() -> None:
    assert PAGES
    assert cases()
