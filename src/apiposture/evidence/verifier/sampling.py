"""Which commits does an auditor look at? Drawn by a seed of the auditor's own, chosen after the pack was sealed."""

from __future__ import annotations

import hashlib

from apiposture.evidence.verifier.canonical import BrokenError, Json
from apiposture.evidence.verifier.statuses import rows_of

SAMPLE = ("drawn", "commit", "at", "scan", "scanned_at", "how", "on_time", "complete", "result", "gap")


def sample_of(tables: dict[str, Json], seed: str, count: int) -> Json:
    """So many commits of the period with their records, in the order in which they were drawn.

    Each commit's place in the draw is the SHA-256 of the seed and its id: anybody can do it again, and nobody can tell it before the seed
    is known.
    """
    if not seed.strip() or count < 1:
        raise BrokenError("A sample needs a seed and a number of at least 1.")
    population = [row for row in rows_of(tables, "population") if row["in_period"]]
    scans = {row["number"]: row for row in rows_of(tables, "scans")}
    drawn = sorted(population, key=lambda row: hashlib.sha256(f"{seed}\n{row['commit']}".encode()).hexdigest())[:count]
    rows = []
    for number, row in enumerate(drawn, 1):
        scan = scans.get(row["scan"], {"at": "", "complete": False, "result": ""})
        told = [row["scan"], scan["at"], row["how"], row["on_time"], scan["complete"], scan["result"], row["gap"]]
        rows.append([number, row["commit"], row["at"], *told])
    return {"columns": list(SAMPLE), "rows": rows}
