"""Which arguments of the URL do a view's decorators and permission classes hold against the caller?"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.frameworks.python.of_django.guards import DjangoGuards, is_for_methods
from apiposture.frameworks.python.of_django.views import Served
from apiposture.frameworks.python.reading.objects import as_expr
from apiposture.frameworks.python.walks.visits import Visit
from apiposture.frameworks.routing import Held
from apiposture.program.types import Routine, Type


class HeldBefore:
    """Answers for one program."""

    def __init__(self, guards: DjangoGuards) -> None:
        self.guards = guards
        self.middleware = guards.middleware
        self.objects = guards.objects

    def of(self, served: Served) -> Iterator[Held]:
        """What is held against the caller before the view runs."""
        visit = self.middleware.visit(served)
        yield from self.middleware.held(visit)
        if visit.arguments:
            yield from self._by_decorators(served, visit)
            if served.owner is not None and self.guards.is_rest(served):
                yield from self._by_permissions(served, served.owner, visit)

    def _by_decorators(self, served: Served, visit: Visit) -> Iterator[Held]:
        handler = served.handler if served.owner is not None else None
        methods = {one.span for one in handler.function.annotations} if handler is not None else set()
        for each in (*self.guards.arounds(served), *self.guards.around_class(served)):
            for around in self.guards.listed(each) if is_for_methods(each) else (each,):
                found = self.objects.of(as_expr(around.name, around.span), around.routine) if around.name else []
                if found and isinstance(found[0], Routine):
                    of_object = around is each and each.span in methods
                    yield from self.middleware.held_by(found[0], around.args, around.routine, visit, of_object)

    def _by_permissions(self, served: Served, view: Type, visit: Visit) -> Iterator[Held]:
        """Of the one list that holds for the method, each permission lets through or refuses."""
        lists = list(self.guards.lists_of(served))
        for listed in lists if len(lists) == 1 else ():
            for item in self.guards.permissions.items(listed) or ():
                for one in self.objects.of(item, listed.routine)[:1]:
                    asked = self.objects.program.methods(one, "has_permission")[:1] if isinstance(one, Type) else []
                    if asked and asked[0].function.has_body:
                        yield from self.middleware.held_by_permission(asked[0], view, visit)
