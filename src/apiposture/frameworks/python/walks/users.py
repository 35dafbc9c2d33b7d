"""What a view asks about its user, and which of its functions run before its method."""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.frameworks.python.asking.credentials import CALLER, CARRIERS
from apiposture.frameworks.python.reading.objects import Objects
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


def asks_in_vain(objects: Objects, view: Routine) -> bool:
    """Does a view ask whether there is a user at all: `if request.user is not None`? Guests are one too.

    https://docs.djangoproject.com/en/stable/ref/contrib/auth/#anonymoususer-object
    """
    tests = (node.condition for node in walk.nodes(view.function.body or ()) if isinstance(node, ir.If))
    return any(_is_always_true(objects, test, view) for test in tests)


def _is_always_true(objects: Objects, test: ir.Expr, view: Routine) -> bool:
    """Is it the user, or whether that is one? Or the opposite."""
    if isinstance(test, ir.Unary):
        return _is_always_true(objects, test.operand, view)
    if isinstance(test, ir.Binary) and test.operator in ("&&", "||"):
        return _is_always_true(objects, test.left, view) and _is_always_true(objects, test.right, view)
    if isinstance(test, ir.Binary) and isinstance(test.right, ir.Literal) and test.right.value is None:
        return _is_always_true(objects, test.left, view)
    bound = [value for value, _ in objects.bindings(view).get(test.id, ())] if isinstance(test, ir.Name) else [test]
    return any(isinstance(one, ir.Member) and one.name == "user" for one in bound)


MAX_DEPTH = 4


def speaks_of_caller(objects: Objects, routine: Routine, depth: int = 0) -> bool:
    """Does a function of a view, or one that it calls, look at who is calling, or at what a caller sends as a credential?"""
    if not CARRIERS.union(CALLER).isdisjoint(walk.uses(routine.function)):
        return True
    called = (one for call in walk.calls(routine.function.body or ()) for one in objects.of(call.function, routine)[:1])
    return depth < MAX_DEPTH and any(isinstance(one, Routine) and speaks_of_caller(objects, one, depth + 1) for one in called)


def run_in_turn(program: Program, view: Type, name: str) -> Iterator[Routine]:
    """The functions of that name that run for certain, one after the other: each where the one before hands on to its parent, and answers
    by no method of the view itself. Behind a library's view nothing runs any more: that hands on to nobody.
    """
    for one in _before_library_views(program, view):
        for routine in one.functions.get(name, ()):
            yield routine
            if not _hands_on(routine, name) or _answers(routine):
                return


def _before_library_views(program: Program, view: Type, below: tuple[Type, ...] = ()) -> list[Type]:
    found: dict[int, Type] = {id(view): view}
    for ref, module in view.bases:
        base = program.use(ref, module, view).decl
        if base is not None and base not in (*below, view):  # a class may seem to extend itself, by its name
            found.update((id(one), one) for one in _before_library_views(program, base, (*below, view)))
        elif base is not None:
            continue
        elif is_library_view(ref.name):
            break
    return list(found.values())


def _hands_on(routine: Routine, name: str) -> bool:
    calls = (call for call in walk.calls(routine.function.body or ()) if walk.called_name(call) == name)
    holders = (call.function.object for call in calls if isinstance(call.function, ir.Member))
    return any(isinstance(node, ir.Name) and node.id == "super" for holder in holders for node in walk.nodes(holder))


def _answers(routine: Routine) -> bool:
    methods = {f"this.{method}" for method in METHODS}
    return any(walk.dotted(call.function) in methods for call in walk.calls(routine.function.body or ()))


def is_library_view(name: str) -> bool:
    """Is a base that is not the project's a view, by its name? What stands behind it among the bases does not run before it."""
    return name.rpartition(".")[2].endswith(("View", "ViewSet"))
