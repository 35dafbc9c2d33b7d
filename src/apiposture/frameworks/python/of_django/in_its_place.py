"""Which function answers in a view's place: `def upvote(request): return vote(request, 1)`?"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from apiposture.frameworks.python.of_django.views import Served
from apiposture.frameworks.python.reading.objects import Objects
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine, Type

MAX_STEPS = 3


def answering(objects: Objects, view: Routine | None) -> Iterator[Routine]:
    """The view, and the function of the program's own that it only hands the request on to: what stands before that stands before it."""
    for _ in range(MAX_STEPS):
        if view is None:
            return
        yield view
        view = _handed_on_to(objects, view)


def view_behind(objects: Objects, view: Routine) -> Type | None:
    """The view of the program's own that answers: `return Orders.as_view()(request)`."""
    last = list(answering(objects, view))[-1]
    call = _handing_on(last)
    made = call.function if call is not None else None
    if not isinstance(made, ir.Call) or walk.called_name(made) != "as_view" or not isinstance(made.function, ir.Member):
        return None
    found = [one for one in objects.of(made.function.object, last) if isinstance(one, Type)]
    return found[0] if len(found) == 1 else None


def with_view_behind(objects: Objects, served: Served) -> Served:
    """What is served, with the view that answers as its owner where a function only hands the request on to one."""
    behind = view_behind(objects, served.handler) if served.owner is None and served.handler is not None else None
    return served if behind is None else replace(served, owner=behind)


def _handed_on_to(objects: Objects, view: Routine) -> Routine | None:
    call = _handing_on(view)
    if call is None:
        return None
    found = [one for one in objects.of(call.function, view) if isinstance(one, Routine) and one is not view]
    return found[0] if len(found) == 1 else None


def _handing_on(view: Routine) -> ir.Call | None:
    """The call that is all that a function does, which is given its request."""
    if (view.owner is not None and view.owner.kind != "module") or not view.function.params:
        return None
    done = [one for one in view.function.body or () if not (isinstance(one, ir.Eval) and isinstance(one.value, ir.Literal))]
    call = done[0].value if len(done) == 1 and isinstance(done[0], ir.Return) else None
    handed = isinstance(call, ir.Call) and bool(call.args) and walk.dotted(call.args[0].value) == view.function.params[0].name
    return call if isinstance(call, ir.Call) and handed else None
