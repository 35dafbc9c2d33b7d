"""What does a permission class of Django REST framework hold against the caller, and what the view's own `dispatch`?

Its `has_permission` is gone through as for a request to one view: the arguments of the URL are those that the view is called with, and what
the view's properties make of them. Where it may answer yes, the request is let through.
"""

from __future__ import annotations

from apiposture.frameworks.python.walks.chain import chain, landing
from apiposture.frameworks.python.walks.passages import Passage, Visitors
from apiposture.frameworks.python.walks.seen import NOTHING, REQUEST, UNKNOWN, Seen, Way, truth
from apiposture.frameworks.python.walks.users import METHODS
from apiposture.frameworks.python.walks.visits import ARGUMENTS, PASSED, REFUSED, SOMEBODY, Held, Site, Visit
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

MAX_DEPTH = 4


def held_by_permission(site: Site, asked: Routine, view: Type, visit: Visit) -> frozenset[Held]:
    """The arguments of the URL that are held against whoever is let through to the view."""
    params = [param.name for param in asked.function.params if not param.mode]
    if len(params) < 2:
        return frozenset()
    walker = _Permission(Visitors(site, visit, SOMEBODY), asked, 0)
    walker.run(asked.function.body or (), [Way({params[0]: REQUEST, params[1]: Seen("instance", view)})])
    return walker.held or frozenset()


class _Permission(Passage):
    """One walk through a function that answers whether the request is let through."""

    def _returns(self, statement: ir.Return, way: Way) -> None:
        value = statement.value
        seen = self.value(value, way.names) if value is not None else NOTHING
        if self.stopped is not None or seen == NOTHING or truth(seen) is False:
            return
        if value is not None:
            way.held |= self.settled(value, way.names, True)
        self.goes_on(way)

    def _of_holder(self, expr: ir.Member, holder: Seen, path: str) -> Seen:
        if holder.kind == "instance" and isinstance(holder.value, Type):
            return self._of_view(holder.value, expr.name)
        return super()._of_holder(expr, holder, path)

    def _of_view(self, view: Type, name: str) -> Seen:
        if name == "kwargs":
            return ARGUMENTS
        slot = self.guests.program.slot(view, name)
        if slot is not None and slot.field.getter is not None and self.depth < MAX_DEPTH:
            inner = _Getter(self.visitors, Routine(slot.field.getter, view, slot.module), self.depth + 1)
            inner.run(slot.field.getter.body or (), [Way({})])
            found = set(inner.answers)
            return found.pop() if len(found) == 1 else UNKNOWN
        return self._of_object(view, name)


class _Getter(Passage):
    """One walk through a property of the view, whose own members are the request and what the URL holds."""

    def _member(self, expr: ir.Member, way: dict[str, Seen]) -> Seen:
        if isinstance(expr.object, ir.Name) and expr.object.id == "this" and expr.name in ("kwargs", "request"):
            return ARGUMENTS if expr.name == "kwargs" else REQUEST
        return super()._member(expr, way)


class OfViews(Visitors):
    """Answers for what the functions of one view do before its method runs; `view` is the class that is served, whoever declares them."""

    def __init__(
        self, site: Site, visit: Visit, caller: Seen, view: Type, until: int = -1, switched: bool = False, bare: bool = False
    ) -> None:
        super().__init__(site, visit, caller, METHODS, switched, bare)
        self.served = view
        self.links = chain(site.objects.program, view)
        self.until = until
        """The place among the view's classes at which guests are refused who come to it."""
        self.kind = (*self.kind, id(view), until)

    def walk(self, routine: Routine, depth: int) -> Passage:
        self.looked = True
        return _OfView(self, of_view(routine, self.served, self.program), depth)


def of_view(routine: Routine, view: Type, program: Program) -> Routine:
    """A function that a view inherits, as one of its own."""
    inherited = routine.owner is not None and routine.owner is not view and any(one is routine.owner for one in program.lineage(view))
    return Routine(routine.function, view, routine.module) if inherited else routine


class _OfView(_Getter):
    """One walk through a function of the view that runs before its method. Django's mixins refuse by `handle_no_permission`.

    https://docs.djangoproject.com/en/stable/topics/auth/default/#django.contrib.auth.mixins.AccessMixin
    """

    def __init__(self, views: OfViews, routine: Routine, depth: int) -> None:
        super().__init__(views, routine, depth)
        self.views = views

    def _applied(self, call: ir.Call, holder: Seen | None, given: list[Seen], way: dict[str, Seen]) -> Seen:
        lands = landing(self.visitors.program, self.views.links, call, self.routine) if walk.called_name(call) == "dispatch" else None
        if lands is None:
            return super()._applied(call, holder, given, way)
        self.stopped = PASSED
        if lands <= self.views.until:
            self.stopped = REFUSED
            self.answers.append(REFUSED)  # an answer may be what refuses, which nothing catches
        return UNKNOWN

    def _returns(self, statement: ir.Return, way: Way) -> None:
        if self.depth == 0 and self.routine.function.name == "setup":
            self.goes_on(way)  # nobody looks at what it returns
            return
        refuses = isinstance(statement.value, ir.Call) and walk.called_name(statement.value) == "handle_no_permission"
        before = len(self.answers)
        super()._returns(statement, way)
        if self.depth == 0 and refuses and len(self.answers) > before:
            self.answers[before:] = [REFUSED]
