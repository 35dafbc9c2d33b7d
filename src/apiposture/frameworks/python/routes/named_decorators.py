"""Which method of an application is a decorator that is written by another name: `post = partial(app.route, methods=["POST"])`?"""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from apiposture.frameworks.python.reading.objects import Objects
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine, Slot


class NamedDecorators:
    """Answers for one program; `methods` are those of applications that serve what they decorate."""

    def __init__(self, objects: Objects, methods: Collection[str]) -> None:
        self.objects = objects
        self.program = objects.program
        self.methods = methods
        modules = (declared for declared in self.program.types if declared.kind == "module")
        self.names = {name for one in modules for name, slot in one.fields.items() if self._parts(slot.field.value) is not None}
        """The variables of modules that hold such a method."""

    def names_any(self, routine: Routine) -> bool:
        """May one of a function's decorators be such a name?"""
        return any(one.name.rpartition(".")[2] in self.names for one in routine.function.annotations)

    def makes_any(self, routine: Routine) -> bool:
        """May a function make such names for the functions that are written in it?"""
        return "partial" in routine.module.calls and "partial" in walk.uses(routine.function)

    def written_out(self, one: ir.Annotation, around: Routine) -> tuple[ir.Annotation, Routine]:
        """The decorator as one of the application's, and the code in which that is looked up; itself where it stands for none."""
        values = [value for value, is_item in self.objects.bindings(around).get(one.name, ()) if not is_item]
        at, value = around, values[0] if len(values) == 1 else None
        if value is None and one.name.rpartition(".")[2] in self.names:
            meant = self.program.meaning(one.name, around.module, around.owner)
            if isinstance(meant, Slot):
                at, value = self.objects.main(meant.module), meant.field.value
        parts = self._parts(value)
        if parts is None:
            return one, around
        method, given = parts
        said = {arg.name for arg in one.args}
        first, named = (arg for arg in given if arg.name is None), (arg for arg in given if arg.name and arg.name not in said)
        return replace(one, name=walk.dotted(method), args=(*first, *one.args, *named)), at

    def _parts(self, value: ir.Expr | None) -> tuple[ir.Member, tuple[ir.Argument, ...]] | None:
        """The method that a value is, and the arguments that it is given first."""
        given: tuple[ir.Argument, ...] = ()
        method = value
        if isinstance(value, ir.Call) and walk.called_name(value) == "partial" and value.args:
            method, given = value.args[0].value, value.args[1:]
        if not isinstance(method, ir.Member) or method.name not in self.methods or not walk.dotted(method.object):
            return None
        return method, given
