"""Is no credential shown, and everything else left as it is?"""

from __future__ import annotations

import msgspec
import pytest

from apiposture.config import Config
from apiposture.languages import source_of
from apiposture.model.scan import Scan
from apiposture.scan import gather_sources, judge

CONTROLLER = """
using Microsoft.AspNetCore.Mvc;
[ApiController, Route("orders")]
public class OrdersController : ControllerBase
{
    [HttpPost("{id}")] public void Change(int id) { Use(id); }
}
"""
COMPOSE = "services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: VALUE\n"


def scanned(password: str) -> Scan:
    sources = [source_of("orders/OrdersController.cs", CONTROLLER), source_of("compose.yml", COMPOSE.replace("VALUE", password))]
    result = judge(gather_sources(sources), Config())
    assert any(finding.rule == "AP201" for finding in result.findings)
    return result


@pytest.mark.parametrize("password", ["orders", "public", "anonymous"])
def test_a_word_that_is_somebodys_password_is_still_a_word(password: str) -> None:
    told = msgspec.to_builtins(scanned(password))
    plain = msgspec.to_builtins(scanned("elephant"))
    assert [each["path"] for each in told["files"]] == [each["path"] for each in plain["files"]]
    assert [(each["route"], each["posture"]["level"]) for each in told["endpoints"]] == [
        (each["route"], each["posture"]["level"]) for each in plain["endpoints"]
    ]
    assert [each["message"] for each in told["findings"] if each["rule"] != "AP201"] == [
        each["message"] for each in plain["findings"] if each["rule"] != "AP201"
    ]


@pytest.mark.parametrize("password", ["orders", "Xq7-f0reign-m0use"])
def test_the_value_is_in_no_line_that_is_shown(password: str) -> None:
    result = scanned(password)
    assert result.snippets["compose.yml"]
    assert all(password not in line for line in result.snippets["compose.yml"].values())
    assert password == "orders" or password not in msgspec.json.encode(result).decode()
