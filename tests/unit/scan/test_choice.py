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


def found(config: Config) -> list[tuple[str, int]]:
    return [(f.rule, f.place.line) for f in judge(gather_sources([source_of("A.cs", APP)]), config).findings]


def test_a_row_of_the_users_own_teaches_the_scanner() -> None:
    assert found(Config()) == []
    assert found(config_from({"library": {"csharp": {"sink": [ROW]}}}, "apiposture.toml")) == [("AP103", 10)]


@pytest.mark.parametrize(
    ("library", "words"),
    [
        ({"cobol": {"sink": [ROW]}}, "'library.cobol' names no language; there are csharp"),
        ({"csharp": {"sinks": [ROW]}}, "unknown field `sinks`"),
        ({"csharp": {"sink": [{**ROW, "att": "x"}]}}, "unknown field `att`"),
        ({"csharp": {"sink": [{"call": "A.B"}]}}, "missing required field `at`"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(library: dict[str, object], words: str) -> None:
    with pytest.raises(PostureError) as error:
        found(config_from({"library": library}, "apiposture.toml"))
    assert words in str(error.value)
