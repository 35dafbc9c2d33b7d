"""Which state-changing endpoints are reachable with no authentication declared anywhere?"""

from collections.abc import Iterator

from apiposture.model.facts import Facts
from apiposture.model.finding import Finding, Rule
from apiposture.rules.claims import where
from apiposture.rules.open_endpoints import NOTHING_DECLARED, open_endpoint, test_of, told_by

RULE = Rule(
    id="AP004",
    name="Unauthenticated state-changing endpoint",
    severity="critical",
    cwe=("CWE-306", "CWE-862"),
    owasp=("API2:2023", "API5:2023"),
    soc2=("CC6.1",),
)


def find(facts: Facts) -> Iterator[Finding]:
    """One claim for each endpoint that changes state and is public."""
    for endpoint in facts.endpoints:
        if endpoint.posture.level == "public" and endpoint.changes_state:
            proof = test_of(endpoint)
            asks = f"nothing but a proof in its code guards it ({where(proof)})" if proof else "nothing on the way to it asks for a caller"
            yield open_endpoint(
                RULE,
                facts,
                endpoint,
                f"changes state {told_by(endpoint)}, and {asks}",
                remedy="Ask for a caller on the endpoint, its type or its group.",
                looked_for=NOTHING_DECLARED,
            )
