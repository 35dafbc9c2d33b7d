"""What runs of the project's own decorators before the function that they are put on?

`@owner_of(Order)`: the function that it puts in the place of the decorated one is run up to where it calls that, as for a request to the
endpoint at hand. What it holds against the caller by then, holds for what the route names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import partial

import msgspec

from apiposture.frameworks.python.asking.decorators import makers_of
from apiposture.frameworks.python.reading.objects import Objects, as_expr, nested, texts_of
from apiposture.frameworks.python.routes.class_views import Around
from apiposture.frameworks.python.walks.until import up_to
from apiposture.frameworks.routing import Held, Supply
from apiposture.model import ir
from apiposture.model.facts import Binding
from apiposture.program import walk
from apiposture.program.types import Routine


class Decorated:
    """Answers for one program."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self._made: dict[tuple[int, int], Routine | None] = {}

    def before(self, around: Around, route: Collection[str]) -> Iterator[Supply]:
        """What runs of one decorator before an endpoint whose route has these parameters."""
        found = self.objects.of(as_expr(around.name, around.span), around.routine)[:1] if around.name else []
        for one in found:
            made = self._written_out(one, around) if isinstance(one, Routine) else None
            if made is not None:
                params = made.function.params
                if not _reads(made.function, route):
                    continue
                bindings = tuple(Binding(p.name, "route" if p.mode == "rest-map" or p.name in route else "unknown") for p in params)
                yield Supply("", made, bindings)

    def unseen(self, around: Around, route: Collection[str]) -> Iterator[Held]:
        """What one decorator of the program's own may hold against the caller that another one made, which is told by what name the route
        has it: how they work together is not seen.
        """
        named = [name for name in texts_of(around.args) if name in route]
        for one in self.objects.of(as_expr(around.name, around.span), around.routine)[:1] if named else ():
            if isinstance(one, Routine) and any(makers_of(self.objects, one)) and self._written_out(one, around) is None:
                yield from (Held(Binding(name, "route"), around.routine.module, around.span, True) for name in named)

    def of_handler(self, around: Around, handler: Routine, bindings: Sequence[Binding], supplies: Sequence[Supply]) -> Iterator[Supply]:
        """The same where the framework calls what stands around the handler with all that the handler asks for, by its names."""
        for step in self.before(around, [param.name for param in handler.function.params]):
            if step.routine is None:
                continue
            made = _with_parameters_of(handler, step.routine)
            names = {param.name for param in made.function.params}
            given = tuple(one for one in supplies if one.name in names)
            yield Supply("", made, tuple(one for one in bindings if one.name in names), given)

    def _written_out(self, decorator: Routine, around: Around) -> Routine | None:
        key = (id(decorator.function), around.span)
        if key not in self._made:
            self._made[key] = self._up_to_the_view(decorator, around)
        return self._made[key]

    def _up_to_the_view(self, decorator: Routine, around: Around) -> Routine | None:
        """The function that is put in the view's place, up to where it calls that; None where it isn't told which one does."""
        for wrapper in nested(decorator):
            outer = self.objects.around(wrapper)
            handed = {p.name for p in outer.params if not p.mode} if outer is not None else set[str]()
            views = handed - {p.name for p in wrapper.function.params}
            body = wrapper.function.body or ()
            if any(walk.dotted(call.function) in views for call in walk.calls(body)):
                told = tuple(self._told(decorator, around)) if outer is not decorator.function else ()
                rest = up_to(body, partial(_is_of, views))
                function = wrapper.function
                made = ir.Function(function.name, function.params, None, (*told, *rest), (), (), (), function.span, function.name_span)
                return Routine(made, wrapper.owner, wrapper.module)
        return None

    def _told(self, decorator: Routine, around: Around) -> Iterator[ir.Stmt]:
        """What the decorator was written with, by the names of its parameters, where that means the same there."""
        written = ir.Call(ir.Name(around.name, around.span), around.args, around.span)
        for number, param in enumerate(decorator.function.params):
            given = walk.argument(written, number, param.name) if not param.mode else None
            value = given if given is not None else param.default
            if isinstance(value, ir.Literal) or (isinstance(value, ir.Name | ir.Member) and self._is_same(value, decorator, around)):
                yield ir.Declare(param.name, None, value, around.span)

    def _is_same(self, value: ir.Expr, decorator: Routine, around: Around) -> bool:
        program, name, at = self.objects.program, walk.dotted(value), around.routine
        if decorator.module is at.module:
            return True
        meant = program.meaning(name, at.module, at.owner) if name else None
        return meant is not None and program.meaning(name, decorator.module, decorator.owner) is meant


def _reads(function: ir.Function, route: Collection[str]) -> bool:
    """Does it look at what the route names, that it is given or reads from the request? One that only asks for a login does not."""
    named = {param.name for param in function.params if param.mode == "rest-map" or (not param.mode and param.name in route)}
    nodes = walk.nodes(function.body or ())
    return any(node.id in named if type(node) is ir.Name else type(node) is ir.Member and node.name == "view_args" for node in nodes)


def _is_of(functions: Collection[str], call: ir.Call) -> bool:
    return walk.dotted(call.function) in functions


def _with_parameters_of(handler: Routine, step: Routine) -> Routine:
    """A step that takes by name what it takes altogether: `**kwargs`, with which it is called as the handler would be."""
    own = tuple(param for param in step.function.params if not param.mode)
    rest = next((param for param in step.function.params if param.mode == "rest-map"), None)
    if rest is None:
        return step
    taken = {param.name for param in own}
    more = [param for param in handler.function.params if param.name not in taken and not param.mode]
    if handler.module is not step.module:
        more = [msgspec.structs.replace(param, type=None, default=None, annotations=()) for param in more]
    span = rest.span
    pairs = tuple(ir.Collection("tuple", (ir.Literal(one.name, span), ir.Name(one.name, span)), span) for one in more)
    body = (ir.Declare(rest.name, None, ir.Collection("map", pairs, span), span), *(step.function.body or ()))
    made = msgspec.structs.replace(step.function, params=(*own, *more), body=body)
    return Routine(made, step.owner, step.module)
