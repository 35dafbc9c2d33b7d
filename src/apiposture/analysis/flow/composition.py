"""What does a call do, given what the called function does in terms of its parameters?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from apiposture.analysis.flow.digging import ANSWER, dig, identity, size
from apiposture.analysis.flow.effects import NOTHING, AccessEffect, Callback, Facts, Spot, Summary, Use
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.given_caller import asks_for_caller
from apiposture.analysis.flow.instead import settled_beside
from apiposture.analysis.flow.itself import UNTOLD, of_store
from apiposture.analysis.flow.labels import (
    EMPTY,
    NONE,
    PRINCIPAL,
    SAID,
    Guard,
    Label,
    Labels,
    Trail,
    Way,
    is_handed_in,
    is_parameter,
)
from apiposture.analysis.flow.noted import noted
from apiposture.analysis.flow.outcome import Outcome, Told
from apiposture.analysis.flow.queries import NO_QUERY, Predicate, Query
from apiposture.analysis.flow.setting import write, write_below
from apiposture.analysis.flow.sparing import of_some
from apiposture.analysis.flow.switches import hangs_on_arguments, is_of_side, settled, still_taken
from apiposture.analysis.flow.values import (
    ANSWERED,
    MAX_LABELS,
    MAX_PATH,
    OPENLY,
    PARTLY,
    SOME,
    UNKNOWN,
    Value,
    bounded,
    flat,
    is_itself,
    union,
    unmarked,
)
from apiposture.analysis.flow.ways import continued
from apiposture.analysis.scalars import SCALARS, is_scalar, names_nothing
from apiposture.analysis.words import names_right
from apiposture.model.source import Span
from apiposture.program.types import Routine, Type, TypeUse, substitute

ALL_KINDS: Final = frozenset(("*",))
NAMES_NOTHING: Final = ALL_KINDS | ANSWERED
"""What a value is harmless for that names no object."""
PLAIN: Final = SCALARS | {"string", "String"}
MAX_CALLS: Final = 6
MAX_MEMBERS: Final = 40
"""An object of which more is known comes out of a call as one thing: its members, taken on and on, would hold each other."""


MADE: Final = "..ctor"
"""How the name of a constructor ends: to a reader it is its type that is called."""


class Mapping:
    """A callee's labels in the caller's terms, for one call."""

    def __init__(self, frame: Frame, receiver: Value, args: Sequence[Value], spot: Spot, called: str) -> None:
        self.frame = frame
        self.receiver = receiver
        self.args = args
        self.spot = spot
        self.called = called.removesuffix(MADE)
        self._note = f"is passed to '{self.called}'" if frame.routine.function.name else ""
        self.numbers: dict[int, int] = {}
        self._asks_nothing = not any(one.query is not None or one.fields or one.items for one in (receiver, *args))
        self._labels: dict[Label, Labels] = {}
        self._bare: dict[Label, frozenset[Label]] = {}
        self._sets: dict[frozenset[Label], frozenset[Label]] = {}
        self._facts: dict[Facts, Facts] = {}
        self._guards: dict[Guard, Guard] = {}

    def changed(self, index: int, value: Value) -> Value:
        """The receiver or an argument after one of its members was set."""
        self._asks_nothing = False
        if index == -1:
            self.receiver = value
        else:
            self.args = [*self.args[:index], value, *self.args[index + 1 :]]
        return value

    def label(self, label: Label) -> Labels:
        """The caller's labels behind one label of the callee."""
        found = self._labels.get(label)
        if found is None:
            found = self._labels[label] = self._map(label)
        return found

    def _map(self, label: Label) -> Labels:
        if label.clean and hangs_on_arguments(label.clean):
            clean = settled(label.clean, self.args)
            if clean is None:
                return NONE
            label = label.with_clean(settled_beside(clean, self._given))
        if label.kind != "param":
            return {self._here(label): None}
        value = self._given(label.key)
        value, rest = dig(value, label.path)
        told = self._told(value, rest[0]) if rest and value.type is not None else NONE
        if not value.labels and (rest or not value.fields):
            return told
        clean = label.clean
        if value.type is not None and is_scalar(value.type):
            clean = clean | (NAMES_NOTHING if names_nothing(value.type) else ALL_KINDS)
        found: dict[Label, Way] = {}
        for one, trail in (unmarked(value.labels) if rest else flat(value)).items():
            if one.kind == "principal" and clean >= SOME and not clean >= OPENLY:
                continue  # one way round asking for the caller's own is enough
            here = one
            if (rest or len(one.path) > MAX_PATH) and one.kind not in ("principal", "sensitive"):
                here = Label.of(one.kind, one.key, (*one.path, *rest)[:MAX_PATH], one.clean | clean)
            elif clean:
                here = one.with_clean(one.clean | clean)
            step = Trail(self.frame.module, self.spot.span, self._note, trail) if self._note else trail
            found.setdefault(here, step)
            if one is PRINCIPAL and any(map(names_right, rest)):
                found.setdefault(SAID, step)
        return {**found, **told} if told else found

    def _here(self, label: Label) -> Label:
        """A label that stands for no parameter: a stored object has another number here, what else there is has the same name."""
        if label.kind != "object":
            return label
        number = self.numbers.get(label.key)
        if number is None:
            number = self.numbers[label.key] = self.frame.effects.next_number()
        return Label.of("object", number, label.path, label.clean)

    def _given(self, position: int) -> Value:
        return self.receiver if position == -1 else self.args[position] if position < len(self.args) else UNKNOWN

    def _told(self, holder: Value, name: str) -> Labels:
        """The caller, where rows say so of what the callee read of something whose type is known here only: `self.request.user`."""
        says = (says for says, _ in self.frame.knowledge.member_rows(name, holder.type, None))
        if "principal" not in says:
            return NONE
        return {PRINCIPAL: Trail(self.spot.module, self.spot.span, f"'{name}' is read in '{self.called}'")}

    def labels(self, labels: Labels, told: Callable[[Label], Labels] | None = None) -> Labels:
        """A label set with its ways."""
        if not labels:
            return NONE
        found: dict[Label, Way] = {}
        for label, trail in labels.items():
            here = self.label(label) if told is None else told(label)
            if trail is None and len(labels) == 1:
                return here
            for one, before in here.items():
                if one not in found:
                    found[one] = continued(before, trail)
        return bounded(found)

    def stored(self, labels: Labels) -> Labels:
        """The labels by which a stored object is told from others: of an object passed whole, its identifier's."""
        return self.labels(labels, lambda x: identity(self._given(x.key)) if x.kind == "param" and not x.path else self.label(x))

    def _compared(self, label: Label) -> Labels:
        """What a row is held against: an object that was passed is which one it is, and not what its members were set to."""
        value = self._given(label.key) if is_parameter(label) else UNKNOWN
        return value.labels if is_itself(value) else self.label(label)

    def bare(self, labels: frozenset[Label]) -> frozenset[Label]:
        """A label set without ways; what a parameter was found by counts as well."""
        if not labels:
            return EMPTY
        answer = self._sets.get(labels)
        if answer is None:
            found: set[Label] = set()
            for label in labels:
                known = self._bare.get(label)
                if known is None:
                    known = self._bare[label] = self._barely(label)
                found |= known
            whole = frozenset(found)
            answer = self._sets[labels] = whole if len(whole) <= 2 * MAX_LABELS else union((whole,))
        return answer

    def _barely(self, label: Label) -> frozenset[Label]:
        if label.kind != "param" and not label.clean:
            return frozenset((self._here(label),))
        found = frozenset(self.label(label))
        if label.kind == "param":
            value = self._given(label.key)
            about = dig(value, label.path)[0].about
            is_tie = SOME.isdisjoint(label.clean) and PARTLY.isdisjoint(label.clean)
            found |= about if is_tie else frozenset(x for x in about if x.kind != "principal")
        return found

    def facts(self, facts: Facts) -> Facts:
        """Facts that held in the callee, and those that hold here."""
        found = self._facts.get(facts)
        if found is None:
            found = self._facts[facts] = self.frame.facts.union([self._guard(guard) for guard in facts])
        return found

    def answered(self, summary: Summary) -> tuple[Facts, Facts]:
        """What the callee's answer says where it is true, and where it is false."""
        yes, no = (frozenset([self._guard(guard) for guard in facts]) if facts else NOTHING for facts in summary.when)
        return yes, no

    def _guard(self, guard: Guard) -> Guard:
        found = self._guards.get(guard)
        if found is None:
            alternatives = tuple([self.bare(labels) for labels in guard.alternatives])
            found = self._guards[guard] = Guard.of(alternatives, guard.module, guard.span, guard.truth, guard.clears)
        return found

    def value(self, value: Value, bound: dict[str, TypeUse]) -> Value:
        """A callee's value."""
        kind = substitute(value.type, bound) if value.type is not None and bound else value.type
        if not (value.labels or value.about or value.fields or value.items or value.query is not None or value.proof is not None):
            return Value(NONE, kind, EMPTY, value.constants, items=value.items)
        fields = {name: self.value(field, bound) for name, field in value.fields.items()} if value.fields else None
        same = self.handed_back(value)
        if same is not None and same.static is not None:
            return same
        if same is not None:
            known = {**(same.fields or {}), **(fields or {})}
            return Value(same.labels, same.type or kind, same.about | self.bare(value.about), None, known)
        query = value.query
        if query is None and len(value.labels) == 1 and (conditions := self.conditions(value.labels)):
            query = Query(None, tuple(conditions))  # a member holds the test that was passed in: `Criteria = criteria`
        elif query is not None:
            entity = substitute(query.entity, bound) if query.entity is not None else None
            before = self.asked(query.origin)
            predicates = (*before.predicates, *self.predicates(query.predicates))
            unfiltered = query.unfiltered or before.unfiltered
            untracked = query.untracked or before.untracked
            entity = before.entity or entity
            query = Query(entity, predicates, unfiltered, before.origin, query.shown, query.empty, query.picked, untracked)
        about = self.bare(value.about)
        if len(value.labels) == 1 and is_parameter(label := next(iter(value.labels))):
            about |= (self.receiver if label.key == -1 else self.args[label.key] if label.key < len(self.args) else UNKNOWN).about
        items = tuple([self.value(item, bound) for item in value.items]) if value.items else value.items
        made = Value(self.labels(value.labels), kind, about, value.constants, fields, query, items=items)
        return made.proven((self.facts(value.proof[0]), self.facts(value.proof[1])) if value.proof is not None else None)

    def handed_back(self, value: Value) -> Value | None:
        """What was passed in and comes out again, if it is a type, or an object of which members are known."""
        if len(value.labels) != 1 or value.query is not None:
            return None
        label = next(iter(value.labels))
        if label.kind != "param" or not isinstance(label.key, int) or label.key >= len(self.args):
            return None
        found, rest = dig(self.receiver if label.key == -1 else self.args[label.key], label.path)
        if found.code is not None and found.fields:
            found = found.fields.get(ANSWER, found)  # a function that was called
        if type(found.static) is Type and not rest:
            return found  # a type that is handed over, and kept: `Repository(Order)`
        return found if found.fields and not rest and found.query is None and size(found, MAX_MEMBERS) < MAX_MEMBERS else None

    def asked(self, origin: int | None) -> Query:
        """The query that was passed in as a parameter, if one was."""
        if origin is None:
            return NO_QUERY
        given = self.receiver if origin == -1 else self.args[origin] if origin < len(self.args) else UNKNOWN
        return of_store(given) or NO_QUERY

    def predicates(self, asked: Iterable[Predicate]) -> Iterator[Predicate]:
        """A query's conditions; one that was passed in is whatever the caller asks by it."""
        for predicate in asked:
            handed = self.conditions(predicate.against)
            against, about = self.labels(predicate.against, self._compared), self.bare(predicate.about)
            if PRINCIPAL in about and PRINCIPAL not in against and asks_for_caller(predicate, self.args):
                against = {**against, PRINCIPAL: None}  # asked of an item: `room.Members.Any(m => m.Id == me)`
            yield from handed or (predicate.held(against, about),)

    def conditions(self, labels: Labels) -> list[Predicate]:
        """The conditions that were passed in as one of these parameters: `First(o => o.Id == id)`."""
        found: list[Predicate] = []
        for label in labels if not self._asks_nothing else ():
            if is_handed_in(label) and -1 <= label.key < len(self.args):
                held, rest = dig(self.receiver if label.key == -1 else self.args[label.key], label.path)
                for one in (held, *(held.items or ())) if not rest else ():
                    asked = one.query.predicates if one.query is not None and one.query.entity is None else ()
                    found += map(of_some, asked) if label.clean >= SOME else asked
        return found


def apply(
    frame: Frame, routine: Routine, receiver: Value, args: Sequence[Value], span: Span, bound: dict[str, TypeUse]
) -> Outcome:
    """Call a routine: its effects become the frame's, in the frame's terms."""
    summary = frame.summaries.of(routine)
    spot = frame.spot(span)
    mapping = Mapping(frame, receiver, args, spot, routine.name)
    for access in summary.accesses:
        mapping.numbers[access.number] = frame.effects.next_number()
    if summary.saves:
        frame.note_saved(mapping.facts(summary.saved))
    for access in summary.accesses:
        _access(frame, mapping, access, spot, bound)
    noted(frame, mapping, summary)
    frame.refuses |= summary.refuses
    outs = {index: mapping.value(value, bound) for index, name, value in summary.writes if not name}
    on_type = routine.module.explicit_names and "static" in routine.function.modifiers
    for index, name, value in summary.writes:
        if index == -1 and on_type:
            continue  # a member of the type was set, whatever object it was called on
        if index >= 0 and (kind := frame.summaries.param_type(routine, routine.function.params[index])) and kind.name in PLAIN:
            continue  # what was found by a key was set, and not the key
        if "." in name:
            write_below(frame, mapping, name, mapping.value(value, bound))
        elif name:
            write(frame, mapping, index, name, mapping.value(value, bound))
    backs = [(one, tuple([mapping.value(value, bound) for value in one.args])) for one in summary.called_back]
    called_back = [Callback(one.param, given, mapping.facts(one.facts)) for one, given in backs]
    if summary.ensures:
        frame.facts = mapping.facts(summary.ensures)
    told = Told(routine, mapping.answered(summary))
    return Outcome(mapping.value(summary.returns, bound), summary.leaves, told, outs, called_back)


def _access(frame: Frame, mapping: Mapping, access: AccessEffect, spot: Spot, bound: dict[str, TypeUse]) -> None:
    taken = still_taken(access.taken, mapping.args)
    if taken is None or not frame.effects.has_room(access.spot) or len(access.calls) >= MAX_CALLS:
        return
    key = mapping.stored(access.key) if access.whole else mapping.labels(access.key)
    before = mapping.asked(access.origin)
    predicates = (*before.predicates, *mapping.predicates(access.predicates), *mapping.conditions(access.key))
    entity = before.entity if access.entity is UNTOLD else access.entity
    entity = substitute(entity, bound) if entity is not None and bound else entity
    was_generic = access.generic
    generic = entity is not None and entity.variable
    at = spot if was_generic and not generic else access.spot
    facts = mapping.facts(access.facts)
    if access.operation in ("update", "delete") and (objects := [x for x in key if x.kind == "object" and not x.path]):
        use = Use(access.operation, facts, at)
        for label in objects:
            known = frame.effects.accesses.get(label.key)
            if known is not None and len(known.uses) < 12:
                frame.effects.accesses[label.key] = known.but(uses=(*known.uses, use))
        if len(objects) == len(key):
            return
    asks = _concerns_callers(key) or any(_concerns_callers(p.against) for p in predicates)
    if not asks and not lists_all(_as_asked(mapping, access)):
        return
    made = AccessEffect(
        mapping.numbers[access.number],
        access.operation,
        entity,
        key,
        predicates,
        facts,
        mapping.facts(access.held),
        tuple([use.told_by(mapping.facts) for use in access.uses]),
        at,
        access.call,
        access.certainty,
        (spot, *access.calls),
        generic,
        access.unfiltered or before.unfiltered,
        before.origin,
        access.whole,
        access.kept,
        access.insists,
        access.untracked or before.untracked,
        frame.taken | taken,
    )
    frame.effects.add_access(made)


def _as_asked(mapping: Mapping, access: AccessEffect) -> AccessEffect:
    """The access with the conditions that were passed in, in the place of their parameters."""
    key = {label: trail for label, trail in access.key.items() if not mapping.conditions({label: trail})}
    predicates = tuple([one for p in access.predicates for one in mapping.conditions(p.against) or (p,)])
    return access.but(key=key, predicates=predicates)


def lists_all(access: AccessEffect) -> bool:
    """Is everything of a kind listed, whoever asks?"""
    if access.operation != "list" or access.key:
        return False
    return not any(PRINCIPAL in p.about or not all(map(is_of_side, p.against)) for p in access.predicates)


def _concerns_callers(labels: Labels) -> bool:
    """Is there something that a caller chose, or the caller? What a service answered or another object holds is neither."""
    return any(x.kind == "principal" or (x.kind in ("param", "request") and "key" not in x.clean) for x in labels)
