"""A PostgreSQL of our own for the tests that need one, where it is installed."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def program(name: str) -> str | None:
    """Where a program of PostgreSQL is: Debian keeps the server's out of the way."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(places[-1]) if places else shutil.which(name)


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The URL of a server that lives as long as the block; it never runs as root."""
    initdb, server = program("initdb"), program("postgres")
    assert initdb
    assert server
    data = folder / "data"
    data.mkdir()
    as_user: dict[str, object] = {}
    if os.geteuid() == 0:
        who = pwd.getpwnam("postgres")
        for each in (folder, data):
            os.chown(each, who.pw_uid, who.pw_gid)
        as_user = {"user": who.pw_uid, "group": who.pw_gid}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    subprocess.run([initdb, "-D", data, "-A", "trust", "-U", "tester", "-N", "-E", "UTF8", "--locale=C"], check=True, **quiet, **as_user)  # type: ignore[call-overload]
    settings = ["-c", "fsync=off", "-c", f"unix_socket_directories={folder}", "-c", "listen_addresses=127.0.0.1"]
    process = subprocess.Popen([server, "-D", data, "-p", str(port), *settings], **quiet, **as_user)  # type: ignore[call-overload]
    try:
        yield _answering(f"postgresql://tester@127.0.0.1:{port}/postgres")
    finally:
        process.send_signal(signal.SIGINT)  # fast: it does not wait for connections
        process.wait(20)


def _answering(url: str) -> str:
    import time

    import psycopg

    for _ in range(300):
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return url
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise AssertionError("PostgreSQL did not start")
