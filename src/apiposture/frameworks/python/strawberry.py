"""Which operations does a GraphQL schema of Strawberry have?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apiposture.frameworks.python._graphql import Graph, Operation, camel
from apiposture.frameworks.python.asking.guards import Guard
from apiposture.frameworks.python.of_django.permissions import Permissions
from apiposture.frameworks.python.reading.django_settings import Settings
from apiposture.frameworks.python.reading.imports import imports_any
from apiposture.frameworks.python.reading.lists import Written, items
from apiposture.frameworks.python.reading.objects import Foreign, Made, Object, Objects, functions_of
from apiposture.frameworks.python.walks.guests import Guests
from apiposture.frameworks.python.walks.seen import INFO, UNKNOWN
from apiposture.frameworks.routing import Entry
from apiposture.model import ir
from apiposture.model.facts import Need
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program, constants, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Slot, Type

NAME = "Strawberry"

PACKAGES = ("strawberry", "strawberry_django")
FIELDS = frozenset("field mutation subscription input_mutation connection offset_paginated node create update delete".split())
ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
ASKS = {
    "IsAuthenticated": (), "IsStaff": (Need("role", "staff"),), "IsSuperuser": (Need("role", "superuser"),),
    "HasPerm": (Need("permission", "of the field"),), "HasSourcePerm": (Need("permission", "of the object"),),
    "HasRetvalPerm": (Need("permission", "of the object"),),
}  # fmt: skip
"""Extensions of strawberry-django that refuse: https://strawberry.rocks/docs/django/guide/permissions"""


def recognised(program: Program) -> bool:
    """Does any file import the library?"""
    return imports_any(program, PACKAGES)


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The fields of the root types of all schemas."""
    reader = _Reader(program)
    yield from reader.graph.entries(NAME, reader.operations())


class _Reader:
    """What is known of one program's schemas."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.objects = Objects(program)
        self.graph = Graph(self.objects)
        self.permissions = Permissions(self.objects, Settings(self.objects))

    def operations(self) -> Iterator[Operation]:
        """The root fields of all schemas, in the order of the files."""
        for caller, call in self.program.calling("Schema", "FederationSchema"):
            if caller.module.explicit_names:
                for position, (name, root) in enumerate(ROOTS.items()):
                    given = walk.argument(call, position, name)
                    for declared in self._types(given, caller) if given is not None else ():
                        yield from self._of_type(declared, root)

    def _types(self, expr: ir.Expr, routine: Routine) -> Iterator[Type]:
        """The root type, or the types that one is put together from."""
        found = self.objects.of(expr, routine)
        for one in found:
            if isinstance(one, Type):
                yield one
            elif isinstance(one, Made) and one.name.rpartition(".")[2] in ("merge_types", "create_type"):
                for item, at in items(self.objects, walk.argument(one.call, 1, "types"), one.routine):
                    yield from self._types(item, at)

    def _of_type(self, declared: Type, root: str) -> Iterator[Operation]:
        for one in self.program.lineage(declared):
            for name, routines in one.functions.items():
                for routine in routines[-1:]:
                    annotation = next((a for a in routine.function.annotations if self._is_field(a.name, routine)), None)
                    if annotation is not None:
                        outside = self.objects.outside(routine)
                        guards = (*self._guards(annotation.args, outside, routine.name), *self._above(routine))
                        where = place(routine.module, routine.function.name_span)
                        yield Operation(root, self._name(name, annotation.args, outside), where, routine, guards)
            for slot in one.fields.values():
                yield from self._of_slot(slot, root)

    def _of_slot(self, slot: Slot, root: str) -> Iterator[Operation]:
        """`orders: list[Order] = strawberry.field(resolver=find_orders)`."""
        call = slot.field.value
        main = self.objects.main(slot.module)
        if not isinstance(call, ir.Call) or not self._is_field(walk.dotted(call.function), main):
            return
        given = next((arg.value for arg in call.args if arg.name == "resolver"), None)
        resolver = next((one for one in self.objects.of(given, main) if isinstance(one, Routine)), None)
        guards = self._guards(call.args, main, f"{slot.owner.simple}.{slot.field.name}")
        where = place(slot.module, slot.field.span)
        yield Operation(root, self._name(slot.field.name, call.args, main), where, resolver, tuple(guards))

    def _is_field(self, name: str, routine: Routine) -> bool:
        if name.rpartition(".")[2] not in FIELDS:
            return False
        meant = self.program.meaning(name, routine.module)
        return isinstance(meant, str) and meant.partition(".")[0] in PACKAGES

    def _name(self, name: str, args: Sequence[ir.Argument], routine: Routine) -> str:
        given = next((arg.value for arg in args if arg.name == "name"), None)
        return (constants.text(self.program, given, routine.module) if given is not None else None) or camel(name)

    # -- permissions ---------------------------------------------------------------------------------------------------

    def _above(self, routine: Routine) -> Iterator[Guard]:
        yield from self.graph.handlers.above(routine, FIELDS)

    def _guards(self, args: Sequence[ir.Argument], routine: Routine, scope: str) -> Iterator[Guard]:
        for name in ("permission_classes", "extensions", "directives"):
            given = next((arg.value for arg in args if arg.name == name), None)
            for written in items(self.objects, given, routine):
                yield from self._guard(written, scope, name)

    def _guard(self, written: Written, scope: str, said: str) -> Iterator[Guard]:
        """What one permission asks, as a class or as an object."""
        expr, routine = written
        text = walk.dotted(expr) or (walk.called_name(expr) if isinstance(expr, ir.Call) else "") or "permission"
        one = next(iter(self.objects.of(expr, routine)), None)
        if isinstance(one, Made) and one.name.rpartition(".")[2] == "PermissionExtension":
            for inner in items(self.objects, walk.argument(one.call, 0, "permissions"), one.routine):
                yield from self._guard(inner, scope, "permission_classes")
            return
        effect, needs = self._asked(one, said)
        if effect != "nothing":
            why = f"what '{text}' answers depends on more than the caller" if effect == "unknown" else ""
            yield Guard(effect, "endpoint", scope, place(routine.module, expr.span), text, why, needs)

    def _asked(self, one: Object | None, said: str) -> tuple[str, tuple[Need, ...]]:
        declared = one.declared if isinstance(one, Made) else one if isinstance(one, Type) else None
        if declared is not None:
            test = next((r for r in functions_of(self.program, declared, "has_permission") if r.function.has_body), None)
            if test is None:
                return "nothing" if said != "permission_classes" else "unknown", ()
            passes = Guests(self.objects, "*").passes(test, (UNKNOWN, INFO))
            needs = tuple(dict.fromkeys(self.permissions.rights(test)))
            return ("nothing" if passes else "unknown" if passes is None else "asks"), needs
        name = one.name.rpartition(".")[2] if isinstance(one, Made | Foreign) else ""
        if name in ASKS and said == "extensions":
            return "asks", ASKS[name]
        return ("unknown", ()) if said == "permission_classes" else ("nothing", ())
