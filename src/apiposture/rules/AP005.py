"""Which endpoints let in more than three roles?"""

from collections.abc import Iterator

from apiposture.model.facts import Facts
from apiposture.model.finding import Finding, Rule
from apiposture.rules.claims import called, claim, endpoint_identity, quoted, remedy_for, where
from apiposture.rules.roles import role_groups, trace_of

RULE = Rule(
    id="AP005",
    name="Too many roles",
    severity="low",
    cwe=("CWE-269",),
    owasp=("API5:2023",),
    soc2=("CC6.3",),
)
MOST_ROLES = 3


def find(facts: Facts) -> Iterator[Finding]:
    """One claim for each line that names more than three roles."""
    for group in role_groups(facts):
        if len(group.roles) > MOST_ROLES:
            endpoint = group.first()
            yield claim(
                RULE,
                endpoint.place,
                f"{RULE.name} in {where(endpoint.place)}. '{called(endpoint)}' lets in {len(group.roles)} roles: {quoted(group.roles, 6)}.",
                endpoint=endpoint,
                trace=trace_of(group, f"{len(group.roles)} roles are named here"),
                remedy=remedy_for(
                    facts,
                    RULE.id,
                    endpoint.place.path,
                    (endpoint.style,),
                    {"roles": ", ".join(group.roles)},
                    "Name the permission in one policy and let roles carry it, so that one place says who has it.",
                ),
                identity=(*endpoint_identity(endpoint), *group.roles),
            )
