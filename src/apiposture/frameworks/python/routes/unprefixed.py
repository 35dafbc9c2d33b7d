"""Which rules of a blueprint stand outside of its prefix, because the project's own code says so?

A blueprint of the project's own may register its rules by an object of its own (`make_setup_state`), whose `add_url_rule` asks what a rule
begins with: where it begins with a mark, the prefix is taken off for it, and so is the mark (`rule[1:]`).
"""

from __future__ import annotations

from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type


class Unprefixed:
    """Answers for one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._marks: dict[int, tuple[str, int] | None] = {}

    def outside(self, blueprint: Type | None, path: str) -> str | None:
        """The path of a rule that stands outside of its blueprint's prefix; None of all others."""
        mark = self._mark(blueprint) if blueprint is not None else None
        return path[mark[1] :] if mark is not None and path.startswith(mark[0]) else None

    def _mark(self, blueprint: Type) -> tuple[str, int] | None:
        """What rules outside of the prefix begin with, and how much of that is cut off."""
        if id(blueprint) not in self._marks:
            adding = [add for state in self._states(blueprint) for add in self.program.methods(state, "add_url_rule")[:1]]
            self._marks[id(blueprint)] = next((mark for add in adding if (mark := _asked_for(add)) is not None), None)
        return self._marks[id(blueprint)]

    def _states(self, blueprint: Type) -> list[Type]:
        """The types whose objects register the rules of a blueprint, of those that take the prefix off somewhere."""
        made = [call for one in self.program.methods(blueprint, "make_setup_state")[:1] for call in walk.calls(one.function.body or ())]
        found = [self.program.find_type(walk.dotted(call.function), blueprint.decls[0][1], blueprint) for call in made]
        return [one for one in found if one is not None and any(map(_takes_off, _methods(one)))]


def _methods(declared: Type) -> list[Routine]:
    return [one for routines in declared.functions.values() for one in routines]


def _takes_off(routine: Routine) -> bool:
    """Is the prefix set to nothing?"""
    sets = (node for node in walk.nodes(routine.function.body or ()) if isinstance(node, ir.Assign))
    return any(_is_nothing(one.value) and walk.dotted(one.target) == "this.url_prefix" for one in sets)


def _is_nothing(expr: ir.Expr) -> bool:
    return isinstance(expr, ir.Literal) and expr.value is None


def _asked_for(adding: Routine) -> tuple[str, int] | None:
    """The text that a rule is asked to begin with, where the rule is then handed on without its first characters."""
    for node in walk.nodes(adding.function.body or ()):
        if isinstance(node, ir.If) and isinstance(node.condition, ir.Call) and walk.called_name(node.condition) == "startswith":
            text = node.condition.args[0].value if node.condition.args else None
            cut = next((size for one in walk.nodes(node.then) if (size := _cut(one)) is not None), None)
            if cut is not None and isinstance(text, ir.Literal) and isinstance(text.value, str):
                return text.value, cut
    return None


def _cut(node: object) -> int | None:
    """How much `rule[1:]` leaves out."""
    if not isinstance(node, ir.Index) or len(node.keys) != 1:
        return None
    numbers = [one.value for one in walk.nodes(node.keys[0]) if isinstance(one, ir.Literal) and isinstance(one.value, int)]
    return numbers[0] if len(numbers) == 1 else None
