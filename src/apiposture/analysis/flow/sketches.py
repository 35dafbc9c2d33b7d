"""What do the functions of a type set and mention, read off without evaluating them?"""

from __future__ import annotations

from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type


class Sketch:
    """The sketch of one type."""

    __slots__ = ("mentions", "setters")

    def __init__(self, holder: Type, program: Program) -> None:
        self.setters: dict[str, list[Routine]] = {}
        self.mentions: dict[str, frozenset[str]] = {}
        for name, routines in holder.functions.items():
            for routine in routines:
                self.mentions[name] = self.mentions.get(name, frozenset()) | program.mentions(routine)
                for member in own_members_set(routine.function):
                    self.setters.setdefault(member, []).append(routine)

    def speaking(self, names: frozenset[str]) -> set[str]:
        """The functions that mention one of the names."""
        return {function for function, mentioned in self.mentions.items() if not mentioned.isdisjoint(names)}


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
