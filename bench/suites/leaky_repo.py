"""leaky-repo: 44 files in which secrets are usually leaked, counted as its own benchmark counts.

A case is a file of `.leaky-meta/secrets.csv`, covered by any finding in it. More findings than the lines that are listed as a risk or as
informative are false alarms, and so is any finding in another file. Two of the 44 hold no secret (a public key, and two checksums).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from bench.cases import Case, Tree

CORPUS = "leaky-repo"


def trees(corpus: Path, scratch: Path) -> Iterator[Tree]:
    """The whole repository."""
    yield Tree(corpus, tuple(cases((corpus / ".leaky-meta" / "secrets.csv").read_text("utf-8"))), all_of=("AP201",))


def cases(listed: str) -> Iterator[Case]:
    """A line of the list: file, lines with a risk, lines that inform."""
    for row in csv.reader(line for line in listed.splitlines() if line.strip() and not line.startswith("#")):
        yield Case(("AP201",), "text", True, row[0], most=int(row[1]) + int(row[2]))
