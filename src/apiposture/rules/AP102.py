"""Which sensitive values reach a log?"""

from collections.abc import Iterator, Sequence

from apiposture.model.facts import Exposure, Facts
from apiposture.model.finding import CERTAINTIES, Finding, Rule, Step
from apiposture.model.source import Place
from apiposture.rules.claims import claim, endpoint_at, quoted, remedy_for, where
from apiposture.rules.identity import shape_of

RULE = Rule(
    id="AP102",
    name="Sensitive data in logs",
    severity="high",
    cwe=("CWE-532", "CWE-312"),
    owasp=("A09:2025",),
    soc2=("CC8.1", "CC6.1"),
)
GENERAL_REMEDY = "Log an identifier (the key of the '{type}', a correlation id) in place of {what}, or mask the value before it is logged."


def find(facts: Facts) -> Iterator[Finding]:
    """One claim for each log call: whatever it leaks, one line is to be changed."""
    calls: dict[tuple[Place, str], list[Exposure]] = {}
    for exposure in facts.exposures:
        calls.setdefault((exposure.place, exposure.function), []).append(exposure)
    for exposures in calls.values():
        yield leak(facts, sorted(exposures, key=surest_first))


def surest_first(exposure: Exposure) -> tuple[object, ...]:
    """The order in which exposures at one call speak for it."""
    return CERTAINTIES.index(exposure.certainty), exposure.endpoint < 0, exposure.endpoint, exposure.type, exposure.what


def leak(facts: Facts, exposures: Sequence[Exposure]) -> Finding:
    """The claim for one log call."""
    first = exposures[0]
    what = unique([name for each in exposures for name in each.what])
    kinds = unique([kind for each in exposures for kind in each.kinds])
    types = unique([each.type for each in exposures if each.type])
    destinations = unique([name for each in exposures for name in each.destinations])
    endpoint = endpoint_at(facts, first.endpoint)
    reach = "reaches" if len(what) == 1 else "reach"
    callee = shape_of(first.sink).split("|")[0]
    owner = f" of {quoted(types)}" if types else ""
    goes = f" The log goes to {', '.join(destinations)}." if destinations else ""
    values = {"what": quoted(what), "kinds": ", ".join(kinds), "type": types[0] if types else "object", "call": callee}
    return claim(
        RULE,
        first.place,
        f"{RULE.name} in {where(first.place)}. {quoted(what)}{owner} ({', '.join(kinds)}) {reach} '{callee}'.{goes}",
        endpoint=endpoint,
        handler=first.function,
        certainty=first.certainty,
        trace=tuple(way_to(first, destinations)),
        looked_for=(
            "a mask, hash or redaction on the way",
            "a 'ToString' or a logging attribute that leaves the members out",
        ),
        remedy=remedy_for(facts, RULE.id, first.place.path, kinds, values, GENERAL_REMEDY),
        identity=(first.function, shape_of(first.sink), *types, *sorted(kinds)),
    )


def way_to(exposure: Exposure, destinations: Sequence[str]) -> Iterator[Step]:
    """The value's way to the log."""
    before = [step for step in exposure.trace if step.place != exposure.place]
    yield from before
    note = f"{quoted(exposure.what)} {'is' if len(exposure.what) == 1 else 'are'} written to the log"
    yield Step(exposure.place, note + (f" ({', '.join(destinations)})" if destinations else ""), "sink")


def unique(names: Sequence[str]) -> list[str]:
    """The names once each, in the order in which they first came."""
    return list(dict.fromkeys(names))
