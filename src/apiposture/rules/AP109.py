"""Which answers show what nobody need be shown of a person: a password, or its hash?"""

from collections.abc import Iterator

from apiposture.model.facts import Disclosure, Facts
from apiposture.model.finding import Finding, Rule, Step
from apiposture.rules.claims import claim, endpoint_at, endpoint_identity, least, quoted, remedy_for, where
from apiposture.rules.open_endpoints import asks_for_more_than_login

RULE = Rule(
    id="AP109",
    name="Excessive data exposure",
    severity="high",
    cwe=("CWE-213", "CWE-522"),
    owasp=("API3:2023",),
    soc2=("CC6.1", "CC6.7"),
)
GENERAL_REMEDY = "Answer with a type of its own that has the members which the client needs, and leaves {what} out."


def find(facts: Facts) -> Iterator[Finding]:
    """One claim for each endpoint and kind of record that it shows too much of."""
    for each in facts.disclosures:
        yield shown(facts, each)


def shown(facts: Facts, each: Disclosure) -> Finding:
    """The claim for one answer."""
    endpoint = endpoint_at(facts, each.endpoint)
    assert endpoint is not None
    members = [f"{each.entity}.{name}" for name in each.what]
    certainty = "low" if each.own else least(each.certainty, "medium") if asks_for_more_than_login(endpoint.posture) else each.certainty
    values = {"what": quoted(members), "entity": each.entity, "member": each.what[0]}
    whole = f"'{each.entity}' is written out whole, with {quoted(each.what)}"
    how = whole if each.whole else f"{quoted(members)} becomes part of the answer"
    return claim(
        RULE,
        each.place,
        f"{RULE.name} in {where(each.place)}. The answer of '{endpoint.method} {endpoint.route}' shows {quoted(members)}.",
        endpoint=endpoint,
        certainty=certainty,
        trace=(*(step for step in each.trace if step.place != each.place), Step(each.place, how, "sink")),
        looked_for=(
            "an attribute or schema that leaves the member out of what is written",
            "a declared type of the answer that lacks it",
            "a digest or mask on the way",
        ),
        remedy=remedy_for(facts, RULE.id, each.place.path, ("whole" if each.whole else "member",), values, GENERAL_REMEDY),
        identity=(*endpoint_identity(endpoint), each.entity, *sorted(each.what)),
    )
