"""Which rules does a decorator of the project's own add for what it is put on: `@page("/orders")`?

It is gone through with what it is told, and with the function that it is put on; nothing is run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from apiposture.frameworks.python.reading.objects import Objects, as_expr, nested
from apiposture.frameworks.python.reading.rounds import Rounds
from apiposture.frameworks.python.routes.added_elsewhere import ROUTES, as_adding
from apiposture.frameworks.python.routes.prefixed import ADD
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine


class Adding(NamedTuple):
    """A decorator that adds a rule: the function that is told its arguments (None where it has none), the one that is put on a view, and
    the call in that which adds, as it is written and as one of the application's own function.
    """

    told: Routine | None
    put_on: Routine
    written: ir.Call
    call: ir.Call


class Decorated(NamedTuple):
    """A rule that is added for a view, spelled as the decorator's arguments make it, and the decorators around and below the view. `view`
    is None where what is served can't be told. `at` is the code of the decorator, `of` that of the view.
    """

    call: ir.Call
    view: Routine | None
    around: tuple[ir.Expr, ...]
    below: tuple[ir.Annotation, ...]
    at: Routine
    of: Routine


class AddingDecorators:
    """Answers for one program."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.rounds = Rounds(objects, (ADD, *ROUTES))
        self.known: dict[int, list[Adding]] = {}
        """By the function that is written as a decorator."""
        for routine in objects.program.routines:
            if routine.module.explicit_names and not frozenset((ADD, *ROUTES)).isdisjoint(walk.uses(routine.function)):
                for one in self._in(routine):
                    self.known.setdefault(id((one.told or one.put_on).function), []).append(one)
        self._inside = {id(one.written) for each in self.known.values() for one in each}

    def is_inside(self, call: ir.Call) -> bool:
        """Is it the call of such a decorator, which adds what it is put on?"""
        return id(call) in self._inside

    def all(self, outside: Iterable[tuple[Routine, Routine]]) -> Iterator[Decorated]:
        """What is added for the functions that these decorators are put on: each function, and the code around it."""
        for view, around in outside:
            for number, one in enumerate(view.function.annotations):
                for found in self.objects.of(as_expr(one.name, one.span), around) if one.name and self.known else ():
                    for adding in self.known.get(id(found.function), ()) if isinstance(found, Routine) else ():
                        yield from self._for(adding, one, view, around, view.function.annotations[number + 1 :])

    def _in(self, routine: Routine) -> Iterator[Adding]:
        """The decorators that a function is, or makes."""
        for told, put_on in ((None, routine), *((routine, inner) for inner in nested(routine))):
            param = put_on.function.params[0].name if put_on.function.params else ""
            if told is not None and all(walk.dotted(value) != put_on.function.name for value in walk.returned(routine.function)):
                continue
            for written in _calls(put_on):
                call = written if walk.called_name(written) == ADD else as_adding(written)
                view = walk.argument(call, 2, "view_func") if call is not None else None
                if call is not None and param and param in self._behind(view, put_on):
                    yield Adding(told, put_on, written, call)

    def _behind(self, expr: ir.Expr | None, routine: Routine) -> set[str]:
        """The names that an expression is made of, and those that these are set to."""
        named = {node.id for node in walk.nodes((expr,)) if isinstance(node, ir.Name)} if expr is not None else set()
        bound = (value for name in named for value, is_item in self.objects.bindings(routine).get(name, ()) if not is_item)
        return named | {node.id for value in bound for node in walk.nodes((value,)) if isinstance(node, ir.Name)}

    def _for(
        self, adding: Adding, said: ir.Annotation, view: Routine, around: Routine, below: tuple[ir.Annotation, ...]
    ) -> Iterator[Decorated]:
        at = _together(adding)
        put_on = ir.Name(view.function.name, said.span)
        given: dict[str, ir.Expr] = {adding.put_on.function.params[0].name: put_on}
        if adding.told is not None:
            given |= _told(adding.told.function, said)
        asked = adding.written if adding.written is adding.call else adding.written.function
        for once in self.rounds.handed(asked, at, given, around, True) if isinstance(asked, ir.Call) else ():
            call = self.rounds.spelled(adding.call, once, at)
            whole = walk.argument(call, 2, "view_func")
            decorators: list[ir.Expr] = []
            while isinstance(whole, ir.Call) and whole.args:
                decorators.append(whole.function)
                whole = whole.args[0].value
            served = view if isinstance(whole, ir.Name) and whole.id == put_on.id else None
            yield Decorated(call, served, tuple(decorators), below, at, around)


def _calls(routine: Routine) -> Iterator[ir.Call]:
    """The calls of a function, but for those in functions that it makes."""
    inside = {id(call) for one in nested(routine) for call in walk.calls(one.function.body or ())}
    return (call for call in walk.calls(routine.function.body or ()) if id(call) not in inside)


def _told(function: ir.Function, said: ir.Annotation) -> dict[str, ir.Expr]:
    """What each parameter is told by a decorator's arguments; what is told beyond them is a mapping."""
    found: dict[str, ir.Expr] = {}
    names = {param.name for param in function.params}
    for number, param in enumerate(function.params):
        value = walk.argument(said, number, param.name) if not param.mode else None
        if param.mode == "rest-map":
            more = (arg for arg in said.args if arg.name and arg.name not in names)
            pairs = (ir.Collection("tuple", (ir.Literal(arg.name, said.span), arg.value), said.span) for arg in more)
            value = ir.Collection("map", tuple(pairs), said.span)
        value = value if value is not None else param.default
        if value is not None:
            found[param.name] = value
    return found


def _together(adding: Adding) -> Routine:
    """The function that is told the arguments and the one that is put on a view, one after the other."""
    inner = adding.put_on
    if adding.told is None:
        return inner
    first = [one for one in adding.told.function.body or () if not isinstance(one, ir.Return) and not _declares(one, inner)]
    body = (*first, *(inner.function.body or ()))
    params = (*adding.told.function.params, *inner.function.params)
    span = inner.function.name_span
    function = ir.Function(inner.function.name, params, None, body, (), (), (), inner.function.span, span)
    return Routine(function, adding.told.owner, adding.told.module)


def _declares(statement: ir.Stmt, inner: Routine) -> bool:
    return any(isinstance(node, ir.Lambda) and node.function is inner.function for node in walk.nodes(statement))
