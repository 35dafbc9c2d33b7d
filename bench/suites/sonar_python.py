"""sonar-python's own files of code: `# Noncompliant` marks a line with an issue, `# OK` one without.

Only the checks that assert what a rule of ours asserts are asked: `sonar_python.toml` names their files. `Noncompliant@+1` is about the
next line. A line with neither mark is no case.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from bench.cases import Case, Tree
from bench.suites import Covered
from bench.suites._annotations import span

CORPUS = "sonar-python-tests"
FOLDER = "python-checks/src/test/resources/checks"
MARK = re.compile(r"#\s*(?:(?P<bad>Noncompliant)(?:@(?P<away>[+-]\d+))?|(?P<good>OK|Compliant)\b)")


def trees(corpus: Path, scratch: Path) -> Iterator[Tree]:
    """One tree for each file."""
    for file, (rule, weakness) in Covered("sonar_python").rules.items():
        source = corpus / FOLDER / file
        alone = scratch / source.stem
        alone.mkdir()
        shutil.copy(source, alone)
        yield Tree(alone, tuple(cases(source.read_text("utf-8"), source.name, rule, weakness)))


def cases(text: str, name: str, rule: str, weakness: str) -> Iterator[Case]:
    """The marked lines."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        mark = MARK.search(line)
        if mark and (line[: mark.start()].strip() or mark["away"]):
            at = number + int(mark["away"] or 0)
            yield Case((rule,), "Python", bool(mark["bad"]), name, (at + 1, span(lines, at)[1]), weakness, name=f"{name}:{at + 1}")
