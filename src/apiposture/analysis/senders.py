"""What does the code behind an open endpoint ask of whoever calls it, before it changes or shows anything?

Where nothing is declared, or all is declared open, an endpoint may still be for those alone who know a secret: an API key by which somebody
is found, a token that was sent by mail, a password, the signature of a webhook. That is no login, and it is not nothing either.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from apiposture.analysis.accesses import Judge
from apiposture.analysis.answering import shown
from apiposture.analysis.entering import enter_inside
from apiposture.analysis.flow.effects import CHANGES, SETS, Facts
from apiposture.analysis.flow.frame import MAX_EFFECTS, Frame
from apiposture.analysis.flow.labels import FOUND, GIVEN, SAME_TIME, THERE, Guard, Label
from apiposture.analysis.flow.proving import KEYED, SEALED, SIGNED
from apiposture.analysis.flow.summaries import Summaries
from apiposture.analysis.ownership import Owners
from apiposture.analysis.sensitive import kinds_of
from apiposture.analysis.trust import SECRETS, Mark, Marked, marks
from apiposture.analysis.words import pattern
from apiposture.frameworks.routing import Entry
from apiposture.model.facts import Check
from apiposture.model.source import Span, end_of, start_of
from apiposture.program.places import place

OPEN: Final = ("public", "anonymous")
"""Levels at which nobody is asked who calls."""

LOGS: Final = ("log",)
STORED: Final = "whoever calls must know a secret that is stored"
KEPT: Final = "whoever calls must know a secret of the service"
SHARED: Final = "whoever calls must share a secret with the service, or sign what is sent"
KINDS: Final = {STORED: "secret", KEPT: "secret", SHARED: "shared-secret"}


def proof_of(summaries: Summaries, entry: Entry, owners: Owners) -> Check | None:
    """The first test by which whoever calls must prove themselves wherever something is changed or shown; None where there is a way without
    one, and where nothing is seen to happen."""
    frame = enter_inside(summaries, entry) if entry.endpoint.posture.level in OPEN else None
    if frame is None or len(frame.effects.accesses) >= MAX_EFFECTS:
        return None
    return _Sender(frame, Judge(frame, owners, {})).proof()


class _Sender:
    """What one endpoint asks of whoever calls it."""

    def __init__(self, frame: Frame, judge: Judge) -> None:
        self.frame = frame
        self.judge = judge
        self.given = self._given()

    def proof(self) -> Check | None:
        """The first of the tests that stand before all that happens."""
        found = [self._asked(facts) for facts in self._happenings()]
        known = [check for check in found if check is not None]
        return min(known, key=_order) if known and len(known) == len(found) else None

    def _happenings(self) -> Iterator[Facts]:
        """What is known wherever something is changed, handed to an interpreter, or shown."""
        effects = self.frame.effects
        for access in effects.accesses.values():
            if access.operation in CHANGES:
                yield access.facts
            yield from (use.facts | use.saved | access.facts for use in access.uses if use.kind not in SETS or effects.saves)
        yield from (sink.facts for sink in effects.sinks.values() if sink.row.kind not in LOGS)
        yield from shown(self.frame)

    def _given(self) -> frozenset[Mark]:
        """The stored objects that are found by a secret which was sent, and what is found by those."""
        found: set[Mark] = set()
        sealed = {one.loaded for one in self.judge.marked if _is_found_by_sealed(one)}
        found |= sealed
        while more := {one.loaded for one in self.judge.marked if one.loaded not in found and _is_given(one, found)}:
            found |= more
        return frozenset(found)

    def _asked(self, facts: Facts) -> Check | None:
        told = [(guard, [self._proves(side, guard) for side in guard.alternatives]) for guard in self.judge.trust(facts).facts]
        proofs = [Check(KINDS[sides[0]], place(guard.module, guard.span), sides[0]) for guard, sides in told if sides and all(sides)]
        return min(proofs, key=_order) if proofs else None

    def _proves(self, side: frozenset[Label], guard: Guard) -> str:
        """What a test asks of whoever calls, if it asks for something that only some know; else nothing."""
        objects = {one for one in marks(side) if one[0] == "object"}
        if (objects and objects <= self.given) or (FOUND in side and self._asks_whether_given(guard)):
            return STORED
        if any(map(_was_sealed, side)) or SEALED in guard.clears:
            return KEPT
        if SIGNED in guard.clears or any(map(_was_signed, side)):
            return SHARED
        if _shows_key(side):
            return STORED if objects else SHARED
        if not any(map(_is_told, side)):
            return ""
        if THERE in side and (GIVEN not in side or any(x.kind == "object" and x.path for x in side)):
            return ""  # whether something is there that was made of it all says nothing of a secret in it
        if any(x.kind == "object" and (GIVEN in side or (x.path and pattern("secret").search(x.path[-1]))) for x in side):
            return STORED
        return KEPT if GIVEN in side else ""

    def _asks_whether_given(self, guard: Guard) -> bool:
        """Does the test ask whether something is found by a secret that was sent?"""
        asked = (one.access.spot for one in self.judge.marked if one.access.operation == "exists" and one.loaded in self.given)
        return any(at.module is guard.module and _is_within(at.span, guard.span) for at in asked)


def _apart(origins: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """What was sent, without what only holds something else of it: `Query`, beside `Query["key"]`."""
    return {one for one in origins if not any(one == other[: len(one)] for other in origins if other != one)}


def _is_within(one: Span, other: Span) -> bool:
    return start_of(other) <= start_of(one) and end_of(one) <= end_of(other)


def _is_given(marked: Marked, found: set[Mark]) -> bool:
    """Is the object found by a secret that was sent, or by what was?"""
    for proven, against in zip(marked.proven, marked.predicates, strict=True):
        if not against.isdisjoint(found) or (proven and any(one[0] == "request" for one in against)):
            return True
    return not marked.key.isdisjoint(found)


def _is_found_by_sealed(marked: Marked) -> bool:
    """Is the object found by what the service had sealed before it was sent?"""
    by = (marked.access.key, *(predicate.against for predicate in marked.access.predicates))
    return any(map(_was_sealed, (x for labels in by for x in labels)))


def _was_sealed(label: Label) -> bool:
    """Was it sent, and had the service sealed it before? What is stored may be sealed for other reasons."""
    return label.kind == "request" and SEALED in label.clean


def _was_signed(label: Label) -> bool:
    """Was it sent, and had somebody signed it whom the service trusts?"""
    return label.kind == "request" and SIGNED in label.clean


def _shows_key(side: frozenset[Label]) -> bool:
    """Is something sent held against what nobody makes without a key, or in the time that secrets take against what nobody sent?

    In that time digests that anybody can make are compared as well: then both sides were sent.
    """
    sent = [x for x in side if x.kind == "request"]
    origins = _apart({(x.key, *x.path) for x in sent})
    if THERE in side or not sent:
        return False
    if any(KEYED in x.clean for x in sent):
        return len(origins) > 1 or GIVEN in side
    return SAME_TIME in side and len(origins) == 1 and not any(x.kind == "object" for x in side)


def _is_told(label: Label) -> bool:
    """Does the label stand for a secret that was sent?"""
    if label.kind != "request" or not label.path:
        return False
    return bool(pattern("told").search(label.path[-1])) or not SECRETS.isdisjoint(kinds_of(label.path[-1]))


def _order(check: Check) -> tuple[str, int, int]:
    return check.place.path, check.place.line, check.place.column
