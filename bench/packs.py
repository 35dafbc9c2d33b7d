"""How long does a year of scans take to pack and to verify? `python bench/packs.py [SCANS]`, with `src` and `tests` on the path."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from subprocess import run
from time import perf_counter, process_time

import msgspec

from apiposture.config import Config
from apiposture.evidence.pack import build
from apiposture.evidence.verifier.asked import report_on
from apiposture.evidence.verifier.checks import Expected
from apiposture.evidence.verifier.envelope import fingerprint
from apiposture.scan import scan
from unit.evidence.projects import DAY, START, Project, signer

SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "orders-aspnetcore"


def year(scans: int) -> Project:
    """A project whose every commit changes its scan: findings come, go, and move."""
    base = scan([SAMPLE], Config(cache=False))
    project = Project()
    for number in range(scans):
        at = START + number * 365 * DAY // scans
        project.commit(at)
        moved = [msgspec.structs.replace(each, message=f"{each.message} ({number})") for each in base.findings[number % 3 :]]
        project.scan(msgspec.structs.replace(base, findings=tuple(moved)), at + 300)
    return project


def main() -> None:
    """Print the times and the size."""
    scans = int(sys.argv[1]) if len(sys.argv) > 1 else 1300
    project = year(scans)
    period = {"start": "2026-07-01", "end": "2027-06-30"}
    started, work = perf_counter(), process_time()
    pack = build(project.material(period=period, as_of="2027-06-30T23:59:59Z"), signer())
    print(f"{scans} scans: {len(pack) / 1e6:.1f} MB, built in {perf_counter() - started:.1f} s ({process_time() - work:.1f} s of work)")
    started, work = perf_counter(), process_time()
    holds, lines = report_on(pack, Expected(fingerprint(signer().key)))
    print(f"verified in {perf_counter() - started:.1f} s ({process_time() - work:.1f} s of work): {lines[-1]}")
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "pack.zip"
        file.write_bytes(pack)
        run(["unzip", "-q", str(file), "verify.py", "-d", place], check=True)
        again = perf_counter()
        done = run([sys.executable, f"{place}/verify.py", str(file), "--key-fingerprint", fingerprint(signer().key)], capture_output=True)
        print(f"verify.py: {perf_counter() - again:.1f} s, exit code {done.returncode}")
    assert holds


if __name__ == "__main__":
    main()
