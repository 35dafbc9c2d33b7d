"""OWASP BenchmarkPython: 1,230 Flask applications of one file each, half of them with a flaw of one of 14 kinds.

A case is a file; `expectedresults-0.1.csv` says whether it is flawed. It is flagged by a finding of AP103 in it with the weakness of its
category. Left out are the categories that no rule of ours speaks of: weak hashes and random numbers, cookies without the secure
flag, trust boundaries, and cross-site scripting.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from bench.cases import Case, Tree

CORPUS = "owasp-benchmark-python"
CATEGORIES = {
    "cmdi": "CWE-78", "codeinj": "CWE-94", "deserialization": "CWE-502", "ldapi": "CWE-90", "pathtraver": "CWE-22",
    "redirect": "CWE-601", "sqli": "CWE-89", "xpathi": "CWE-643", "xxe": "CWE-611",
}  # fmt: skip


def trees(corpus: Path, scratch: Path) -> Iterator[Tree]:
    """All files as one application, as they are deployed."""
    yield Tree(corpus, tuple(cases((corpus / "expectedresults-0.1.csv").read_text("utf-8"))))


def cases(expected: str) -> Iterator[Case]:
    """A line of the file that says what is expected: name, category, whether it is a real flaw, number of the weakness."""
    for line in csv.reader(expected.splitlines()):
        if line and not line[0].startswith("#") and line[1] in CATEGORIES:
            yield Case(("AP103",), "Python", line[2] == "true", f"testcode/{line[0]}.py", weakness=CATEGORIES[line[1]], name=line[0])
