"""Which declarations name roles, and which endpoints stand under each?"""

from collections.abc import Iterator

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
    """Endpoints by the line that names their roles: a class with forty actions has one such line, and one cause."""
    groups: dict[tuple[Place, tuple[str, ...]], list[Endpoint]] = {}
    for endpoint in sorted(facts.endpoints, key=lambda each: (each.place, each.method, each.route)):
        roles = tuple(sorted({need.name for need in endpoint.posture.needs if need.kind == "role"}))
        if roles:
            groups.setdefault((endpoint.posture.decided_by or endpoint.place, roles), []).append(endpoint)
    for (_, roles), endpoints in groups.items():
        yield RoleGroup(tuple(endpoints), roles)


def trace_of(group: RoleGroup, note: str) -> tuple[Step, ...]:
    """The line that names the roles, the endpoint, and the others that stand under the same line."""
    first, others = group.first(), group.endpoints[1:]
    decided = first.posture.decided_by or first.place
    steps = [Step(decided, note, "declaration"), Step(first.place, f"'{called(first)}' asks for them", "sink")]
    for index, other in enumerate(others[:LISTED_PLACES]):
        more = f"the same line holds for {counted(len(others), 'other endpoint')}" if index == 0 else called(other)
        steps.append(Step(other.place, more, "sibling"))
    return tuple(steps)
