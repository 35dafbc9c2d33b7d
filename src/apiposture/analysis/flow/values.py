"""What is known about a value while a function is evaluated?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from apiposture.analysis.flow.labels import EMPTY, NO_KINDS, NONE, PRINCIPAL, SAID, Guard, Label, Labels, Way
from apiposture.analysis.flow.queries import Query, joined
from apiposture.analysis.words import names_right
from apiposture.model.acyclic import mypyc_attr
from apiposture.model.ir import Lambda
from apiposture.program.types import Type, TypeUse

MAX_PATH: Final = 3
"""Members are followed this deep into a parameter; beyond it the path is cut, which keeps the data and loses precision."""

MAX_LABELS: Final = 16
"""Kept of a label set that grows to twice as many, the caller's and the request's first: so many origins say no more than 'everywhere'."""


Proof = tuple[frozenset[Guard], frozenset[Guard]]
Handed = tuple["Value", str]
"""A function as a value: of what it is a member, and its name."""


@mypyc_attr(acyclic=True)
class Value:
    """What is known about one value; never changed after it was made.

    `labels` say where its data comes from, `about` what it was found by or decided on. `fields` are known members of an
    object made here, `items` those of a list or tuple as long as their order is known, `constants` the literals it may be
    (None: not known), `query` what a query value asks, `code` a lambda, `static` a type that is meant itself. `proof` is what else holds if
    it turns out to be there or true, and if it turns out to be nothing or false: what was known on the ways that made it so. `handed` is a
    function that is handed on.
    """

    __slots__ = ("about", "code", "constants", "fields", "handed", "items", "labels", "proof", "query", "static", "type")

    def __init__(
        self,
        labels: Labels = NONE,
        type: TypeUse | None = None,
        about: frozenset[Label] = EMPTY,
        constants: tuple[Any, ...] | None = None,
        fields: dict[str, Value] | None = None,
        query: Query | None = None,
        code: Lambda | None = None,
        static: Type | str | None = None,
        items: tuple[Value, ...] | None = None,
        handed: Handed | None = None,
    ) -> None:
        self.labels = labels
        self.type = type
        self.about = about
        self.constants = constants
        self.fields = fields
        self.query = query
        self.code = code
        self.static = static
        self.items = items
        self.handed = handed
        self.proof: Proof | None = None

    def proven(self, proof: Proof | None) -> Value:
        """The same value, which shows how it came to be."""
        if proof is None:
            return self
        made = Value(self.labels, self.type, self.about, self.constants, self.fields, self.query, self.code, self.static, self.items)
        made.proof = proof
        return made

    def may_be(self, truth: bool) -> bool:
        """May a test of it have this outcome?"""
        return self.constants is None or bool(self.labels) or any(bool(one) is truth for one in self.constants)

    def typed(self, type: TypeUse | None) -> Value:
        """The same value, known to be of a type."""
        if type is None or type == self.type:
            return self
        return Value(self.labels, type, self.about, self.constants, self.fields, self.query, self.code, items=self.items)

    def with_items(self, items: tuple[Value, ...] | None) -> Value:
        """The same list, known to hold these one after another; None where their order is no longer known."""
        return Value(self.labels, self.type, self.about, self.constants, self.fields, self.query, self.code, items=items)

    def with_field(self, name: str, value: Value) -> Value:
        """The same object after one of its members was set."""
        return Value(self.labels, self.type, self.about, None, {**(self.fields or {}), name: value}, self.query)

    def with_fields(self, fields: Mapping[str, Value]) -> Value:
        """A copy of the object with other values for these members."""
        return Value(self.labels, self.type, self.about, None, {**(self.fields or {}), **fields})

    def everything(self) -> frozenset[Label]:
        """All labels that a test of this value looks at."""
        found = self.about.union(self.labels)
        if self.fields:
            for field in self.fields.values():
                found |= field.everything()
        if self.query:
            for predicate in self.query.predicates:
                found = found.union(predicate.against, predicate.about)
        return found


UNKNOWN: Final = Value()
LEFT_OUT: Final = Value()
"""What a parameter holds for which nothing was passed, and that is a text or number of the program's then."""


def constant(value: object, type: TypeUse | None = None) -> Value:
    """A literal."""
    return Value(NONE, type, EMPTY, (value,))


def merge(maps: Iterable[Labels]) -> Labels:
    """All labels together; where one comes by two ways, the first is kept."""
    result: dict[Label, Way] | None = None
    first: Labels = NONE
    for labels in maps:
        if not labels:
            continue
        if not first:
            first = labels
        elif labels is not first:
            if result is None:
                result = dict(first)
            for label, trail in labels.items():
                result.setdefault(label, trail)
    if result is None:
        return first
    return bounded(result)


def union(sets: Iterable[frozenset[Label]]) -> frozenset[Label]:
    """All labels of several sets, bounded."""
    result = EMPTY
    for labels in sets:
        if labels and labels is not result:
            result = result | labels if result else labels
    return result if len(result) <= 2 * MAX_LABELS else frozenset(_of_each_origin(sorted(result, key=_standing))[:MAX_LABELS])


def _of_each_origin(labels: Sequence[Label]) -> list[Label]:
    """The first label of each kind, then of each origin, before all others: that something is in there counts for more than which it is."""
    first: dict[tuple[str, Any], Label] = {}
    others = [label for label in labels if first.setdefault((label.kind, label.key), label) is not label]
    kinds: dict[str, Label] = {}
    origins = [label for label in first.values() if kinds.setdefault(label.kind, label) is not label]
    origins.sort(key=lambda label: label.kind != "sensitive")  # of these there are few, and only together they may tell
    return [*kinds.values(), *origins, *others]


def _standing(label: Label) -> tuple[int, int, str, tuple[str, ...], list[str]]:
    return label.standing


def _kept_first(label: Label) -> int:
    """As its rank, where the parts of a request (`GET.page.count`) come behind what was loaded: a page is made of many of them."""
    return 5 if label.kind == "request" and len(label.path) > 1 else label.rank


def bounded(labels: dict[Label, Way]) -> dict[Label, Way]:
    """The labels that matter most, where there are too many: one of each origin first, and the order in which they came among equals."""
    if len(labels) <= 2 * MAX_LABELS:
        return labels
    kept = _of_each_origin(sorted(labels, key=_kept_first))[:MAX_LABELS]
    return {label: labels[label] for label in kept}


def flat(value: Value) -> Labels:
    """The value's labels and those of all its known members."""
    if not value.fields:
        return value.labels
    return merge((value.labels, *(flat(field) for field in value.fields.values())))


def objects_in(value: Value) -> set[int]:
    """The numbers of the stored objects that the value or one of its known members is, or is made of."""
    found = {x.key for x in value.labels if x.kind == "object"}
    for field in value.fields.values() if value.fields else ():
        found |= objects_in(field)
    return found


def is_itself(value: Value) -> bool:
    """Is it an object that came from somewhere, and had members set? It is told by which one it is, not by what these hold."""
    known = bool(value.fields) and bool(value.labels) and value.query is None
    return known and (value.type is None or value.type.name != "Dictionary")


def _joined_query(values: list[Value]) -> Query | None:
    values = [value for value in values if not (value.query and value.query.empty)] or values
    queries = [value.query for value in values if value.query]
    return joined(queries, len(queries) < len(values))


def join(values: Iterable[Value]) -> Value:
    """What is known when the value may be any of these."""
    distinct = list({id(value): value for value in values}.values())
    if len(distinct) < 2:
        return distinct[0] if distinct else UNKNOWN
    constants: tuple[Any, ...] | None = ()
    for value in distinct:
        constants = None if constants is None or value.constants is None else (*constants, *value.constants)[:24]
    return Value(
        merge(value.labels for value in distinct),
        next((value.type for value in distinct if value.type is not None), None),
        union(value.about for value in distinct),
        constants,
        _joined_fields(distinct),
        _joined_query(distinct) if any(value.query is not None for value in distinct) else None,
        next((value.code for value in distinct if value.code), None),
        # `name ?? string.Empty` comes from somewhere, and is no type that is meant.
        None if any(v.labels and v.static is None for v in distinct) else next((v.static for v in distinct if v.static), None),
        _joined_items(distinct),
        next((value.handed for value in distinct if value.handed), None),
    )


def _joined_items(values: Sequence[Value]) -> tuple[Value, ...] | None:
    """What stands at each place, where all of the values hold as many; who looks there has found that it is not nothing."""
    there = [value for value in values if value.constants != (None,) or value.labels]
    orders = [value.items for value in there if value.items is not None]
    if len(orders) < len(there) or len({len(order) for order in orders}) != 1:
        return None
    return tuple([join(same) for same in zip(*orders, strict=True)])


def _joined_fields(values: Sequence[Value]) -> dict[str, Value] | None:
    """The members that are known of some; of the others they are whatever those hold under the name."""
    names = dict.fromkeys(name for value in values for name in value.fields or ())
    if not names:
        return None
    return {name: join([held for value in values if (held := _held(value, name)) is not None]) for name in names}


def _held(value: Value, name: str) -> Value | None:
    found = value.fields.get(name) if value.fields else None
    return Value(extend(value.labels, name)) if found is None and value.labels else found


def extend(labels: Labels, name: str) -> Labels:
    """The labels of a member: the path grows where the label has one."""
    if not labels:
        return labels
    found = {_deeper(label, name): trail for label, trail in labels.items()}
    return {**found, SAID: found[PRINCIPAL]} if PRINCIPAL in found and names_right(name) else found


def _deeper(label: Label, name: str) -> Label:
    if label.kind in ("principal", "sensitive") or len(label.path) >= MAX_PATH:
        return label
    return Label.of(label.kind, label.key, (*label.path, name), label.clean)


def cleaned(value: Value, kinds: frozenset[str]) -> Value:
    """The value, harmless (or already reported) for some kinds of sink."""
    if not kinds or not (value.labels or value.fields):
        return value
    labels = {x.with_clean(x.clean | kinds): t for x, t in value.labels.items()}
    fields = {name: cleaned(field, kinds) for name, field in value.fields.items()} if value.fields else None
    return Value(labels, value.type, value.about, value.constants, fields, value.query, value.code)


EXPOSURE: Final = frozenset(("exposure",))
"""Among what a label is clean for: the value shows no more what was sensitive about its origin."""

TELLING: Final = ("sensitive", "whole")


ANSWERED: Final = frozenset(("key",))
"""Among what a label is clean for: a service answered it, to a question that held the data."""


SOME: Final = frozenset(("some",))
"""Among what a label is clean for: only one of several alternatives asks for it."""

PARTLY: Final = frozenset(("partly",))
"""Among what a label is clean for: it decides on some ways what a query asks, and says of no row whose it is."""

OPENLY: Final = SOME | {"openly"}
"""Of these alternatives, the others only ask for what the row itself says that it is open to be read."""

FLAGGED: Final = OPENLY | {"flagged"}
"""Of these alternatives, the others only ask for what the row itself holds to be true; nobody knows whether that opens it to be read."""

ONE: Final = frozenset(("one",))
"""Among what the label of an object is clean for: it is one of several that the caller chose, and not any of them."""


def unmarked(labels: Labels) -> Labels:
    """The labels without those that say that the value itself is sensitive: what is read from a thing is another thing."""
    for x in labels:
        if x.kind in TELLING:
            return {x: t for x, t in labels.items() if x.kind not in TELLING}
    return labels


def unshown(labels: Labels) -> Labels:
    """The labels of something that shows no more what it came from: a count, a mask, an answer about it."""
    return {
        x.with_clean(x.clean | EXPOSURE) if x.kind in ("param", "request") else x: t
        for x, t in labels.items()
        if x.kind not in TELLING
    }


def hidden(value: Value) -> Value:
    """The value without what made it sensitive: a part, a count, a mask or a digest of it."""
    if not value.labels:
        return value
    return Value(unshown(value.labels), value.type, value.about, value.constants, value.fields, value.query, value.code)


HALVES: Final = frozenset(("no-parent", "no-root"))
"""Marks of a text that together make it harmless as a path, or as the name of something in an archive."""

QUOTED: Final = tuple(frozenset((f"opens-{quote}", f"closes-{quote}", f"no-{quote}")) for quote in ("single", "double"))
"""Marks of a text that is one literal in quotes: code that reads it sees a text."""

TOGETHER: Final = {"path": (HALVES,), "archive": (HALVES,), "code": QUOTED}


LIKE: Final = {"probe": "path"}
"""Kinds of sink that take the same text as another: what is harmless there is harmless here."""


def is_harmless(kind: str, clean: Collection[str]) -> bool:
    """Is data with these marks harmless for a kind of sink?"""
    if kind in clean or "*" in clean or any(marks.issubset(clean) for marks in TOGETHER.get(kind, ())):
        return True
    return kind in LIKE and is_harmless(LIKE[kind], clean)


def harmless_for(value: Value, labels: frozenset[Label], kinds: frozenset[str]) -> Value:
    """The value, with those of its labels that are among `labels` harmless for some kinds of sink."""
    if labels.isdisjoint(value.labels):
        return value
    found = {x.with_clean(x.clean | kinds) if x in labels else x: t for x, t in value.labels.items()}
    return Value(found, value.type, value.about, value.constants, value.fields, value.query, value.code)


def checked(value: Value, facts: Iterable[Guard]) -> Value:
    """The value as it leaves a function: harmless for what it, or one of its members, was checked for on the way."""
    if not (value.labels or value.fields):
        return value
    clears: dict[Label, frozenset[str]] = {}
    for guard in facts:
        if guard.clears:
            for x in guard.cleared():
                if x.kind in ("param", "request"):
                    origin = x.with_clean(NO_KINDS)
                    clears[origin] = clears.get(origin, guard.clears) | guard.clears
    return _checked(value, clears) if clears else value


def _checked(value: Value, clears: Mapping[Label, frozenset[str]]) -> Value:
    labels = {x.with_clean(x.clean | clears.get(x.with_clean(NO_KINDS), NO_KINDS)): t for x, t in value.labels.items()}
    fields = {name: _checked(field, clears) for name, field in value.fields.items()} if value.fields else value.fields
    items = tuple([_checked(item, clears) for item in value.items]) if value.items else value.items
    return Value(labels, value.type, value.about, value.constants, fields, value.query, value.code, value.static, items)
