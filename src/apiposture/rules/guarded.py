"""What do endpoints hold against their callers, though nothing in the objects says whose they are?

Who may see an item of a library, or a device of a group, is often a function's to say (`item.IsVisible(user)`): no member names an owner.
That the object is guarded is then learnt from the endpoints beside it, or from nearly all others of the program (decisions/0029).
"""

from __future__ import annotations

from apiposture.model.facts import Access, Endpoint, Facts, Ownership
from apiposture.rules.open_endpoints import asks_for_more_than_login

READS = ("read", "list")
ENOUGH = 2
"""So many endpoints of the program must hold such objects against their callers where one of them stands in the same file."""
CUSTOM = 5
"""So many make it the custom of the program, wherever they stand,"""
FEW = 4
"""where at least so many times as many hold the object against their callers as don't."""


class Guarded:
    """The objects that endpoints hold against their callers, by the file that the endpoints stand in, and everywhere."""

    def __init__(self, facts: Facts) -> None:
        self._tied: dict[str, dict[int, Access]] = {}
        self._loose: dict[str, set[int]] = {}
        for access in facts.accesses:
            endpoint = facts.endpoints[access.endpoint] if access.endpoint >= 0 else None
            if endpoint is None or is_for_staff(endpoint) or access.operation == "link":
                continue
            if any(check.kind == "comparison" for check in access.checks):
                self._tied.setdefault(access.entity, {}).setdefault(access.endpoint, access)
            elif not access.checks and access.key_source and access.certainty != "low":
                self._loose.setdefault(access.entity, set()).add(access.endpoint)
        self._declared = frozenset(each.entity for each in facts.ownerships if each.certainty != "low")
        self._custom = frozenset(
            entity
            for entity, tied in self._tied.items()
            if len(tied) >= CUSTOM and FEW * len(self._loose.get(entity, set()) - tied.keys()) <= len(tied)
        )
        self._paths = [endpoint.place.path for endpoint in facts.endpoints]

    def of(self, access: Access, endpoint: Endpoint) -> Ownership | None:
        """Whose the object is as other endpoints have it; None where it is no rule to ask. A hint where most don't ask."""
        tied = {index: each for index, each in self._tied.get(access.entity, {}).items() if says_something(each, access)}
        if len(tied) < ENOUGH or access.entity not in self._declared or is_for_staff(endpoint):
            return None
        if access.certainty == "low" or access.narrowed:
            return None
        others = [index for index in tied if index != access.endpoint]
        beside = [index for index in others if self._paths[index] == endpoint.place.path]
        is_custom = access.entity in self._custom
        if access.operation == "link" and not is_custom:
            return None  # who may write a comment is another question
        if not beside and (not is_custom or asks_for_more_than_login(endpoint.posture)):
            return None
        told = beside or others
        where = "of the file" if beside else "of the program"
        why = f"Other endpoints {where} hold '{access.entity}' against the caller."
        sure = "medium" if len(self._loose.get(access.entity, set()) - tied.keys()) <= len(tied) else "low"
        return Ownership(access.entity, True, (), why, sure, tied[told[0]].checks[0].place)


def says_something(guarded: Access, access: Access) -> bool:
    """Does a guard of one access say something of another? What only changes are guarded for may be open to be read."""
    return access.operation not in READS or guarded.operation in READS


def is_for_staff(endpoint: Endpoint) -> bool:
    """Does the endpoint ask for a role? A permission of one kind says nothing about which objects it is for."""
    return any(need.kind == "role" for need in endpoint.posture.needs)
