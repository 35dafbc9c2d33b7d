"""What do a Django project's settings say?"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.frameworks.python.reading.objects import Foreign, Made, Object, Objects
from apiposture.model import ir
from apiposture.program import constants, walk
from apiposture.program.types import Routine, Slot, Type


class Settings:
    """The settings modules of one program: those that name the installed apps, and what stands beside them."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.program = objects.program
        self.homes = [t for t in self.program.types if t.kind == "module" and "INSTALLED_APPS" in t.fields]
        folders = {t.package for t in self.homes}
        self.homes += [
            t for t in self.program.types
            if t.kind == "module" and t not in self.homes and t.package in folders
            and not t.fields.keys().isdisjoint(("REST_FRAMEWORK", "MIDDLEWARE", "ROOT_URLCONF"))
        ]  # fmt: skip
        for home in self.homes:  # and of those that it takes in, too
            self.homes += [one for one in self._taken_in(home) if one not in self.homes]

    def _taken_in(self, home: Type) -> Iterator[Type]:
        """The modules of the program whose names a settings module takes over: `from .rest import *`."""
        module = home.decls[0][1]
        for one in module.imports:
            found = self.program.imported(one.target, module) if one.kind == "package" and not one.shared else None
            if isinstance(found, Type) and found.kind == "module":
                yield found

    @property
    def known(self) -> bool:
        """Are there any?"""
        return bool(self.homes)

    def slots(self, name: str) -> Iterator[Slot]:
        """The setting, in each module that sets it."""
        return (home.fields[name] for home in self.homes if name in home.fields)

    def texts(self, name: str) -> Iterator[tuple[str, Routine, int]]:
        """The texts in a setting's list, each with the code and the place that it stands in."""
        for slot in self.slots(name):
            main = self.objects.main(slot.module)
            for value in values_of(self.objects, name, main):
                for node in walk.nodes(value):
                    if isinstance(node, ir.Literal) and isinstance(node.value, str):
                        yield node.value, main, node.span
                    elif isinstance(node, ir.Name) and node.id != name:
                        yield from self._behind(node.id, main)

    def _behind(self, name: str, main: Routine) -> Iterator[tuple[str, Routine, int]]:
        found = self.program.meaning(name, main.module)
        for node in walk.nodes(found.field.value) if isinstance(found, Slot) and found.field.value is not None else ():
            if isinstance(node, ir.Literal) and isinstance(node.value, str):
                yield node.value, main, node.span

    def entry(self, name: str, key: str) -> Iterator[tuple[ir.Expr, Routine]]:
        """What a setting that is a dictionary holds under a key."""
        for slot in self.slots(name):
            value = slot.field.value
            for item in value.items if isinstance(value, ir.Collection) and value.kind == "map" else ():
                if isinstance(item, ir.Collection) and len(item.items) == 2:
                    first, second = item.items
                    if isinstance(first, ir.Literal) and first.value == key:
                        yield second, self.objects.main(slot.module)

    def spelled(self, dotted: str, at: Routine) -> Object:
        """What a dotted text names."""
        found = self.program.imported(dotted, at.module)
        return Foreign(found) if isinstance(found, str) else found if not isinstance(found, Slot) else Foreign(dotted)

    def text(self, name: str) -> str | None:
        """A setting that is a text."""
        for slot in self.slots(name):
            found = constants.text(self.program, slot.field.value, slot.module)
            if found is not None:
                return found
        return None


def default_of(objects: Objects, call: ir.Call, routine: Routine) -> ir.Expr | None:
    """What is read from the environment, where the environment says nothing: by `os`, django-environ or python-decouple."""
    given = next((arg.value for arg in call.args if arg.name == "default"), None)
    key = call.args[0].value if call.args else None
    if not (isinstance(key, ir.Literal) and isinstance(key.value, str)):
        return None
    holder = call.function.object if isinstance(call.function, ir.Member) else call.function
    for one in (*objects.of(call.function, routine), *objects.of(holder, routine)):
        name = one.name if isinstance(one, Foreign | Made) else ""
        if name in ("os.getenv", "os.environ", "os.environ.get"):
            return given or walk.argument(call, 1) or ir.Literal(None, call.span)
        if name.startswith("decouple."):
            return given
        if name.startswith("environ.") and isinstance(one, Made):
            told = next((arg.value for arg in one.call.args if arg.name == key.value), None)
            return given or (told.items[1] if isinstance(told, ir.Collection) and len(told.items) == 2 else told)
    return None


def values_of(objects: Objects, name: str, main: Routine, switched: bool = False) -> list[ir.Expr]:
    """All that a module's code sets, adds or appends to a variable, in order; before it the tables that override entries of it, last first.

    Of those under a condition, which the deployment's settings decide, only where it is `switched`.
    """
    found: list[ir.Expr] = []
    for node in walk.nodes(main.function.body or ()):
        if isinstance(node, ir.Assign) and isinstance(node.target, ir.Name):
            found += [node.value] if node.target.id == name else []
        elif isinstance(node, ir.Declare):
            found += [node.value] if node.name == name and node.value is not None else []
        elif isinstance(node, ir.Call) and isinstance(node.function, ir.Member) and walk.dotted(node.function.object) == name:
            if node.function.name in ("append", "extend"):
                found += (arg.value for arg in node.args[:1])
            elif node.function.name == "insert":
                found += (arg.value for arg in node.args[1:2])
    return [*_overriding(name, main, switched), *found]


def _overriding(name: str, main: Routine, switched: bool) -> list[ir.Expr]:
    statements = tuple(one for one in main.function.body or () if switched or not isinstance(one, ir.If))
    calls = [call for call in walk.calls(statements) if walk.called_name(call) == "update"]
    return [call.args[0].value for call in calls[::-1] if call.args and walk.dotted(call.function) == f"{name}.update"]
