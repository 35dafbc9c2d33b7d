"""What does a developer read after a scan?"""

from collections.abc import Iterator
from io import StringIO

from apiposture.model.finding import Finding
from apiposture.model.scan import Problem, Scan
from apiposture.reports.figures import figures, held_back, is_complete, listed, told
from apiposture.reports.frame import Line, frame
from apiposture.reports.options import Options, is_hint, is_shown, shown
from apiposture.reports.text import visible

SIGN = r"\[[A-Z]+\] (AP\d{3}: |[a-z-]+: )|Files      \d+(: [^\n]*)?\nEndpoints  \d"
SEVERITY_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}


def render(scan: Scan, options: Options) -> str:
    """Findings with their code frames, problems, and the summary."""
    lines = [*findings_of(scan, options), *problems_of(scan), *summary_of(scan, options)]
    if options.color:
        return colored(lines, options.width)
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines)


def colored(lines: list[Line], width: int) -> str:
    """The lines with styles. Every piece is a Text: rich never sees markup, and is not even loaded where nobody wants colour."""
    from rich.console import Console
    from rich.text import Text

    out = StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", width=width, no_color=False, legacy_windows=False)
    for line in lines:
        whole = Text()
        for text, style in line:
            whole.append(text, style=style)
        console.print(whole, soft_wrap=True, highlight=False, markup=False, emoji=False)
    return out.getvalue()


def findings_of(scan: Scan, options: Options) -> Iterator[Line]:
    """The findings that the reader wants to see, each after an empty line but the first."""
    for finding in shown(scan.findings, options):
        yield headline(finding)
        yield from frame(finding, scan.snippets, options)
        yield []


def headline(finding: Finding) -> Line:
    """`[CRITICAL] AP101: Possible BOLA in ...`, the line that the product is known by; it is never broken."""
    text = f"{finding.rule}: {visible(finding.message)}"
    hint = is_hint(finding)
    line = [(f"[{finding.severity.upper()}]", "dim" if hint else SEVERITY_STYLES[finding.severity]), (" ", ""), (text, "bold")]
    if hint:
        line.append((" (hint)", "dim"))
    if finding.suppressed_by is not None:
        line.append((f" (suppressed: {visible(finding.suppressed_by.reason)})", "dim"))
    return line


def problems_of(scan: Scan) -> Iterator[Line]:
    """Every problem, whatever the options: what could not be handled is part of the result."""
    for problem in scan.problems:
        yield [("[PROBLEM]", "bold magenta"), (f" {problem.kind}: {visible(problem.message)}{located(problem)}", "")]
    if scan.problems:
        yield []


def located(problem: Problem) -> str:
    """` (src/A.cs:3)`, as far as it is known."""
    line = f":{problem.line}" if problem.line else ""
    return f" ({visible(problem.path)}{line})" if problem.path else ""


def summary_of(scan: Scan, options: Options) -> Iterator[Line]:
    """The figures at the end."""
    numbers = figures(scan)
    notes = [note for note in (held_back(scan), *hidden(scan, options)) if note]
    yield row("Files", listed(numbers.files))
    yield row("Endpoints", listed(numbers.endpoints))
    style = next((SEVERITY_STYLES[word] for word in told(scan) if word in SEVERITY_STYLES), "")
    yield row("Findings", listed(told(scan)) + (f" ({', '.join(notes)})" if notes else ""), style)
    yield row("Problems", f"{numbers.problems}: {numbers.blocking} blocking" if numbers.problems else "0")
    if options.elapsed is not None:
        yield row("Time", f"{options.elapsed:.2f} s")
    if not is_complete(scan):
        yield [("The scan is incomplete: there may be more than was found.", "bold magenta")]


def hidden(scan: Scan, options: Options) -> Iterator[str]:
    """How many findings the options hide, and which option shows them."""
    open_ones = [finding for finding in scan.findings if finding.suppressed_by is None and not is_shown(finding, options)]
    others = [finding for finding in open_ones if finding.persona not in options.personas]
    if others:
        yield f"{len(others)} not shown: --persona auditor"
    if len(others) < len(open_ones):
        yield f"{len(open_ones) - len(others)} not shown: --min-certainty low"


def row(title: str, value: str, style: str = "") -> Line:
    """One line of the summary; what counts most has a colour."""
    return [(f"{title:<10} ", "bold"), (value, style)]
