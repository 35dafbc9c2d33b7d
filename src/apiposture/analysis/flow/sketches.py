"""What do the functions of a type set and mention, read off without evaluating them?"""

from __future__ import annotations

from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type


class Sketch:
    """The sketch of one type. The code of a function is looked at where it is asked about a name that stands in it."""

    __slots__ = ("_mentioned", "_sets", "_speaking", "mentions")

    def __init__(self, holder: Type, program: Program) -> None:
        self._mentioned: list[tuple[Routine, frozenset[str]]] = []
        self._sets: dict[Routine, dict[str, None]] = {}
        self._speaking: dict[frozenset[str], frozenset[str]] = {}
        self.mentions: dict[str, frozenset[str]] = {}
        for name, routines in holder.functions.items():
            for routine in routines:
                mentioned = program.mentions(routine)
                self._mentioned.append((routine, mentioned))
                self.mentions[name] = self.mentions.get(name, frozenset()) | mentioned

    def mentioning(self, member: str) -> list[Routine]:
        """The functions that a member of this name stands in."""
        return [routine for routine, mentioned in self._mentioned if member in mentioned]

    def sets(self, routine: Routine, member: str) -> bool:
        """Does one of its functions set a member of this name?"""
        found = self._sets.get(routine)
        if found is None:
            found = self._sets[routine] = own_members_set(routine.function)
        return member in found

    def speaking(self, names: frozenset[str]) -> frozenset[str]:
        """The functions that mention one of the names."""
        found = self._speaking.get(names)
        if found is None:
            found = frozenset(function for function, mentioned in self.mentions.items() if not mentioned.isdisjoint(names))
            self._speaking[names] = found
        return found


def own_members_set(function: ir.Function) -> dict[str, None]:
    """The names of the receiver's members that a function sets, as far as they are written plainly."""
    found: dict[str, None] = {}
    for node in walk.nodes(function.body or ()):
        if type(node) is ir.Assign:
            target = node.target
            if type(target) is ir.Name:
                found[target.id] = None
            elif type(target) is ir.Member and type(target.object) is ir.Name and target.object.id == "this":
                found[target.name] = None
    return found
