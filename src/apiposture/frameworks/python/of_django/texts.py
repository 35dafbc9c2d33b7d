"""How is the text of a URL put together?

Constants and what stands for them are followed, settings and what is read from the environment (by its default) among them. What isn't
known of a text is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from apiposture.frameworks.python.reading.django_settings import Settings, default_of
from apiposture.frameworks.python.reading.objects import Objects
from apiposture.model import ir
from apiposture.program import constants, walk
from apiposture.program.types import Routine, Slot

MAX_DEPTH = 12
SAME = ("_", "gettext_lazy", "str")
"""Functions that give the text that they are given."""

_HOLE = re.compile(r"\{(\w*)\}")


class Texts:
    """Answers for one program."""

    def __init__(self, objects: Objects, settings: Settings) -> None:
        self.objects = objects
        self.settings = settings

    def of(self, expr: ir.Expr | None, routine: Routine, depth: int = 0) -> str:
        """The text that an expression stands for, as far as it is known."""
        found = constants.text(self.objects.program, expr, routine.module, routine.owner) if expr is not None else None
        if found is not None or expr is None or depth > MAX_DEPTH:
            return found or ""
        if isinstance(expr, ir.Template):
            return "".join(self.of(part, routine, depth + 1) for part in expr.parts)
        if isinstance(expr, ir.Binary) and expr.operator == "+":
            return self.of(expr.left, routine, depth + 1) + self.of(expr.right, routine, depth + 1)
        if isinstance(expr, ir.Binary) and expr.operator == "%":
            given = expr.right.items if isinstance(expr.right, ir.Collection) else (expr.right,)
            return _in_turn(r"%s", self.of(expr.left, routine, depth + 1), [self.of(one, routine, depth + 1) for one in given])
        if isinstance(expr, ir.Call):
            default = default_of(self.objects, expr, routine)
            return self._called(expr, routine, depth) if default is None else self.of(default, routine, depth + 1)
        for slot in self._behind(expr, routine):
            if slot.field.value is not None and not isinstance(slot.field.value, ir.Name | ir.Member):
                return self.of(slot.field.value, self.objects.main(slot.module), depth + 1)
        return ""

    def _called(self, call: ir.Call, routine: Routine, depth: int) -> str:
        """What a function that passes texts on gives, or a method of a text."""
        given = [self.of(arg.value, routine, depth + 1) for arg in call.args]
        name = walk.called_name(call)
        if name in SAME:
            return given[0] if given else ""
        if not isinstance(call.function, ir.Member):
            return ""
        own = self.of(call.function.object, routine, depth + 1)
        if name == "format":
            named = {arg.name: text for arg, text in zip(call.args, given, strict=True) if arg.name}
            own = _HOLE.sub(lambda hole: named.get(hole[1], hole[0]), own)
            return _in_turn(_HOLE, own, [text for arg, text in zip(call.args, given, strict=True) if not arg.name])
        if name == "join" and call.args:
            return own.join(self._items(call.args[0].value, routine, depth + 1))
        return str(getattr(own, name)(*given[:1])) if name in ("strip", "lstrip", "rstrip") else ""

    def _items(self, expr: ir.Expr, routine: Routine, depth: int) -> list[str]:
        """The texts of a list that is written out, here or where its name leads."""
        if isinstance(expr, ir.Collection) and expr.kind != "map":
            return [self.of(item, routine, depth) for item in expr.items]
        for slot in self._behind(expr, routine):
            if isinstance(slot.field.value, ir.Collection):
                return self._items(slot.field.value, self.objects.main(slot.module), depth)
        return []

    def _behind(self, expr: ir.Expr, routine: Routine) -> list[Slot]:
        """The variables that a name leads to: of a module, or a setting."""
        path = walk.dotted(expr)
        meant = self.objects.program.meaning(path, routine.module, routine.owner) if path else None
        if isinstance(meant, str) and meant.startswith("django.conf.settings."):
            return list(self.settings.slots(meant.rpartition(".")[2]))
        return [meant] if isinstance(meant, Slot) else []


def _in_turn(hole: str | re.Pattern[str], text: str, given: Sequence[str]) -> str:
    """A text with its holes filled from left to right; those that nothing is given for are left out."""
    left = iter(given)
    return re.sub(hole, lambda _: next(left, ""), text)
