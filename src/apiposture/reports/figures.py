"""Which figures sum a scan up?"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from apiposture.model.facts import POSTURES
from apiposture.model.finding import BEFORE, KNOWN, SEVERITIES, Suppression
from apiposture.model.scan import Scan
from apiposture.reports.options import Options, is_hint, is_shown

ACCEPTED = "accepted"
"""What was looked at by somebody, and hidden with a reason."""
STATUSES = ("parsed", "partial", "searched", "failed")


class Figures(Struct, frozen=True):
    """Counts by word, in the field's own order, without zeros. `findings` are those not suppressed."""

    files: dict[str, int]
    endpoints: dict[str, int]
    findings: dict[str, int]
    suppressed: int
    problems: int
    blocking: int


def figures(scan: Scan) -> Figures:
    """The figures of a scan."""
    open_findings = [finding for finding in scan.findings if finding.suppressed_by is None]
    return Figures(
        files=counts(STATUSES, (file.status for file in scan.files)),
        endpoints=counts(POSTURES, (endpoint.posture.level for endpoint in scan.endpoints)),
        findings=counts(SEVERITIES, (finding.severity for finding in open_findings)),
        suppressed=len(scan.findings) - len(open_findings),
        problems=len(scan.problems),
        blocking=sum(problem.blocks for problem in scan.problems),
    )


def told(scan: Scan) -> dict[str, int]:
    """The findings not suppressed as a reader counts them: by severity, and hints apart, whatever they would be if they were true."""
    open_findings = [finding for finding in scan.findings if finding.suppressed_by is None]
    hints = sum(map(is_hint, open_findings))
    claims = counts(SEVERITIES, (finding.severity for finding in open_findings if not is_hint(finding)))
    return claims | ({"hint" if hints == 1 else "hints": hints} if hints else {})


def held_back(scan: Scan) -> str:
    """`30 known from the baseline, 4 accepted`; empty where nothing is."""
    kinds = counts((KNOWN, BEFORE, ACCEPTED), (why_held(each.suppressed_by) for each in scan.findings if each.suppressed_by is not None))
    return ", ".join(f"{number} {word}" for word, number in kinds.items())


def counted(scan: Scan, options: Options) -> str:
    """`34: 3 critical, 31 low (4 not shown: --persona auditor)`."""
    notes = not_among(scan, options)
    return f"{listed(told(scan))} ({notes})" if notes else listed(told(scan))


def not_among(scan: Scan, options: Options) -> str:
    """What the reader doesn't see among the findings, and why; empty where that is nothing."""
    return ", ".join(filter(None, (held_back(scan), *hidden(scan, options))))


def hidden(scan: Scan, options: Options) -> Iterator[str]:
    """How many findings the options hide, and which option shows them."""
    open_ones = [finding for finding in scan.findings if finding.suppressed_by is None and not is_shown(finding, options)]
    others = [finding for finding in open_ones if finding.persona not in options.personas]
    if others:
        yield f"{len(others)} not shown: --persona auditor"
    if len(others) < len(open_ones):
        yield f"{len(open_ones) - len(others)} not shown: --min-certainty low"


def why_held(suppression: Suppression) -> str:
    """Which kind of reason it has: nobody wrote that of what stood there before."""
    return next((word for word in (KNOWN, BEFORE) if suppression.reason.startswith(word)), ACCEPTED)


def is_complete(scan: Scan) -> bool:
    """Could everything be handled? A blind scan is never a clean scan."""
    return not any(problem.blocks for problem in scan.problems)


def counts(order: Sequence[str], words: Iterable[str]) -> dict[str, int]:
    """How often each word occurs, in the given order; words outside it come last, by name."""
    found = Counter(words)
    ordered = [*order, *sorted(set(found) - set(order))]
    return {word: found[word] for word in ordered if found[word]}


def listed(numbers: dict[str, int]) -> str:
    """`6: 1 public, 5 authenticated`."""
    parts = ", ".join(f"{number} {word}" for word, number in numbers.items())
    total = str(sum(numbers.values()))
    return f"{total}: {parts}" if parts else total
