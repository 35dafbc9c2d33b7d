"""What do tests of several areas share?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings


class Outcome(NamedTuple):
    """How a command went."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or fills the user's cache."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("APIPOSTURE_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run a command in this process, as a shell would see it."""

    def command(*arguments: object) -> Outcome:
        from apiposture.cli import run as run_command

        capfd.readouterr()
        code = run_command([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Outcome(code, out, err)

    return command


CONTROLLER = """\
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;

namespace Shop;

[ApiController]
[Authorize]
[Route("api/things")]
public class ThingController : ControllerBase
{
    [HttpGet("{id}")]
    public IActionResult Get(int id) => Ok(id);
}
"""


@pytest.fixture
def controller() -> str:
    """A sound controller: one endpoint, nothing to find."""
    return CONTROLLER

settings.register_profile("house", deadline=None)  # time is nobody's unit test
settings.load_profile("house")
