"""Which operations ask for less than all others of their kind, though they do as much?"""

from collections.abc import Iterator, Sequence

from apiposture.model.facts import OWN_LEVELS, Declaration, Endpoint, Facts, Need
from apiposture.model.finding import Finding, Rule, Step
from apiposture.rules.claims import LISTED_PLACES, called, claim, counted, declarations_in, endpoint_identity, where

RULE = Rule(
    id="AP110",
    name="Broken function-level authorization",
    severity="high",
    cwe=("CWE-862",),
    owasp=("API5:2023",),
    soc2=("CC6.1", "CC6.3"),
)
RIGHTS = ("permission", "role", "policy", "claim")
"""What not every account has."""
IN_CODE = "handler"
"""The level of what an operation's own code asks. Which operations carry an attribute is a choice that one sees at a glance."""
ENOUGH = 3
"""So many of the operations of one class, and half of them, make what they ask for the rule of the class."""
READERS = 2
"""A read may be open on purpose where only changes are guarded: so many other reads must ask as well."""


def find(facts: Facts) -> Iterator[Finding]:
    """One claim for each operation whose code lacks what its siblings' code asks for."""
    tied = {access.endpoint for access in facts.accesses if access.checks}
    classes: dict[tuple[str, str], list[int]] = {}
    for index, endpoint in enumerate(facts.endpoints):
        classes.setdefault((endpoint.place.path, endpoint.handler.rpartition(".")[0]), []).append(index)
    for (_, name), members in classes.items():
        if name:
            yield from odd_ones(facts, members, tied)


def odd_ones(facts: Facts, members: Sequence[int], tied: set[int]) -> Iterator[Finding]:
    """The operations of one class that ask for nothing, where most others ask for the same."""
    operations: dict[str, Endpoint] = {}
    for index in members:
        endpoint = facts.endpoints[index]
        operations.setdefault(key_of(endpoint), endpoint)
    own = {key_of(facts.endpoints[index]) for index in members if index in tied}
    asking: dict[Need, list[Endpoint]] = {}
    for endpoint in operations.values():
        for need in rights_of(endpoint):
            asking.setdefault(need, []).append(endpoint)
    for key, endpoint in operations.items():
        if is_closed_to_strangers(endpoint) and not asks_itself(endpoint) and key not in own:
            rules = (each for each, askers in asking.items() if expected(endpoint, askers, len(operations)))
            for missing in list(rules)[:1]:
                yield missing_right(endpoint, missing, asking[missing], len(operations))


def key_of(endpoint: Endpoint) -> str:
    """What makes two routes one operation: they run the same code."""
    return f"{endpoint.handler} {endpoint.place.line}"


def rights_of(endpoint: Endpoint) -> tuple[Need, ...]:
    """The rights that the operation's code asks for."""
    needs = (need for each in asked_by(endpoint) for need in each.needs if need.kind in RIGHTS)
    return tuple(dict.fromkeys(needs))


def asked_by(endpoint: Endpoint) -> Iterator[Declaration]:
    """What the operation's code asks of its callers."""
    return (each for each in endpoint.posture.declarations if each.level == IN_CODE)


def asks_itself(endpoint: Endpoint) -> bool:
    """Does the operation ask for a right of its own, by what it carries, or does its code look at the caller at all?"""
    own = [each for each in endpoint.posture.declarations if each.level in OWN_LEVELS]
    return any(each.level == IN_CODE or any(need.kind in RIGHTS for need in each.needs) for each in own)


def is_closed_to_strangers(endpoint: Endpoint) -> bool:
    """Must one log in? What is open to everybody is another rule's."""
    return endpoint.posture.level in ("authenticated", "policy", "role")


def expected(endpoint: Endpoint, askers: Sequence[Endpoint], operations: int) -> bool:
    """Do the others make it the rule that one must have a right for what the operation does?"""
    readers = sum(answers_reads(asker) for asker in askers)
    if 2 * len(askers) < operations:
        return False
    if endpoint.changes_state and 0 < readers < len(askers):
        return True  # not even reading is for everybody, and another change is not
    return len(askers) >= ENOUGH and (endpoint.changes_state or readers >= READERS)


def answers_reads(endpoint: Endpoint) -> bool:
    """May one only read there? A page that answers by any method is read before it is sent."""
    return not endpoint.changes_state or endpoint.method in ("*", "GET")


def missing_right(endpoint: Endpoint, need: Need, askers: Sequence[Endpoint], operations: int) -> Finding:
    """The claim, with those that ask."""
    name = endpoint.handler.rpartition(".")[0].rpartition(".")[2]
    others = f"{len(askers)} of {counted(operations - 1, 'other operation')} of '{name}'"
    ask = "asks" if len(askers) == 1 else "ask"
    return claim(
        RULE,
        endpoint.place,
        f"{RULE.name} in {where(endpoint.place)}. {others} {ask} for {need.kind} '{need.name}'; '{called(endpoint)}' does not.",
        endpoint=endpoint,
        certainty="medium",
        trace=(
            *declarations_in(endpoint.posture),
            Step(endpoint.place, f"nothing asks for {need.kind} '{need.name}' here", "sink"),
            *siblings(need, askers),
        ),
        looked_for=(
            f"{need.kind} '{need.name}', or another right, on the operation itself",
            "a test of the caller in the code that leaves before anything is done",
            "an object that is held against the caller",
        ),
        remedy=f"Ask for {need.kind} '{need.name}' here as well, best once for all of '{name}'.",
        identity=(*endpoint_identity(endpoint), need.kind, need.name),
    )


def siblings(need: Need, askers: Sequence[Endpoint]) -> Iterator[Step]:
    """Where the others ask for the right."""
    for asker in askers[:LISTED_PLACES]:
        place = next((each.place for each in asked_by(asker) if need in each.needs), asker.place)
        yield Step(place, f"'{called(asker)}' asks for it", "sibling")
