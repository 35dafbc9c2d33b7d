"""Which state-changing endpoints are declared anonymous?"""

from collections.abc import Iterator

from apiposture.model.facts import Facts
from apiposture.model.finding import Finding, Rule
from apiposture.rules.open_endpoints import decided_trace, open_endpoint, told_by

RULE = Rule(
    id="AP002",
    name="Anonymous state-changing endpoint",
    severity="high",
    cwe=("CWE-306", "CWE-862"),
    owasp=("API2:2023", "API5:2023"),
    soc2=("CC6.1",),
)


def find(facts: Facts) -> Iterator[Finding]:
    """One claim for each endpoint that changes state and is declared open."""
    for endpoint in facts.endpoints:
        if endpoint.posture.level == "anonymous" and endpoint.changes_state:
            yield open_endpoint(
                RULE,
                facts,
                endpoint,
                f"changes state {told_by(endpoint)} and is declared anonymous",
                remedy="Remove the declaration that opens it, or check the sender's signature over the body.",
                trace=decided_trace(endpoint),
                looked_for=("a check of the sender's signature over the request",),
            )
