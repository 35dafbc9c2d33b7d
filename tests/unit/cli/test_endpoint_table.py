"""Can the endpoints be read on a narrow screen, and cut into columns where they go elsewhere?"""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.text import Text

from apiposture.cli.endpoint_table import SIGN, as_table
from apiposture.config import Config
from apiposture.model.scan import Scan
from apiposture.reports.text import wrapped
from apiposture.scan import scan

SAMPLE = Path(__file__).resolve().parents[3] / "samples/orders-aspnetcore"


@pytest.fixture(scope="module")
def found() -> Scan:
    return scan([SAMPLE], Config(cache=False), today="2026-01-01")


def test_what_goes_elsewhere_has_one_line_an_endpoint(found: Scan) -> None:
    lines = as_table(found).splitlines()
    assert len(lines) == len(found.endpoints) + 3
    assert SIGN.split(" ")[0] == lines[0].split(" ")[0]
    assert all(" " * 2 in line for line in lines[: len(found.endpoints)])
    assert as_table(found, screen=300) == as_table(found)


@pytest.mark.parametrize("screen", [60, 80, 110])
@pytest.mark.parametrize("color", [False, True])
def test_no_line_is_wider_than_the_screen(found: Scan, screen: int, color: bool) -> None:
    text = as_table(found, screen, color)
    lines = Text.from_ansi(text).plain.splitlines()
    assert all(cell_len(line) <= screen for line in lines)
    at = next(number for number, line in enumerate(lines) if line.startswith("DELETE"))
    assert lines[at : at + 2] == ["DELETE  public         /api/products/{id}", "        ProductController.Delete"]
    assert ("\x1b[1;31mpublic" in text) is color


def test_a_line_is_broken_at_its_joints() -> None:
    assert wrapped("role A · Shop.Get · Shop.cs:10", 20, " · ") == ["role A · Shop.Get", "Shop.cs:10"]
    assert wrapped("one two", 3) == ["one", "two"]
