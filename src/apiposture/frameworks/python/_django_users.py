"""What a view asks about its user."""

from __future__ import annotations

from apiposture.frameworks.python._credentials import CALLER, CARRIERS
from apiposture.frameworks.python._objects import Objects
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine


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
