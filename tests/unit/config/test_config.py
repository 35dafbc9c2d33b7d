"""Is the configuration found, read and refused as the contract says?"""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

import apiposture.config
from apiposture.config import Config, Suppress, config_from, load, schema
from apiposture.model.error import PostureError

SCHEMA = Path(apiposture.config.__file__).with_name("config.schema.json")


def test_nothing_configured_is_the_default(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    found = load(tmp_path)
    assert (found.fail_on, found.min_certainty, found.exclude) == ("high", "low", ())


def test_the_nearest_file_upward_holds(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "apiposture.toml").write_text("fail-on = 'low'")
    assert load(inner).fail_on == "low"
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.apiposture]\nfail_on = 'critical'\nexclude = ['x/']")
    assert load(inner) == Config(fail_on="critical", exclude=("x/",), source=str(tmp_path / "a" / "pyproject.toml"), base="b/")
    assert load(tmp_path / "a").base == ""
    assert load(inner, tmp_path / "apiposture.toml").base == "a/b/"
    elsewhere = tmp_path / "ci"
    elsewhere.mkdir()
    (elsewhere / "apiposture.toml").write_text("jobs = 1")
    assert load(inner, elsewhere / "apiposture.toml").base == ""


def test_a_named_file_must_be_there_and_be_ours(tmp_path: Path) -> None:
    with pytest.raises(PostureError, match="could not be read: no such file"):
        load(tmp_path, tmp_path / "gone.toml")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    with pytest.raises(PostureError, match="has no table"):
        load(tmp_path, tmp_path / "pyproject.toml")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"exlude": []}, "unknown key 'exlude'; did you mean 'exclude'"),
        ({"rules": {"selct": []}}, "unknown key 'rules.selct'; did you mean 'select'"),
        ({"suppress": [{"rule": "AP101", "reason": "x", "pth": "y"}]}, "'suppress[0].pth'; did you mean 'path'"),
        ({"suppress": [{"rule": "AP101"}]}, "'suppress[0]': Object missing required field `reason`"),
        ({"suppress": [{"rule": "AP1", "reason": "x"}]}, "'suppress[0].rule'"),
        ({"suppress": [{"rule": "AP101", "reason": "x"}]}, "names no 'path', 'fingerprint' or 'endpoint'"),
        ({"suppress": [{"rule": "AP1", "reason": "x"}]}, "a rule is named by its id, such as AP101."),
        ({"rules": {"select": ["bola"]}}, "'rules.select[0]': a rule is named by its id, such as AP101."),
        ({"fail-on": "severe"}, "key 'fail_on': 'severe' is none of critical, high, medium, low, none."),
        ({"min_certainty": "sure"}, "key 'min_certainty': 'sure' is none of high, medium, low."),
        ({"fail_certainty": 1}, "allowed are high, medium, low."),
        ({"suppress_lines": [1]}, "unknown key 'suppress_lines'"),
        ({"jobs": -1}, "'jobs'"),
        (
            {"suppress": [{"rule": "AP101", "reason": "x", "path": "a.cs", "until": "2027-13-41"}]},
            "key 'suppress[0].until': '2027-13-41' is no day of the calendar.",
        ),
        ({"suppress": 3}, "key 'suppress'"),
        ({"library": 3}, "key 'library'"),
        ({"library": {"csharp": [1]}}, "key 'library.csharp': Expected `table`, got '[1]'."),
        ({"library": {"csharp": {"sink": 3}}}, "key 'library.csharp.sink': Expected tables ([[library.csharp.sink]]), got '3'."),
        ({"library": {"csharp": {"sink": {"call": "A.B"}}}}, "key 'library.csharp.sink': Expected tables"),
        ({"suppress": ["AP101"]}, "key 'suppress[0]'"),
        ({"source": "elsewhere"}, "unknown key 'source'"),
    ],
)
def test_what_is_wrong_is_named(table: dict[str, object], words: str) -> None:
    with pytest.raises(PostureError) as error:
        config_from(table, "apiposture.toml")
    assert words in str(error.value)
    assert str(error.value).startswith("Configuration 'apiposture.toml': ")


def test_suppressions_are_read_whole() -> None:
    row = {"rule": "AP101", "reason": "by design", "path": "src/*.cs", "until": "2027-03-31", "owner": "ann", "ticket": "T-1",
           "approver": "bea", "created": "2026-09-01", "renewed": ("2026-12-01",)}  # fmt: skip
    assert config_from({"suppress": [row]}, "x").suppress == (Suppress(**row),)  # type: ignore[arg-type]


def test_a_day_may_be_written_without_quotes(tmp_path: Path) -> None:
    (tmp_path / "apiposture.toml").write_text(ROW.format("[[suppress]]") + "until = 2027-03-31\n")
    assert load(tmp_path).suppress[0].until == "2027-03-31"
    (tmp_path / "apiposture.toml").write_text(ROW.format("[[suppress]]") + "until = 2027-03-31T10:00:00\n")
    with pytest.raises(PostureError, match="until"):
        load(tmp_path)


def test_the_schema_for_editors_is_current() -> None:
    """`python -c 'from apiposture.config import write_schema; write_schema()'` renews it."""
    assert json.loads(SCHEMA.read_text("utf-8")) == schema()


@pytest.mark.parametrize(
    ("table", "fits"),
    [
        ({}, True),
        ({"fail_on": "high", "rules": {"ignore": ["AP006"]}}, True),
        ({"fail_on": "hgh"}, False),
        ({"exlude": []}, False),
        ({"suppress": [{"rule": "AP101"}]}, False),
        ({"suppress": [{"rule": "AP101", "reason": "x", "path": "a.cs", "until": "tomorrow"}]}, False),
    ],
)
def test_the_schema_agrees_with_the_reader(table: dict[str, object], fits: bool) -> None:
    assert jsonschema_rs.is_valid(json.loads(SCHEMA.read_text("utf-8")), table) is fits
    if fits:
        assert config_from(table, "x").source == "x"
    else:
        with pytest.raises(PostureError):
            config_from(table, "x")


ROW = "{0}\nrule = 'AP101'\nreason = 'x'\npath = 'a.cs'\n"


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("apiposture.toml", "jobs = 1\n\n" + ROW.format("[[suppress]]") + "# between\n" + ROW.format("  [[ suppress ]]"), (3, 8)),
        ("pyproject.toml", "[project]\nname = 'x'\n" + ROW.format("[[tool.apiposture.suppress]]"), (3,)),
        ("apiposture.toml", "jobs = 1\nsuppress = [\n  { rule = 'AP101', reason = 'x', path = 'a.cs' },\n]\n", (2,)),
        ("apiposture.toml", "jobs = 1\n", ()),
    ],
)
def test_each_suppression_knows_its_line(tmp_path: Path, name: str, text: str, lines: tuple[int, ...]) -> None:
    (tmp_path / name).write_text(text)
    assert load(tmp_path).suppress_lines == lines
