"""Which read endpoints are reachable without authentication, with nobody having declared that on purpose?"""

from collections.abc import Iterator

from apiposture.model.facts import Facts
from apiposture.model.finding import Finding, Rule
from apiposture.rules.open_endpoints import NOTHING_DECLARED, open_endpoint

RULE = Rule(
    id="AP001",
    name="Unauthenticated read endpoint",
    severity="high",
    cwe=("CWE-306", "CWE-862"),
    owasp=("API2:2023", "API5:2023"),
    soc2=("CC6.1",),
)


def find(facts: Facts) -> Iterator[Finding]:
    """One claim for each endpoint that reads and is public."""
    for endpoint in facts.endpoints:
        if endpoint.posture.level == "public" and not endpoint.changes_state:
            yield open_endpoint(
                RULE,
                facts,
                endpoint,
                "can be read without authentication, and nothing declares that this is meant",
                remedy="Ask for a caller on the endpoint, its type or its group, or declare it open on purpose.",
                looked_for=NOTHING_DECLARED,
            )
