"""How long do a year of scans take to pack and to verify, by the commands?

`python bench/packs.py [SCANS]`, with `src` and `tests` on the path.
A repository and a history of its own are made first: every commit is scanned within minutes, every scan is another one.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from subprocess import run
from time import perf_counter

import msgspec

from apiposture.config import Config
from apiposture.scan import scan
from apiposture.store import open_history
from unit.evidence.projects import DAY, START, Project

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "samples" / "orders-aspnetcore"
BRANCH = "refs/heads/main"


def year(scans: int, top: Path) -> None:
    """A repository whose every commit changes its scan: findings come, go, and move. The history is in its usual place."""
    base = scan([SAMPLE], Config(cache=False))
    told = "".join(f"{_commit(number, scans)}\n" for number in range(scans))
    run(["git", "init", "-q", "-b", "main", str(top)], check=True)
    run(["git", "fast-import", "--quiet"], input=told.encode(), cwd=top, check=True)
    names = run(["git", "rev-list", "--reverse", "main"], cwd=top, check=True, capture_output=True, text=True).stdout.split()
    project = Project()
    history = open_history(f"sqlite:///{top}/.apiposture/history.sqlite")
    for number, name in enumerate(names):
        moved = [msgspec.structs.replace(each, message=f"{each.message} ({number})") for each in base.findings[number % 3 :]]
        project.scan(msgspec.structs.replace(base, findings=tuple(moved)), _time(number, scans) + 300, commit=name, keep=history)


def _time(number: int, scans: int) -> int:
    return START + number * 365 * DAY // scans


def _commit(number: int, scans: int) -> str:
    body = f"// {number}\n"
    change = f"M 644 inline src/Orders.cs\ndata {len(body)}\n{body}"
    return f"commit {BRANCH}\ncommitter Ada <ada@example.com> {_time(number, scans)} +0000\ndata 6\nchange\n{change}"


def timed(what: str, command: list[str], top: Path) -> None:
    """Run a command and print how long it took; one that fails ends the bench."""
    started, before = perf_counter(), getrusage(RUSAGE_CHILDREN)
    done = run(command, cwd=top, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True)
    after = getrusage(RUSAGE_CHILDREN)
    work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    last = (done.stdout or done.stderr).strip().split("\n")[-1]
    print(f"{what}: {perf_counter() - started:.1f} s ({work:.1f} s of work): {last}", flush=True)
    assert done.returncode == 0, done.stdout + done.stderr


def main() -> None:
    """Print the times and the size."""
    scans = int(sys.argv[1]) if len(sys.argv) > 1 else 1300
    with tempfile.TemporaryDirectory() as place:
        top = Path(place) / "orders"
        year(scans, top)
        ours = [sys.executable, "-m", "apiposture"]
        timed("built", [*ours, "evidence", "build", "--period", "2026-07-01..2027-06-30", "-o", "pack.zip"], top)
        print(f"{scans} scans: {(top / 'pack.zip').stat().st_size / 1e6:.1f} MB")
        timed("verified", [*ours, "verify", "pack.zip"], top)
        timed("verify.py taken out", ["unzip", "-q", "pack.zip", "verify.py"], top)
        timed("verify.py", [sys.executable, "verify.py", "pack.zip"], top)


if __name__ == "__main__":
    main()
