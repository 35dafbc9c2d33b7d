"""Which protections did an earlier state of the tree have that this one lacks?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct

from apiposture.analysis.pairs import same_endpoints
from apiposture.model.facts import Access, Change, Endpoint, Facts, Need, Posture

STRENGTH = {"public": 0, "anonymous": 0, "authenticated": 1, "role": 2, "policy": 2}
"""How much a posture asks for; one that is not resolved is in no order with the others."""
CONCERNED = ("read", "list", "update", "delete")
"""Operations on objects that exist and may be somebody's."""

Clause = frozenset[tuple[str, str]]
"""Needs of which one is enough."""


def changes_since(earlier: Facts, now: Facts) -> tuple[Change, ...]:
    """What became weaker at endpoints that are there in both states. New endpoints are no change, they are judged as they are."""
    pairs = sorted((old, new) for new, old in same_endpoints(earlier, now).items())
    found = [change for old, new in pairs for change in _weaker(earlier.endpoints[old], now.endpoints[new], new)]
    found += _untied(earlier, now, pairs)
    then = {new: name_then(earlier.endpoints[old], now.endpoints[new]) for old, new in pairs}
    return tuple(msgspec.structs.replace(change, then=then[change.endpoint]) for change in found)


def name_then(old: Endpoint, new: Endpoint) -> str:
    """How an endpoint was called before; empty where it is called the same."""
    return "" if (old.method, old.route) == (new.method, new.route) else f"{old.method} {old.route}"


def _weaker(old: Endpoint, new: Endpoint, index: int) -> Iterator[Change]:
    """At most one change: what an endpoint asks for is less, or less certain, than it was."""
    was, is_ = STRENGTH.get(old.posture.level), STRENGTH.get(new.posture.level)
    if not was:
        return
    cause = old.posture.decided_by
    before, after = asked_for(old.posture), asked_for(new.posture)
    if is_ is None:
        yield Change(index, "unresolved", before, "what can't be resolved", cause, certainty="low")
    elif is_ < was:
        yield Change(index, "opened" if is_ == 0 else "lowered", before, after, cause)
    elif was == 2:
        kind = _lost(clauses(old.posture), clauses(new.posture))
        if kind:
            yield Change(index, kind, before, after, cause, certainty="medium" if kind == "replaced" else "high")


def _lost(old: Sequence[Clause], new: Sequence[Clause]) -> str:
    """What happened to the clauses that no clause of the new state is as strict as; empty where each has one."""
    lost = [clause for clause in old if not any(other <= clause for other in new)]
    if not lost:
        return ""
    if any(clause < other for clause in lost for other in new):
        return "widened"
    kept = [other for other in new if other in old]
    return "dropped" if len(kept) == len(new) else "replaced"


def clauses(posture: Posture) -> list[Clause]:
    """What a caller must have: all of these, and of each one. Roles that one declaration names are alternatives, other needs are not."""
    holding = dict.fromkeys((need.kind, need.name) for need in posture.needs)
    declared = [[key for need in each.needs if (key := (need.kind, need.name)) in holding] for each in posture.declarations]
    undeclared = [key for key in holding if not any(key in named for named in declared)]
    return [clause for named in (*declared, undeclared) for clause in _split(named)]


def _split(named: Sequence[tuple[str, str]]) -> list[Clause]:
    roles = frozenset(key for key in named if key[0] == "role")
    return ([roles] if roles else []) + [frozenset((key,)) for key in named if key[0] != "role"]


def asked_for(posture: Posture) -> str:
    """What a caller must have, in words."""
    if posture.level in ("public", "anonymous"):
        return "everybody" if posture.level == "anonymous" else "nothing"
    if not posture.needs:
        return {"authenticated": "a login", "unknown": "what can't be resolved"}.get(posture.level, f"a {posture.level}")
    return " and ".join(_spelled(posture.needs))


def _spelled(needs: Sequence[Need]) -> Iterator[str]:
    roles = [need.name for need in needs if need.kind == "role"]
    if roles:
        yield f"role {' or '.join(map(_quoted, roles))}"
    for need in needs:
        if need.kind != "role":
            yield f"{need.kind} {_quoted(need.name)}"


def _quoted(name: str) -> str:
    return f"'{name}'"


class Reached(Struct, frozen=True):
    """What one endpoint does to one entity: the accesses by number, those that are tied to the caller apart from the others."""

    tied: tuple[int, ...]
    loose: tuple[int, ...]


def _untied(earlier: Facts, now: Facts, pairs: Sequence[tuple[int, int]]) -> Iterator[Change]:
    """Objects of which every access was tied to the caller, and one is not any more."""
    before, after = _reached(earlier.accesses), _reached(now.accesses)
    for old, new in pairs:
        for entity in sorted(entity for endpoint, entity in after if endpoint == new):
            was, is_ = before.get((old, entity)), after[new, entity]
            loose = [number for number in is_.loose if _is_chosen(now.accesses[number])]
            if was is not None and was.tied and not was.loose and loose:
                check = earlier.accesses[was.tied[0]].checks[0]
                yield Change(new, "untied", check.text, "nothing", check.place, loose[0], now.accesses[loose[0]].certainty)


def _is_chosen(access: Access) -> bool:
    """Does the caller choose the object, or is all of it listed?"""
    return bool(access.key_source) or access.operation == "list"


def _reached(accesses: Sequence[Access]) -> Mapping[tuple[int, str], Reached]:
    found: dict[tuple[int, str], list[int]] = {}
    for number, access in enumerate(accesses):
        if access.endpoint >= 0 and access.operation in CONCERNED:
            found.setdefault((access.endpoint, access.entity), []).append(number)
    return {
        key: Reached(
            tuple(number for number in numbers if accesses[number].checks),
            tuple(number for number in numbers if not accesses[number].checks),
        )
        for key, numbers in found.items()
    }
