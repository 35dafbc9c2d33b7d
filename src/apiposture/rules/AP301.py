"""Which endpoints ask for less than they did before the change?"""

from collections.abc import Iterator

from apiposture.model.facts import Change, Endpoint, Facts
from apiposture.model.finding import Finding, Rule, Step
from apiposture.model.source import Place
from apiposture.rules.claims import LISTED_PLACES, called, claim, counted, declarations_in, endpoint_identity, where

RULE = Rule(
    id="AP301",
    name="Weakened access",
    severity="high",
    cwe=("CWE-862",),
    owasp=("API5:2023",),
    soc2=("CC6.1", "CC8.1"),
    compares=True,
)
SEVERITIES = {"replaced": "medium", "unresolved": "medium"}
"""Kinds of change that may be as strict as before: somebody has to look."""

OPEN = {"nothing": "nothing is asked for now", "everybody": "everybody is let in now"}
"""How an open endpoint is told."""


def find(facts: Facts) -> Iterator[Finding]:
    """One claim for each declaration that is gone or weaker: forty endpoints of one class are one change."""
    groups: dict[tuple[object, ...], list[Change]] = {}
    for change in facts.changes:
        if change.kind != "untied":
            groups.setdefault(cause_of(change, facts), []).append(change)
    for changes in groups.values():
        ordered = sorted(changes, key=lambda change: worst_first(facts.endpoints[change.endpoint]))
        yield weakened(facts, ordered)


def cause_of(change: Change, facts: Facts) -> tuple[object, ...]:
    """What two changes share when one edit made both."""
    cause: Place | int = change.cause if change.cause is not None else change.endpoint
    return cause, change.kind, change.before, change.after, facts.endpoints[change.endpoint].place.path


def worst_first(endpoint: Endpoint) -> tuple[object, ...]:
    """The endpoint that speaks for its group: one that changes state, else the first."""
    return not endpoint.changes_state, endpoint.place, endpoint.method, endpoint.route


def weakened(facts: Facts, changes: list[Change]) -> Finding:
    """The claim for endpoints that share a cause."""
    change, endpoint = changes[0], facts.endpoints[changes[0].endpoint]
    others = [facts.endpoints[each.endpoint] for each in changes[1:]]
    changes_state = any(each.changes_state for each in (endpoint, *others))
    severity = "critical" if change.kind == "opened" and changes_state else SEVERITIES.get(change.kind, RULE.severity)
    then = f" ('{change.then}' then)" if change.then else ""
    more = f" So {'does' if len(others) == 1 else 'do'} {counted(len(others), 'other endpoint')}." if others else ""
    return claim(
        RULE,
        endpoint.place,
        f"{RULE.name} in {where(endpoint.place)}. '{called(endpoint)}'{then} asked for {change.before} before; {says_now(change)}.{more}",
        endpoint=endpoint,
        severity=severity,
        certainty=change.certainty,
        trace=(*declarations_in(endpoint.posture), Step(endpoint.place, told(change), "sink"), *siblings(others)),
        looked_for=(f"a declaration that asks for {change.before}, or for more",),
        remedy=f"Declare what was asked for before ({change.before}); where the change is meant, accept it with a reason.",
        identity=(*endpoint_identity(endpoint), change.kind, change.before, change.after),
    )


def told(change: Change) -> str:
    """The change at the endpoint itself, with the line that is gone."""
    was = f" (declared in {where(change.cause)} then)" if change.cause else ""
    return f"{change.before} was asked for{was}; {says_now(change)}"


def says_now(change: Change) -> str:
    """What the endpoint asks for after the change."""
    if change.kind == "unresolved":
        return "what is asked for now can't be resolved"
    return OPEN.get(change.after, f"{change.after} is enough now")


def siblings(others: list[Endpoint]) -> Iterator[Step]:
    """The other endpoints that the same edit weakened."""
    for number, other in enumerate(others[:LISTED_PLACES]):
        sentence = f"the same edit weakened {counted(len(others), 'other endpoint')}"
        yield Step(other.place, called(other) if number else sentence, "sibling")
