"""Which operations does a GraphQL schema of Ariadne have?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apiposture.frameworks.python._graphql import ROOTS, Graph, Operation
from apiposture.frameworks.python.reading.imports import imports_any
from apiposture.frameworks.python.reading.objects import Made, Objects, as_expr, nested
from apiposture.frameworks.routing import Entry
from apiposture.model import ir
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program, constants, walk
from apiposture.program.places import place
from apiposture.program.types import Routine

NAME = "Ariadne"

TYPES = {"QueryType": "Query", "MutationType": "Mutation", "SubscriptionType": "Subscription"}


def recognised(program: Program) -> bool:
    """Does any file import the library?"""
    return imports_any(program, ("ariadne",))


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The fields of root types for which a resolver is set."""
    reader = _Reader(program)
    yield from reader.graph.entries(NAME, reader.operations())


class _Reader:
    """What is known of one program's schemas."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.objects = Objects(program)
        self.graph = Graph(self.objects)

    def operations(self) -> Iterator[Operation]:
        """The resolvers of root fields, by decorators and by calls."""
        for routine in self.program.routines:
            if routine.module.explicit_names and "field" in routine.module.calls:
                yield from self._decorated(routine, self.objects.outside(routine))
                for inner in nested(routine):
                    yield from self._decorated(inner, routine)
        for caller, call in self.program.calling("set_field"):
            if isinstance(call.function, ir.Member) and len(call.args) > 1:
                for root in self._roots(call.function.object, caller):
                    for resolver in self.objects.of(call.args[1].value, caller):
                        if isinstance(resolver, Routine):
                            yield from self._operation(root, call.args[0].value, resolver, caller)

    def _decorated(self, routine: Routine, outside: Routine) -> Iterator[Operation]:
        """`@query.field("order")`."""
        for one in routine.function.annotations:
            holder, _, last = one.name.rpartition(".")
            if holder and last in ("field", "source"):
                for root in self._roots(as_expr(holder, one.span), outside):
                    yield from self._operation(root, walk.argument(one, 0, "name"), routine, outside)

    def _roots(self, expr: ir.Expr, routine: Routine) -> Iterator[str]:
        for made in self.objects.of(expr, routine):
            if isinstance(made, Made) and made.name.startswith("ariadne."):
                simple = made.name.rpartition(".")[2]
                given = constants.text(self.program, walk.argument(made.call, 0, "name"), made.routine.module) if made.call.args else None
                root = TYPES.get(simple, given if simple == "ObjectType" else None)
                if root in ROOTS:
                    yield root

    def _operation(self, root: str, name: ir.Expr | None, resolver: Routine, routine: Routine) -> Iterator[Operation]:
        text = constants.text(self.program, name, routine.module, routine.owner)
        if text is not None:
            guards = tuple(self.graph.handlers.above(resolver, {"field", "source"}))
            yield Operation(root, text, place(resolver.module, resolver.function.name_span), resolver, guards)
