"""Which lines of the code may a report show?"""

from collections.abc import Callable, Iterator, Sequence

from apiposture.model.facts import Endpoint, Facts
from apiposture.model.finding import Finding
from apiposture.model.source import Place

AROUND = 3
_LONGEST_PLACE = 40
_LONGEST_LINE = 400


def snippets_for(findings: Sequence[Finding], facts: Facts, text_of: Callable[[str], str]) -> dict[str, dict[int, str]]:
    """Path -> line number -> text: the lines around each finding and its trace, and those that decide a posture."""
    wanted: dict[str, set[int]] = {}
    for finding in findings:
        for place in (finding.place, *(step.place for step in finding.trace)):
            last = min(max(place.line, place.end_line), place.line + _LONGEST_PLACE)
            wanted.setdefault(place.path, set()).update(range(place.line - AROUND, last + AROUND + 1))
    for endpoint in facts.endpoints:
        for place in _declaring(endpoint):
            wanted.setdefault(place.path, set()).add(place.line)
    return {path: _lines(text_of(path), wanted[path]) for path in sorted(wanted)}


def _declaring(endpoint: Endpoint) -> Iterator[Place]:
    yield endpoint.place
    if endpoint.posture.decided_by:
        yield endpoint.posture.decided_by


def _lines(text: str, wanted: set[int]) -> dict[int, str]:
    lines = text.split("\n")
    return {n: lines[n - 1].rstrip("\r")[:_LONGEST_LINE] for n in sorted(wanted) if 1 <= n <= len(lines)}
