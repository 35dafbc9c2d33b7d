"""Which findings have the same cause, and which of them says it best?"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from apiposture.model.facts import Facts
from apiposture.model.finding import CERTAINTIES, SEVERITIES, Finding, Step
from apiposture.rules.claims import endpoint_identity, quoted

WHO_MAY_CALL = ("AP301", "AP004", "AP008", "AP001", "AP002", "AP003", "AP007")
"""Rules about one fact, who may call an endpoint, most specific first: one line of code settles all of them.

AP301 knows what was asked for before, AP004 that state changes, AP008 that nothing around the endpoint is configured, AP001 only
that nothing is declared; AP002 knows the declaration's effect, AP003 only its contradiction, AP007 only the route's words.
"""


def one_for_each_cause(findings: Iterable[Finding]) -> Iterator[Finding]:
    """One finding for each cause; the ids of the others that fit it are kept in `also`."""
    causes: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        causes.setdefault(cause_of(finding), []).append(finding)
    for group in causes.values():
        best = min(nearest_for_each_endpoint(group), key=how_well_it_says)
        also = {each.rule for each in group} | {rule for each in group for rule in each.also}
        yield msgspec.structs.replace(best, also=tuple(sorted(also - {best.rule})), trace=(*best.trace, *other_ways(best, group)))


def said_better(findings: Sequence[Finding], facts: Facts) -> Iterator[Finding]:
    """The findings without those on endpoints that one edit opened together with another: AP301 speaks for all of them at one."""
    spoken_at = {(each.place, each.handler) for each in findings if each.rule == WHO_MAY_CALL[0]}
    opened = {endpoint_identity(facts.endpoints[each.endpoint]) for each in facts.changes if each.kind == "opened"} if spoken_at else set()
    for each in findings:
        told = each.rule in WHO_MAY_CALL[1:] and (each.handler, each.method, each.route) in opened
        if not told or (each.place, each.handler) in spoken_at:
            yield each


def nearest_for_each_endpoint(group: Iterable[Finding]) -> list[Finding]:
    """Of several findings at one endpoint the most specific one, and of those that say the same the first."""
    found: dict[tuple[str, str], Finding] = {}
    for each in group:
        known = found.get((each.method, each.route))
        if known is None or how_specific(each) < how_specific(known):
            found[(each.method, each.route)] = each
    return list(found.values())


def how_specific(finding: Finding) -> tuple[object, ...]:
    """The order in which findings at one endpoint speak for it."""
    return rank_of(finding.rule), SEVERITIES.index(finding.severity), finding.identity


def how_well_it_says(finding: Finding) -> tuple[object, ...]:
    """The order in which findings of one cause speak for it."""
    return rank_of(finding.rule), SEVERITIES.index(finding.severity), CERTAINTIES.index(finding.certainty), finding.identity


def other_ways(best: Finding, group: Iterable[Finding]) -> Iterator[Step]:
    """The other methods and routes by which the same code is as open."""
    names = sorted({f"{each.method} {each.route}" for each in group if each.method} - {f"{best.method} {best.route}"})
    if names:
        yield Step(best.place, f"the same code answers {quoted(names)}", "sibling")


def cause_of(finding: Finding) -> tuple[object, ...]:
    """What two findings share when one change to the code settles both: of who may call some code, or whose object it reaches, by
    whatever method or route."""
    if finding.rule in WHO_MAY_CALL:
        return "who may call", finding.place, finding.handler
    if finding.rule == "AP101" and finding.handler:
        return finding.rule, finding.place, finding.handler, finding.identity[3:]
    return finding.rule, finding.place, finding.identity


def rank_of(rule: str) -> int:
    """How specific a rule is among those that share a cause; smaller says more."""
    return WHO_MAY_CALL.index(rule) if rule in WHO_MAY_CALL else 0
