"""Where does request data reach an interpreter, unsanitised for that kind?"""

from collections.abc import Iterator, Sequence
from functools import cache

from msgspec import Struct, convert
from msgspec.structs import replace

from apiposture import shipped
from apiposture.model.facts import Endpoint, Facts, Flow
from apiposture.model.finding import CERTAINTIES, Finding, Rule, Step
from apiposture.model.source import Place
from apiposture.rules.claims import LISTED_PLACES, called, claim, counted, endpoint_at, quoted, remedy_for, where
from apiposture.rules.identity import shape_of
from apiposture.rules.open_endpoints import asks_for_more_than_login

RULE = Rule(
    id="AP103",
    name="Untrusted input reaches an interpreter",
    severity="critical",
    cwe=("CWE-74",),
    owasp=("A05:2025",),
    soc2=("CC7.1", "CC8.1"),
)


class Kind(Struct, frozen=True):
    """What one kind of interpreter does with data that it takes for its own language."""

    title: str
    severity: str
    cwe: str
    owasp: str
    effect: str
    settles: str
    remedy: str


@cache
def kinds() -> dict[str, Kind]:
    """The rows of `interpreters.toml`, by the kind of flow."""
    return convert(shipped.table("apiposture.rules", "interpreters.toml"), dict[str, Kind])


def find(facts: Facts) -> Iterator[Finding]:
    """One claim for each sink and kind: twenty endpoints that reach one concatenation are one thing to mend. Whether a file is there is of
    no interest where the same endpoint opens it.
    """
    sinks: dict[tuple[Place, str], list[Flow]] = {}
    opened = {(flow.endpoint, flow.source) for flow in facts.flows if flow.kind == "path"}
    for flow in facts.flows:
        if flow.kind != "probe" or (flow.endpoint, flow.source) not in opened:
            sinks.setdefault((flow.place, flow.kind), []).append(judged(facts, flow))
    for flows in sinks.values():
        yield injection(facts, sorted(flows, key=surest_first))


NAMED = ("path", "probe", "ssrf")
"""Kinds of sink that are told a name, and know no language in which more could be said."""


def judged(facts: Facts, flow: Flow) -> Flow:
    """The flow; a hint only where it may be what the endpoint is for."""
    return replace(flow, certainty="low") if by_whom(facts, flow) else flow


def by_whom(facts: Facts, flow: Flow) -> str:
    """What an endpoint asks of those who may name a file or an address of their own choice; empty where that is nothing, or the name is
    to stay within something: an administrator may tell a server where its files are, and be told which are there, and nobody means to be
    led out of a folder.
    """
    endpoint = endpoint_at(facts, flow.endpoint)
    in_part = not flow.whole and flow.kind != "probe"
    if flow.kind not in NAMED or in_part or endpoint is None or not asks_for_more_than_login(endpoint.posture):
        return ""
    return quoted([need.name for need in endpoint.posture.needs if need.kind not in ("scheme", "scope")])


def surest_first(flow: Flow) -> tuple[object, ...]:
    """The order in which the ways to one sink speak for it."""
    return (
        CERTAINTIES.index(flow.certainty),
        flow.endpoint < 0,
        len(flow.trace),
        flow.endpoint,
        flow.source,
        flow.function,
    )


def injection(facts: Facts, flows: Sequence[Flow]) -> Finding:
    """The claim for one sink."""
    flow = flows[0]
    kind = kinds()[flow.kind]
    endpoint = endpoint_at(facts, flow.endpoint)
    callee = shape_of(flow.sink).split("|")[0]
    values = {"source": flow.source, "call": callee, "kind": flow.kind, "key": flow.source}
    tags = (flow.kind, *((f"{endpoint.framework} {flow.kind}",) if endpoint is not None else ()))
    return claim(
        RULE,
        flow.place,
        f"{kind.title} in {where(flow.place)}. {sentence(flow, kind, callee)}{reason(by_whom(facts, flow))}",
        endpoint=endpoint,
        handler=flow.function,
        severity=kind.severity,
        certainty=flow.certainty,
        trace=tuple(way_to(facts, flow, kind, flows)),
        looked_for=(kind.settles, "a number, Guid or enum type on the way", "an allow-list that refuses other values"),
        remedy=remedy_for(facts, RULE.id, flow.place.path, tags, values, kind.remedy),
        cwe=(kind.cwe,),
        owasp=(kind.owasp,),
        identity=(flow.kind, flow.function, shape_of(flow.sink), flow.source_kind),
    )


def sentence(flow: Flow, kind: Kind, callee: str) -> str:
    """What the data does at the sink; a sink that is unsafe in itself needs no data to say so."""
    if flow.inherent and not flow.source:
        return f"'{callee}' is unsafe whatever it reads."
    return f"'{flow.source}' from the {from_where(flow)} {kind.effect} at '{callee}'."


def reason(asked: str) -> str:
    """Why a claim is a hint only."""
    return f" Certainty is 'low': the endpoint asks for {asked}, and whoever has that may be meant to choose." if asked else ""


def from_where(flow: Flow) -> str:
    """`request's query`, `request` where its part isn't known."""
    return f"request's {flow.source_kind}" if flow.source_kind else "request"


def way_to(facts: Facts, flow: Flow, kind: Kind, flows: Sequence[Flow]) -> Iterator[Step]:
    """From the request to the sink, and who else gets there."""
    endpoint = endpoint_at(facts, flow.endpoint)
    before = [step for step in flow.trace if step.place != flow.place]
    if flow.source and endpoint is not None and not any(step.part == "source" for step in flow.trace):
        yield Step(endpoint.place, f"the caller chooses '{flow.source}'", "source")
    yield from before
    yield Step(flow.place, f"it {kind.effect}" if flow.source else "unsafe whatever it reads", "sink")
    yield from others_there(facts, flows)


def others_there(facts: Facts, flows: Sequence[Flow]) -> Iterator[Step]:
    """The other endpoints whose data reach the sink."""
    reached = [endpoint_at(facts, index) for index in sorted({flow.endpoint for flow in flows[1:]} - {flows[0].endpoint, -1})]
    others: list[Endpoint] = [endpoint for endpoint in reached if endpoint is not None]
    for number, endpoint in enumerate(others[:LISTED_PLACES]):
        more = f"{counted(len(others), 'other endpoint')} reach{'es' if len(others) == 1 else ''} the same call"
        yield Step(endpoint.place, called(endpoint) if number else more, "sibling")
