"""What do endpoints that stand together hold against their callers, though nothing in the objects says whose they are?

Who may see an item of a library, or a device of a group, is often a function's to say (`item.IsVisible(user)`): no member names an owner.
That the object is guarded is then learnt from the endpoints beside it.
"""

from __future__ import annotations

from apiposture.model.facts import Access, Endpoint, Facts, Ownership

ENOUGH = 2
"""So many endpoints of the program must hold such objects against their callers; one may have a reason of its own."""


class Guarded:
    """The objects that endpoints hold against their callers, by the file that the endpoints stand in."""

    def __init__(self, facts: Facts) -> None:
        self._together: dict[tuple[str, str], dict[int, Access]] = {}
        guarding: dict[str, set[int]] = {}
        for access in facts.accesses:
            if access.endpoint >= 0 and any(check.kind == "comparison" for check in access.checks):
                endpoint = facts.endpoints[access.endpoint]
                if not is_for_staff(endpoint):
                    self._together.setdefault((endpoint.place.path, access.entity), {}).setdefault(access.endpoint, access)
                    guarding.setdefault(access.entity, set()).add(access.endpoint)
        declared = {each.entity for each in facts.ownerships if each.certainty != "low"}
        self._everywhere = frozenset(entity for entity, found in guarding.items() if len(found) >= ENOUGH and entity in declared)

    def of(self, access: Access, endpoint: Endpoint) -> Ownership | None:
        """Whose the object is as the endpoints of the same file have it; None where none of them asks."""
        if access.entity not in self._everywhere or is_for_staff(endpoint) or access.certainty == "low":
            return None
        siblings = self._together.get((endpoint.place.path, access.entity), {})
        first = next((each for index, each in siblings.items() if index != access.endpoint), None)
        if first is None:
            return None
        why = f"Other endpoints of the file hold '{access.entity}' against the caller."
        return Ownership(access.entity, True, (), why, "medium", first.checks[0].place)


def is_for_staff(endpoint: Endpoint) -> bool:
    """Does the endpoint ask for a role? A permission of one kind says nothing about which objects it is for."""
    return any(need.kind == "role" for need in endpoint.posture.needs)
