"""How are findings said in the words of the Language Server Protocol?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from lsprotocol import types as lsp

from apiposture.model.finding import Finding, Step
from apiposture.model.scan import Problem, Scan
from apiposture.model.source import Place
from apiposture.reports.options import is_hint
from apiposture.reports.text import visible
from apiposture.rules import guide

SOURCE = "apiposture"
SEVERITIES = {
    "critical": lsp.DiagnosticSeverity.Error,
    "high": lsp.DiagnosticSeverity.Error,
    "medium": lsp.DiagnosticSeverity.Warning,
    "low": lsp.DiagnosticSeverity.Information,
}
COMMENTS = {".py": "#"}
"""How a comment begins where it is not `//`."""
TAKING_COMMENTS = (".cs", ".py")


class Answers:
    """The findings of one scan, for one project folder."""

    def __init__(self, scan: Scan, root: Path) -> None:
        self.scan = scan
        self.root = root
        self.by_path: dict[str, list[Finding]] = {}
        for finding in scan.findings:
            if finding.suppressed_by is None and finding.persona == "regular":
                self.by_path.setdefault(finding.place.path, []).append(finding)

    def diagnostics(self, path: str) -> list[lsp.Diagnostic]:
        """What is shown in a file."""
        problems = [problem for problem in self.scan.problems if problem.path == path]
        return [*(self.diagnostic(each) for each in self.by_path.get(path, [])), *(self.warning(each) for each in problems)]

    def paths(self) -> set[str]:
        """The files of which there is something to say."""
        return self.by_path.keys() | {problem.path for problem in self.scan.problems if problem.path}

    def diagnostic(self, finding: Finding) -> lsp.Diagnostic:
        """One finding, with its way as related information."""
        return lsp.Diagnostic(
            range=self.range(finding.place),
            message="\n".join([visible(finding.message), *([f"Fix: {visible(finding.remedy)}"] if finding.remedy else [])]),
            severity=lsp.DiagnosticSeverity.Hint if is_hint(finding) else SEVERITIES[finding.severity],
            code=finding.rule,
            source=SOURCE,
            related_information=[self.related(step) for step in finding.trace if step.note],
            data={"fingerprint": finding.fingerprint},
        )

    def warning(self, problem: Problem) -> lsp.Diagnostic:
        """What could not be handled: where the scanner is blind, a file without findings is not a clean one."""
        line = max(problem.line, 1)
        text = self.scan.snippets.get(problem.path, {}).get(line, "")
        severity = lsp.DiagnosticSeverity.Warning if problem.blocks else lsp.DiagnosticSeverity.Information
        place = self.range(Place(problem.path, line, len(text) - len(text.lstrip()) + 1, line, 0))
        return lsp.Diagnostic(range=place, message=visible(problem.message), severity=severity, code=problem.kind, source=SOURCE)

    def related(self, step: Step) -> lsp.DiagnosticRelatedInformation:
        """A step of the way."""
        return lsp.DiagnosticRelatedInformation(lsp.Location(self.uri(step.place.path), self.range(step.place)), visible(step.note))

    def uri(self, path: str) -> str:
        """A file of the project, as the protocol names it."""
        return (self.root / path).as_uri()

    def range(self, place: Place) -> lsp.Range:
        """A place counted from 0 in UTF-16 units; without an end it is the rest of its line."""
        start = lsp.Position(max(place.line, 1) - 1, self.units(place.path, place.line, place.column))
        last = max(place.end_line, place.line, 1)
        whole = len(self.scan.snippets.get(place.path, {}).get(last, "")) + 1
        return lsp.Range(start, lsp.Position(last - 1, self.units(place.path, last, place.end_column or max(whole, place.column))))

    def units(self, path: str, line: int, column: int) -> int:
        """A column in UTF-16 units, as far as the line's text is known."""
        before = self.scan.snippets.get(path, {}).get(line, "")[: max(column, 1) - 1]
        return max(column, 1) - 1 + sum(character > "\uffff" for character in before)

    def at(self, path: str, line: int) -> list[Finding]:
        """The findings that a line (from 0) belongs to."""
        return [each for each in self.by_path.get(path, []) if each.place.line <= line + 1 <= max(each.place.line, each.place.end_line)]

    def hover(self, path: str, line: int) -> lsp.Hover | None:
        """What the rule's page says, and what was looked for and not found."""
        found = self.at(path, line)
        if not found:
            return None
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, "\n\n---\n\n".join(map(told, found))))

    def actions(self, path: str, line: int) -> list[lsp.CodeAction]:
        """What can be done about the findings of a line: accept them beside the code. The reason is left to who accepts."""
        if not path.endswith(TAKING_COMMENTS):
            return []
        return [self.accepting(finding) for finding in self.at(path, line)]

    def accepting(self, finding: Finding) -> lsp.CodeAction:
        """A comment above the line; until a reason is written into it, it hides nothing."""
        place = finding.place
        text = self.scan.snippets.get(place.path, {}).get(place.line, "")
        indent = text[: len(text) - len(text.lstrip())]
        sign = COMMENTS.get(Path(place.path).suffix, "//")
        comment = f'{indent}{sign} apiposture: ignore[{finding.rule}] reason="" owner=\n'
        start = lsp.Position(place.line - 1, 0)
        edit = lsp.WorkspaceEdit(changes={self.uri(place.path): [lsp.TextEdit(lsp.Range(start, start), comment)]})
        return lsp.CodeAction(
            f"Accept {finding.rule} here, with a reason",
            kind=lsp.CodeActionKind.QuickFix,
            diagnostics=[self.diagnostic(finding)],
            edit=edit,
        )

    def settling(self, finding: Finding, before: str, after: str) -> lsp.CodeAction:
        """The edit that settles a finding, as the lines that it changes."""
        old, new = before.split("\n"), after.split("\n")
        same = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new)))
        tail = next((at for at, (one, other) in enumerate(zip(old[same:][::-1], new[same:][::-1], strict=False)) if one != other), 0)
        last = len(old) - tail
        where = lsp.Range(lsp.Position(same, 0), lsp.Position(last - 1, len(old[last - 1].encode("utf-16-le", "surrogatepass")) // 2))
        edit = lsp.TextEdit(where, "\n".join(new[same : len(new) - tail]))
        return lsp.CodeAction(
            f"Fix {finding.rule} (tried: nothing else changes)",
            kind=lsp.CodeActionKind.QuickFix,
            diagnostics=[self.diagnostic(finding)],
            is_preferred=True,
            edit=lsp.WorkspaceEdit(changes={self.uri(finding.place.path): [edit]}),
        )


def summary(scan: Scan) -> Iterator[str]:
    """What is said of the whole: the figures, and what could not be handled and stands in no file."""
    count = sum(finding.suppressed_by is None and finding.persona == "regular" for finding in scan.findings)
    figures = ((len(scan.files), "file"), (len(scan.endpoints), "endpoint"), (count, "finding"))
    yield ", ".join(f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in figures)
    yield from (f"{problem.kind}: {visible(problem.message)}" for problem in scan.problems if not problem.path)


def told(finding: Finding) -> str:
    """What is shown over a finding: itself, then its rule's page."""
    head = f"**{finding.rule}** · certainty {finding.certainty} · `{finding.fingerprint[:8]}`"
    return f"{head}\n\n{sought(finding)}\n\n{guide(finding.rule)}"


def sought(finding: Finding) -> str:
    """What was looked for and not found, as a list in a fence that text from the code can't close."""
    lines: Sequence[str] = [f"looked for: {visible(each)}" for each in finding.looked_for]
    text = "\n".join([visible(finding.message), *lines])
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}"
