"""security-code-scan's own tests: C# programs in strings, with the diagnostics that are expected in each.

A case is a program; it is flagged by a finding of our rule with the weakness of theirs, anywhere in it. `security_code_scan.toml` says
which of their rules ours cover. Left out are tests that configure entry points or sinks of their own and those of the audit mode, which
warns of anything that isn't constant; so are programs that are put together by more than filling in a row of data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bench.cases import Case, Tree
from bench.csharp_tests import Verified, verified
from bench.suites import Covered

CORPUS = "security-code-scan"
ID = re.compile(r"SCS\d{4}")


def trees(corpus: Path, scratch: Path) -> Iterator[Tree]:
    """One tree for each program."""
    covered = Covered("security_code_scan")
    for file in sorted((corpus / "SecurityCodeScan.Test" / "Tests").rglob("*.cs")):
        path = file.relative_to(corpus).as_posix()
        if not covered.leaves_out(path):
            text = file.read_text("utf-8-sig")
            known = set(ID.findall(text)) & set(covered.rules)
            for number, (program, case) in enumerate(programs(text, known, covered)):
                folder = scratch / file.stem / str(number)
                folder.mkdir(parents=True)
                (folder / case.file).write_text(program, "utf-8")
                yield Tree(folder, (case,))


def programs(text: str, known: set[str], covered: Covered) -> Iterator[tuple[str, Case]]:
    """Each different program of one file of tests, with its case."""
    seen = set()
    for test in verified(text, "VerifyCSharpDiagnostic"):
        expected = expectation(test)
        theirs = {value for value in test.row if isinstance(value, str) and ID.fullmatch(value)} or set(ID.findall(test.text)) or known
        meant = {covered.rules[rule] for rule in theirs & known}
        if expected is not None and len(meant) == 1 and test.program not in seen:
            seen.add(test.program)
            rule, weakness = meant.pop()
            yield test.program, Case((rule,), "C#", expected, "Program.cs", weakness=weakness, name=f"{test.method} {test.row}")


def expectation(test: Verified) -> bool | None:
    """Is a diagnostic expected; None for a test that sets the analyzer up in its own way, or expects an error of the compiler."""
    given = " ".join(test.arguments)
    if "ption" in given or "Audit" in given or "DiagnosticResult" in given:
        return None
    return "xpected" in given
