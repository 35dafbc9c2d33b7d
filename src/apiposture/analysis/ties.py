"""What ties an object to its caller, under what is trusted at one point?"""

from __future__ import annotations

from apiposture.analysis.flow.effects import AccessEffect
from apiposture.analysis.flow.labels import APART, PRINCIPAL, Guard, Label
from apiposture.analysis.flow.values import FLAGGED, OPENLY, PARTLY
from apiposture.analysis.spots import spot_place
from apiposture.analysis.trust import CALLER, Marked, Trust, proves
from apiposture.model.facts import Check
from apiposture.program.places import place


def tied_by(marked: Marked, trust: Trust, filtered: dict[str, Check]) -> Check | None:
    """What ties the object to the caller under what is trusted."""
    effect = marked.access
    position = trust.by_predicate(marked)
    if position is not None:
        predicate = effect.predicates[position]
        by = sorted(marked.predicates[position] - {CALLER}, key=str) if CALLER not in marked.predicates[position] else []
        guard = next((g for one in by if (g := trust.reasons.get(one)) is not None), None)
        if guard is not None:
            return _guarded(guard)
        return Check("predicate", place(predicate.module, predicate.span), "the query asks for the caller's own")
    if effect.entity is not None and effect.entity.name in filtered and not effect.unfiltered:
        return filtered[effect.entity.name]
    loaded = trust.reasons.get(marked.loaded)
    if loaded is not None:
        return _guarded(loaded)
    if CALLER in marked.key:
        return Check("principal-key", spot_place(effect.spot), "the key comes from the caller's identity")
    if trust.by_key(marked):
        guard = next((g for one in sorted(marked.key, key=str) if (g := trust.reasons[one]) is not None), None)
        return _guarded(guard) if guard else Check("principal-key", spot_place(effect.spot), "the key was loaded for the caller")
    chosen = sorted(marked.key.union(*marked.predicates) - {CALLER}, key=str)
    guard = next((g for one in chosen if (g := trust.reasons.get(one)) is not None), None)
    if guard is not None:
        return _guarded(guard)
    proven = trust.secret(marked)
    if proven is not None:
        return Check("secret", place(proven.module, proven.span), "the caller must know a secret that was stored with it")
    gate = trust.gate(marked)
    return Check("authorization", place(gate.module, gate.span), "only callers of a certain role come here") if gate else None


def _guarded(guard: Guard) -> Check:
    if guard.alternatives and all(proves(side) and PRINCIPAL not in side for side in guard.alternatives):
        return Check("secret", place(guard.module, guard.span), "the caller must know a secret that was stored with it")
    if any(APART in labels for labels in guard.alternatives):
        return Check("comparison", place(guard.module, guard.span), "it was compared with the caller and refused otherwise")
    return Check("membership", place(guard.module, guard.span), "what was found for the caller was asked for it, and refused otherwise")


def asked_to_be_open(marked: Marked, trust: Trust) -> Check | None:
    """Does the query ask for the caller's own, or for what says itself that it is open? Then nothing else can be read by it."""
    asked = marked.access.predicates
    found = next((p for p in asked if any(asks_beside(x, OPENLY, trust) and not x.clean >= FLAGGED for x in p.against)), None)
    return Check("predicate", place(found.module, found.span), "the query asks for the caller's own, or what is open") if found else None


def asked_to_be_flagged(marked: Marked, trust: Trust) -> bool:
    """Does the query ask for the caller's own, or for what holds itself that something is so, which may be that it is open?"""
    return any(asks_beside(x, FLAGGED, trust) for p in marked.access.predicates for x in p.against)


def decided_by_caller(effect: AccessEffect) -> bool:
    """Does what the caller may decide what the query asks, and nothing that the caller chose?"""
    deciding = [x for predicate in effect.predicates for x in predicate.about if not PARTLY.isdisjoint(x.clean)]
    return any(x.kind == "principal" for x in deciding) and all(x.kind != "request" for x in deciding)


def asks_beside(label: Label, openly: frozenset[str], trust: Trust) -> bool:
    """Does a query ask for the caller's own, by the caller or what is trusted to be the caller's, and beside that only for what is open?"""
    mine = label.kind == "principal" or (label.kind == "object" and ("object", label.key) in trust)
    return mine and label.clean >= openly
