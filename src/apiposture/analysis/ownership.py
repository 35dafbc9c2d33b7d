"""Is an entity somebody's, and which of its members say whose?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from apiposture.analysis.knowledge import Knowledge
from apiposture.analysis.scalars import is_scalar
from apiposture.analysis.sensitive import words_of
from apiposture.analysis.words import pattern, words
from apiposture.model import ir
from apiposture.model.facts import Ownership
from apiposture.model.source import Place
from apiposture.program import Program, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Slot, Type, TypeUse

MAX_PARENTS: Final = 2
"""An item belongs to its order's owner; chains longer than this say little (measured on real models)."""

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


class Owners:
    """Answers for one program. `compared` are members that the code compares with the caller: (entity, member)."""

    def __init__(self, program: Program, knowledge: Knowledge) -> None:
        self.program = program
        self.knowledge = knowledge
        self.compared: dict[tuple[str, str], None] = {}
        self._known: dict[str, Ownership] = {}
        self._persons: tuple[Type, ...] | None = None

    def of(self, entity: TypeUse | None) -> Ownership:
        """Whose the entity's objects are."""
        if entity is None:
            return Ownership("", False, (), "The entity is not known.", "low")
        found = self._known.get(entity.name)
        if found is None:
            found = self._known[entity.name] = self._decide(entity, 0)
        return found

    def all(self) -> tuple[Ownership, ...]:
        """Everything that was asked for, by name."""
        return tuple(self._known[name] for name in sorted(self._known))

    def _decide(self, entity: TypeUse, depth: int) -> Ownership:
        name = entity.name
        compared = tuple(member for owner, member in self.compared if owner == name and self._may_say_whose(entity, member))
        seen = tuple(member for member in compared if not self._is_a_sort(entity, member, depth))
        if seen:
            why = f"The code compares '{name}.{seen[0]}' with the caller."
            sure = not all(self._leads_through_several(entity, member) for member in seen)
            return Ownership(name, True, seen, why, "high" if sure else "low", self._place(entity, seen[0]))
        if entity.decl is None:
            likely = name.lower() in words().likely
            why = f"'{name}' is not declared in the scanned tree; entities of that name usually are somebody's."
            return Ownership(name, likely, (), why if likely else f"'{name}' is not declared in the scanned tree.", "low")
        if entity.decl.kind in ("enum", "interface", "delegate"):
            return Ownership(name, False, (), f"'{name}' is no stored object.", "high")
        if self.is_person(entity.decl):
            return Ownership(name, True, ("Id",), f"'{name}' is somebody who can log in.", "medium", self._place(entity, "Id"))
        own = [(slot, certainty) for slot in self.program.slots(entity.decl) if (certainty := self._owner_certainty(slot))]
        if own:
            own.sort(key=lambda pair: ("high", "medium", "low").index(pair[1]))
            slot, certainty = own[0]
            owners = tuple(slot.field.name for slot, _ in own)
            why = f"'{name}.{slot.field.name}' says whose it is."
            return Ownership(name, True, owners, why, certainty, place(slot.module, slot.field.span))
        found = self._by_parent(entity.decl, name, depth)
        if compared and not found.owned:
            why = f"The code compares '{name}.{compared[0]}' with what the caller may see; it says of what sort it is, and not whose."
            return Ownership(name, True, compared, why, "low", self._place(entity, compared[0]))
        return found

    def _may_say_whose(self, entity: TypeUse, member: str) -> bool:
        """Is it a member of the entity, or a way from it, and not what tells its objects apart? A query looks at other tables as well."""
        first = member.partition(".")[0].partition("__")[0]
        if not first or (first == member and first in words().identifiers):
            return False
        return entity.decl is None or not entity.decl.fields or self.program.slot(entity.decl, first) is not None

    def _leads_through_several(self, entity: TypeUse, member: str) -> bool:
        """Does a way to the caller lead through one of several, each of which has several such objects: the shelves of a book?"""
        first = member.partition(".")[0].partition("__")[0]
        slot = self.program.slot(entity.decl, first) if entity.decl is not None and first != member else None
        made = walk.called_name(slot.field.value) if slot is not None and isinstance(slot.field.value, ir.Call) else ""
        return bool(made) and self.knowledge.does(made, "to-several")

    def _is_a_sort(self, entity: TypeUse, member: str, depth: int) -> bool:
        """Does a member lead to something stored of which no member leads to a person, as the language or a tag of a book?"""
        slot = self.program.slot(entity.decl, member) if entity.decl is not None and depth < MAX_PARENTS else None
        other = self._named_by(slot) if slot is not None else None
        if other is None or other is entity.decl or self.is_person(other) or not self._is_entity(other):
            return False
        slots = list(self.program.slots(other))
        people = (person for slot in slots if (person := self._named_by(slot)) is not None and self.is_person(person))
        return not any(people) and not any(map(self._owner_certainty, slots)) and not self._by_parent(other, other.name, depth + 1).owned

    def belongs_by(self, entity: TypeUse | None, member: str) -> bool:
        """Does a member say what something belongs to, which people have to do with, and not only of what sort it is?"""
        name = member.partition("__")[0]
        slot = self.program.slot(entity.decl, name) if entity is not None and entity.decl is not None else None
        other = self._named_by(slot) if slot is not None else None
        if entity is None or other is None:
            return False
        people = {person.simple for person in self.persons()}
        return not self._is_a_sort(entity, name, 0) or any(not people.isdisjoint(_told(one)) for one in self.program.slots(other))

    def _named_by(self, slot: Slot) -> Type | None:
        """The type of what a member holds, or that the call in its first value is told."""
        use = self._type(slot)
        while use is not None and use.decl is None and use.args:
            use = use.args[-1]
        if use is not None and use.decl is not None:
            return use.decl
        value = slot.field.value
        told = value.args[0].value if isinstance(value, ir.Call) and value.args else None
        name = told.value if isinstance(told, ir.Literal) else walk.dotted(told)
        return self.program.find_type(name, slot.module, slot.owner) if isinstance(name, str) and name else None

    def _by_parent(self, declared: Type, name: str, depth: int) -> Ownership:
        if depth < MAX_PARENTS:
            for slot in self.program.slots(declared):
                parent = self._parent(slot)
                if parent is None or parent is declared or self.is_person(parent):
                    continue
                whose = self._decide(self.program.as_use(parent), depth + 1)
                if whose.owned and whose.certainty != "low":
                    owner = f"{parent.simple}.{whose.owners[0]}"
                    why = f"'{name}.{slot.field.name}' leads to '{owner}', which says whose it is."
                    return Ownership(name, True, (owner,), why, "medium" if depth == 0 else "low", place(slot.module, slot.field.span))
        return Ownership(name, False, (), f"Nothing in '{name}' says whose it is.", "medium")

    def parents(self, declared: Type) -> Iterator[tuple[str, Type]]:
        """The entities that its members lead to, each with the name of the member."""
        for slot in self.program.slots(declared):
            parent = self._parent(slot)
            if parent is not None and parent is not declared:
                yield slot.field.name, parent

    def _parent(self, slot: Slot) -> Type | None:
        if "static" in slot.field.modifiers or slot.field.kind in ("constant", "event") or is_worked_out(slot) or self._is_unstored(slot):
            return None
        use = self._type(slot)
        if use is not None and use.decl is not None and not use.args:
            if self.knowledge.names_by_text(slot.field.value):
                return None  # what it leads to says less of whose it is than what the code asks of it
            return use.decl if use.decl.kind in ("class", "record") and self._is_entity(use.decl) else None
        stem = slot.field.name.removesuffix("Id").removesuffix("_id")
        if stem and stem != slot.field.name and use is not None and (is_scalar(use) or use.name.lower() == "string"):
            found = self.program.find_type(stem, slot.module, slot.owner) or self._called("".join(map(str.capitalize, stem.split("_"))))
            return found if found is not None and found.kind in ("class", "record") and self._is_entity(found) else None
        return None

    def _called(self, name: str) -> Type | None:
        """The one type of a name that its member spells with underscores."""
        found = self.program.named(name)
        return found[0] if len(found) == 1 else None

    def _type(self, slot: Slot) -> TypeUse | None:
        """A member's type: the declared one, or the one that rows read in its first value."""
        if slot.field.type is None:
            named = self.knowledge.column_type(slot.field.value)
            if named is None:
                return None
            meant = self.program.meaning(named.name, slot.module, slot.owner)
            declared = meant if isinstance(meant, Type) else None if isinstance(meant, str) else self._called(named.name)
            if declared is not None:
                return self.program.as_use(declared)
            return TypeUse(meant.rpartition(".")[2]) if isinstance(meant, str) else named
        return self.knowledge.unwrap(self.program.type_of(slot))

    def _is_entity(self, declared: Type) -> bool:
        """Has it an identifier, its own or one that a library's base brings?"""
        use = self.program.as_use(declared)
        names = words().identifiers
        brought = any(self.knowledge.member_type(use, name) for name in names)
        return brought or any(self.program.slot(declared, name) for name in (*names, f"{declared.simple}Id"))

    def is_secret(self, entity: TypeUse | None, member: str) -> bool:
        """Is a member given a text that nobody guesses when an object is made, and no identifier? Then who knows it was told it."""
        return member not in words().identifiers and self.is_drawn(entity, member)

    def is_drawn(self, entity: TypeUse | None, member: str) -> bool:
        """Is a member by default drawn at random, and not the key of its table?"""
        slot = self.program.slot(entity.decl, member) if entity is not None and entity.decl is not None else None
        value = slot.field.value if slot is not None else None
        if slot is None or not isinstance(value, ir.Call) or any(arg.name == "primary_key" for arg in value.args):
            return False
        given = next((arg.value for arg in value.args if arg.name in ("default", "default_factory")), None)
        named = given.function if isinstance(given, ir.Call) else given
        drawing = self.knowledge.idioms("draws")
        if isinstance(named, ir.Lambda):
            return not drawing.isdisjoint(walk.uses(named.function))
        found = self.program.meaning(walk.dotted(named), slot.module, slot.owner) if named is not None and walk.dotted(named) else None
        if isinstance(found, Routine):
            return not self.program.mentions(found).isdisjoint(drawing)
        return walk.dotted(named).rpartition(".")[2] in drawing

    def is_person(self, declared: Type) -> bool:
        """Does the type stand for somebody who can log in or own things?"""
        if declared.kind not in ("class", "record"):
            return False
        if self.program.is_a(declared, *self.knowledge.persons):
            return True
        name = declared.simple.lower()
        if name in words().perhaps:
            return self._is_entity(declared) and self._holds_password(declared)
        people = words().person - {"account", "client", "member", "holder"}
        if name in people:
            return self._is_entity(declared)
        last = words_of(declared.simple)[-1:]  # a `DispatchUser` is one where it holds what one logs in with
        return len(last) == 1 and last[0] in people and self._is_entity(declared) and self._holds_password(declared)

    def _holds_password(self, declared: Type) -> bool:
        """Does it hold what somebody logs in with?"""
        return any(pattern("logs_in").match(slot.field.name) for slot in self.program.slots(declared))

    def logs_in(self, declared: Type) -> bool:
        """Is it somebody, whatever they are called, who is known by a name and by what proves that it is them?"""
        if self.is_person(declared):
            return True
        names = [slot.field.name for slot in self.program.slots(declared)] if declared.kind in ("class", "record") else []
        return any(map(pattern("called").fullmatch, names)) and any(map(pattern("proven_by").search, names)) and self._is_entity(declared)

    def _owner_certainty(self, slot: Slot) -> str:
        """How surely a member says whose its object is: high, medium or empty (not at all)."""
        field = slot.field
        if "static" in field.modifiers or field.kind in ("constant", "event") or only_records(field.name) or self._is_unstored(slot):
            return ""
        use = self._type(slot)
        if use is None or use.name in ("bool", "Boolean", "DateTime", "DateTimeOffset", "decimal", "double"):
            return ""
        if use.decl is not None and use.decl.kind in ("class", "record"):
            if self.knowledge.names_by_text(slot.field.value):
                return _by_its_name(field.name) if self._stands_for_a_login(use.decl) else ""
            return "high" if self.is_person(use.decl) else ""
        if use.decl is not None or use.args:
            return ""
        if self._logs_in(use):
            return _by_its_name(field.name)
        named = named_owner(field.name)
        if named and self.persons() and not self._names_a_person(slot):
            return ""  # the program has people, and nothing says that this member is one of them
        return named

    def _is_unstored(self, slot: Slot) -> bool:
        """Does no store keep the member? What is filled in for whoever reads it says nothing of whose the object is."""
        return self.knowledge.marked(slot.field.annotations, "unstored")

    def _stands_for_a_login(self, declared: Type) -> bool:
        """Is it the type of whoever logs in, or is there one of it for each of them: a profile?"""
        return self._logs_in(self.program.as_use(declared)) or any(
            self.knowledge.mirrors(slot.field.value) and (use := self._type(slot)) is not None and self._logs_in(use)
            for slot in self.program.slots(declared)
        )

    def _logs_in(self, use: TypeUse) -> bool:
        return self.program.is_a(use.decl, *self.knowledge.persons) if use.decl is not None else use.name in self.knowledge.persons

    def persons(self) -> tuple[Type, ...]:
        """The program's types for people."""
        if self._persons is None:
            self._persons = tuple(declared for declared in self.program.types if self.is_person(declared))
        return self._persons

    def _names_a_person(self, slot: Slot) -> bool:
        stem = slot.field.name.replace("_", "").lower().removesuffix("id").removesuffix("guid")
        if any(person.simple.lower().endswith(stem) or stem.endswith(person.simple.lower()) for person in self.persons()):
            return True
        people = {person.simple.lower() for person in self.persons()}
        if any(table in people or table.removesuffix("s") in people for table in referred(slot)):
            return True
        return stem.endswith("user") or stem in words().tenant or any(stem.endswith(word) for word in words().tenant)

    def _place(self, entity: TypeUse, member: str) -> Place | None:
        slot = self.program.slot(entity.decl, member.partition(".")[0]) if entity.decl is not None else None
        return place(slot.module, slot.field.span) if slot is not None else None


def is_worked_out(slot: Slot) -> bool:
    """Is a member no stored value, but what code makes of others each time it is read?"""
    getter = slot.field.getter
    return getter is not None and bool(getter.body) and slot.field.setter is None and slot.field.value is None


def referred(slot: Slot) -> set[str]:
    """The tables that a member's first value refers to: `ForeignKey("users.id")`."""
    nodes = walk.nodes((slot.field.value,)) if slot.field.value is not None else ()
    texts = (node.value for node in nodes if isinstance(node, ir.Literal) and isinstance(node.value, str))
    return {parts[-2].lower() for text in texts if len(parts := text.split(".")) in (2, 3)}


def _by_its_name(name: str) -> str:
    """How surely a member that holds somebody who logs in says whose its object is: not at all where it says who does something with it
    (`reported_by`, `default_assignee`)."""
    return "high" if name.replace("_", "").lower() in words().person else ""


def only_records(name: str) -> bool:
    """Does a member only record who did something (`CreatedBy`, `CreatedById`)?"""
    plain = name.replace("_", "").lower()
    return plain in words().audit or plain.removesuffix("id") in words().audit


@cache
def named_owner(name: str) -> str:
    """How surely a member's name alone says whose its object is: `UserId` high, `TenantId` medium, others empty."""
    plain = name.replace("_", "").lower()
    if only_records(name):
        return ""
    if plain in words().alone:
        return "high"
    parts = [part.lower() for piece in name.split("_") for part in _WORDS.findall(piece)]
    if len(parts) < 2 or parts[-1] not in ("id", "guid", "uuid", "key", "name") or (parts[-1] == "name" and parts[-2] != "user"):
        return ""
    if parts[-2] in words().person:
        return "high"
    return "medium" if parts[-2] in words().tenant else ""


def _told(slot: Slot) -> set[str]:
    """The types that a member's first value is told by their names: `ForeignKey("people.User")`."""
    value = slot.field.value
    texts = (arg.value.value for arg in value.args if isinstance(arg.value, ir.Literal)) if isinstance(value, ir.Call) else ()
    return {text.rpartition(".")[2] for text in texts if isinstance(text, str)}
