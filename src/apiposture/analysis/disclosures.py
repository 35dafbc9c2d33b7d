"""Which answers show what a stored record of a person keeps to know them by?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from apiposture.analysis.accesses import Judge
from apiposture.analysis.exposures import is_column, is_shown, item
from apiposture.analysis.flow.effects import AccessEffect
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import Label, Labels, Way
from apiposture.analysis.flow.summaries import Summaries
from apiposture.analysis.flow.values import Value, flat
from apiposture.analysis.flow.ways import way
from apiposture.analysis.knowledge import Knowledge
from apiposture.analysis.reshaped import decorators_of, reshapes
from apiposture.analysis.sensitive import kinds_of
from apiposture.analysis.spots import spot_place, steps
from apiposture.analysis.trust import SECRETS
from apiposture.analysis.words import pattern
from apiposture.frameworks.routing import Entry
from apiposture.model import ir
from apiposture.model.facts import Access, Disclosure
from apiposture.model.finding import Step
from apiposture.model.ir import Module
from apiposture.program import walk
from apiposture.program.types import Routine, Type

OWN_CHECKS: Final = ("predicate", "principal-key", "comparison")
"""The checks that make a record the caller's own."""


class Disclosures:
    """What one endpoint's answer shows of people; `accesses` are the endpoint's, as they were judged."""

    def __init__(self, summaries: Summaries, frame: Frame, judge: Judge, entry: Entry, index: int, accesses: Sequence[Access]) -> None:
        self.summaries = summaries
        self.frame = frame
        self.judge = judge
        self.entry = entry
        self.index = index
        self.looked_around: dict[str, None] = {}
        """The files in which all functions were looked at."""
        self.own = {(one.place, one.entity) for one in accesses if any(check.kind in OWN_CHECKS for check in one.checks)}

    def all(self) -> tuple[Disclosure, ...]:
        """Each member once, where it is put into the answer; of records that are written out whole, each type once, with its members."""
        found: dict[tuple[object, ...], Disclosure] = {}
        if self._is_reshaped():
            return ()
        for value, _ in self.frame.returned:
            whole = tuple(self._whole(value))
            told = {(one.entity, name) for one in whole for name in one.what}
            for one in (*whole, *(one for one in self._members(value) if (one.entity, *one.what) not in told)):
                found.setdefault((one.place, one.entity, one.what), one)
        return tuple(found.values())

    def _is_reshaped(self) -> bool:
        """Does a decorator make something else of the answer?"""
        program, routine = self.summaries.program, self.entry.routine
        decorators = decorators_of(program, routine) if routine is not None else []
        self.looked_around.update((one.module.path, None) for one in decorators)
        return any(reshapes(program, one) for one in decorators)

    def _members(self, value: Value) -> Iterator[Disclosure]:
        """Members that were read from a record and put into the answer under a name of their own."""
        labels = flat(value)
        for label in labels:
            if label.kind == "object" and label.path and is_shown(label) and pattern("withheld").search(label.path[-1]):
                told = _told_as(labels, label.path[-1])
                declared = self._type(label) or (self._called(told) if told is not None else None)
                is_theirs = declared is not None and self.judge.owners.is_person(declared)
                if told is not None and declared is not None and is_theirs and self._is_written(value, labels[told]):
                    yield self._disclosure(self._record(label), labels[told], declared, (label.path[-1],))

    def _whole(self, value: Value) -> Iterator[Disclosure]:
        """Records that leave as they were loaded, with everything that is in them."""
        for declared, emptied in dict.fromkeys(self._written(value)):
            if declared is None or not self.judge.owners.is_person(declared):
                continue
            loaded = [(x, trail) for x, trail in flat(value).items() if x.kind == "object" and not x.path and is_shown(x)]
            known = [(self._record(x), trail) for x, trail in loaded if self._type(x) in (declared, None)]
            if known and (what := tuple(name for name in self._withheld(declared) if name not in emptied)):
                yield self._disclosure(*known[0], declared, what, whole=True)
        yield from self._copied(value)

    def _copied(self, value: Value) -> Iterator[Disclosure]:
        """Records that leave in a declared type which has the same members as they have."""
        answer = self.entry.answer
        copied = value.type if answer.whole and not value.fields else None  # what is put together here, member by member, is no copy
        made = item(copied).decl if copied is not None else None
        types = answer.types or ((made,) if made is not None else ())
        shown = {name for one in types for name in self._withheld(one)}
        for label, trail in value.labels.items() if shown else ():
            declared = self._type(label) if label.kind == "object" and not label.path and is_shown(label) else None
            if declared is not None and declared not in types and self.judge.owners.is_person(declared):
                what = tuple(name for name in self._withheld(declared) if name in shown)
                if what:
                    yield self._disclosure(self._record(label), trail, declared, what, whole=True)

    def _written(self, value: Value) -> Iterator[tuple[Type | None, tuple[str, ...]]]:
        """The types of the objects that are written out with all their members, by a call that does that or as they are returned; each
        with the members in which nothing was left."""
        answer = self.entry.answer
        emptied = tuple(name for name, held in (value.fields or {}).items() if not any(map(is_shown, flat(held))))
        yield from ((one, emptied) for one in answer.types)
        declared = item(value.type).decl if value.type is not None else None
        if answer.cut:
            return
        if declared is None:
            yield from ((item(x.key).decl, x.path[1:]) for x in flat(value) if x.kind == "whole" and is_shown(x))
        if answer.whole:
            yield declared, emptied
            inside = (value.fields or {}).values() if declared is None else ()
            yield from ((item(held.type).decl, ()) for held in inside if held.type is not None)

    def _record(self, label: Label) -> AccessEffect | None:
        """The access that loaded the record which a label stands for, or a member of it; None where nothing is known of that."""
        return self.frame.effects.accesses.get(label.key)

    def _type(self, label: Label) -> Type | None:
        effect = self._record(label)
        return effect.entity.decl if effect is not None and effect.entity is not None else None

    def _called(self, told: Label) -> Type | None:
        """The type whose member was read, by the name that it had there: `Customer.PasswordHash`."""
        found = self.summaries.program.named(told.path[0].rpartition(".")[0])
        return found[0] if len(found) == 1 else None

    def _is_written(self, value: Value, read: Way) -> bool:
        """Is a member of the answer set to what was read, and is that one of those that are written out?"""
        answer = self.entry.answer
        declared = item(value.type).decl if value.type is not None else None
        if answer.cut or declared is not None:
            return any(map(self._withheld, answer.types if answer.cut else (declared,)))  # type: ignore[arg-type]
        first = way(read)[0]
        return first.span in self._named(first.module)

    def _named(self, module: Module) -> set[int]:
        """Where members are read in a file only to be given a name in something new: `{"password": user.password}`."""
        self.looked_around[module.path] = None
        inside = [r for r in self.summaries.program.routines if r.module is module]
        nodes = [(n, r) for r in inside for n in walk.nodes(r.function.body or ())]
        return {value.span for node, at in nodes for value in (*_given_names(node), *self._in_order(node, at)) if type(value) is ir.Member}

    def _in_order(self, node: object, at: Routine) -> Iterator[ir.Expr]:
        """What a record is made of, in the order of its members: all of them are written out."""
        if type(node) is ir.New and node.type is not None and node.args:
            declared = self.summaries.program.find_type(node.type.name, at.module, at.owner)
            yield from (given.value for given in node.args if declared is not None and declared.kind == "record" and not given.name)

    def _withheld(self, declared: Type) -> tuple[str, ...]:
        """The members of a type that nobody need be shown and that are written out with it, its bases' as well."""
        knowledge = self.summaries.knowledge(declared.decls[0][1])
        slots = [slot for slot in self.summaries.program.slots(declared) if "static" not in slot.field.modifiers]
        kept = {slot.field.name for slot in slots if _is_left_out(knowledge, slot.field)}
        names = [slot.field.name for slot in slots if slot.field.kind == "property" or is_column(slot)]
        names += [name for _, base in self.summaries.program.ancestors(declared) for name in knowledge.members_of(base.name)]
        told = (name for name in names if name not in kept and not SECRETS.isdisjoint(kinds_of(name, "", declared.simple)))
        return tuple(dict.fromkeys(name for name in told if pattern("withheld").search(name)))

    def _disclosure(
        self, effect: AccessEffect | None, trail: Way, declared: Type, what: tuple[str, ...], whole: bool = False
    ) -> Disclosure:
        loaded, read = spot_place(effect.spot) if effect is not None else None, steps(trail)
        at = self.entry.endpoint.place if whole or not read else read[0].place
        is_told = loaded is None or any(step.place == loaded for step in read)
        before = () if is_told or effect is None else (Step(loaded, f"'{effect.call}' loads it", "source"),)  # type: ignore[arg-type]
        certainty = effect.certainty if effect is not None else "high"
        own = (loaded, declared.simple) in self.own
        return Disclosure(self.index, declared.simple, what, at, (*before, *read), certainty, whole, own)


def _is_left_out(knowledge: Knowledge, field: ir.Field) -> bool:
    """Does an annotation keep the member out, whatever it holds? One that says when (`Condition = ...`) does not."""
    return any(knowledge.marked((one,), "unwritten") and not one.args for one in field.annotations)


def _told_as(labels: Labels, name: str) -> Label | None:
    """What says that the member of this name was read, and is a secret of somebody's."""
    secret = (x for x in labels if x.kind == "sensitive" and x.key in SECRETS and is_shown(x) and labels[x] is not None)
    return next((x for x in secret if x.path and x.path[0].rpartition(".")[2] == name), None)


def _given_names(node: object) -> Iterator[ir.Expr]:
    """The values that a node gives names to in something new: entries of a map, what an initialiser sets."""
    if type(node) is ir.Collection and node.kind == "map":
        yield from (entry.items[1] for entry in node.items if type(entry) is ir.Collection and len(entry.items) == 2)
    elif type(node) is ir.New:
        yield from (given.value for given in (*node.args, *node.fields) if given.name)
