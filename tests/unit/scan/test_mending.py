"""Is an edit proposed only where it settles its finding and nothing else changes, and is it written as it was shown?"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apiposture.frameworks.library import library
from apiposture.model.source import Place
from apiposture.scan.mending import bare_holes, offset_of, rewritten

Run = Callable[..., Any]
SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "orders-aspnetcore"
(SQL,) = library("csharp").rewrite
(YAML,) = (row for row in library("python").rewrite if "yaml" in row.text)
MARKED = {row.hole: row for row in library("python").rewrite if row.hole}


@pytest.mark.parametrize(
    ("code", "mended"),
    [
        ('db.ExecuteSqlRaw($"a = {x}")', 'db.ExecuteSqlInterpolated($"a = {x}")'),
        ("db.ExecuteSqlRaw($\"a = '{x}' and b = {y}\")", 'db.ExecuteSqlInterpolated($"a = {x} and b = {y}")'),
        ('_db.Database.ExecuteSqlRawAsync( $"a < {x}" )', '_db.Database.ExecuteSqlInterpolatedAsync( $"a < {x}" )'),
        ('db.Logs.FromSqlRaw($"a LIKE {x} OR b")', 'db.Logs.FromSqlInterpolated($"a LIKE {x} OR b")'),
        ("db.ExecuteSqlRaw($\"a = N'{x}'\")", 'db.ExecuteSqlInterpolated($"a = {x}")'),
        ("db.ExecuteSqlRaw($\"INSERT INTO t VALUES ({x}, '{y}')\")", 'db.ExecuteSqlInterpolated($"INSERT INTO t VALUES ({x}, {y})")'),
        ('db.ExecuteSqlRaw($"DELETE FROM {x}")', None),
        ('db.ExecuteSqlRaw($"SELECT * FROM [{x}]")', None),
        ('db.ExecuteSqlRaw($"a ORDER BY {x}")', None),
        ('db.ExecuteSqlRaw($"a IN ({x})")', None),
        ('db.ExecuteSqlRaw($"a = 1 {x}")', None),
        ('db.ExecuteSqlRaw($"a = p{x}")', None),
        ('db.ExecuteSqlRaw($"a = {x}_old")', None),
        ('db.ExecuteSqlRaw($"EXEC {x}")', None),
        ('db.ExecuteSqlRaw($"{x}")', None),
        ("db.ExecuteSqlRaw($\"a like '%{x}%'\")", None),
        ("db.ExecuteSqlRaw($\"a = 'b {x}'\")", None),
        ('db.ExecuteSqlRaw($"it\'s {x}")', None),
        ('db.ExecuteSqlRaw($"{x}", y)', None),
        ('db.ExecuteSqlRaw("a" + x)', None),
        ("db.ExecuteSqlRaw(text)", None),
    ],
)
def test_sql_becomes_parameters_where_nothing_else_changes(code: str, mended: str | None) -> None:
    assert rewritten(f"var r = {code};", Place("a.cs", 1, 9), SQL) == (None if mended is None else f"var r = {mended};")


@pytest.mark.parametrize(
    ("code", "mended"),
    [
        ("yaml.load(text)", "yaml.safe_load(text)"),
        ("yaml.load(f.read(), Loader=yaml.Loader)", "yaml.safe_load(f.read())"),
        ("yaml.unsafe_load(request.data)", "yaml.safe_load(request.data)"),
        ("yaml.load(text, Loader=make())", None),
        ("yaml.load(text, Loader=EnvLoader)", None),
        ("yaml.load(a, b)", None),
    ],
)
def test_a_safe_loader_takes_the_place_of_an_unsafe_one(code: str, mended: str | None) -> None:
    assert rewritten(f"\n    {code}", Place("a.py", 2, 5), YAML) == (None if mended is None else f"\n    {mended}")


@pytest.mark.parametrize(
    ("code", "mended"),
    [
        ("cur.execute(f\"SELECT b FROM t WHERE a = '{x}'\")", 'cur.execute("SELECT b FROM t WHERE a = ?", (str(x),))'),
        ("d.execute(f\"DELETE FROM t WHERE a = '{x.id}' OR b = '{y['n']}'\")",
         'd.execute("DELETE FROM t WHERE a = ? OR b = ?", (str(x.id), str(y[\'n\'])))'),
        ("conn.cursor().execute(f\"UPDATE t SET a = '{x}'\", )", 'conn.cursor().execute("UPDATE t SET a = ?", (str(x),))'),
        ("cur.execute(f\"INSERT INTO t VALUES ('{x}', '{y}')\")", 'cur.execute("INSERT INTO t VALUES (?, ?)", (str(x), str(y)))'),
        ('cur.execute(f"SELECT b FROM t WHERE a = {x}")', None),
        ("cur.execute(f\"SELECT b FROM t WHERE a = '{x!r}'\")", None),
        ("cur.execute(f\"SELECT b FROM t WHERE a = '{x:>5}'\")", None),
        ("cur.execute(f\"SELECT b FROM t WHERE a = '{f(x)}'\")", None),
        ("cur.execute(f\"SELECT b FROM t WHERE a = '{x}' AND c = '{{}}'\")", None),
        ("cur.execute(f\"SELECT b FROM t WHERE a = '{x}' OR b = ?\")", None),
        ("cur.execute(f\"SELECT b FROM t WHERE a = '{x}' -- as b = '{x}'\")", None),
        ("cur.execute(f\"SELECT b /* a = '{x}' */ FROM t\")", None),
        ("cur.execute(f\"SELECT [a = '{x}' ] FROM t\")", None),
        ("cur.execute(f\"CREATE VIEW v AS SELECT b FROM t WHERE a = '{x}'\")", None),
        ("cur.execute(f\"PRAGMA a = '{x}'\")", None),
        ("cur.execute(f\"SET a = '{x}'\")", None),
        ('cur.execute(f"SELECT * FROM {x}")', None),
        ("cur.execute(f\"SELECT b FROM t WHERE a LIKE '%{x}%'\")", None),
        ("cur.execute(f\"SELECT b FROM t WHERE a = '{x}'\", (y,))", None),
        ("cur.execute(f'SELECT b FROM t WHERE a = {x}')", None),
        ("cur.executescript(f\"SELECT b FROM t WHERE a = '{x}'\")", None),
        ('cur.execute("SELECT" + x)', None),
        ('cur.execute(f"SELECT 1")', None),
    ],
)
def test_values_are_handed_to_the_driver(code: str, mended: str | None) -> None:
    text = f"import sqlite3\nr = {code}"
    assert rewritten(text, Place("a.py", 2, 5), MARKED["?"]) == (None if mended is None else f"import sqlite3\nr = {mended}")


@pytest.mark.parametrize(
    ("driver", "mark"),
    [
        ("import sqlite3", "?"),
        ("    from aiosqlite import connect", "?"),
        ("import psycopg2.extras", "%s"),
        ("from django.db import connection", "%s"),
        ("import asyncpg", None),
        ("import sqlite3\nimport psycopg", None),
        ("import sqlite3\nfrom sqlalchemy import create_engine", None),
        ("import sqlite3\nclass Db(sqlite3.Connection): pass", None),
        ("import sqlite3\nname = name.replace(\"'\", \"''\")", None),
        ("from shop import database", None),
    ],
)
def test_the_mark_is_that_of_the_one_driver_of_the_file(driver: str, mark: str | None) -> None:
    query = "SELECT b FROM t WHERE a ="
    text = f"{driver}\ncur.execute(f\"{query} '{{x}}'\")"
    place = Place("a.py", text.count("\n") + 1, 1)
    found = [each for row in MARKED.values() if (each := rewritten(text, place, row)) is not None]
    assert found == ([] if mark is None else [f'{driver}\ncur.execute("{query} {mark}", (str(x),))'])


def test_a_mark_is_not_put_beside_what_reads_like_one() -> None:
    text = "import psycopg\ncur.execute(f\"SELECT b FROM t WHERE a LIKE '50%' AND b = '{x}'\")"
    assert rewritten(text, Place("a.py", 2, 1), MARKED["%s"]) is None


def test_places_and_holes() -> None:
    assert offset_of("ab\ncd\ne", 2, 2) == 4
    assert bare_holes("$\"x = '{a}' and y = '{b}'\"") == '$"x = {a} and y = {b}"'


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLE, tmp_path / "shop")
    return tmp_path / "shop"


def rules(run: Run, shop: Path) -> list[str]:
    out = run("scan", shop, "--fail-on", "none").out
    return sorted(line.split("] ")[1].split(":")[0] for line in out.split("\n") if line.startswith("["))


def test_the_diff_comes_first_and_applies(run: Run, shop: Path) -> None:
    before = {file: file.read_bytes() for file in shop.rglob("*.cs")}
    outcome = run("fix", shop)
    assert outcome.code == 0
    assert "Nothing was written: say --yes to write 1 edit" in outcome.err
    assert {file: file.read_bytes() for file in shop.rglob("*.cs")} == before
    subprocess.run(["git", "apply", "--check", "-"], cwd=shop, input=outcome.out.encode(), check=True)
    assert run("fix", shop, "--yes").code == 0
    assert rules(run, shop) == ["AP004", "AP101", "AP102", "AP201"]
    assert "Nothing here can be settled" in run("fix", shop).err


def test_what_changes_behaviour_is_done_only_where_it_is_asked_for(run: Run, shop: Path) -> None:
    outcome = run("fix", shop, "--rule", "AP004", "--yes")
    assert "(changes behaviour)" in outcome.err
    assert "+    [Authorize]\n" in outcome.out
    assert rules(run, shop) == ["AP101", "AP102", "AP103", "AP201"]


@pytest.mark.parametrize("ends", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_marks_stay(run: Run, shop: Path, ends: str, mark: bytes) -> None:
    file = shop / "Controllers/ProductController.cs"
    text = file.read_text("utf-8").replace("using Microsoft.AspNetCore.Authorization;\n", "").rstrip("\n")
    file.write_bytes(mark + text.replace("\n", ends).encode())
    run("fix", shop, "--rule", "AP004", "--yes")
    raw = file.read_bytes()
    assert raw.startswith(mark + b"using Microsoft.AspNetCore.Authorization;" + ends.encode())
    assert raw.count(b"\n") == raw.count(ends.encode()) == text.count("\n") + 2
    assert not raw.endswith(b"\n")


def test_an_edit_that_settles_nothing_is_not_shown(run: Run, tmp_path: Path) -> None:
    """The other half of the text still comes from the request: the finding would stay."""
    (tmp_path / "A.cs").write_text(
        'using Microsoft.AspNetCore.Mvc;\nusing Microsoft.EntityFrameworkCore;\n[ApiController]\n[Route("a")]\n'
        "public class AController : ControllerBase\n{\n    private readonly DbContext _db;\n"
        "    public AController(DbContext db) { _db = db; }\n    [HttpGet]\n    public IActionResult Get(string x) =>\n"
        "        Ok(_db.Database.ExecuteSqlRaw($\"select '%{x}%'\"));\n}\n"
    )
    assert "Nothing here can be settled" in run("fix", tmp_path, "--rule", "AP103").err


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
@pytest.mark.parametrize("where", [".", "shop", "shop/Controllers"])
def test_the_diff_applies_from_the_root_of_the_project(run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    subprocess.run(["git", "init", "-q", str(shop.parent)], check=True)
    monkeypatch.chdir(shop.parent)
    diff = run("fix", where).out
    assert diff.startswith("--- a/shop/Controllers/OperationsController.cs\n")
    subprocess.run(["git", "apply", "--check"], input=diff.encode(), check=True)


FLASK = """
import sqlite3
from flask import Flask, request
app = Flask(__name__)

@app.get("/orders")
def orders():
    name = request.args["name"]
    db = sqlite3.connect("orders.db")
    rows = db.execute(f"SELECT * FROM orders WHERE name = '{name}'").fetchall()
    db.execute(f"SELECT * FROM orders WHERE note LIKE '%{name}%'")
    return {"rows": rows}
"""


def test_of_two_alike_the_one_that_can_be_settled_is(run: Run, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(FLASK, "utf-8")
    assert run("fix", tmp_path, "--yes").code == 0
    settled = FLASK.replace("""(f"SELECT * FROM orders WHERE name = '{name}'")""", '("SELECT * FROM orders WHERE name = ?", (str(name),))')
    assert (tmp_path / "app.py").read_text("utf-8") == settled
    assert rules(run, tmp_path).count("AP103") == 1
