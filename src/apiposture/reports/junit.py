"""What does a test report viewer read? JUnit's XML, one suite a rule, one case a finding."""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from msgspec.structs import replace

from apiposture.model.finding import Finding, Rule
from apiposture.model.scan import Problem, Scan
from apiposture.reports.options import LONG_AGO, Options, is_blocking, is_hint, shown
from apiposture.reports.text import visible

SIGN = r'<\?xml [^>]*>\s*<testsuites>\s*<testsuite name="(AP\d{3} [^"]*|Complete)" package="apiposture"'


def render(scan: Scan, options: Options) -> str:
    """Valid for the two schemas in use: that of Ant (the strictest) and that of Jenkins."""
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", *suites(scan, options), "</testsuites>", ""])


def suites(scan: Scan, options: Options) -> Iterator[str]:
    """A suite for every rule that ran, and one for what could not be handled."""
    findings = shown(scan.findings, replace(options, suppressed=True))
    for number, rule in enumerate(scan.rules):
        cases = [case(finding, options) for finding in findings if finding.rule == rule.id] or [sound(rule)]
        yield from suite(f"{rule.id} {rule.name}", number, cases, options)
    blocking = [problem for problem in scan.problems if problem.blocks]
    yield from suite("Complete", len(scan.rules), [blind(problem) for problem in blocking] or [seen()], options)


def suite(name: str, number: int, cases: list[str], options: Options) -> Iterator[str]:
    """A suite with its counts; the host is no one's business."""
    counts = {kind: sum(f"<{tag}" in each for each in cases) for kind, tag in (("failures", "failure"), ("errors", "error"))}
    time = options.finished or LONG_AGO
    yield (
        f'  <testsuite name={attribute(name)} package="apiposture" id="{number}" timestamp="{time}" hostname="localhost"'
        f' tests="{len(cases)}" failures="{counts["failures"]}" errors="{counts["errors"]}" time="0">'
    )
    yield "    <properties/>"
    yield from cases
    yield "    <system-out/>"
    yield "    <system-err/>"
    yield "  </testsuite>"


def case(finding: Finding, options: Options) -> str:
    """A finding: a failure where it fails the build, skipped with the reason where it does not."""
    place = finding.place
    endpoint = f"{finding.method} {finding.route}".strip()
    name = f"{endpoint or place.path} [{finding.fingerprint[:8]}]"
    return opened(name, options.base + place.path) + outcome(finding, options) + "\n    </testcase>"


def outcome(finding: Finding, options: Options) -> str:
    """What the case's one child says. Ant's schema lets only a failure hold text beside its message."""
    if is_blocking(finding, options):
        kind, body = attribute(f"{finding.rule} {finding.severity}"), text(told(finding, options))
        return f"\n      <failure type={kind} message={attribute(finding.message)}>{body}</failure>"
    if finding.suppressed_by is not None:
        why = f"accepted: {finding.suppressed_by.reason}"
    else:
        why = f"{'hint' if is_hint(finding) else 'does not fail the build'} ({finding.severity}): {finding.message}"
    return f"\n      <skipped message={attribute(why)}/>"


def told(finding: Finding, options: Options) -> str:
    """The claim with its way, line by line."""
    place = finding.place
    lines = [finding.message, f"at {options.base}{place.path}:{place.line}"]
    lines += [f"  {number}. {step.place.path}:{step.place.line} {step.note}" for number, step in enumerate(finding.trace, 1)]
    lines += [f"fix: {finding.remedy}"] * bool(finding.remedy)
    lines.append(" ".join((*(f"SOC 2 {name}" for name in finding.soc2), *finding.owasp, *finding.cwe, finding.fingerprint)))
    return "\n".join(map(visible, lines))


def sound(rule: Rule) -> str:
    """The case of a rule that found nothing."""
    return opened(f"{rule.id} found nothing", "apiposture") + "</testcase>"


def seen() -> str:
    """The case of a scan that saw everything."""
    return opened("everything was read", "apiposture") + "</testcase>"


def blind(problem: Problem) -> str:
    """A problem that left something unseen."""
    where = f" ({problem.path}:{problem.line})" if problem.path else ""
    return (
        opened(f"{problem.kind}{where}", problem.path or "apiposture")
        + f"\n      <error type={attribute(problem.kind)} message={attribute(problem.message)}/>\n    </testcase>"
    )


def opened(name: str, file: str) -> str:
    """The start of a case."""
    return f'    <testcase name={attribute(name)} classname={attribute(file)} time="0">'


def attribute(value: str) -> str:
    """A quoted attribute: characters that XML has no room for are spelled out."""
    return quoteattr(well_formed(visible(value)))


def text(value: str) -> str:
    """The content of an element."""
    return escape("\n".join(well_formed(line) for line in value.split("\n")))


def well_formed(value: str) -> str:
    """Without the two characters that are printable to nobody and forbidden to XML."""
    return value.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
