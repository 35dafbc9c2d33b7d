"""What does a workflow print so that findings appear beside the changed lines? GitHub's workflow commands."""

from collections.abc import Iterator

from apiposture.model.finding import Finding
from apiposture.model.scan import Problem, Scan
from apiposture.reports.options import Options, is_blocking, is_hint, shown
from apiposture.reports.text import visible

MOST = 10
"""Annotations of each level that GitHub keeps of one step; the last is ours where some are left out."""

LEVELS = ("error", "warning", "notice")


SIGN = r"::(error|warning|notice) [^\n]*title=(AP\d{3}|ApiPosture)|ApiPosture: nothing to annotate"


def render(scan: Scan, options: Options) -> str:
    """One command a line. What fails the build is an error, what does not a warning, a hint a notice."""
    lines = [*annotations(scan, options), *sums(scan, options)]
    return "".join(f"{line}\n" for line in lines) or "\n"


def annotations(scan: Scan, options: Options) -> Iterator[str]:
    """Problems that blind the scan first, then findings, within the number that is kept of each level."""
    commands: dict[str, list[str]] = {level: [] for level in LEVELS}
    for problem in scan.problems:
        if problem.blocks:
            commands["error"].append(of_problem(problem, options))
    for finding in shown(scan.findings, options):
        level = level_of(finding, options)
        commands[level].append(of_finding(finding, level, options))
    for level, lines in commands.items():
        if len(lines) <= MOST:
            yield from lines
            continue
        yield from lines[: MOST - 1]
        text = f"{len(lines) - MOST + 1} more are not shown here: GitHub keeps {MOST} of a step. The other reports hold all of them."
        yield f"::{level} title=ApiPosture::{data(text)}"


def sums(scan: Scan, options: Options) -> Iterator[str]:
    """A line for the log where there is nothing to annotate."""
    if not any(problem.blocks for problem in scan.problems) and not shown(scan.findings, options):
        yield "ApiPosture: nothing to annotate."


def level_of(finding: Finding, options: Options) -> str:
    """How loud a finding is."""
    if is_blocking(finding, options):
        return "error"
    return "notice" if is_hint(finding) else "warning"


def of_finding(finding: Finding, level: str, options: Options) -> str:
    """A finding beside its line."""
    place = finding.place
    where = [f"file={value(options.base + place.path)}", f"line={max(place.line, 1)}"]
    if place.end_line in (0, place.line) and place.end_column > place.column:
        where += [f"endLine={place.line}", f"col={place.column}", f"endColumn={place.end_column}"]
    elif place.end_line > place.line:
        where.append(f"endLine={place.end_line}")
    endpoint = f"{finding.method} {visible(finding.route)}".strip()
    text = "\n".join(
        [
            visible(finding.message),
            *([f"Endpoint: {endpoint}"] if endpoint else []),
            *([f"Fix: {visible(finding.remedy)}"] if finding.remedy else []),
            f"apiposture why {finding.fingerprint[:8]}",
        ]
    )
    return f"::{level} {','.join(where)},title={value(f'{finding.rule} {visible(finding.name)}')}::{data(text)}"


def of_problem(problem: Problem, options: Options) -> str:
    """A problem, beside its line where it has one."""
    where = f"file={value(options.base + problem.path)},line={max(problem.line, 1)}," if problem.path else ""
    return f"::error {where}title={value(f'ApiPosture is incomplete: {problem.kind}')}::{data(visible(problem.message))}"


def data(text: str) -> str:
    """A message, as the command's last part wants it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def value(text: str) -> str:
    """A property's value: what separates properties is written out as well, and no control character is left."""
    return data(visible(text)).replace(":", "%3A").replace(",", "%2C")
