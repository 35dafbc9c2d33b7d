"""What does a developer read after a scan?"""

from collections.abc import Iterator
from io import StringIO

from apiposture.model.finding import Finding
from apiposture.model.scan import Problem, Scan
from apiposture.reports.figures import counted, figures, is_complete, listed, told
from apiposture.reports.frame import Line, frame
from apiposture.reports.options import Options, is_hint, shown
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
    """The lines with styles. Every piece is a Text: rich never sees markup, and is not even loaded where nobody wants colour.

    A line that the screen is too narrow for is broken between words, and goes on below what follows its sign. Without colour it
    stays whole, so that it can be searched for.
    """
    from rich.console import Console
    from rich.text import Text

    out = StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", width=width, no_color=False, legacy_windows=False)
    for line in lines:
        whole = Text()
        for text, style in line:
            whole.append(text, style=style)
        hang = hang_of(line)
        is_broken = whole.cell_len > width and hang < width // 2
        first, *rest = whole[hang:].wrap(console, width - hang) if is_broken else [whole[hang:]]
        for piece in (whole[:hang] + first, *(Text(" " * hang) + piece for piece in rest)):
            piece.rstrip()
            console.print(piece, soft_wrap=True, highlight=False, markup=False, emoji=False)
    return out.getvalue()


def hang_of(line: Line) -> int:
    """How many characters of a line are its sign (`[HIGH] `, `Files      `, a line number)."""
    if len(line) < 2:
        return 0
    sign = line[0][0]
    return len(sign) + (not sign.endswith(" "))


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
    yield row("Files", listed(numbers.files))
    yield row("Endpoints", listed(numbers.endpoints))
    style = next((SEVERITY_STYLES[word] for word in told(scan) if word in SEVERITY_STYLES), "")
    yield row("Findings", counted(scan, options), style)
    yield row("Problems", f"{numbers.problems}: {numbers.blocking} blocking" if numbers.problems else "0")
    if options.elapsed is not None:
        yield row("Time", f"{options.elapsed:.2f} s")
    if not is_complete(scan):
        yield [("The scan is incomplete: there may be more than was found.", "bold magenta")]


def row(title: str, value: str, style: str = "") -> Line:
    """One line of the summary; what counts most has a colour."""
    return [(f"{title:<10} ", "bold"), (value, style)]
