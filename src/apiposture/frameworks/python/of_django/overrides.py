"""Are the permissions of a REST view asked at all, by what it makes of `dispatch`, `initial` and `check_permissions`?

https://www.django-rest-framework.org/api-guide/views/#dispatch-methods
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apiposture.frameworks.python.asking.bodies import judge
from apiposture.frameworks.python.asking.guards import Guard
from apiposture.frameworks.python.reading.objects import Objects
from apiposture.frameworks.python.walks.asked_of_views import of_view
from apiposture.frameworks.python.walks.handing_on import hands_on
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

STEPS = (("dispatch", ("initial",)), ("initial", ("check_permissions",)), ("check_permissions", ()), ("permission_denied", ()))
"""What is called one after the other, and which functions of the view it may call instead of what it overrides."""

RUN = ("dispatch", "setup", "test_func", "has_permission", "get_permission_required", "get_test_func")
"""What runs before a view's method."""

OF_LISTS = frozenset(("permission_classes", "authentication_classes"))
"""Attributes that are read where they are set."""


def asked(objects: Objects, view: Type, method: str, guards: Sequence[Guard]) -> Iterator[Guard]:
    """What of the permissions' guards holds for a view, and what its own code asks in their place."""
    certain, routine = _hands_on(objects, view, method)
    if routine is None or certain is True:
        yield from guards
        return
    own = judge(objects, of_view(routine, view, objects.program), frozenset(), frozenset(p.name for p in routine.function.params[:1]))
    name, where = routine.function.name, place(routine.module, routine.function.name_span)
    level = "type" if routine.owner is view else "base"
    why = f"'{name}' may go round the permissions of '{view.simple}'"
    if own.authenticates and name != "permission_denied":
        yield Guard("asks", level, view.simple, where, name, "it is asked in place of the permissions", own.needs)
    elif own.depends or (certain is None and any(guard.effect == "asks" for guard in guards)):
        yield Guard("unknown", level, view.simple, where, name, why)


def _hands_on(objects: Objects, view: Type, method: str) -> tuple[bool | None, Routine | None]:
    """Do the view's own functions come to where its permissions are asked? And the one of them that doesn't, or not always."""
    unsure: Routine | None = None
    for name, own in STEPS:
        for routine in objects.program.methods(view, name):
            certain = hands_on(routine, name, own, method, answers=name == "dispatch") if routine.function.body is not None else True
            if certain is False:
                return False, routine
            unsure = unsure or (routine if certain is None else None)
    return (None if unsure is not None else True), unsure


def held_still(objects: Objects, view: Type, given: Sequence[ir.Argument], guards: Iterator[Guard]) -> Iterator[Guard]:
    """What of a view's guards holds where a path sets its attributes anew: `as_view(login_optional=True)`. What code asks that looks at one
    of them can't be told.
    """
    names = {arg.name for arg in given if arg.name} - OF_LISTS
    for guard in guards:
        changed = sorted(names & _looked_at(objects, view, guard)) if names and guard.effect == "asks" else []
        if changed:
            why = f"'{guard.text}' depends on '{changed[0]}', which the path sets"
            yield Guard("unknown", guard.level, guard.scope, guard.place, guard.text, why)
        else:
            yield guard


def _looked_at(objects: Objects, view: Type, guard: Guard) -> set[str]:
    """The names in the view's functions that a guard is named after, and what Django's mixin looks at."""
    functions = (one for name in RUN if name in guard.text for one in objects.program.methods(view, name))
    of_mixin = {"permission_required"} if guard.text == "PermissionRequiredMixin" else set[str]()
    return of_mixin.union(*(walk.uses(one.function) for one in functions))
