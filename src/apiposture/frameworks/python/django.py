"""Which endpoints does a Django project have, with or without Django REST framework?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from apiposture.frameworks.python.asking.guards import Guard, posture_of
from apiposture.frameworks.python.of_django import serializers
from apiposture.frameworks.python.of_django.dispatched import Dispatched
from apiposture.frameworks.python.of_django.generics import Generics
from apiposture.frameworks.python.of_django.guards import DjangoGuards
from apiposture.frameworks.python.of_django.held_before import HeldBefore
from apiposture.frameworks.python.of_django.object_permissions import ObjectPermissions
from apiposture.frameworks.python.of_django.urls import Urls, routes_by_name
from apiposture.frameworks.python.of_django.views import Served, Views
from apiposture.frameworks.python.reading.django_settings import Settings
from apiposture.frameworks.python.reading.objects import Objects
from apiposture.frameworks.python.walks.asked_of_views import of_view
from apiposture.frameworks.routing import Entry, Supply
from apiposture.model import ir
from apiposture.model.facts import Binding, Endpoint, Posture
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

NAME = "Django"

CHANGES = frozenset(("POST", "PUT", "PATCH", "DELETE"))
_PARAMETER = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
CONVERTERS = {"int": "int", "uuid": "UUID"}
"""https://docs.djangoproject.com/en/stable/topics/http/urls/#path-converters"""


def recognised(program: Program) -> bool:
    """Does any file import the framework's URL configuration?"""
    return any(
        i.target.startswith(("django.urls", "django.conf.urls", "rest_framework.routers"))
        for m in program.modules
        if m.explicit_names
        for i in m.imports
    )


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The endpoints behind all URL configurations."""
    reader = _Reader(program)
    seen: set[tuple[str, str, str]] = set()
    for served in [served for pattern in reader.patterns for served in reader.views.served(pattern)]:
        key = (served.method, served.route, served.name)
        if key not in seen:
            seen.add(key)
            yield reader.entry(served)


class _Reader:
    """What is known of one program's projects."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.objects = Objects(program)
        self.settings = Settings(self.objects)
        self.urls = Urls(self.objects, self.settings)
        self.views = Views(self.objects)
        self.patterns = list(self.urls.all())
        self.guards = DjangoGuards(self.objects, self.settings, routes_by_name(self.patterns))
        self.held = HeldBefore(self.guards)
        self.asked = ObjectPermissions(self.guards)
        self.generics = Generics(program)
        self.dispatched = Dispatched(program)
        serializers.complete(program)
        self._handlers: dict[tuple[int, int], Routine] = {}

    def entry(self, served: Served) -> Entry:
        """One endpoint with its posture."""
        handler = served.handler
        if served.owner is not None:
            self.asked.complete(served)
            self.generics.complete(served.owner)
        typed = {m["name"]: CONVERTERS.get(m["converter"] or "", "") for m in _PARAMETER.finditer(served.route)}
        path = "/" + _PARAMETER.sub(r"{\g<name>}", served.route).strip("/")
        brought = self.generics.routine(served.owner, served.action) if handler is None and served.owner is not None else None
        params = one.function.params if (one := handler or brought) is not None else ()
        bindings = tuple(Binding(p.name, "route" if p.name in typed else _source(p, i)) for i, p in enumerate(params))
        supplies = [Supply(p.name, None, (Binding(p.name, "route"),), type=typed[p.name]) for p in params if typed.get(p.name)]
        if handler is not None:
            where = place(handler.module, handler.function.name_span)
        elif served.owner is not None:
            decl, module = served.owner.decls[0]
            where = place(module, decl.name_span)
        else:
            where = place(served.pattern.routine.module, served.pattern.span)
        style = "controller" if served.owner is not None else "function"
        posture = self.posture(served)
        endpoint = Endpoint(
            served.method, path, NAME, served.name, where, posture, bindings, style, self._changes(served), grouped=True,
        )  # fmt: skip
        if handler is None:
            handler = brought
        elif handler is not None and served.owner is not None:
            handler = self._of_view(handler, served.owner)
        if handler is not None and served.owner is not None:
            handler = self.dispatched.before(served.owner, handler, self.guards.is_rest(served))
        return Entry(endpoint, handler, (), tuple(supplies), tuple(self.held.of(served)))

    def _of_view(self, handler: Routine, view: Type) -> Routine:
        """The handler as the view's own, whichever of its bases declares it: what it calls on its object is the view's."""
        key = (id(handler.function), id(view))
        if key not in self._handlers:
            self._handlers[key] = of_view(handler, view, self.program)
        return self._handlers[key]

    def posture(self, served: Served) -> Posture:
        """Who may call: where nothing asks, the view's own code may."""
        guards = list(self.guards.of(served))
        found = posture_of(guards)
        by_default = all(guard.level == "application" for guard in guards if guard.effect == "asks")
        if found.level == "public" or (by_default and not self.guards.is_rest(served)):
            own = list(self.guards.own(served))
            found = posture_of([*guards, *own]) if own else found
        if found.level == "public" and not self.settings.known and self.guards.is_rest(served):
            where = place(served.pattern.routine.module, served.pattern.span)
            why = "the settings, which say what holds by default, aren't in the scanned source"
            return posture_of([Guard("unknown", "application", "", where, "REST_FRAMEWORK", why)])
        return found

    def _changes(self, served: Served) -> bool:
        """Does the method change something? A function that serves any does where it looks for a form that is sent."""
        if served.method != "*":
            return served.method in CHANGES
        if served.handler is None:
            return False
        uses = walk.uses(served.handler.function)
        says_post = any(isinstance(n, ir.Literal) and n.value in CHANGES for n in walk.nodes(served.handler.function.body or ()))
        return says_post or "POST" in uses


def _source(param: ir.Param, index: int) -> str:
    return "service" if param.name == "request" or (index == 0 and not param.mode) else "unknown"
