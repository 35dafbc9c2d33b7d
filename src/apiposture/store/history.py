"""How are links added to a chain and read again, in SQLite or PostgreSQL?"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, insert, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError

from apiposture.model.error import PostureError
from apiposture.model.record import GENESIS, Entry
from apiposture.store.tables import bodies, entries

HEAD = "0001"
"""The newest migration (`migrations/versions`)."""

PATIENCE = 120
"""Seconds that a writer waits for the others before it gives up."""


class History:
    """The chains of one database."""

    def __init__(self, engine: Engine, shown: str) -> None:
        self._engine = engine
        self._shown = shown

    def append(self, project: str, line: Callable[[int, str], str], detail: str, found: Mapping[str, bytes]) -> Entry:
        """Add a link with its bodies: all of it or nothing. `line` writes the link, once its number and what stands before it are known."""
        with self._writing(project) as connection:
            head = _head(connection, project)
            number, previous = (head.number + 1, head.hash) if head else (1, GENESIS)
            written = line(number, previous)
            entry = Entry(number, sha256(written.encode("ascii")).hexdigest(), previous, written, detail)
            for digest, body in found.items():
                if connection.scalar(select(func.count()).select_from(bodies).where(bodies.c.digest == digest)) == 0:
                    connection.execute(insert(bodies).values(digest=digest, data=zlib.compress(body, 6)))
            connection.execute(insert(entries).values(project=project, **_columns(entry)))
            return entry

    def entries(self, project: str) -> list[Entry]:
        """The chain of a project, from its beginning, as it is kept: whether it holds is for the reader to check."""
        wanted = select(entries).where(entries.c.project == project).order_by(entries.c.number)
        with self._reading() as connection:
            return [Entry(row.number, row.hash, row.previous, row.line, row.detail) for row in connection.execute(wanted)]

    def projects(self) -> list[str]:
        """The projects that have a chain here."""
        with self._reading() as connection:
            return list(connection.scalars(select(entries.c.project).distinct().order_by(entries.c.project)))

    def body(self, digest: str) -> bytes:
        """What a link speaks of. Raises PostureError where it is gone or is not what it was."""
        with self._reading() as connection:
            data = connection.scalar(select(bodies.c.data).where(bodies.c.digest == digest))
        try:
            found = zlib.decompress(data) if data is not None else b""
        except zlib.error:
            found = b""
        if sha256(found).hexdigest() != digest:
            raise PostureError(f"History '{self._shown}' has lost or changed entry body '{digest[:12]}'; restore it from a backup.")
        return found

    @contextmanager
    def _writing(self, project: str) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                if self._engine.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:project))"), {"project": f"apiposture {project}"})
                yield connection
        except IntegrityError as error:
            raise PostureError(f"History '{self._shown}' refused the entry: {_reason(error)}.") from None
        except DBAPIError as error:
            raise PostureError(f"History '{self._shown}' could not be written: {_reason(error)}.") from None

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise PostureError(f"History '{self._shown}' could not be read: {_reason(error)}.") from None


def open_history(url: str, *, make: bool = True) -> History:
    """The history at a URL (`sqlite:///FILE`, `postgresql://...`), brought up to date, and made where there is none.

    Whoever only wants to read does not `make` one: a place without a history is then a PostureError, and stays as it is.
    """
    engine, shown = _engine(url, make)
    try:
        version = _version(engine)
        if version is None and not make:
            raise PostureError(f"Nothing is recorded in '{shown}' yet; `apiposture record` makes the first scan.")
        if version != HEAD:
            _migrate(engine)
    except DBAPIError as error:
        raise PostureError(f"History '{shown}' could not be opened: {_reason(error)}.") from None
    return History(engine, shown)


def _engine(url: str, make: bool) -> tuple[Engine, str]:
    try:
        found = make_url(url)
        if found.drivername in ("postgresql", "postgres"):
            found = found.set(drivername="postgresql+psycopg")
        engine = create_engine(found, **({"connect_args": {"timeout": PATIENCE}} if found.drivername.startswith("sqlite") else {}))
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError):
        raise PostureError(f"History '{url.partition('@')[2] or url}' is no address; write sqlite:///FILE or postgresql://...") from None
    if engine.dialect.name not in ("sqlite", "postgresql"):
        raise PostureError(f"History in '{engine.dialect.name}' is not supported; use SQLite or PostgreSQL.")
    if engine.dialect.name == "sqlite":
        if not make and not (found.database and Path(found.database).is_file()):
            raise PostureError(f"Nothing is recorded in '{found.database}' yet; `apiposture record` makes the first scan.")
        _make_folder(found.database)
        event.listen(engine, "connect", _prepared)
        event.listen(engine, "begin", _begun)
    return engine, found.render_as_string(hide_password=True)


def _make_folder(file: str | None) -> None:
    if file:
        try:
            Path(file).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise PostureError(f"History '{file}' could not be made: {(error.strerror or 'unknown reason').lower()}.") from None


def _prepared(connection: Any, _: Any) -> None:
    """SQLite: transactions are begun by us, and a commit is on the disk before it is said to be done."""
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = EXTRA")


def _begun(connection: Connection) -> None:
    """SQLite: whoever begins holds the pen at once; others wait, instead of failing at their first write."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _version(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return str(found) if found is not None else None


def _migrate(engine: Engine) -> None:
    """Bring the tables up to date. Those who come at the same time wait, and find the work done."""
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('apiposture migrations'))"))
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


def _head(connection: Connection, project: str) -> Any:
    """The last link of a project's chain."""
    wanted = select(entries.c.number, entries.c.hash).where(entries.c.project == project).order_by(entries.c.number.desc()).limit(1)
    return connection.execute(wanted).first()


def _columns(entry: Entry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in entry.__struct_fields__}


def _reason(error: DBAPIError) -> str:
    return str(error.orig).strip().split("\n")[0].rstrip(".") or "unknown reason"
