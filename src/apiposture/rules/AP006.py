"""Which role names say nothing about what their holders may do?"""

from collections.abc import Iterator

from apiposture.model.facts import Facts
from apiposture.model.finding import Finding, Rule
from apiposture.rules.claims import called, claim, counted, endpoint_identity, quoted, remedy_for, where
from apiposture.rules.roles import role_groups, trace_of
from apiposture.rules.words import words

RULE = Rule(
    id="AP006",
    name="Role name without meaning",
    severity="low",
    cwe=(),
    owasp=("API5:2023",),
    soc2=("CC6.3",),
    persona="auditor",
)


def find(facts: Facts) -> Iterator[Finding]:
    """One claim for each line that names such a role."""
    for group in role_groups(facts):
        vague = tuple(role for role in group.roles if says_nothing(role))
        if vague:
            endpoint = group.first()
            noun = "role name" if len(vague) == 1 else "role names"
            verb = "does" if len(vague) == 1 else "do"
            yield claim(
                RULE,
                endpoint.place,
                f"{RULE.name} in {where(endpoint.place)}. The {noun} {quoted(vague)} {verb} not say what "
                f"'{called(endpoint)}' permits ({counted(len(group.endpoints), 'endpoint')}).",
                endpoint=endpoint,
                trace=trace_of(group, f"{quoted(vague)} could be anybody's name for anything"),
                remedy=remedy_for(
                    facts,
                    RULE.id,
                    endpoint.place.path,
                    (endpoint.style,),
                    {"roles": ", ".join(vague)},
                    "Name the role after the duty (such as 'invoice-approver') or ask for a permission by name.",
                ),
                identity=(*endpoint_identity(endpoint), *vague),
            )


def says_nothing(role: str) -> bool:
    """Is the whole name one of those, whatever its case, hyphens and underscores?"""
    return role.lower().replace("_", "").replace("-", "").replace(" ", "") in words("meaningless_roles")
