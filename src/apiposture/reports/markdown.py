"""What does a reviewer read under a pull request or in a job's summary?"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from apiposture.model.finding import Finding, Step
from apiposture.model.scan import Scan
from apiposture.reports.figures import counted, figures, is_complete, listed
from apiposture.reports.options import Options, is_hint, shown
from apiposture.reports.text import code_line, visible

MOST_DETAILS = 30
"""Findings shown with their code; a comment may hold 65,536 characters (GitHub). The table lists all of them."""
MOST_ROWS = 200
SIGN = r"## ApiPosture\n\n(> \*\*The scan|- Findings:? )"
MARKS = re.compile(r"([\\`*_{}\[\]()#+!|~$^-])")
ENTITIES = {ord(each): f"&#{ord(each)};" for each in "&<>@|`*_[]\\~:#"}
GAP = "&#8203;"
"""A space without width: services look for mentions and references after the entities are read, and find none behind it."""
LANGUAGES = {".cs": "csharp", ".py": "python", ".json": "json", ".xml": "xml", ".yml": "yaml", ".yaml": "yaml"}


def render(scan: Scan, options: Options) -> str:
    """A heading with the figures, a table of findings, their details, and the problems."""
    findings = shown(scan.findings, options)
    parts = [*heading(scan, options), *table(findings), *details(findings, scan), *problems(scan)]
    return "\n".join(parts).rstrip() + "\n"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is: no markup, HTML, mention, reference or link can come out of it."""
    text = MARKS.sub(r"\\\1", visible(text))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", f"&#64;{GAP}")
    return text.replace(":", "&#58;").replace("www.", "www&#46;").replace("\\#", f"&#35;{GAP}")


def inside_html(text: str) -> str:
    """Text within HTML, where Markdown's own escapes would be shown: every sign that could mean something is an entity."""
    return visible(text).translate(ENTITIES | {ord(sign): f"&#{ord(sign)};{GAP}" for sign in "@#"})


def code(text: str) -> str:
    """Text as inline code: the fence is longer than any run of backticks in it, and table cells stay whole."""
    shown = visible(text)
    if "|" in shown:
        return f"<code>{shown.translate(ENTITIES)}</code>"
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def heading(scan: Scan, options: Options) -> Iterator[str]:
    """The figures; an incomplete scan says so first."""
    numbers = figures(scan)
    yield "## ApiPosture"
    yield ""
    if not is_complete(scan):
        yield "> **The scan is incomplete:** there may be more than was found. See the problems below."
        yield ""
    yield f"- Findings {counted(scan, options)}"
    yield f"- Endpoints {listed(numbers.endpoints)}"
    yield f"- Files {listed(numbers.files)}"
    yield f"- Problems {numbers.problems}"
    yield ""


def table(findings: list[Finding]) -> Iterator[str]:
    """One row a finding."""
    if not findings:
        return
    yield "| Severity | Rule | Endpoint | Finding | Fingerprint |"
    yield "|---|---|---|---|---|"
    for finding in findings[:MOST_ROWS]:
        endpoint = code(f"{finding.method} {finding.route}") if finding.route else ""
        mark = " *(hint)*" * is_hint(finding) + " *(suppressed)*" * bool(finding.suppressed_by)
        cells = (finding.severity, finding.rule, endpoint, escaped(finding.message) + mark, finding.fingerprint[:8])
        yield f"| {' | '.join(cells)} |"
    if len(findings) > MOST_ROWS:
        yield ""
        yield f"{len(findings) - MOST_ROWS} more are in the machine formats."
    yield ""


def details(findings: list[Finding], scan: Scan) -> Iterator[str]:
    """The first findings with their way, code and remedy."""
    for finding in findings[:MOST_DETAILS]:
        yield f"### {finding.severity.upper()} {finding.rule}&#58; {escaped(finding.message)}{' *(hint)*' * is_hint(finding)}"
        yield ""
        yield f"{code(f'{finding.place.path}:{finding.place.line}')} · {references(finding)} · certainty {finding.certainty}"
        yield ""
        yield from proof(finding, scan)
    if len(findings) > MOST_DETAILS:
        yield f"Details of {len(findings) - MOST_DETAILS} more are left out here; the machine formats hold all of them."
        yield ""


def references(finding: Finding) -> str:
    """What the finding speaks to in published lists."""
    return " · ".join((*([f"SOC 2 {', '.join(finding.soc2)}"] if finding.soc2 else []), *finding.owasp, *finding.cwe))


def proof(finding: Finding, scan: Scan) -> Iterator[str]:
    """The code, the way there step by step, and what settles it."""
    yield from snippet(finding, scan)
    for number, step in enumerate(finding.trace, 1):
        yield f"{number}. {code(located(step))} {escaped(step.note)}"
    yield ""
    if finding.remedy:
        yield f"**Fix:** {code(finding.remedy)}"
        yield ""


def snippet(finding: Finding, scan: Scan) -> Iterator[str]:
    """The lines of the finding's own file that its trace touches, in a fence that they can't close."""
    known = scan.snippets.get(finding.place.path, {})
    own = [step for step in finding.trace if step.place.path == finding.place.path and step.part != "sibling"]
    touched = {step.place.line for step in own}
    lines = [(line, code_line(known[line])) for line in sorted(touched | {finding.place.line}) if line in known]
    if lines:
        runs = [len(run) for _, text in lines for run in re.findall("`+", text)]
        fence = "`" * max(3, max(runs, default=0) + 1)
        yield fence + LANGUAGES.get(PurePosixPath(finding.place.path).suffix, "")
        for line, text in lines:
            yield f"{line:>5}  {text}"
        yield fence
        yield ""


def located(step: Step) -> str:
    """`OrderController.cs:24`."""
    return f"{PurePosixPath(step.place.path).name}:{step.place.line}"


def problems(scan: Scan) -> Iterator[str]:
    """Every problem."""
    if scan.problems:
        yield "### Problems"
        yield ""
        for problem in scan.problems:
            where = f" {code(f'{problem.path}:{problem.line}')}" if problem.path else ""
            blocking = " **(the scan is incomplete)**" if problem.blocks else ""
            yield f"- {problem.kind}: {escaped(problem.message)}{where}{blocking}"
