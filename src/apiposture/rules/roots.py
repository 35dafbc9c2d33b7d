"""Which findings have the same cause, and which of them says it best?"""

from collections.abc import Iterable, Iterator

import msgspec

from apiposture.model.finding import SEVERITIES, Finding, Step
from apiposture.rules.claims import quoted

WHO_MAY_CALL = ("AP004", "AP008", "AP001", "AP002", "AP003", "AP007")
"""Rules about one fact, who may call an endpoint, most specific first: one line of code settles all of them.

AP004 knows that state changes, AP008 that nothing around the endpoint is configured, AP001 only that nothing is
declared; AP002 knows the declaration's effect, AP003 only its contradiction, AP007 only the route's words.
"""


def one_for_each_cause(findings: Iterable[Finding]) -> Iterator[Finding]:
    """One finding for each cause; the ids of the others that fit it are kept in `also`."""
    causes: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        causes.setdefault(cause_of(finding), []).append(finding)
    for group in causes.values():
        best = min(group, key=lambda each: (rank_of(each.rule), SEVERITIES.index(each.severity), each.identity))
        also = {each.rule for each in group} | {rule for each in group for rule in each.also}
        yield msgspec.structs.replace(best, also=tuple(sorted(also - {best.rule})), trace=(*best.trace, *other_ways(best, group)))


def other_ways(best: Finding, group: Iterable[Finding]) -> Iterator[Step]:
    """The other methods and routes by which the same code is as open."""
    names = sorted({f"{each.method} {each.route}" for each in group if each.method} - {f"{best.method} {best.route}"})
    if names:
        yield Step(best.place, f"the same code answers {quoted(names)}", "sibling")


def cause_of(finding: Finding) -> tuple[object, ...]:
    """What two findings share when one change to the code settles both: of who may call some code, by whatever method or route."""
    if finding.rule in WHO_MAY_CALL:
        return "who may call", finding.place, finding.handler
    return finding.rule, finding.place, finding.identity


def rank_of(rule: str) -> int:
    """How specific a rule is among those that share a cause; smaller says more."""
    return WHO_MAY_CALL.index(rule) if rule in WHO_MAY_CALL else 0
