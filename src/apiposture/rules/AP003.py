"""Which declarations contradict the one of their class, group or router?"""

from collections.abc import Iterator

from msgspec.structs import replace

from apiposture.model.facts import Declaration, Endpoint, Facts
from apiposture.model.finding import Finding, Rule
from apiposture.rules.identity import shape_of
from apiposture.rules.open_endpoints import decided_trace, open_endpoint

RULE = Rule(
    id="AP003",
    name="Conflicting access declarations",
    severity="medium",
    cwe=("CWE-863",),
    owasp=("API5:2023",),
    soc2=("CC6.1",),
)
INTENDED = ("application",)
"""Where the application asks by default, opening an endpoint is how one says 'open': no contradiction."""


def find(facts: Facts) -> Iterator[Finding]:
    """One claim for each endpoint that one declaration opens and another one closes."""
    for endpoint in facts.endpoints:
        pair = contradiction_in(endpoint)
        if pair is not None:
            opening, closing = pair
            finding = open_endpoint(
                RULE,
                facts,
                endpoint,
                f"is open: '{opening.text}' at the {opening.level} overrides '{closing.text}' at the {closing.level}",
                remedy="Move open endpoints to a class or group of their own, so that each place says one thing.",
                trace=decided_trace(endpoint),
            )
            yield with_texts(finding, opening, closing)


def contradiction_in(endpoint: Endpoint) -> tuple[Declaration, Declaration] | None:
    """The nearest declaration that opens the endpoint and the nearest that asks for a caller, where both apply."""
    if endpoint.posture.level != "anonymous":
        return None
    opening = [each for each in endpoint.posture.declarations if each.opens]
    closing = [each for each in endpoint.posture.declarations if not each.opens and each.level not in INTENDED]
    return (opening[0], closing[0]) if opening and closing else None


def with_texts(finding: Finding, opening: Declaration, closing: Declaration) -> Finding:
    """The finding, told apart by what the two declarations say."""
    return replace(finding, identity=(*finding.identity, shape_of(opening.text), shape_of(closing.text)))
