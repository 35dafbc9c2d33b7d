"""Which endpoints does an API of Django Ninja have?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from apiposture.frameworks.python.asking.dependencies import bound
from apiposture.frameworks.python.asking.guards import Guard, posture_of
from apiposture.frameworks.python.asking.handlers import Handlers
from apiposture.frameworks.python.asking.outcomes import Outcomes
from apiposture.frameworks.python.of_django.guards import DjangoGuards
from apiposture.frameworks.python.of_django.middleware import visited
from apiposture.frameworks.python.of_django.urls import Urls, routes_by_name
from apiposture.frameworks.python.reading.django_settings import Settings
from apiposture.frameworks.python.reading.imports import imports_any
from apiposture.frameworks.python.reading.objects import Code, Foreign, Made, Object, Objects, functions_of
from apiposture.frameworks.python.routes.class_views import Around, around_of
from apiposture.frameworks.python.routes.mapped import once_each
from apiposture.frameworks.python.routes.ninja_routers import DECORATORS, Mapped, NinjaRouters, Said
from apiposture.frameworks.python.walks.guests import Guests
from apiposture.frameworks.python.walks.seen import NOTHING, REQUEST
from apiposture.frameworks.python.walks.visits import Visit
from apiposture.frameworks.routing import Entry, Supply
from apiposture.model import ir
from apiposture.model.facts import Binding, Endpoint, Need, Posture
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

NAME = "Django Ninja"

CHANGES = frozenset(("POST", "PUT", "PATCH", "DELETE"))
_PARAMETER = re.compile(r"[{<](?:(?P<type>\w+):)?(?P<name>\w+)[}>]")
TYPES = {"int": "int", "uuid": "UUID", "": "segment", "str": "segment", "slug": "segment"}

SENT_APART = frozenset(("HttpBearer", "HttpBasicAuth"))
"""Schemes that refuse by themselves where the header is missing; the others hand `None` to `authenticate`:
https://django-ninja.dev/guides/authentication/"""

SESSIONS = {
    "django_auth": (), "SessionAuth": (), "django_auth_superuser": (Need("role", "superuser"),),
    "SessionAuthSuperUser": (Need("role", "superuser"),), "django_auth_is_staff": (Need("role", "staff"),),
    "SessionAuthIsStaff": (Need("role", "staff"),),
}  # fmt: skip

TOKENS = frozenset(("ninja_jwt.authentication.JWTAuth", "ninja_jwt.authentication.AsyncJWTAuth", "ninja_apikey.security.APIKeyAuth"))
"""Authenticators of other libraries that refuse who is not known."""


def recognised(program: Program) -> bool:
    """Does any file import the framework?"""
    return imports_any(program, ("ninja",))


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The operations of all APIs, and of routers that no API is seen to take."""
    reader = _Reader(program)
    for mapped, method in once_each(reader.routers.mapped()):
        yield reader.entry(mapped, method)


class _Reader:
    """What is known of one program's APIs."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.objects = Objects(program)
        self.routers = NinjaRouters(self.objects)
        settings = Settings(self.objects)
        urls = Urls(self.objects, settings)
        self.django = DjangoGuards(self.objects, settings, routes_by_name(urls.all()))
        self.mounted = urls.mounted
        self.handlers = Handlers(self.objects)

    def entry(self, mapped: Mapped, method: str) -> Entry:
        """One operation with its posture."""
        handler = mapped.route.handler
        whole = f"{self.mounted.get(mapped.api.made.key, '').rstrip('/')}/{mapped.path.lstrip('/')}"
        typed = {m["name"]: TYPES.get(m["type"] or "", "") for m in _PARAMETER.finditer(whole)}
        path = "/" + _PARAMETER.sub(r"{\g<name>}", whole).strip("/")
        names = frozenset(typed)
        params = handler.function.params
        bindings = (*(Binding(p.name, "service") for p in params[:1]), *(bound(self.program, p, handler, names) for p in params[1:]))
        supplies = tuple(
            Supply(p.name, None, (Binding(p.name, "route"),), type=typed[p.name]) for p in params if p.type is None and typed.get(p.name)
        )
        visit = Visit(visited(whole), method, None, (), names, frozenset())
        endpoint = Endpoint(
            method, path, NAME, handler.name, place(handler.module, handler.function.name_span), self.posture(mapped, visit),
            bindings, "function", method in CHANGES, grouped=mapped.api.auth is not None,
        )  # fmt: skip
        return Entry(endpoint, handler, (), supplies)

    def posture(self, mapped: Mapped, visit: Visit) -> Posture:
        """The posture behind `auth`, decorators and middleware; where nothing asks, the operation's own code may."""
        handler = mapped.route.handler
        guards = [*self._auth(mapped.auth), *self._above(handler), *self.django.middleware.walls(visit)]
        found = posture_of(guards)
        if found.level in ("public", "anonymous"):
            own = list(self.handlers.own(handler, frozenset(param.name for param in handler.function.params[:1])))
            found = posture_of([*own, *guards]) if own else found
        if found.level == "public" and mapped.loose:
            where = place(mapped.api.made.routine.module, mapped.api.made.call.span)
            why = "no API in the scanned source is seen to take its router"
            return posture_of([Guard("unknown", "group", "", where, mapped.api.made.name, why)])
        return found

    def _above(self, handler: Routine) -> Iterator[Guard]:
        outside = self.objects.outside(handler)
        for one in handler.function.annotations:
            last = one.name.rpartition(".")[2]
            if last == "decorate_view":
                for arg in one.args:
                    yield from self.django.around(around_of(arg.value, outside, "endpoint", handler.name))
            elif last not in DECORATORS:
                yield from self.django.around(Around(one.name, one.args, one.span, outside, "endpoint", handler.name))

    def _auth(self, said: Said | None) -> Iterator[Guard]:
        """What `auth=...` asks: of several, any one that answers is enough; `None` lets everybody in."""
        if said is None:
            return
        where = place(said.routine.module, said.expr.span)
        if isinstance(said.expr, ir.Literal) and said.expr.value is None:
            yield Guard("opens", said.level, said.scope, where, "auth=None")
            return
        ways = said.expr.items if isinstance(said.expr, ir.Collection) else (said.expr,)
        found = [self._asked(one, said) for one in ways]
        open_one = next((one for one in found if one.effect == "opens"), None)
        unknown = next((one for one in found if one.effect == "unknown"), None)
        if open_one is not None or unknown is not None or not found:
            yield open_one or unknown or Guard("unknown", said.level, said.scope, where, "auth", "the list could not be followed")
            return
        common = set(found[0].needs).intersection(*(one.needs for one in found))
        yield Guard("asks", said.level, said.scope, where, " or ".join(one.text for one in found), "", tuple(sorted(common, key=str)))

    def _asked(self, expr: ir.Expr, said: Said) -> Guard:
        text = walk.dotted(expr) or (walk.called_name(expr) if isinstance(expr, ir.Call) else "") or "auth"
        at = place(said.routine.module, said.expr.span)
        found = self.objects.of(expr, said.routine)
        effect, needs = self._judged(found[0]) if found else ("unknown", ())
        why = f"what '{text}' does isn't known" if effect == "unknown" else ""
        return Guard(effect, said.level, said.scope, at, text, why, needs)

    def _judged(self, one: Object) -> tuple[str, tuple[Need, ...]]:
        """What an authenticator does with a guest: its effect, and the rights that it asks of others."""
        if isinstance(one, Code):
            one = one.routine
        if isinstance(one, Routine):
            return _effect(Guests(self.objects, "*").passes(one, (REQUEST,))), tuple(self.django.permissions.rights(one))
        declared = one.declared if isinstance(one, Made) else one if isinstance(one, Type) else None
        if declared is not None:
            return self._of_class(declared)
        name = one.name if isinstance(one, Made | Foreign) else ""
        if name.startswith("ninja.security") and name.rpartition(".")[2] in SESSIONS:
            return "asks", SESSIONS[name.rpartition(".")[2]]
        return ("asks", ()) if name in TOKENS else ("unknown", ())

    def _of_class(self, declared: Type) -> tuple[str, tuple[Need, ...]]:
        called = next((r for r in functions_of(self.program, declared, "Invoke") if r.function.has_body), None)
        if called is not None:
            return _effect(Guests(self.objects, "*").passes(called, (REQUEST,))), tuple(self.django.permissions.rights(called))
        if any(use.name in SESSIONS for _, use in self.program.ancestors(declared)):
            return "asks", next(SESSIONS[use.name] for _, use in self.program.ancestors(declared) if use.name in SESSIONS)
        method = next((r for r in functions_of(self.program, declared, "authenticate") if r.function.has_body), None)
        if method is None:
            return "unknown", ()
        needs = tuple(self.django.permissions.rights(method))
        if not self.program.is_a(declared, *SENT_APART) and Guests(self.objects, "*").passes(method, (REQUEST, NOTHING)):
            return "opens", needs
        return ("unknown" if self._takes_anything(method) else "asks"), needs

    def _takes_anything(self, method: Routine) -> bool:
        """May an authenticator answer yes though nobody asks what was sent to it?"""
        names = [param.name for param in method.function.params]
        outcomes = Outcomes(self.objects, method, frozenset(names[1:2]), frozenset(names[:1]), 0)
        outcomes.sent = frozenset(names[1:2])
        return outcomes.answers_unasked(method.function.body or (), True)


def _effect(passes: bool | None) -> str:
    return "unknown" if passes is None else "opens" if passes else "asks"
