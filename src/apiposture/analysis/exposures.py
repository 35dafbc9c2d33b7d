"""Which sensitive values reach a log, and where does that log go?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from apiposture.analysis.flow.acting import shows_its_name
from apiposture.analysis.flow.binding import APART
from apiposture.analysis.flow.effects import RAW, LogEffect
from apiposture.analysis.flow.labels import Label, Labels, Way
from apiposture.analysis.flow.summaries import Summaries
from apiposture.analysis.knowledge import Knowledge
from apiposture.analysis.scalars import NO_KEYS, SCALARS
from apiposture.analysis.sensitive import kinds_of_member, singular, words_of
from apiposture.analysis.spots import spot_place, steps
from apiposture.analysis.taxonomy import kinds
from apiposture.analysis.tests import is_in_tests
from apiposture.analysis.text_forms import PICKED, shown_members
from apiposture.analysis.words import words
from apiposture.frameworks.rows import Destination
from apiposture.model import ir
from apiposture.model.facts import Exposure
from apiposture.model.finding import Step
from apiposture.model.source import SourceFile
from apiposture.program.types import Slot, Type, TypeUse, substitute
from apiposture.program.variables import bindings_of

MAX_DEPTH: Final = 2
"""Nested objects are looked into this deep."""

NUMBERS: Final = SCALARS - NO_KEYS
"""Types of identifiers that tell a row from others, and prove nothing about whoever knows them."""


class Exposures:
    """What log calls show, for one program."""

    def __init__(self, summaries: Summaries, destinations: tuple[str, ...]) -> None:
        self.summaries = summaries
        self.destinations = destinations
        self._inside: dict[tuple[TypeUse, bool], tuple[tuple[str, str], ...]] = {}
        self._called: frozenset[str] | None = None
        self._counted: frozenset[str] | None = None
        self._alone = frozenset(kind.name for kind in kinds() if kind.alone)

    def of(self, effect: LogEffect, endpoint: int) -> Exposure | None:
        """What a log call shows, or None where nothing sensitive is known to reach it."""
        found: dict[tuple[str, str], Way] = {}
        for label, trail in effect.labels.items():
            if label.kind == "sensitive" and is_shown(label):
                found.setdefault((str(label.key), label.path[0]), trail)
        found.update(_raw(effect.labels))
        sure = set(found)
        whole = ""
        for use, labels, apart, left_out in _objects(effect):
            inside = tuple(one for one in self.inside(use, apart) if not (left_out and _is_among(one[1], use, left_out)))
            if inside:
                whole = whole or use.name
                sure.update(inside if self._prints_members(use, apart) else ())
                for one in inside:
                    found.setdefault(one, _first(labels))
        telling = {one: trail for one, trail in found.items() if one[0] in self._alone}
        if not telling and len({kind for kind, _ in found}) < 2:
            return None
        at = spot_place(effect.spot)
        trail = next(iter((telling or found).values()))
        return Exposure(
            endpoint,
            tuple(sorted({kind for kind, _ in found})),
            tuple(dict.fromkeys(what for _, what in found)),
            whole,
            effect.call,
            at,
            effect.spot.routine.name,
            (*steps(trail), Step(at, f"it reaches the log by '{effect.call}'", "sink")),
            self._certainty(effect, sure.intersection(telling)),
            self.destinations,
        )

    def _certainty(self, effect: LogEffect, sure: set[tuple[str, str]]) -> str:
        """Less where a name may as well stand for an object of the program's own that is called so: a stored `Session`, `Token`. What tests
        print is made up.
        """
        if is_in_tests(effect.spot.module.path):
            return "low"
        if not sure:
            return "medium"
        may_be = self._may_be_thing if effect.spot.module.explicit_names else self._tells_row
        return "low" if all(may_be(kind, what) for kind, what in sure) else "high"

    def _may_be_thing(self, kind: str, what: str) -> bool:
        first, *rest = words_of(what.rpartition(".")[2]) or ("",)
        things = next((one.things for one in kinds() if one.name == kind), ())
        return rest in ([], ["id"]) and singular(first) in things and singular(first) in self._stored()

    def _tells_row(self, kind: str, what: str) -> bool:
        """Is it the identifier of something that the program stores under one that is no text: the `SessionId` of a `UserSession`?"""
        words_in = words_of(what.rpartition(".")[2])
        return words_in[1:] == ("id",) and self._may_be_thing(kind, what) and singular(words_in[0]) in self._numbered()

    def _numbered(self) -> frozenset[str]:
        """The last words of the names of what the program keeps under a number or a GUID."""
        if self._counted is None:
            program = self.summaries.program
            slots = ((t, program.slot(t, name)) for t in program.types if t.kind == "class" for name in words().identifiers)
            kept = (t for t, slot in slots if slot is not None and self._type_in(t, slot) in NUMBERS)
            self._counted = frozenset(singular(words_of(t.simple)[-1]) for t in kept if words_of(t.simple))
        return self._counted

    def _type_in(self, declared: Type, slot: Slot) -> str:
        """The name of a member's type, in the type that has it."""
        program = self.summaries.program
        written = program.type_of(slot)
        return substitute(written, bindings_of(program, program.as_use(declared), slot.owner)).name if written is not None else ""

    def _stored(self) -> frozenset[str]:
        """The last words of the names of what the program keeps under an identifier."""
        if self._called is None:
            program = self.summaries.program
            kept = (t for t in program.types if t.kind == "class" and any(program.slot(t, name) for name in words().identifiers))
            self._called = frozenset(singular(words_of(t.simple)[-1]) for t in kept if words_of(t.simple))
        return self._called

    def _prints_members(self, use: TypeUse, taken_apart: bool) -> bool:
        """Is the type's text form known to show members? By default a class shows its name, and a log's set-up decides."""
        declared = item(use).decl
        if taken_apart or declared is None:
            return taken_apart
        if declared.kind == "record" or self._is_printed(declared):
            return True
        return shown_members(self.summaries.program.methods(declared, "ToString")) is not None

    def _is_printed(self, declared: Type) -> bool:
        """Does a library's base give the type a text form that shows its members?"""
        return self.summaries.program.is_a(declared, *self.summaries.knowledge(declared.decls[0][1]).natures.get("prints", ()))

    def _shows_nothing(self, declared: Type) -> bool:
        """Is the text form one that shows no member: that of a library's base, or in a language where a class says so itself?"""
        program = self.summaries.program
        if declared.kind != "class" or self._is_printed(declared) or program.methods(declared, "ToString"):
            return False
        reports = self.summaries.knowledge(declared.decls[0][1]).natures.get("reports", ())
        return declared.decls[0][1].explicit_names or program.is_a(declared, *reports)

    def inside(self, use: TypeUse, taken_apart: bool = False) -> tuple[tuple[str, str], ...]:
        """(kind, member) for each sensitive member that an object of the type shows when it is written out whole."""
        use = item(use)
        if use.decl is None or use.decl.kind not in ("class", "record", "struct"):
            return ()
        if not taken_apart and (self._shows_nothing(use.decl) or shows_its_name(self.summaries.knowledge(use.decl.decls[0][1]), use)):
            return ()
        key = (use, taken_apart)
        found = self._inside.get(key)
        if found is None:
            self._inside[key] = ()
            found = self._inside[key] = tuple(self._members(use, 0, frozenset(), taken_apart))
        return found

    def _members(
        self, whole: TypeUse, depth: int, seen: frozenset[Type], taken_apart: bool, picked: frozenset[str] | None = None
    ) -> Iterator[tuple[str, str]]:
        """The sensitive members that are shown of an object; of one that another's text form picks them from, those that it names."""
        declared = whole.decl
        assert declared is not None
        program = self.summaries.program
        shown = picked
        if picked is None and not taken_apart:
            shown = shown_members(program.methods(declared, "ToString"))
        for slot in program.slots(declared):
            if not (_is_written(slot, shown, self.summaries.knowledge(slot.module)) or (taken_apart and is_column(slot))):
                continue
            stated = program.type_of(slot)
            bound = bindings_of(program, whole, slot.owner)
            use = self.summaries.knowledge(slot.module).unwrap(substitute(stated, bound)) if stated else None
            if use is not None and self.summaries.knowledge(slot.module).is_by_nature(use.name, "empty"):
                continue
            for kind in kinds_of_member(slot.field.name, use.name if use else "", declared.simple, lambda: program.slots(declared)):
                yield kind, f"{declared.simple}.{slot.field.name}"
            inner = use.decl if use is not None else None
            if use and inner is not None and inner.kind in ("class", "record") and depth < MAX_DEPTH and inner not in seen:
                of_it = shown if shown is not None and slot.field.name not in shown else None
                yield from self._members(use, depth + 1, seen | {declared}, taken_apart, of_it)


def item(use: TypeUse) -> TypeUse:
    """The type of the items, for a collection; the type itself for anything else."""
    while use.decl is None and use.args:
        use = use.args[-1]
    return use


def _objects(effect: LogEffect) -> Iterator[tuple[TypeUse, Labels, bool, Sequence[str]]]:
    """The whole objects that a log call is given, each with whether its members are written one by one, and which of them are not."""
    yield from ((use, labels, effect.taken_apart, ()) for use, labels in effect.types)
    for label, trail in effect.labels.items():
        if label.kind == "whole" and is_shown(label):
            apart = label.path[:1] == APART
            yield label.key, {label: trail}, effect.taken_apart or apart, label.path[1:] if apart else ()


def _is_among(what: str, use: TypeUse, names: Sequence[str]) -> bool:
    """Is it a member of the object itself, and one of these?"""
    declared = item(use).decl
    return declared is not None and any(what == f"{declared.simple}.{name}" for name in names)


def is_shown(label: Label) -> bool:
    """Does the value still show what the label says? A digest, a mask or an answer about it does not."""
    return "*" not in label.clean and "exposure" not in label.clean


def _is_written(slot: Slot, shown: frozenset[str] | None, knowledge: Knowledge) -> bool:
    """Is a member part of what is written of its object? A text form of the type's own shows what it likes, `shown`."""
    field = slot.field
    if "static" in field.modifiers or knowledge.marked(field.annotations, "hidden"):
        return False
    if shown is not None:
        return field.name in shown or field.name + PICKED in shown
    return field.kind == "property" and ("public" in field.modifiers or slot.owner.kind == "record")


def is_column(slot: Slot) -> bool:
    """Is it a member that a call describes where a class lists its columns so: `password = models.CharField()`?"""
    return slot.module.explicit_names and slot.field.kind == "field" and type(slot.field.value) is ir.Call


def _first(labels: Labels) -> Way:
    return next((trail for trail in labels.values() if trail is not None), None)


CREDENTIAL_HEADERS: Final = frozenset(("authorization", "cookie", "x-api-key", "proxy-authorization", "set-cookie"))


def _raw(labels: Labels) -> dict[tuple[str, str], Way]:
    found: dict[tuple[str, str], Way] = {}
    for label, trail in labels.items():
        if label.kind != "request" or not label.path or label.path[0] not in RAW or not is_shown(label) or "key" in label.clean:
            continue
        rest = label.path[1:]
        if label.key in ("header", "cookie") and rest and rest[0].lower() not in CREDENTIAL_HEADERS:
            continue
        if label.key in ("body", "form") and rest:
            continue
        found[(RAW[label.path[0]], ".".join(label.path))] = trail
    return found


def destinations(rows: Sequence[Destination], settings: Sequence[SourceFile]) -> tuple[str, ...]:
    """Where a service's logs go, as its packages and settings files tell."""
    found: dict[str, None] = {}
    texts = [s.text for s in settings if s.path.endswith((".csproj", ".props", ".json", ".config", ".xml"))]
    for row in rows:
        wanted = [f'"{row.package}"'] if row.package else []
        wanted += [f'"{row.setting}"'] if row.setting else []
        if any(want in text for want in wanted for text in texts):
            found[row.name] = None
    return tuple(sorted(found))
