"""Which declarations name roles, and which endpoints stand under each?"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from apiposture.model.facts import Endpoint, Facts
from apiposture.model.finding import Step
from apiposture.model.source import Place
from apiposture.rules.claims import LISTED_PLACES, called, counted


class RoleGroup(Struct, frozen=True):
    """Endpoints whose roles come from the same line; the first one stands for them."""

    endpoints: tuple[Endpoint, ...]
    roles: tuple[str, ...]

    def first(self) -> Endpoint:
        """The endpoint at which the group is reported."""
        return self.endpoints[0]


def role_groups(facts: Facts) -> Iterator[RoleGroup]:
    """Endpoints by what names their roles: the line that decides or, where that only refers to a policy or constant, what it refers to.

    A class with forty actions has one such line, and forty actions under one policy have one such name: one change settles all of them.
    """
    groups: dict[tuple[Place | str, tuple[str, ...]], list[Endpoint]] = {}
    for endpoint in sorted(facts.endpoints, key=lambda each: (each.place, each.method, each.route)):
        roles = tuple(sorted({need.name for need in endpoint.posture.needs if need.kind == "role"}))
        if roles:
            groups.setdefault((named_by(endpoint, roles), roles), []).append(endpoint)
    for (_, roles), endpoints in groups.items():
        yield RoleGroup(tuple(endpoints), roles)


def named_by(endpoint: Endpoint, roles: Sequence[str]) -> Place | str:
    """The place at which the roles are written down, or the words by which the declaration refers to them."""
    decided = endpoint.posture.decided_by
    text = next((each.text for each in endpoint.posture.declarations if each.place == decided), "")
    spelled = any(re.search(rf'"[^"]*(?<!\w){re.escape(role)}(?!\w)[^"]*"', text) for role in roles)
    if decided is None or not text or "..." in text or spelled:
        return decided or endpoint.place
    return text


def trace_of(group: RoleGroup, note: str) -> tuple[Step, ...]:
    """The line that names the roles, the endpoint, and the others that ask for them by the same name."""
    first, others = group.first(), group.endpoints[1:]
    decided = first.posture.decided_by or first.place
    steps = [Step(decided, note, "declaration"), Step(first.place, f"'{called(first)}' asks for them", "sink")]
    for index, other in enumerate(others[:LISTED_PLACES]):
        more = f"so {'does' if len(others) == 1 else 'do'} {counted(len(others), 'other endpoint')}" if index == 0 else called(other)
        steps.append(Step(other.place, more, "sibling"))
    return tuple(steps)
