"""Which operations does a GraphQL schema of Graphene have?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apiposture.frameworks.python._graphql import Graph, Operation, camel
from apiposture.frameworks.python.reading.imports import imports_any
from apiposture.frameworks.python.reading.objects import Objects
from apiposture.frameworks.routing import Entry
from apiposture.model import ir
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program, constants, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Slot, Type

NAME = "Graphene"

PACKAGES = ("graphene", "graphene_django")
ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
MUTATES = ("mutate", "mutate_and_get_payload", "perform_mutation")
SCALARS = {"Int": "int", "Float": "double", "Boolean": "bool", "UUID": "UUID", "Decimal": "Decimal", "Date": "date", "DateTime": "datetime"}


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

    def operations(self) -> Iterator[Operation]:
        """The root fields of all schemas, in the order of the files."""
        for caller, call in self.program.calling("Schema"):
            if caller.module.explicit_names:
                for position, (name, root) in enumerate(ROOTS.items()):
                    for declared in self.objects.of(walk.argument(call, position, name), caller):
                        if isinstance(declared, Type):
                            for slot in self.program.slots(declared):
                                yield from self._of_slot(slot, declared, root)

    def _of_slot(self, slot: Slot, declared: Type, root: str) -> Iterator[Operation]:
        """`order = graphene.Field(Order, id=graphene.Int())` with `resolve_order`, or `create = CreateOrder.Field()`."""
        call = slot.field.value
        main = self.objects.main(slot.module)
        if not isinstance(call, ir.Call):
            return
        types = dict(self._types(call.args))
        mutation = self._mutation(call, main)
        if mutation is not None:
            resolver = next((r for name in MUTATES for r in self.program.methods(mutation, name)[:1]), None)
            types |= dict(self._arguments(mutation))
        else:
            given = next((arg.value for arg in call.args if arg.name == "resolver"), None)
            resolver = next((one for one in self.objects.of(given, main) if isinstance(one, Routine)), None)
            resolver = resolver or next(iter(self.program.methods(declared, f"resolve_{slot.field.name}")), None)
        at = resolver.function.name_span if resolver is not None else slot.field.span
        where = place(resolver.module if resolver is not None else slot.module, at)
        guards = tuple(self.graph.handlers.above(resolver)) if resolver is not None else ()
        yield Operation(root, self._name(slot, call), where, resolver, guards, types)

    def _mutation(self, call: ir.Call, main: Routine) -> Type | None:
        """The class behind `CreateOrder.Field()`."""
        function = call.function
        if not isinstance(function, ir.Member) or function.name != "Field":
            return None
        return next((one for one in self.objects.of(function.object, main) if isinstance(one, Type)), None)

    def _arguments(self, mutation: Type) -> Iterator[tuple[str, str]]:
        """The scalars in the class `Arguments` (or `Input`) inside a mutation."""
        for inner in self.program.types:
            if inner.qualified in (f"{mutation.qualified}.Arguments", f"{mutation.qualified}.Input"):
                for slot in inner.fields.values():
                    kind = _scalar(slot.field.value)
                    if kind:
                        yield slot.field.name, kind

    def _types(self, args: Sequence[ir.Argument]) -> Iterator[tuple[str, str]]:
        for arg in args:
            kind = _scalar(arg.value)
            if arg.name and kind:
                yield arg.name, kind

    def _name(self, slot: Slot, call: ir.Call) -> str:
        given = next((arg.value for arg in call.args if arg.name == "name"), None)
        return (constants.text(self.program, given, slot.module) if given is not None else None) or camel(slot.field.name)


def _scalar(expr: ir.Expr | None) -> str:
    """The type that an argument is declared with: `graphene.Int(required=True)`."""
    return SCALARS.get(walk.called_name(expr), "") if isinstance(expr, ir.Call) else ""
