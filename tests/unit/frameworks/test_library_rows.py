"""Do the rows of library knowledge load, and does each say something that the engine can read?"""

import re
import tomllib
from collections import Counter
from importlib import resources

import msgspec
import pytest

from apiposture.frameworks import library as rows
from apiposture.frameworks import vocabulary
from apiposture.frameworks.library import library
from apiposture.rules import AP103

DOCUMENTATION = re.compile(r"https://[a-z0-9.-]+\.[a-z]+/\S*")

LIBRARY = library("csharp")
PYTHON = library("python")
FOLDER = resources.files("apiposture.frameworks") / "csharp"
FILES = sorted(entry.name for entry in FOLDER.iterdir() if entry.name.endswith(".toml"))


def all_rows():
    return [(kind, row) for kind in LIBRARY.__struct_fields__ for row in getattr(LIBRARY, kind)]


def test_rows_of_every_kind_are_known():
    assert all(getattr(LIBRARY, kind) or getattr(PYTHON, kind) for kind in LIBRARY.__struct_fields__)


@pytest.mark.parametrize("name", FILES)
def test_a_page_stands_beside_each_file(name):
    page = FOLDER / name.replace(".toml", ".md")
    assert page.is_file()
    assert page.read_text("utf-8").startswith("# ")


@pytest.mark.parametrize("name", FILES)
def test_alternatives_are_spelled_out(name):
    kinds = tomllib.loads((FOLDER / name).read_text("utf-8"))
    assert set(kinds) <= set(LIBRARY.__struct_fields__)
    for _, row in all_rows():
        for field in ("call", "member", "name", "package"):
            assert "{" not in getattr(row, field, "")


def test_calls_name_a_type_and_a_member():
    calls = [row.call for kind, row in all_rows() if getattr(row, "call", "") and kind != "register"]
    assert len(calls) > 1000
    assert [call for call in calls if not vocabulary.CALL.fits(call)] == []


@pytest.mark.parametrize("shipped", [LIBRARY, PYTHON])
@pytest.mark.parametrize("kind", LIBRARY.__struct_fields__)
def test_rows_are_in_the_vocabularies(kind, shipped):
    assert [(row, slip) for row in getattr(shipped, kind) for slip in vocabulary.slips(kind, row)] == []


def test_each_kind_of_sink_is_one_that_the_rule_knows():
    assert set(vocabulary.SINKS) == set(AP103.kinds())


def test_the_rows_of_python_keep_to_the_same():
    folder = resources.files("apiposture.frameworks") / "python"
    names = [entry.name for entry in folder.iterdir()]
    assert all(name.replace(".toml", ".md") in names for name in names if name.endswith(".toml"))
    told = [row for kind in PYTHON.__struct_fields__ for row in getattr(PYTHON, kind)]
    forms = [(vocabulary.FORMS.get(kind, {}).get("call", vocabulary.CALL), getattr(PYTHON, kind)) for kind in PYTHON.__struct_fields__]
    assert all(form.fits(row.call) for form, rows in forms for row in rows if getattr(row, "call", ""))
    assert all(DOCUMENTATION.fullmatch(row.why) for row in told if hasattr(row, "why"))
    assert {row.kind for row in PYTHON.sink} <= {row.when for row in PYTHON.remedy if row.rule == "AP103"}


def test_each_reason_is_documentation():
    reasons = [row.why for _, row in all_rows() if hasattr(row, "why")]
    assert [why for why in reasons if not DOCUMENTATION.fullmatch(why)] == []


def test_nothing_is_said_twice():
    for kind in LIBRARY.__struct_fields__:
        said = Counter(_what_it_speaks_of(row) for row in getattr(LIBRARY, kind))
        assert [what for what, times in said.items() if times > 1] == [], kind


def _what_it_speaks_of(row):
    """What two rows of a kind must not both speak of."""
    names = ("annotation", "call", "handler", "method", "member", "type", "name", "at", "kind", "rule", "when", "package", "setting",
             "needs", "refuses", "does")
    if isinstance(getattr(row, "says", None), str):
        return row.says, getattr(row, "name", ""), getattr(row, "annotation", "")
    ignored = {"type"} if hasattr(row, "call") and row.call else set()
    ignored |= {"does", "kind"} if not hasattr(row, "at") and getattr(row, "call", "") else set()
    said = tuple((name, getattr(row, name)) for name in names if hasattr(row, name) and name not in ignored)
    return (*said, row.text) if hasattr(row, "text") else said


def test_bases_lead_nowhere_in_a_circle():
    bases = {row.name: row.bases for row in LIBRARY.type}

    def above(name, seen):
        assert name not in seen, (name, seen)
        for base in bases.get(name, ()):
            above(base, (*seen, name))

    for name in bases:
        above(name, ())


@pytest.mark.parametrize(
    ("sub", "base"),
    [
        ("DbSet", "IEnumerable"),
        ("SqlCommand", "IDbCommand"),
        ("SqliteConnection", "IDbConnection"),
        ("List", "IEnumerable"),
        ("Logger", "ILogger"),
    ],
)
def test_hierarchies_reach_the_types_that_rows_speak_of(sub, base):
    bases = {row.name: row.bases for row in LIBRARY.type}
    reached, pending = set(), [sub]
    while pending:
        name = pending.pop()
        reached.add(name)
        pending += bases.get(name, ())
    assert base in reached


def test_what_the_product_is_known_by():
    sinks = {(row.call, row.kind) for row in LIBRARY.sink}
    assert {("DatabaseFacade.ExecuteSqlRaw", "sql"), ("BinaryFormatter.Deserialize", "deserialization")} <= sinks
    assert not any(row.call.endswith(("Interpolated", ".ExecuteSql")) for row in LIBRARY.sink)
    # The method takes an interpolated text, whose holes become parameters, and (in old versions) a plain one.
    assert all("$" in row.unless for row in LIBRARY.sink if row.call.endswith(".FromSql"))
    assert ("DbSet.FindAsync", "read") in {(row.call, row.operation) for row in LIBRARY.access}
    assert "ControllerBase.User" in {row.member for row in LIBRARY.principal}
    assert any(row.name == "Splunk" for row in LIBRARY.destination)
    assert {"AP101", "AP102", "AP103", "AP001", "AP004", "AP008", "AP201"} <= {row.rule for row in LIBRARY.remedy}


def test_each_kind_of_sink_has_a_remedy():
    remedies = {row.when for row in LIBRARY.remedy if row.rule == "AP103"}
    assert {row.kind for row in LIBRARY.sink} <= remedies


def test_remedies_leave_only_known_holes():
    known = {"entity", "owner", "key", "variable"}
    for row in LIBRARY.remedy:
        if row.rule == "AP101":
            holes = set(re.findall(r"\{(\w+)\}", row.text))
            assert holes <= known, row


def test_a_bad_row_is_named_with_its_file(monkeypatch: pytest.MonkeyPatch):
    wrong = {"sink": [{"call": "File.{Open,Move}", "at": "arg:0", "where": "?"}]}
    monkeypatch.setattr(rows.shipped, "table", lambda package, name: wrong)
    with pytest.raises(msgspec.ValidationError, match=r"csharp/wrong\.toml"):
        rows._read("csharp/wrong.toml")


def test_other_languages_have_no_rows_of_csharp():
    assert library("no-such-language") == rows.Library()
