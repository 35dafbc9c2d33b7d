"""The tests of .NET's own security analyzers: C# programs in strings, with the lines of the diagnostics that are expected.

A case is an expected line, or a program in which none is expected. `roslyn_security_tests.toml` says which analyzers assert what a rule of
ours asserts. A key is told where it is written down, not where it is used, so that a program with one is a single case. Most programs are
pages of Web Forms; they have rows of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bench.cases import Case, Tree
from bench.csharp_tests import Verified, verified
from bench.suites import Covered

CORPUS = "roslyn-security-tests"
FOLDER = "src/NetAnalyzers/UnitTests/Microsoft.NetCore.Analyzers/Security"
VERIFIES = ("VerifyCSharpWithDependenciesAsync", "VerifyAnalyzerAsync", "VerifyCSharpAnalyzerAsync")
WEB_FORMS = "System.Web.UI"
AT = re.compile(r"GetCSharp\w*ResultAt\(\s*(\d+)")


def trees(corpus: Path, scratch: Path) -> Iterator[Tree]:
    """One tree for each program."""
    covered = Covered("roslyn_security_tests")
    for analyzer, (rule, weakness) in covered.rules.items():
        text = (corpus / FOLDER / f"{analyzer}Tests.cs").read_text("utf-8-sig")
        tests = [test for name in VERIFIES for test in verified(text, name)]
        for number, test in enumerate(tests):
            found = tuple(cases(test, rule, weakness))
            if found:
                folder = scratch / analyzer / str(number)
                folder.mkdir(parents=True)
                (folder / "Program.cs").write_text(test.program, "utf-8")
                yield Tree(folder, found)


def cases(test: Verified, rule: str, weakness: str) -> Iterator[Case]:
    """The expected lines of one program, or its silence. A test with a configuration file of its own is left out."""
    if any("editorconfig" in argument for argument in test.arguments):
        return
    lines = [int(found) for argument in test.arguments for found in AT.findall(argument)]
    if len(lines) < len(test.arguments):
        return
    expected = bool(lines)
    if rule == "AP201":
        lines = []
    group = "WebForms" if WEB_FORMS in test.program else ""
    for line in dict.fromkeys(lines):
        yield Case((rule,), "C#", True, "Program.cs", (line, line), weakness, group, test.method)
    if not lines:
        yield Case((rule,), "C#", expected, "Program.cs", None, weakness, group, test.method)
