"""Which credentials are written into the source?"""

from collections.abc import Iterator, Sequence

from apiposture.model.facts import Facts, Secret
from apiposture.model.finding import CERTAINTIES, SEVERITIES, Finding, Rule, Step
from apiposture.rules.claims import claim, remedy_for, where

RULE = Rule(
    id="AP201",
    name="Secret in source",
    severity="critical",
    cwe=("CWE-798",),
    owasp=("API8:2023", "A07:2025"),
    soc2=("CC6.1", "CC8.1"),
)
SPECIFIC_CWE = {"private-key": ("CWE-321", "CWE-798"), "connection-string": ("CWE-259", "CWE-798")}
"""Kinds whose weakness has a more exact name than hard-coded credentials."""
GENERAL_REMEDY = (
    "Revoke this credential first: whoever has read the repository has it. Then read the new one from a vault or the environment."
)


MOST_PLACES = 12
"""Of the other places of a credential, so many are told."""


def find(facts: Facts) -> Iterator[Finding]:
    """One claim for each credential and file, where it is surest; with the other places that it stands at (decisions/0042)."""
    places: dict[tuple[str, str], list[Secret]] = {}
    for secret in facts.secrets:
        places.setdefault((secret.kind, secret.fingerprint), []).append(secret)
    for secret in facts.secrets:
        same = places[secret.kind, secret.fingerprint]
        if secret is surest([each for each in same if each.place.path == secret.place.path]):
            yield written_down(facts, secret, [each for each in same if each is not secret])


def surest(secrets: Sequence[Secret]) -> Secret:
    """The gravest of several, and the first of those."""
    return min(secrets, key=lambda one: (SEVERITIES.index(one.severity), CERTAINTIES.index(one.certainty), one.place))


def written_down(facts: Facts, secret: Secret, others: Sequence[Secret] = ()) -> Finding:
    """The claim for one literal; its value is in no part of it."""
    context = f" in '{secret.context}'" if secret.context else ""
    return claim(
        RULE,
        secret.place,
        f"{secret.title} in {where(secret.place)}. The literal '{secret.masked}'{context} is a credential.",
        severity=secret.severity,
        certainty=secret.certainty,
        trace=(
            Step(secret.place, secret.why or "written into the source", "sink"),
            *(Step(each.place, "the same credential stands elsewhere as well", "sibling") for each in others[:MOST_PLACES]),
        ),
        looked_for=("a placeholder, a look-up in the environment or a vault, a test word",),
        remedy=remedy_for(
            facts, RULE.id, secret.place.path, (secret.kind,), {"kind": secret.kind, "context": secret.context}, GENERAL_REMEDY
        ),
        cwe=SPECIFIC_CWE.get(secret.kind, ()),
        identity=(secret.kind, secret.fingerprint, secret.place.path),
    )
