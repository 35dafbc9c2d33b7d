"""Which declarations contradict the one of their class, group or router?"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from apiposture.model.facts import Declaration, Endpoint, Facts
from apiposture.model.finding import Finding, Rule, Step
from apiposture.model.source import Place
from apiposture.rules.claims import LISTED_PLACES, called, counted
from apiposture.rules.identity import shape_of
from apiposture.rules.known_public import public_route_of
from apiposture.rules.open_endpoints import decided_trace, open_endpoint, test_of

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
    """One claim for each pair of declarations: what a type opens all at once is one line to settle."""
    pairs: dict[tuple[Place, Place], list[tuple[Endpoint, Declaration, Declaration]]] = {}
    for endpoint in facts.endpoints:
        pair = contradiction_in(endpoint)
        if pair is not None:
            opening, closing = pair
            pairs.setdefault((opening.place, closing.place), []).append((endpoint, opening, closing))
    for found in pairs.values():
        yield contradiction(facts, sorted(found, key=how_much_it_says))


def how_much_it_says(found: tuple[Endpoint, Declaration, Declaration]) -> tuple[bool, bool, bool]:
    """The order in which endpoints speak for two declarations: another rule speaks of those that change something."""
    endpoint = found[0]
    return endpoint.changes_state, test_of(endpoint) is not None, public_route_of(endpoint) is not None


def contradiction(facts: Facts, found: Sequence[tuple[Endpoint, Declaration, Declaration]]) -> Finding:
    """The claim for two declarations; it stands at the first endpoint, of those that only read where there are such."""
    endpoint, opening, closing = found[0]
    asked = (need for each in endpoint.posture.declarations if not each.opens for need in each.needs)
    if any(need.kind not in ("scheme", "scope") for need in asked):
        endpoint = replace(endpoint, proof=None)  # whoever has a secret need not have the right that was asked for
    more = len({each.handler for each, _, _ in found}) - 1
    others = f"and {counted(more, 'other endpoint')} are" if more else "is"
    finding = open_endpoint(
        RULE,
        facts,
        endpoint,
        f"{others} open: '{opening.text}' at the {opening.level} overrides '{closing.text}' at the {closing.level}",
        remedy="Move open endpoints to a class or group of their own, so that each place says one thing.",
        trace=(*decided_trace(endpoint), *siblings(found)),
    )
    return with_texts(finding, opening, closing, bool(more))


def siblings(found: Sequence[tuple[Endpoint, Declaration, Declaration]]) -> Iterator[Step]:
    """The other endpoints that the same two declarations are about."""
    others = {each.handler: each for each, _, _ in found[1:] if each.handler != found[0][0].handler}
    for endpoint in list(others.values())[:LISTED_PLACES]:
        yield Step(endpoint.place, f"'{called(endpoint)}' is open as well", "sibling")


def contradiction_in(endpoint: Endpoint) -> tuple[Declaration, Declaration] | None:
    """The nearest declaration that opens the endpoint and the nearest that asks for a caller, where both apply."""
    if endpoint.posture.level != "anonymous":
        return None
    opening = [each for each in endpoint.posture.declarations if each.opens]
    closing = [each for each in endpoint.posture.declarations if not each.opens and each.level not in INTENDED]
    return (opening[0], closing[0]) if opening and closing else None


def with_texts(finding: Finding, opening: Declaration, closing: Declaration, several: bool) -> Finding:
    """The finding, told apart by what the two declarations say, and where they open several endpoints by nothing else."""
    texts = shape_of(opening.text), shape_of(closing.text)
    return replace(finding, identity=(opening.scope, closing.scope, *texts) if several else (*finding.identity, *texts))
