"""Is nothing lost, changed or put in, in SQLite and in PostgreSQL, whoever writes at the same time and whoever dies?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from apiposture.evidence.reading import links_of
from apiposture.evidence.verifier.canonical import sha256, written
from apiposture.model.error import PostureError
from apiposture.model.record import Entry
from apiposture.store import History, open_history
from unit.store.servers import postgres, program

SRC = Path(__file__).resolve().parents[3] / "src"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    if not program("initdb"):
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    # Not below pytest's own folder: the server runs as another user, who can't enter that.
    with tempfile.TemporaryDirectory(prefix="apiposture-postgres-") as folder, postgres(Path(folder)) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/history.sqlite"
    made: str = request.getfixturevalue("server")
    name = f"t{abs(hash(request.node.name)) % 10**9}_{os.getpid()}"
    with create_engine(made.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    return made.replace("/postgres", f"/{name}")


def add(history: History, says: str, project: str = "orders") -> Entry:
    detail = written({"salt": "s", "operator": "somebody"})
    body = f"report of {says}".encode()

    def line(number: int, previous: str) -> str:
        said = {"number": number, "previous": previous, "says": says, "detail": sha256(detail), "body": sha256(body)}
        return written(said).decode()

    return history.append(project, line, detail.decode(), {sha256(body): body})


def raw(url: str, statement: str) -> None:
    with create_engine(url.replace("postgresql:", "postgresql+psycopg:")).begin() as connection:
        connection.exec_driver_sql(statement)


def test_what_was_added_is_there(url: str) -> None:
    history = open_history(url)
    first, second = add(history, "one"), add(history, "two")
    assert (first.number, second.number) == (1, 2)
    assert second.previous == first.hash
    found = open_history(url).entries("orders")
    assert found == [first, second]
    assert [link["says"] for link in links_of(found)] == ["one", "two"]
    assert history.body(sha256(b"report of two")) == b"report of two"
    assert history.projects() == ["orders"]
    assert add(history, "other", "billing").number == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET line = 'x'",
        "DELETE FROM entry",
        "DELETE FROM body",
        "UPDATE body SET digest = 'x'",
        "INSERT INTO entry SELECT project, number + 5, hash, previous, line, detail FROM entry",
    ],
)
def test_the_database_itself_refuses_changes(url: str, statement: str) -> None:
    history = open_history(url)
    add(history, "one")
    with pytest.raises(DBAPIError):
        raw(url, statement)
    assert len(links_of(history.entries("orders"))) == 1


def test_sqlite_replaces_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/h.sqlite"
    history = open_history(url)
    add(history, "one")
    with pytest.raises(DBAPIError, match="append-only"):
        raw(url, "INSERT OR REPLACE INTO entry SELECT project, number, hash, previous, 'x', detail FROM entry")


def test_a_change_behind_the_database_s_back_is_seen(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/h.sqlite"
    history = open_history(url)
    for says in ("one", "two", "three"):
        add(history, says)
    raw(url, "DROP TRIGGER entry_no_update")
    raw(url, "UPDATE entry SET line = replace(line, 'two', 'six') WHERE number = 2")
    with pytest.raises(PostureError, match="can't be relied on"):
        links_of(history.entries("orders"))
    raw(url, "DROP TRIGGER entry_no_delete")
    raw(url, "DELETE FROM entry WHERE number = 2")
    with pytest.raises(PostureError, match="Entry 2"):
        links_of(history.entries("orders"))


def test_a_lost_body_is_said(tmp_path: Path) -> None:
    with pytest.raises(PostureError, match="has lost"):
        open_history(f"sqlite:///{tmp_path}/h.sqlite").body("0" * 64)


WRITER = """
    import sys
    sys.path[:0] = [{src!r}, {tests!r}]
    from unit.store.test_history import add
    from apiposture.store import open_history
    history = open_history({url!r})
    for number in range({count}):
        add(history, f"{name} {{number}}")
        print(number, flush=True)
"""


def writer(url: str, name: str, count: int) -> subprocess.Popen[str]:
    code = textwrap.dedent(WRITER.format(src=str(SRC), tests=str(SRC.parent / "tests"), url=url, name=name, count=count))
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def test_writers_at_the_same_time_lose_nothing(url: str) -> None:
    """From the very first entry on: the tables themselves are made by whoever comes first."""
    writers = [writer(url, f"writer{number}", 8) for number in range(3)]
    for each in writers:
        assert each.wait(120) == 0
    said = sorted(link["says"] for link in links_of(open_history(url).entries("orders")))
    assert said == sorted(f"writer{one} {two}" for one in range(3) for two in range(8))


def test_a_writer_that_is_killed_loses_nothing_that_it_had_said(url: str) -> None:
    open_history(url)
    for round_ in range(3):
        process = writer(url, f"round{round_}", 10_000)
        assert process.stdout is not None
        told = [process.stdout.readline()]
        time.sleep(0.05 * round_)
        process.send_signal(signal.SIGKILL)
        told += process.stdout.readlines()
        process.wait(20)
        links = links_of(open_history(url).entries("orders"))
        kept = [link for link in links if link["says"].startswith(f"round{round_} ")]
        assert len(kept) >= len([line for line in told if line.endswith("\n")])
        for link in kept[-2:]:
            assert open_history(url).body(link["body"])
        add(open_history(url), "after")


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/x", "sqlite:////proc/nowhere/h.sqlite"])
def test_a_history_that_cannot_be_is_a_sentence(url: str) -> None:
    with pytest.raises(PostureError):
        open_history(url)


def test_a_password_is_shown_nowhere() -> None:
    with pytest.raises(PostureError) as caught:
        open_history("postgresql://somebody:hunter2@127.0.0.1:1/x?connect_timeout=1")
    assert "hunter2" not in str(caught.value)


def test_the_tables_are_those_of_the_migrations(url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from apiposture.store.tables import metadata

    open_history(url)
    with create_engine(url.replace("postgresql:", "postgresql+psycopg:")).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_json_line_is_what_the_chain_hashes(url: str) -> None:
    entry = add(open_history(url), "one")
    assert sha256(entry.line.encode()) == entry.hash
    assert json.loads(entry.line)["previous"] == "0" * 64
