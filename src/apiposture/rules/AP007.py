"""Which open routes say that they were not meant for the world?"""

from collections.abc import Iterator

from msgspec.structs import replace

from apiposture.model.facts import Facts
from apiposture.model.finding import Finding, Rule
from apiposture.rules.claims import words_of
from apiposture.rules.open_endpoints import NOTHING_DECLARED, decided_trace, open_endpoint
from apiposture.rules.words import words

RULE = Rule(
    id="AP007",
    name="Sensitive route is public",
    severity="medium",
    cwe=("CWE-489", "CWE-200"),
    owasp=("API9:2023", "API8:2023"),
    soc2=("CC6.1", "CC7.1"),
)


def find(facts: Facts) -> Iterator[Finding]:
    """One claim for each public or anonymous endpoint with such a word in the fixed part of its route."""
    for endpoint in facts.endpoints:
        word = sensitive_word_in(endpoint.route)
        if word and endpoint.posture.level in ("public", "anonymous"):
            declared = endpoint.posture.level == "anonymous"
            finding = open_endpoint(
                RULE,
                facts,
                endpoint,
                f"says '{word}' and can be called by anybody",
                remedy="Ask for a role or policy here, or serve it on a port that the outside can't reach.",
                trace=decided_trace(endpoint),
                looked_for=() if declared else NOTHING_DECLARED,
            )
            yield replace(finding, certainty="medium", identity=(*finding.identity, word))


def sensitive_word_in(route: str) -> str:
    """The first sensitive word in the route's fixed segments, or nothing; a parameter's name claims nothing."""
    for segment in route.split("/"):
        if "{" not in segment:
            for word in words_of(segment):
                if word in words("sensitive_route"):
                    return word
    return ""
