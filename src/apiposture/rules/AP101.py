"""Which objects does a caller reach by a key of their own choice, with nothing tying the object to them?"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from apiposture.model.facts import Access, Declaration, Endpoint, Facts, Need, Ownership
from apiposture.model.finding import Finding, Rule, Step
from apiposture.rules.claims import (
    LISTED_PLACES,
    called,
    claim,
    counted,
    endpoint_at,
    endpoint_identity,
    least,
    remedy_for,
    where,
    words_of,
)
from apiposture.rules.guarded import READS, Guarded
from apiposture.rules.identity import LOST, shape_of
from apiposture.rules.open_endpoints import asks_for_more_than_login
from apiposture.rules.words import words

RULE = Rule(
    id="AP101",
    name="Broken object-level authorization",
    severity="critical",
    cwe=("CWE-639",),
    owasp=("API1:2023",),
    soc2=("CC6.1", "CC6.3"),
)
CLAIMED = {"read": "read", "list": "listed", "link": "linked to something new", "update": "changed", "delete": "deleted"}
"""The operations that concern an existing object of somebody's, and what then happens to it; the last is the worst."""
WORST_FIRST = tuple(reversed(CLAIMED))
SECRET_WORDS = frozenset(("token", "secret", "nonce", "otp", "invitation", "invite"))
"""Words in names of keys that only those know to whom they were given, such as the token of a shared link."""
SOMEBODY = "its owner"
"""Whose an object is of which no member says that."""
LEARNT_REMEDY = "Ask of '{entity}' here what the endpoints named in the trace ask of it, and refuse before it is used."
GENERAL_REMEDY = (
    "Put the caller into the query for '{entity}' (its '{owner}' must be the caller's), or compare the two and refuse "
    "before the object is used."
)


def find(facts: Facts) -> Iterator[Finding]:
    """One claim for each endpoint and key: reading an object, what hangs on it, and then deleting it is one missing check."""
    groups: dict[tuple[int, str], list[tuple[Access, Ownership]]] = {}
    for access, ownership in claimed(facts):
        groups.setdefault((access.endpoint, access.key), []).append((access, ownership))
    unowned = without_ownership(facts)
    reading = Reading(facts)
    for (index, _), found in groups.items():
        ordered = sorted(found, key=lambda each: nearest_to_the_caller(each[0]))
        accesses = [access for access, _ in ordered]
        endpoint = facts.endpoints[index]
        finding = missing_check(facts, endpoint, ordered[0][1], accesses)
        meant = all(reading.may_be_meant(access, endpoint) for access in accesses)
        yield replace(finding, certainty="low") if meant or host_of(endpoint) in unowned else finding


def claimed(facts: Facts) -> Iterator[tuple[Access, Ownership]]:
    """The accesses that nothing ties to the caller, of objects that are somebody's or that other endpoints beside it guard."""
    owned = {each.entity: each for each in facts.ownerships if each.owned}
    guarded = Guarded(facts)
    for access in facts.accesses:
        endpoint = endpoint_at(facts, access.endpoint)
        if endpoint is None or not is_loose(access, endpoint):
            continue
        if access.entity not in owned and (learnt := guarded.of(access, endpoint)) is not None:
            yield access, learnt
        elif access.entity in owned and access.operation != "link":
            loaded_by_hand = asks_of_each(endpoint) and not access.function.endswith(LOADS)
            if loaded_by_hand or not is_administration(endpoint, access.entity):
                yield access, owned[access.entity]


class Reading:
    """What may be meant to be read by everybody, as far as the endpoints that hold it against their callers tell.

    `open` are the entities that an endpoint which is declared open shows to whoever knows their key, `private` those that ordinary callers
    read their own of, `staffed` those that only people with a right of their own are held against, `listed` those of which everything is
    listed to ordinary callers, and those people whose records are shown to whoever knows their names.
    """

    def __init__(self, facts: Facts) -> None:
        tied: dict[bool, set[tuple[str, bool]]] = {True: set(), False: set()}
        for access in facts.accesses:
            endpoint = endpoint_at(facts, access.endpoint)
            if endpoint is not None and any(check.kind != "authorization" for check in access.checks):
                office = is_administration(endpoint, access.entity) and not asks_of_each(endpoint)
                tied[office].add((access.entity, access.operation in READS))
        self.open = frozenset(access.entity for access in facts.accesses if _is_shown_to_all(facts, access))
        ordinary = {entity for entity, _ in tied[False]}
        self.private = frozenset(entity for entity, read in tied[False] if read)
        self.listed = frozenset(
            access.entity
            for access in facts.accesses
            if access.operation == "list" and not access.key_source and not access.checks and access.certainty != "low"
            if not is_administration(facts.endpoints[access.endpoint], access.entity)
        )
        shown = (habit for habit in facts.habits if habit.kind == "shown")
        self.listed |= frozenset(one.what for one in shown if not is_administration(facts.endpoints[one.endpoint], one.what))
        self.staffed = frozenset(entity for entity, _ in tied[True]) - ordinary
        self.guarded_for_change = _guarded_for_change(facts)
        self.asks = any(endpoint.posture.level in ("authenticated", "role", "policy") for endpoint in facts.endpoints)

    def may_be_meant(self, access: Access, endpoint: Endpoint) -> bool:
        """Is it only read, where nobody is asked to log in though others are, staff alone is held against it, or all of it is listed?

        Or where the endpoints beside it refuse others by the very value that the route names, but only where something changes.
        """
        if access.operation in READS and access.key_source == "route" and (endpoint.place.path, access.key) in self.guarded_for_change:
            return True
        if access.operation not in READS or access.entity in self.private:
            return False
        if access.entity in self.open or access.entity in self.staffed or access.entity in self.listed:
            return True
        return self.asks and endpoint.posture.level == "public"


def _is_shown_to_all(facts: Facts, access: Access) -> bool:
    """Does an endpoint that is declared open show an object by a key that is no secret, with nothing asked of the caller?"""
    endpoint = endpoint_at(facts, access.endpoint)
    by_key = access.operation == "read" and bool(access.key_source) and not SECRET_WORDS.intersection(words_of(access.key))
    return endpoint is not None and endpoint.posture.level == "anonymous" and not endpoint.changes_state and by_key and not access.checks


SEVERAL = 2
"""So many endpoints of a file that refuse others by a value are no accident."""


def _guarded_for_change(facts: Facts) -> frozenset[tuple[str, str]]:
    """The files and names of values that all endpoints hold against their callers that change something by them, and none that reads."""
    asked: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
    for habit in facts.habits:
        if habit.kind == "asked":
            endpoint = facts.endpoints[habit.endpoint]
            asked[endpoint.changes_state].append((endpoint.place.path, habit.what))
    changing = [access for access in facts.accesses if access.endpoint >= 0 and facts.endpoints[access.endpoint].changes_state]
    loose = {(facts.endpoints[access.endpoint].place.path, access.key) for access in changing if not access.checks}
    often = {each for each in asked[True] if asked[True].count(each) >= SEVERAL}
    return frozenset(often - loose - set(asked[False]))


MANY = 8
"""So many endpoints that reach owned objects, none of which asks whose they are, are no accident: the host serves its operators."""


def host_of(endpoint: Endpoint) -> str:
    """The folder that an endpoint's service stands in, as far as the path tells."""
    return endpoint.place.path.partition("/")[0] if endpoint.place.path.count("/") > 1 else ""


def without_ownership(facts: Facts) -> frozenset[str]:
    """The services in which nothing is ever held against the caller, though another service of the tree does that."""
    reached: dict[str, set[int]] = {}
    tied: set[str] = set()
    for access in facts.accesses:
        endpoint = endpoint_at(facts, access.endpoint)
        if endpoint is not None and concerns_one(access):
            reached.setdefault(host_of(endpoint), set()).add(access.endpoint)
            if any(check.kind in ("predicate", "comparison", "membership") for check in access.checks):
                tied.add(host_of(endpoint))
    return frozenset(host for host, endpoints in reached.items() if host and tied and host not in tied and len(endpoints) >= MANY)


def is_loose(access: Access, endpoint: Endpoint) -> bool:
    """Is this an untied access to an object of the caller's choice?"""
    if access.checks or not access.key_source or access.operation not in CLAIMED:
        return False
    if endpoint.posture.level == "anonymous" and access.operation in READS:
        return False
    return endpoint.proof is None or endpoint.proof.kind != "shared-secret"  # else it is a service's own to choose what it sends


def is_administration(endpoint: Endpoint, entity: str = "") -> bool:
    """Is the endpoint for people with a right of their own? Roles of one declaration are alternatives: one that everybody has opens it,
    and so does a permission that comes with every account, where no other is needed. What is declared elsewhere is asked for as well. A
    permission on one model says nothing of an entity of another.
    """
    if not asks_for_more_than_login(endpoint.posture):
        return False
    needs = endpoint.posture.needs
    if entity and needs and all(_is_on_another(need, entity) for need in needs):
        return False
    if any(map(_is_ordinary, needs)) and not any(_names_office(one) for one in endpoint.posture.declarations):
        return False
    return not all(need.kind == "permission" and _comes_with_an_account(need.name) for need in needs)


OF_THE_OBJECT = "of the object"
"""A permission that is asked of each object, once the library itself has loaded it."""
LOADS = ".get_object"
"""The function by which it does."""


def asks_of_each(endpoint: Endpoint) -> bool:
    """Is all that it asks for a permission of each object that the library loads? Of one that code loads by itself it asks none."""
    needs = endpoint.posture.needs
    return bool(needs) and all(need.kind == "permission" and need.name == OF_THE_OBJECT for need in needs)


def _is_ordinary(need: Need) -> bool:
    """Is it a role that ordinary people hold?"""
    return need.kind == "role" and need.name.lower().rstrip("s") in words("ordinary_roles")


def _names_office(declaration: Declaration) -> bool:
    """Does one declaration by itself ask for a role, none of which ordinary people hold?"""
    roles = [need for need in declaration.needs if need.kind == "role"]
    return bool(roles) and not declaration.opens and not any(map(_is_ordinary, roles))


def _is_on_another(need: Need, entity: str) -> bool:
    """Is it a permission on a model that is named, and not this one?"""
    return need.kind == "permission" and need.model not in ("", entity)


def _comes_with_an_account(permission: str) -> bool:
    """Does the name of a permission say that everybody has it who can log in: `BASIC_ACCESS`?"""
    named = frozenset(words_of(permission))
    return bool(named & words("ordinary_roles")) and named <= words("ordinary_roles") | words("of_any_account")


def nearest_to_the_caller(access: Access) -> tuple[object, ...]:
    """The order in which an object's accesses happen, as far as it can be told: the load comes before the deletion."""
    return len(access.trace), access.place, access.operation


def missing_check(facts: Facts, endpoint: Endpoint, ownership: Ownership, accesses: Sequence[Access]) -> Finding:
    """The claim for one object; it stands at the first access, the others are steps of its trace."""
    access = accesses[0]
    operation = min((each.operation for each in accesses), key=WORST_FIRST.index)
    owner = ownership.owners[0] if ownership.owners else SOMEBODY
    lost = lost_checks(facts, access)
    values = {
        "entity": access.entity,
        "owner": owner,
        "key": access.key,
        "operation": operation,
        "route": endpoint.route,
    }
    identity = (*endpoint_identity(endpoint), access.entity, operation, shape_of(access.call), access.key_source)
    values["variable"] = access.entity.rpartition(".")[2][:1].lower()
    return claim(
        RULE,
        access.place,
        f"Possible BOLA in {where(access.place)}. Missing ownership check for '{access.key}'.",
        endpoint=endpoint,
        certainty=certainty_of(access, ownership, endpoint),
        trace=(*way_to(access, endpoint, owner), *lost, *later_effects(accesses), *siblings_of(facts, access, owner)),
        looked_for=looked_for(access, owner),
        remedy=LEARNT_REMEDY.format(**values)
        if owner == SOMEBODY
        else remedy_for(
            facts, RULE.id, access.place.path, (operation, endpoint.style, f"{endpoint.framework} {operation}"), values, GENERAL_REMEDY
        ),
        identity=(*identity, LOST) if lost else identity,
    )


def lost_checks(facts: Facts, access: Access) -> tuple[Step, ...]:
    """The check that an earlier state had, where there is one to compare with: losing it makes this another finding than a standing one."""
    was = [each for each in facts.changes if each.kind == "untied" and each.endpoint == access.endpoint]
    gone = [each for each in was if facts.accesses[each.access].entity == access.entity]
    called = {each: f", as '{each.then}'," if each.then else "" for each in gone}
    return tuple(Step(access.place, f"before the change{called[each]} it was tied to the caller: {each.before}", "step") for each in gone)


def certainty_of(access: Access, ownership: Ownership, endpoint: Endpoint) -> str:
    """As sure as the access and the ownership are; less where the key is a secret or a role stands before it."""
    certainty = least(access.certainty, ownership.certainty)
    if SECRET_WORDS.intersection(words_of(access.key)):
        return "low"
    return least(certainty, "medium") if asks_for_more_than_login(endpoint.posture) else certainty


def way_to(access: Access, endpoint: Endpoint, owner: str) -> Iterator[Step]:
    """Who calls, what the caller chooses, its way, the checks that do not count, and the access."""
    decided = endpoint.posture.decided_by
    if decided is not None and endpoint.posture.level in ("authenticated", "role", "policy"):
        yield Step(decided, f"proves who calls, not whose '{access.entity}' it is", "declaration")
    before = [step for step in access.trace if step.place != access.place]
    if not any(step.part == "source" for step in before):
        yield Step(endpoint.place, f"the caller chooses '{access.key}' ({access.key_source})", "source")
    yield from before
    yield from access.weak
    lacks = f"'{member_of(access.entity, owner)}' is never compared with the caller"
    yield Step(access.place, f"it reaches the data; {lacks if owner != SOMEBODY else 'nothing holds it against the caller'}", "sink")


def member_of(entity: str, owner: str) -> str:
    """`Order.UserId`; an owner that already names its way (`Order.UserId` of an item) is left alone."""
    return owner if "." in owner or " " in owner else f"{entity}.{owner}"


def later_effects(accesses: Sequence[Access]) -> Iterator[Step]:
    """What else happens to the object without a check."""
    for access in accesses[1:]:
        if access.place != accesses[0].place:
            yield Step(access.place, f"'{access.entity}' is {CLAIMED[access.operation]} here", "step")


def concerns_one(access: Access) -> bool:
    """Does it concern an existing object of somebody's, and not all that there are?"""
    return access.operation in CLAIMED and (access.operation != "list" or bool(access.key_source or access.checks))


def siblings_of(facts: Facts, access: Access, owner: str) -> Iterator[Step]:
    """The other endpoints on the entity that do tie it to the caller: the one that does not is the odd one out."""
    others: dict[int, list[Access]] = {}
    for other in facts.accesses:
        if other.entity == access.entity and other.endpoint not in (access.endpoint, -1) and concerns_one(other):
            others.setdefault(other.endpoint, []).append(other)
    tied = {index: found for index, found in others.items() if all(each.checks for each in found)}
    verb, rest = ("hold", "it against the caller") if owner == SOMEBODY else ("filter", f"by '{owner}'")
    verb += "s" if len(tied) == 1 else ""
    sentence = f"{len(tied)} of {counted(len(others), 'other endpoint')} on '{access.entity}' {verb} {rest}"
    checks = sorted((found[0].checks[0].place, index) for index, found in tied.items())
    for number, (place, index) in enumerate(checks[:LISTED_PLACES]):
        yield Step(place, called(facts.endpoints[index]) if number else sentence, "sibling")


def looked_for(access: Access, owner: str) -> tuple[str, ...]:
    """The ties that were sought, and what was found instead."""
    if owner == SOMEBODY:
        return (
            f"a test that holds '{access.entity}' and the caller against each other and refuses before it is used",
            "an authorization call on the object whose result is honoured",
            "a decorator, filter or policy that asks for the object that the route names",
            *(f"not counted, {where(step.place)}: {step.note}" for step in access.weak),
        )
    return (
        f"'{member_of(access.entity, owner)}' in the query's condition, compared with the caller",
        f"a comparison of '{owner}' with the caller that refuses before the object is used",
        "an authorization call on the object whose result is honoured",
        "an attribute, filter, policy or query filter that checks the owner",
        f"a key '{access.key}' that comes from the caller's own identity",
        *(f"not counted, {where(step.place)}: {step.note}" for step in access.weak),
    )
