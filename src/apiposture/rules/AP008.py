"""Which function-style endpoints stand in a group or application that configures no authorization at all?"""

from collections.abc import Iterator

from apiposture.model.facts import Facts
from apiposture.model.finding import Finding, Rule
from apiposture.rules.open_endpoints import NOTHING_DECLARED, open_endpoint

RULE = Rule(
    id="AP008",
    name="Endpoint without any authorization configured",
    severity="high",
    cwe=("CWE-306", "CWE-862"),
    owasp=("API2:2023", "API5:2023"),
    soc2=("CC6.1",),
)


def find(facts: Facts) -> Iterator[Finding]:
    """One claim for each public function-style endpoint whose surroundings configure nothing."""
    for endpoint in facts.endpoints:
        if endpoint.style == "function" and endpoint.posture.level == "public" and not endpoint.grouped:
            yield open_endpoint(
                RULE,
                facts,
                endpoint,
                "is open, and neither its group nor the application configures any authorization",
                remedy="Ask for a caller on the group or the application, and declare the open endpoints one by one.",
                looked_for=NOTHING_DECLARED,
            )
