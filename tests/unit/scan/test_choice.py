"""Do the user's own rows teach the scanner, and are wrong ones refused?"""

from __future__ import annotations

import pytest

from apiposture.config import Config, config_from
from apiposture.languages import source_of
from apiposture.model.error import PostureError
from apiposture.scan import gather_sources, judge

APP = """\
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
public static class Warehouse { public static extern object Ask(string text); }
[ApiController]
[Authorize]
[Route("api/things")]
public class ThingController : ControllerBase
{
    [HttpGet]
    public IActionResult Find(string name) => Ok(Warehouse.Ask("find " + name));
}
"""
ROW = {"call": "Warehouse.Ask", "at": "arg:0", "kind": "sql", "why": "https://example.com/warehouse"}

ACCESS = {"call": "Shelf.Get", "operation": "read", "entity": "named", "key": "arg:0", "why": "https://example.com/shelf"}


def found(config: Config) -> list[tuple[str, int]]:
    return [(f.rule, f.place.line) for f in judge(gather_sources([source_of("A.cs", APP)]), config).findings]


def test_a_row_of_the_users_own_teaches_the_scanner() -> None:
    assert found(Config()) == []
    assert found(config_from({"library": {"csharp": {"sink": [ROW]}}}, "apiposture.toml")) == [("AP103", 10)]


@pytest.mark.parametrize(
    ("library", "words"),
    [
        ({"cobol": {"sink": [ROW]}}, "'library.cobol' names no language; there are csharp"),
        ({"csharp": {"sinks": [ROW]}}, "'sinks' is no kind of row; did you mean 'sink'?"),
        ({"csharp": {"sink": [{**ROW, "att": "x"}]}}, "unknown field `att`"),
        ({"csharp": {"sink": [{"call": "A.B"}]}}, "missing required field `at`"),
        ({"csharp": {"sink": [ROW, {**ROW, "certainty": "hgih"}]}}, "'sink[1].certainty' is 'hgih'; it must be one of high, medium, low."),
        ({"csharp": {"sink": [{**ROW, "kind": "sqll"}]}}, "'sink[0].kind' is 'sqll'; it must be one of sql, nosql, command"),
        ({"csharp": {"sink": [{**ROW, "kind": ""}]}}, "'sink[0].kind' is ''; it must be one of"),
        ({"csharp": {"sink": [{**ROW, "at": ""}]}}, "'sink[0].at' is ''; it must be a place such as 'arg:0'"),
        ({"csharp": {"sink": [{**ROW, "at": "args:zero"}]}}, "'sink[0].at' is 'args:zero'; it must be a place"),
        ({"csharp": {"sink": [{**ROW, "call": ""}]}}, "'sink[0].call' is ''; it must be a type and its member"),
        ({"csharp": {"sink": [{**ROW, "call": 5}]}}, "'sink[0].call' is '5': Expected `str`, got `int`."),
        ({"csharp": {"sink": [{**ROW, "unless": "x"}]}}, "'sink[0].unless' is 'x': Expected `array`, got `str`."),
        ({"csharp": {"sink": [{**ROW, "unless": [1]}]}}, "'sink[0].unless' is '[1]': Expected `str`, got `int`."),
        ({"csharp": {"clean": [{"kinds": ["sql"], "why": "x"}]}}, "'clean[0].member' is ''; it must be given, or one of call (exactly one"),
        ({"csharp": {"clean": [{"kinds": [], "call": "A.{B,C}", "why": "x"}]}}, "'clean[0].kinds' is ''; it must be some of sql"),
        ({"csharp": {"access": [ACCESS | {"key": " "}]}}, "'access[0].key' is ' '; it must be places such as 'arg:0'"),
        ({"csharp": {"access": [ACCESS | {"operation": "write"}]}}, "'access[0].operation' is 'write'; it must be one of read, list"),
        ({"python": {"query": [{"call": "Q.where", "does": "filtre"}]}}, "'query[0].does' is 'filtre'; it must be one of filter"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(library: dict[str, object], words: str) -> None:
    with pytest.raises(PostureError) as error:
        found(config_from({"library": library}, "apiposture.toml"))
    assert words in str(error.value)
    assert str(error.value).startswith("Configuration 'apiposture.toml'")
