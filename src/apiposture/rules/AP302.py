"""Which objects were tied to their caller before the change, and are not any more?"""

from collections.abc import Iterator

from apiposture.model.facts import Access, Change, Facts
from apiposture.model.finding import Finding, Rule, Step
from apiposture.rules import AP101
from apiposture.rules.claims import claim, endpoint_identity, where

RULE = Rule(
    id="AP302",
    name="Lost ownership check",
    severity="critical",
    cwe=("CWE-639",),
    owasp=("API1:2023",),
    soc2=("CC6.1", "CC8.1"),
    compares=True,
)


def find(facts: Facts) -> Iterator[Finding]:
    """One claim for each endpoint and entity of which AP101 makes none: that one says the same, and more."""
    untied = [change for change in facts.changes if change.kind == "untied"]
    claimed = {each.identity[:4] for each in AP101.find(facts) if each.certainty != "low"} if untied else set()
    for change in untied:
        entity = facts.accesses[change.access].entity
        if (*endpoint_identity(facts.endpoints[change.endpoint]), entity) not in claimed:
            yield lost_check(facts, change)


def lost_check(facts: Facts, change: Change) -> Finding:
    """The claim; behind a right of its own the endpoint may be meant to reach everybody's objects, so that somebody has to look."""
    endpoint, access = facts.endpoints[change.endpoint], facts.accesses[change.access]
    then = f" (in {where(change.cause)} then)" if change.cause else ""
    called = f", as '{change.then}'," if change.then else ""
    return claim(
        RULE,
        access.place,
        f"{RULE.name} in {where(access.place)}. '{access.entity}' was tied to its caller before ({change.before}); nothing ties it now.",
        endpoint=endpoint,
        severity="high" if AP101.is_administration(endpoint) else RULE.severity,
        certainty=change.certainty,
        trace=(
            *access.trace,
            *access.weak,
            Step(access.place, f"before the change{called} it was tied to the caller{then}: {change.before}", "sink"),
        ),
        looked_for=("the check that was there, or another that ties the object to its caller",),
        remedy="Put the check back, in the query where it can be; where the object is meant for others now, accept it with a reason.",
        identity=(*endpoint_identity(endpoint), access.entity, reads_or_writes(access)),
    )


def reads_or_writes(access: Access) -> str:
    """What is done to the object, as far as it matters to whether this is the same finding."""
    return "read" if access.operation in ("read", "list") else "write"
