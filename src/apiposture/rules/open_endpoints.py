"""How is a claim about who may call an endpoint written down?"""

from collections.abc import Sequence

from msgspec.structs import replace

from apiposture.model.facts import Endpoint, Facts, Posture
from apiposture.model.finding import SEVERITIES, Finding, Rule, Step
from apiposture.model.source import Place
from apiposture.rules.claims import called, claim, declarations_in, endpoint_identity, remedy_for, where
from apiposture.rules.known_public import severity_for

NOTHING_DECLARED = (
    "a declaration on the endpoint, its type and base types, its group and the application",
    "a fallback or default policy that asks for a caller",
)


def open_endpoint(
    rule: Rule,
    facts: Facts,
    endpoint: Endpoint,
    what: str,
    *,
    remedy: str,
    trace: Sequence[Step] = (),
    looked_for: Sequence[str] = (),
) -> Finding:
    """A claim that an endpoint is open; `what` ends the message, after the endpoint's name. Of the routes that the same code answers
    and that differ in their parameters alone, the one with the most modest severity tells.
    """
    handler = endpoint.handler
    others = (one for one in facts.endpoints if one.handler == handler and is_same_but_for_parameters(one, endpoint))
    same = (replace(one, proof=endpoint.proof) for one in others)
    severity, reason = max((severity_for(one, rule.severity) for one in (endpoint, *same)), key=lambda left: SEVERITIES.index(left[0]))
    because = f" Severity is '{severity}': {reason}." if reason else ""
    return claim(
        rule,
        endpoint.place,
        f"{rule.name} in {where(endpoint.place)}. '{called(endpoint)}' {what}.{because}",
        endpoint=endpoint,
        severity=severity,
        trace=proven(endpoint, trace or (Step(endpoint.place, "anybody can call this", "sink"),)),
        looked_for=looked_for,
        remedy=remedy_for(facts, rule.id, endpoint.place.path, (endpoint.style, endpoint.framework), {"route": endpoint.route}, remedy),
        identity=endpoint_identity(endpoint),
    )


def is_same_but_for_parameters(one: Endpoint, other: Endpoint) -> bool:
    """Are they the same code under the same names: `/login`, `/login/{confirmed}`? Under another name it may do something else."""
    if one.handler != other.handler or one.place != other.place or one.method != other.method:
        return False
    return names_in(one.route) == names_in(other.route)


def names_in(route: str) -> tuple[str, ...]:
    """The segments of a route that are no parameters."""
    return tuple(segment for segment in route.split("/") if segment and "{" not in segment)


def told_by(endpoint: Endpoint) -> str:
    """What tells that an endpoint changes state: its method; where any will do, its name or its code."""
    if endpoint.method == "*":
        return "by its name or its code"
    return f"by its method ({endpoint.method})" if endpoint.method != "CALL" else "by its name"


def decided_trace(endpoint: Endpoint) -> tuple[Step, ...]:
    """The declarations that apply to an endpoint, the deciding one among them, and the endpoint itself."""
    steps = declarations_in(endpoint.posture)
    decided = endpoint.posture.decided_by
    if decided is not None and all(step.place != decided for step in steps):
        steps = (Step(decided, endpoint.posture.why, "declaration"), *steps)
    return (*steps, Step(endpoint.place, "anybody can call this", "sink"))


def proven(endpoint: Endpoint, trace: Sequence[Step]) -> tuple[Step, ...]:
    """A trace, and behind it the test by which whoever calls must prove themselves, if there is one."""
    test = test_of(endpoint)
    return tuple(trace) if test is None else (*trace, Step(test, "but the sender has to prove itself here", "step"))


def test_of(endpoint: Endpoint) -> Place | None:
    """Where the code of an open endpoint asks for a secret or a signature, if it does."""
    return endpoint.proof.place if endpoint.proof is not None else None


def asks_for_more_than_login(posture: Posture) -> bool:
    """Does the posture ask for a right that not every account has? A scheme or a scope says nothing about a person."""
    return posture.level == "role" or (posture.level == "policy" and any(need.kind not in ("scheme", "scope") for need in posture.needs))
