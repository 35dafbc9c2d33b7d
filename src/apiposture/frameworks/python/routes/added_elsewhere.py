"""Which rules are added by what stands for an application's own function: another name of it, a `partial`, a route that is called?

Each is told as if the application's `add_url_rule` were called there. A use of that function that can't be followed is told as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from apiposture.frameworks.python.reading.objects import Objects
from apiposture.frameworks.python.reading.statements import set_by
from apiposture.frameworks.python.routes.prefixed import ADD
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine, Slot

VERBS = frozenset("get post put patch delete".split())
ROUTES = VERBS | {"route"}


class Alias(NamedTuple):
    """A name that stands for an application's `add_url_rule`, with what it is called with first; `home` is the code that sets it."""

    name: str
    function: ir.Member
    given: tuple[ir.Argument, ...]
    home: Routine


class AddedElsewhere:
    """Answers for one program."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.program = objects.program

    def all(self) -> Iterator[tuple[ir.Call, ir.Call, Routine]]:
        """The calls, each as it is written and as one of the application's own function, and the code that it stands in."""
        for alias in self._aliases():
            for caller, call in self.program.calling(alias.name):
                if isinstance(call.function, ir.Name) and self._is_meant(alias, caller):
                    yield call, _with_first(alias, call), caller
        for caller, _ in self._using(ROUTES):
            for call in walk.calls(caller.function.body or ()):
                if (told := as_adding(call)) is not None:
                    yield call, told, caller

    def unfollowed(self) -> Iterator[tuple[ir.Member, Routine]]:
        """The places where the function itself is handed on to somebody: nobody knows which rules are added there."""
        known = {id(alias.function) for alias in self._aliases()}
        for routine, members in self._using((ADD,)):
            called = {id(call.function) for call in walk.calls(routine.function.body or ())}
            yield from ((one, routine) for one in members if id(one) not in called and id(one) not in known)

    def _aliases(self) -> Iterator[Alias]:
        for routine, _ in self._using((ADD,)):
            for node in walk.nodes(routine.function.body or ()):
                name, value = set_by(node) if isinstance(node, ir.Eval | ir.Declare) else (None, None)
                given: tuple[ir.Argument, ...] = ()
                if isinstance(value, ir.Call) and walk.called_name(value) == "partial" and value.args:
                    given = value.args[1:]
                    value = value.args[0].value
                if name and isinstance(value, ir.Member) and value.name == ADD:
                    yield Alias(name, value, given, routine)

    def _using(self, names: frozenset[str] | tuple[str, ...]) -> Iterator[tuple[Routine, list[ir.Member]]]:
        """The code that speaks of members of these names, with them."""
        for routine in code_of(self.objects):
            if not frozenset(names).isdisjoint(walk.uses(routine.function)):
                found = [node for node in walk.nodes(routine.function.body or ()) if isinstance(node, ir.Member) and node.name in names]
                if found:
                    yield routine, found

    def _is_meant(self, alias: Alias, caller: Routine) -> bool:
        """Does the name stand for it there: in the code that sets it, or by the module that does?"""
        if caller.function is alias.home.function:
            return True
        meant = self.program.meaning(alias.name, caller.module, caller.owner)
        return isinstance(meant, Slot) and meant.module is alias.home.module and meant.owner.kind == "module"


def code_of(objects: Objects) -> Iterator[Routine]:
    """All code of a program, that of its modules as well."""
    for module in objects.program.modules:
        if module.explicit_names:
            yield objects.main(module)
    yield from (routine for routine in objects.program.routines if routine.module.explicit_names)


def _with_first(alias: Alias, call: ir.Call) -> ir.Call:
    told = {arg.name for arg in call.args if arg.name}
    first = tuple(arg for arg in alias.given if not arg.name)
    rest = tuple(arg for arg in alias.given if arg.name and arg.name not in told)
    return ir.Call(alias.function, (*first, *call.args, *rest), call.span)


def as_adding(call: ir.Call) -> ir.Call | None:
    """`app.route("/x", methods=["POST"])(view)` as the call that adds the same rule; None of all other calls."""
    route = call.function
    if not isinstance(route, ir.Call) or not isinstance(route.function, ir.Member) or route.function.name not in ROUTES or not call.args:
        return None
    verb = route.function.name.upper()
    method = ir.Collection("list", (ir.Literal(verb, route.span),), route.span)
    methods = (ir.Argument(method, "methods"),) if route.function.name in VERBS else ()
    first = (ir.Argument(one.value, "rule") for one in route.args[:1] if not one.name and not one.mode)
    rest = tuple(arg for i, arg in enumerate(route.args) if i or arg.name or arg.mode)
    adding = ir.Member(route.function.object, ADD, route.function.span, route.function.name_span)
    return ir.Call(adding, (*first, *rest, ir.Argument(call.args[0].value, "view_func"), *methods), call.span)
