"""detect-secrets' own tests of its plugins: lines, and whether a secret must be found in each.

The tables of `@pytest.mark.parametrize` are read, nothing is run: the first text of a row, and its truth value if it has one (a table
without any lists what must be found). A case is a line in a file of its own, in no folder that is called a test (there much counts
as made up). `detect_secrets.toml` says which plugins are left out. So are lines whose secret stands for one (a run of one sign, digits in
order, EXAMPLE): to AP201 that is a placeholder.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from bench.cases import Case, Tree
from bench.suites import Covered

CORPUS = "detect-secrets"
STAND_IN = re.compile(r"([A-Za-z0-9])\1{7}|12345678|EXAMPLE", re.IGNORECASE)


def trees(corpus: Path, scratch: Path) -> Iterator[Tree]:
    """All lines, side by side in one tree."""
    covered = Covered("detect_secrets")
    cases = []
    for source in sorted((corpus / "tests" / "plugins").glob("*_test.py")):
        plugin = source.stem.removesuffix("_test")
        if plugin in covered.left_out:
            continue
        for number, (line, flawed) in enumerate(dict(rows(source.read_text("utf-8"))).items()):
            path = f"{plugin}/{number}/settings.conf"
            (scratch / path).parent.mkdir(parents=True)
            (scratch / path).write_text(line, "utf-8")
            cases.append(Case(("AP201",), "text", flawed, path, name=plugin))
    yield Tree(scratch, tuple(cases))


def rows(text: str) -> Iterator[tuple[str, bool]]:
    """The lines that are tested, and whether a secret must be found."""
    for call in ast.walk(ast.parse(text)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "parametrize" and len(call.args) > 1:
            for row in getattr(call.args[1], "elts", ()):
                parts = [constant(part) for part in (row.elts if isinstance(row, ast.Tuple) else [row])]
                truths = [part for part in parts if isinstance(part, bool)]
                flawed = truths[0] if truths else True
                if parts and isinstance(parts[0], str) and not (flawed and STAND_IN.search(parts[0])):
                    yield parts[0], flawed


def constant(node: ast.expr) -> object:
    """The value of a literal (texts beside each other are one); None for anything else."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None
