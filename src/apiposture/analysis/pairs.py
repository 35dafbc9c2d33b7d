"""Which endpoint of an earlier state is which of this one?

The same handler is the same endpoint, wherever its route has gone; then the same route is, whoever answers there now. Of those that have no
counterpart by either, a method of the same name is (its class is called otherwise), then those that do the same to the same objects in the
same file, in the order in which they stand there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from apiposture.model.facts import Endpoint, Facts

Name = tuple[object, ...]
Naming = Callable[[Endpoint], Name]

NAMINGS: tuple[Naming, ...] = (
    lambda endpoint: (endpoint.method, endpoint.route, endpoint.handler),
    lambda endpoint: (endpoint.method, endpoint.handler),
    lambda endpoint: (endpoint.handler,),
    lambda endpoint: (endpoint.method, endpoint.route),
)
"""What makes an endpoint the same in another state, the strongest first."""


def same_endpoints(earlier: Facts, now: Facts) -> dict[int, int]:
    """The number in the earlier state of each endpoint that was there."""
    exactly, *less = NAMINGS
    found = _named(exactly, earlier.endpoints, now.endpoints, {})
    unchanged = set(found.values())
    for naming in less:
        found |= _named(naming, earlier.endpoints, now.endpoints, found, unchanged)
    for naming in less:  # of a handler with a second route, or a route with a second handler, the first one was there
        found |= _named(naming, earlier.endpoints, now.endpoints, found)
    found |= _matched(_methods(earlier), _methods(now), found, most=1)
    return found | _matched(_deeds(earlier), _deeds(now), found)


def _named(
    naming: Naming, before: Sequence[Endpoint], after: Sequence[Endpoint], found: Mapping[int, int], but: Iterable[int] = ()
) -> dict[int, int]:
    """Those that are not `found` yet and have the same name as a single earlier one, `but` certain ones."""
    left = sorted(frozenset(range(len(before))).difference(but))
    known = _grouped((number, naming(before[number])) for number in left)
    pairs = ((new, known.get(naming(endpoint), [])) for new, endpoint in enumerate(after) if new not in found)
    return {new: old[0] for new, old in pairs if len(old) == 1}


def _matched(earlier: Mapping[int, Name], now: Mapping[int, Name], found: Mapping[int, int], most: int = 1000) -> dict[int, int]:
    """Those that have no counterpart yet, where both states have as many that are alike, one after the other."""
    taken = set(found.values())
    before = _grouped((old, name) for old, name in earlier.items() if old not in taken)
    after = _grouped((new, name) for new, name in now.items() if new not in found)
    alike = [(before.get(name, []), new) for name, new in after.items()]
    return {each: other for old, new in alike if len(old) == len(new) <= most for each, other in zip(new, old, strict=True)}


def _methods(facts: Facts) -> dict[int, Name]:
    return {number: (each.method, each.handler.rpartition(".")[2]) for number, each in enumerate(facts.endpoints) if each.handler}


def _deeds(facts: Facts) -> dict[int, Name]:
    """What each endpoint that reaches objects does to which, with its method and file; in the order of their places."""
    reached: dict[int, set[tuple[str, str]]] = {}
    for access in facts.accesses:
        if access.endpoint >= 0:
            reached.setdefault(access.endpoint, set()).add((access.entity, access.operation))
    ordered = sorted((facts.endpoints[number].place, number) for number in reached)
    return {number: (facts.endpoints[number].method, place.path, frozenset(reached[number])) for place, number in ordered}


def _grouped(named: Iterable[tuple[int, Name]]) -> dict[Name, list[int]]:
    groups: dict[Name, list[int]] = {}
    for number, name in named:
        groups.setdefault(name, []).append(number)
    return groups
