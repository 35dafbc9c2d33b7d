"""Which credentials are written into the source?"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from apiposture.model.facts import Facts, Secret
from apiposture.model.finding import CERTAINTIES, SEVERITIES, Finding, Rule, Step
from apiposture.model.source import Place
from apiposture.rules.claims import claim, remedy_for, where

RULE = Rule(
    id="AP201",
    name="Secret in source",
    severity="critical",
    cwe=("CWE-798",),
    owasp=("API8:2023", "A07:2025"),
    soc2=("CC6.1", "CC8.1"),
)
SPECIFIC_CWE = {
    "private-key": ("CWE-321", "CWE-798"),
    "signing-key": ("CWE-321", "CWE-798"),
    "connection-string": ("CWE-259", "CWE-798"),
    "password-literal": ("CWE-259", "CWE-798"),
}
"""Kinds whose weakness has a more exact name than hard-coded credentials."""
GENERAL_REMEDY = (
    "Revoke this credential first: whoever has read the repository has it. Then read the new one from a vault or the environment."
)

MOST_PLACES = 12
"""Of the other places of a credential, so many are shown, those in the same file first; all are counted."""


def find(facts: Facts) -> Iterator[Finding]:
    """One claim for each credential and file, where it is surest; with the other places that it stands at (decisions/0042)."""
    places: dict[tuple[str, str], list[Secret]] = {}
    files: dict[tuple[str, str, str], list[Secret]] = {}
    for secret in facts.secrets:
        places.setdefault((secret.kind, secret.fingerprint), []).append(secret)
        files.setdefault((secret.kind, secret.fingerprint, secret.place.path), []).append(secret)
    for (kind, fingerprint, path), same in files.items():
        told, everywhere = surest(same), places[kind, fingerprint]
        here = (each for each in same if each is not told)
        others = islice(chain(here, (each for each in everywhere if each.place.path != path)), MOST_PLACES)
        yield written_down(facts, told, tuple(others), len(everywhere) - 1)


def _is_elsewhere(place: Place, secret: Secret) -> bool:
    return (place.path, place.line) != (secret.place.path, secret.place.line)


def surest(secrets: Sequence[Secret]) -> Secret:
    """The gravest of several, and the first of those."""
    return min(secrets, key=lambda one: (SEVERITIES.index(one.severity), CERTAINTIES.index(one.certainty), one.place))


def written_down(facts: Facts, secret: Secret, others: Sequence[Secret], count: int) -> Finding:
    """The claim for one literal, of which there are `count` others; its value is in no part of it."""
    context = f" in '{secret.context}'" if secret.context else ""
    elsewhere = "one more place" if count == 1 else f"{count} more places"
    return claim(
        RULE,
        secret.place,
        f"{secret.title} in {where(secret.place)}. The literal '{secret.masked}'{context} is a credential.",
        severity=secret.severity,
        certainty=secret.certainty,
        trace=(
            Step(secret.place, secret.why or "written into the source", "sink"),
            *((Step(secret.used, "it is used here", "step"),) if secret.used is not None and _is_elsewhere(secret.used, secret) else ()),
            *(Step(each.place, f"the same credential stands at {elsewhere}", "sibling") for each in others),
        ),
        looked_for=("a placeholder, a look-up in the environment or a vault, a test word",),
        remedy=remedy_for(
            facts, RULE.id, secret.place.path, (secret.kind,), {"kind": secret.kind, "context": secret.context}, GENERAL_REMEDY
        ),
        cwe=SPECIFIC_CWE.get(secret.kind, ()),
        identity=(secret.kind, secret.fingerprint, secret.place.path),
    )
