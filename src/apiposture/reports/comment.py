"""What stands under a pull request, in one comment that is renewed with every push?"""

from collections.abc import Iterable, Iterator

from apiposture.model.finding import Finding
from apiposture.model.scan import Scan
from apiposture.reports.figures import counted, figures, is_complete, listed
from apiposture.reports.markdown import code, inside_html, problems, proof, references
from apiposture.reports.options import Options, is_blocking, is_hint, shown

MARKER = "<!-- apiposture:report -->"
"""The first line, by which whoever posts the comment finds the one that is there already."""
LIMIT = 60_000
"""Bytes. A comment may hold 65,536 characters on GitHub (more on GitLab and Azure DevOps); the rest is room for whoever adds a line."""
SIGN = MARKER
RESERVE = 600
"""Bytes kept for the sentence about what is left out."""


def render(scan: Scan, options: Options) -> str:
    """The verdict, a table, the findings folded away with their code, and the problems: as many as fit, and how many do not."""
    findings = sorted(shown(scan.findings, options), key=lambda finding: not is_blocking(finding, options))
    page = Page()
    page.add(opening(scan, findings, options))
    listed_ones = table(findings, options, page)
    detailed = sum(page.add(folded(finding, scan, options)) for finding in findings[:listed_ones])
    told_problems = page.add(["", *problems(scan)])
    page.close(left_out(findings, listed_ones, detailed, bool(scan.problems) and not told_problems))
    return page.text()


class Page:
    """Lines that are added as long as there is room."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.size = 0

    def add(self, lines: Iterable[str]) -> bool:
        """Take the lines, all of them or none."""
        taken = list(lines)
        size = sum(len(f"{line}\n".encode("utf-8", "surrogatepass")) for line in taken)
        if self.size + size > LIMIT - RESERVE:
            return False
        self.close(taken)
        return True

    def close(self, lines: Iterable[str]) -> None:
        """Take lines that the reserve is for."""
        for line in lines:
            self.lines.append(line)
            self.size += len(f"{line}\n".encode("utf-8", "surrogatepass"))

    def text(self) -> str:
        """All of it."""
        return "\n".join(self.lines).rstrip() + "\n"


def opening(scan: Scan, findings: list[Finding], options: Options) -> Iterator[str]:
    """The marker, the verdict and the figures."""
    numbers = figures(scan)
    blocking = sum(is_blocking(finding, options) for finding in findings)
    yield MARKER
    yield f"### ApiPosture: {verdict(scan, blocking)}"
    yield ""
    yield f"Findings {counted(scan, options)} · Endpoints {listed(numbers.endpoints)} · Files {listed(numbers.files)}"
    yield ""


def verdict(scan: Scan, blocking: int) -> str:
    """One clause that says whether this can be merged."""
    if blocking:
        return f"{blocking} finding{'s' * (blocking != 1)} block{'s' * (blocking == 1)} this change"
    return "nothing blocks this change" if is_complete(scan) else "the scan is incomplete, there may be more than was found"


def table(findings: list[Finding], options: Options, page: Page) -> int:
    """One row a finding, as many as fit into a third of the page; how many those are."""
    if not findings:
        return 0
    page.add(["| | Severity | Rule | Endpoint | Where |", "|---|---|---|---|---|"])
    count = 0
    for finding in findings:
        if page.size > LIMIT // 3 or not page.add([row(finding, options)]):
            break
        count += 1
    page.add([""])
    return count


def row(finding: Finding, options: Options) -> str:
    """A finding in the table."""
    sign = "⛔" if is_blocking(finding, options) else "💡" if is_hint(finding) else "⚠️"
    endpoint = code(f"{finding.method} {finding.route}") if finding.route else ""
    where = code(f"{options.base}{finding.place.path}:{finding.place.line}")
    return f"| {sign} | {finding.severity} | {finding.rule} | {endpoint} | {where} |"


def folded(finding: Finding, scan: Scan, options: Options) -> Iterator[str]:
    """A finding, its claim as the line to unfold, its code and way inside."""
    hint = " (hint)" * is_hint(finding)
    yield "<details>"
    yield f"<summary><b>{finding.severity.upper()} {finding.rule}</b>{hint}&#58; {inside_html(finding.message)}</summary>"
    yield ""
    yield from proof(finding, scan)
    yield f"{references(finding)} · certainty {finding.certainty} · accept: `apiposture ignore {finding.fingerprint[:8]} --reason ...`"
    yield "</details>"
    yield ""


def left_out(findings: list[Finding], rows: int, detailed: int, problems_left: bool) -> Iterator[str]:
    """What had no room: it is said, never passed over."""
    if rows < len(findings) or detailed < rows:
        yield ""
        yield (
            f"_A comment has room for {rows} of {len(findings)} findings in the table and {detailed} with their code; "
            "the other reports of this run hold all of them._"
        )
    if problems_left:
        yield ""
        yield "_The problems of this scan had no room here; the other reports hold them._"
