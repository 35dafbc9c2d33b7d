"""Which objects does each endpoint read or change, and what ties each of them to the caller?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Final

import msgspec

from apiposture.analysis.defaults import holds_by_default
from apiposture.analysis.flow.composition import lists_all
from apiposture.analysis.flow.effects import NOTHING, SETS, AccessEffect, Facts, labels_of
from apiposture.analysis.flow.endings import side_by_side
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import APART, ASKED, EMPTY, FITS, GIVEN, ROLE, Guard, Label, Labels, Way
from apiposture.analysis.flow.proving import SEALED, SIGNED
from apiposture.analysis.flow.values import flat
from apiposture.analysis.nested import is_what_holds_it
from apiposture.analysis.ownership import Owners
from apiposture.analysis.remembered import is_remembered, told
from apiposture.analysis.spots import spot_place, steps
from apiposture.analysis.supplied import CHOSEN
from apiposture.analysis.ties import asked_to_be_flagged, asked_to_be_open, decided_by_caller, tied_by
from apiposture.analysis.trust import CALLER, Mark, Marked, Trust, is_address, is_of_one_alone, mark, marks
from apiposture.analysis.words import pattern, words
from apiposture.frameworks.routing import Entry
from apiposture.model.facts import Access, Check, Endpoint
from apiposture.model.finding import Step
from apiposture.model.source import Place

NOT_CHOSEN: Final = frozenset(("key", SEALED, SIGNED))
"""Marks of what was sent and was not chosen by whoever sent it: a service stands between, or the text was handed to them as it is."""


class Judge:
    """What ties each of one endpoint's accesses to the caller. What is trusted under the same facts is worked out once."""

    def __init__(self, frame: Frame, owners: Owners, filtered: dict[str, Check]) -> None:
        self.marked = [Marked(effect, partial(owners.is_secret, effect.entity)) for effect in frame.effects.accesses.values()]
        self.found = [marked for marked in self.marked if not lists_all(marked.access)]
        self.owners = owners
        self.summaries = frame.summaries
        self.filtered = filtered
        self.returned = _returned(frame, words().public)
        self.shown = _returned(frame, words().public | {"id"})
        self.listed = _as_they_are(value.labels for value, _ in frame.returned)
        self.beside = _as_they_are(labels for value, _ in frame.returned for labels in side_by_side(value))
        self.held = _as_they_are(flat(value) for value, _ in frame.returned)
        self.told = told(frame)
        self.kept = _as_they_are(flat(value) for value in (frame.env["this"].fields or {}).values())
        self.saves = frame.effects.saves
        self._trust: dict[tuple[Facts, bool], Trust] = {}
        self._own: frozenset[Mark] = frozenset()

    def trust(self, facts: Facts, changing: bool = False) -> Trust:
        """What is the caller's own where these facts hold, and, where it is changed, not only open to the caller."""
        found = self._trust.get((facts, changing))
        if found is None:
            seen = self.trust(facts) if changing else None
            found = seen if seen is not None and not seen.opened else Trust(facts, self.found, changing)
            self._trust[(facts, changing)] = found
        return found

    def accesses(self, entry: Entry, index: int) -> Iterator[Access]:
        """The endpoint's accesses to known entities, with their checks."""
        for marked in self.marked:
            effect = marked.access
            ways = escapes(effect, self.returned, self.saves) if effect.entity is not None else []
            if not ways or self.is_login(entry, effect):
                continue
            key = _chosen(effect, self.trust(NOTHING))
            if self.is_known(marked) and not _changes_at(key, ways, effect):
                continue
            found = [self.tied(use, facts, marked) for use, facts in ways]
            checks = () if any(check is None for check in found) else tuple(dict.fromkeys(c for c in found if c is not None))
            if key is None and not checks and not (lists_all(effect) and effect.number in self.listed):
                continue
            if not checks and (self.is_once_more(effect) or self.is_paid(effect)):
                continue
            weak = () if checks else tuple(_weak(ways, found))
            operation = _operation(effect, ways, found)
            if not checks and operation in ("read", "list") and all(_is_open(effect, facts) for _, facts in ways):
                continue
            asked = not checks and (
                any(self.asks(facts, marked) or self.is_waived(facts) for _, facts in ways)
                or (decided_by_caller(effect) or self.is_set_elsewhere(effect))
                or is_remembered(marked, self.marked, self.told)
                or self.is_drawn(effect)
                or self.is_shown_within(effect)
                or self.is_of_something_given(effect, [facts for _, facts in ways])
                or (operation in ("read", "list") and asked_to_be_flagged(marked, self.trust(NOTHING)))
            )
            found_open = not checks and all(_says_open(effect, facts) for _, facts in ways)
            access = _access(index, entry.endpoint, effect, operation, key, checks, weak, asked)
            yield msgspec.structs.replace(access, narrowed=True) if found_open else access

    def tied(self, use: str, facts: Facts, marked: Marked) -> Check | None:
        """What ties the object to the caller where this is done to it."""
        found = tied_by(marked, self.trust(facts, use in ("update", "delete")), self.filtered)
        return asked_to_be_open(marked, self.trust(facts)) if found is None and use in ("read", "list") else found

    def is_known(self, marked: Marked, by: str = "natural") -> bool:
        """Is somebody looked up by what people are known by, as a row of patterns has it?"""
        return _by_name(marked.access, self.owners, by)

    def is_once_more(self, effect: AccessEffect) -> bool:
        """Is it found by the identifier of an object of its kind that was loaded before? Then the check is missing there."""
        kinds = {marked.access.number: marked.access.entity for marked in self.marked if marked.access is not effect}
        return any(
            label.kind == "object" and kinds.get(label.key) == effect.entity and label.path and label.path[-1] in predicate.members
            for predicate in effect.predicates
            for label in predicate.against
        )

    def is_shown_within(self, effect: AccessEffect) -> bool:
        """Is something new put beside it, and is it shown as a part of that alone?"""
        is_part = effect.number in self.held and effect.number not in self.beside
        return is_part and {use.kind for use in effect.uses} == {"link"}

    def is_paid(self, effect: AccessEffect) -> bool:
        """Does it only receive what is taken from another of its kind that is the caller's? Who is paid is the payer's to choose."""
        if effect.number in self.shown or not effect.uses or any(use.kind != "raise" for use in effect.uses):
            return False
        return any(
            use.kind == "lower" and tied_by(marked, self.trust(use.facts | marked.access.facts), self.filtered) is not None
            for marked in self.marked
            if marked.access is not effect and marked.access.entity == effect.entity
            for use in marked.access.uses
        )

    def is_set_elsewhere(self, effect: AccessEffect) -> bool:
        """Is the caller's own loaded instead where something turns out otherwise that the caller does not choose?

        It must be so by itself: a setting that somebody has to make first protects nobody.
        """
        chosen = (g for g in effect.facts if not any(x.kind == "request" for x in labels_of(g)))
        ours = {(g.module.path, g.span, g.truth) for g in chosen if not holds_by_default(self.summaries, g)}
        others = (marked for marked in self.marked if marked.access.entity == effect.entity and marked.access is not effect)
        return bool(ours) and any(
            any((g.module.path, g.span, not g.truth) in ours for g in other.access.facts)
            and tied_by(other, self.trust(other.access.facts), self.filtered) is not None
            for other in others
        )

    def is_drawn(self, effect: AccessEffect) -> bool:
        """Is it found by an identifier beside the key that nobody guesses? Whoever knows it may have been told."""
        members = {member for predicate in effect.predicates for member in predicate.members if predicate.against}
        return any(self.owners.is_drawn(effect.entity, member) for member in members)

    def is_of_something_given(self, effect: AccessEffect, ways: Sequence[Facts]) -> bool:
        """Is it held against a stored object that it belongs to, or its key against anything, that the caller did not choose? Nobody knows
        here whom that was found for.
        """
        chosen = self.chosen() | {effect.number}
        for predicate in effect.predicates:
            given = any(x.kind == "object" and not x.path and x.key not in chosen for x in predicate.against)
            if given and any(self.owners.belongs_by(effect.entity, member) for member in predicate.members):
                return True
        marked = next(one for one in self.marked if one.access is effect)
        own = {one for one in marked.key.union(*marked.predicates) if one[0] == "request"}
        return bool(ways) and all(any(_holds_to(guard, own, chosen, marked.loaded) for guard in facts) for facts in ways)

    def chosen(self) -> frozenset[object]:
        """The numbers of the accesses of which the caller chose what they find, by a key or by something else that they chose."""
        by = {one.access.number: one.key.union(*one.predicates) for one in self.marked}
        found: set[object] = set()
        while more := {n for n, marks_of in by.items() if n not in found and any(_is_chosen(one, found) for one in marks_of)}:
            found |= more
        return frozenset(found)

    def is_login(self, entry: Entry, effect: AccessEffect) -> bool:
        """Does somebody who is not known yet reach the record of a person? Then who calls is what is being found out."""
        known = entry.endpoint.posture.level not in ("public", "anonymous")
        return not known and effect.entity is not None and effect.entity.decl is not None and self.owners.logs_in(effect.entity.decl)

    def asks(self, facts: Facts, marked: Marked) -> bool:
        """Was the caller held against something else on the way, or asked for a right? Then who wrote it thought of who may.

        That the caller's own record exists, that their own password fits, or that another object is theirs, says nothing of that kind; nor
        does that what the object belongs to was held against the caller, where it is not asked whether it does belong there.
        """
        asking = (guard for guard in self.trust(facts).facts if guard.alternatives and all(map(self._asks, guard.alternatives)))
        return any(not is_what_holds_it(guard, marked, self.marked, self.owners, self.kept) for guard in asking)

    def is_waived(self, facts: Facts) -> bool:
        """Is the caller held against something, but where a setting says that nobody need be?"""
        return any(EMPTY in guard.alternatives and any(map(self._asks, guard.alternatives)) for guard in self.trust(facts).facts)

    def _asks(self, labels: frozenset[Label]) -> bool:
        found = [one for one in marks(labels) - self.own() if not is_of_one_alone(one)]
        if FITS in labels and len(found) == 1:
            return False  # that one is the caller's own secret
        return CALLER in marks(labels) and (bool(found) or ROLE in labels or ASKED in labels)

    def own(self) -> frozenset[Mark]:
        """The caller, and what was loaded for the caller, with that by which it was found."""
        if not self._own:
            found: set[Mark] = {CALLER}
            for marked in self.marked:
                by = marked.key.union(*marked.predicates)
                if CALLER in by:
                    found |= {marked.loaded, *by}
            self._own = frozenset(found)
        return self._own


def _holds_to(guard: Guard, own: set[Mark], chosen: frozenset[object], loaded: Mark) -> bool:
    """Does a test hold one of these, and not what was found by it, against what the program has, or what nobody chose?"""

    def is_held(labels: frozenset[Label]) -> bool:
        found = marks(labels)
        if own.isdisjoint(found) or loaded in found:
            return False
        if GIVEN in labels and FITS not in labels and found <= own:
            return True
        return APART in labels and any(x.kind == "object" and x.key not in chosen for x in labels)

    return bool(guard.alternatives) and all(map(is_held, guard.alternatives))


def _is_chosen(one: Mark, found: set[object]) -> bool:
    return one[0] == "request" or (one[0] == "object" and one[1] in found)


def _operation(effect: AccessEffect, escapes: list[tuple[str, Facts]], found: list[Check | None]) -> str:
    """The worst that is done to an object; that something is only put beside it, where nothing else is done unasked."""
    uses = [use for use, _ in escapes]
    loose = [use for use, check in zip(uses, found, strict=True) if check is None]
    if all(use == "link" for use in loose or uses):
        return "link"
    return next((use for use, _ in escapes if use in ("delete", "update")), effect.operation)


def _says_open(effect: AccessEffect, facts: Facts) -> bool:
    """Must the object itself say that it is for others, by the name of what it is asked: `a.IsPublic`, `filter(published=True)`?"""
    opens = pattern("open")
    if any(opens.search(member) for predicate in effect.predicates if not predicate.against for member in predicate.members):
        return True
    labels = (label for guard in facts for side in guard.alternatives[:1] if len(guard.alternatives) == 1 for label in side)
    return any(x.kind == "object" and x.key == effect.number and x.path and opens.search(x.path[-1]) for x in labels)


def _is_open(effect: AccessEffect, facts: Facts) -> bool:
    """Was it made sure that the object says so, and of none but it: `o.Id == id && o.IsPublic`, `if (!o.IsPublic) return NotFound();`?"""
    if any(predicate.opens for predicate in effect.predicates):
        return True
    opens = pattern("open")
    sides = [guard.alternatives[0] for guard in facts if guard.truth and len(guard.alternatives) == 1]
    objects = [[x for x in side if x.kind == "object" and x.path] for side in sides]
    return any(found and all(x.key == effect.number and opens.search(x.path[-1]) for x in found) for found in objects)


def _by_name(effect: AccessEffect, owners: Owners, names: str) -> bool:
    if effect.entity is None or effect.entity.decl is None or not owners.logs_in(effect.entity.decl):
        return False
    members = {member for predicate in effect.predicates for member in predicate.members if member and predicate.against}
    named = pattern(names)
    return any(map(named.search, members)) if members else bool(named.search(effect.call))


def _changes_at(key: tuple[Label, Way] | None, escapes: list[tuple[str, Facts]], effect: AccessEffect) -> bool:
    """Is whoever is named changed? Looking somebody up by their name is for everybody; changing `/users/{name}`, or them as such, isn't."""
    changed = [use for use, _ in escapes] if key is not None and key[0].key == "route" else [use.kind for use in effect.uses]
    return key is not None and any(use in ("update", "delete") for use in changed)


def _access(
    index: int,
    endpoint: Endpoint,
    effect: AccessEffect,
    operation: str,
    key: tuple[Label, Way] | None,
    checks: tuple[Check, ...],
    weak: tuple[Step, ...],
    asked: bool,
) -> Access:
    assert effect.entity is not None
    at = spot_place(effect.spot)
    return Access(
        index,
        effect.entity.name,
        operation,
        key[0].path[-1] if key and key[0].path else "",
        str(key[0].key) if key else "",
        at,
        effect.call,
        effect.spot.routine.name,
        _trace(endpoint, key, effect, at),
        checks,
        "low" if asked else effect.certainty,
        weak,
    )


def _trace(endpoint: Endpoint, key: tuple[Label, Way] | None, effect: AccessEffect, at: Place) -> tuple[Step, ...]:
    before = steps(key[1]) if key else []
    calls = [Step(spot_place(spot), "the call leads there") for spot in effect.calls[1:]] if not before else []
    return (*before, *calls, Step(at, f"'{effect.call}' reaches the stored object", "sink"))


def _returned(frame: Frame, harmless: frozenset[str]) -> frozenset[object]:
    """The numbers of the accesses whose data leave in the answer, or are kept for the page that is shown, but for `harmless` members."""
    values = [*(value for value, _ in frame.returned), *frame.effects.writes.values()]
    objects = (label for value in values for label in flat(value) if label.kind == "object" and "own-address" not in label.clean)
    return frozenset(label.key for label in objects if not label.path or label.path[-1].lower() not in harmless)


def _as_they_are(leaving: Iterable[Labels]) -> frozenset[object]:
    """The numbers of the accesses whose objects themselves leave in the answer, and not what was worked out from them."""
    return frozenset(label.key for labels in leaving for label in labels if label.kind == "object" and not label.path)


AS_OPERATION: Final = {**dict.fromkeys(SETS, "update"), "handed": "read"}
"""What a use of an object amounts to."""


def escapes(effect: AccessEffect, returned: frozenset[object], saves: bool) -> list[tuple[str, Facts]]:
    """What is done to an object for others to see, and what holds there."""
    uses = [use for use in effect.uses if use.kind not in SETS or saves]
    found = [(AS_OPERATION.get(use.kind, use.kind), use.facts | use.saved | effect.facts) for use in uses]
    if effect.operation in ("read", "list") and effect.number in returned:
        found.append((effect.operation, effect.held | effect.facts))
    return found


def _chosen(effect: AccessEffect, trust: Trust) -> tuple[Label, Way] | None:
    """The caller-chosen value by which the object is found: the key first, then what the query compares."""
    candidates: list[Labels] = [effect.key, *(predicate.against for predicate in effect.predicates)]
    for labels in candidates:
        for label, trail in labels.items():
            sent = label.kind == "request" and label.key in CHOSEN and label.clean.isdisjoint(NOT_CHOSEN)
            if sent and not is_address(label, labels) and ((own := mark(label)) is None or own not in trust):
                return label, trail
    return None


def _weak(escapes: list[tuple[str, Facts]], found: list[Check | None]) -> Iterator[Step]:
    """Checks that were seen and do not count: they hold on some ways only."""
    open_ways = ", ".join(dict.fromkeys(kind for (kind, _), check in zip(escapes, found, strict=True) if check is None))
    for check in dict.fromkeys(check for check in found if check is not None):
        yield Step(check.place, f"this check does not guard every way to the object ({open_ways} without it)")
