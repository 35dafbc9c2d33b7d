"""Which endpoints are mapped one by one, with a function as handler?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from apiposture.frameworks.csharp import _routes, _values
from apiposture.frameworks.csharp._bindings import binder_of
from apiposture.frameworks.csharp._builders import Mapped
from apiposture.frameworks.csharp._entries import entry, own_statements
from apiposture.frameworks.csharp._mapping import mapping_of
from apiposture.frameworks.csharp._maps import LIBRARY, VERBS
from apiposture.frameworks.csharp._site import App, Site, site_of
from apiposture.frameworks.csharp._statements import Statement, call_place, call_text
from apiposture.frameworks.routing import Entry
from apiposture.model import ir
from apiposture.model.scan import Problem
from apiposture.model.source import Place, SourceFile, end_of, span, start_of
from apiposture.program import Program, walk
from apiposture.program.places import place

NAME: Final = "ASP.NET Core minimal APIs"

IDENTITY: Final = (
    ("POST", "register", False),
    ("POST", "login", False),
    ("POST", "refresh", False),
    ("GET", "confirmEmail", False),
    ("POST", "resendConfirmationEmail", False),
    ("POST", "forgotPassword", False),
    ("POST", "resetPassword", False),
    ("POST", "manage/2fa", True),
    ("GET", "manage/info", True),
    ("POST", "manage/info", True),
)
"""What MapIdentityApi maps: https://learn.microsoft.com/aspnet/core/security/authentication/identity-api-authorization"""

HANDLED: Final = frozenset((*VERBS, *LIBRARY, "Map", "MapMethods", "MapFallback", "MapIdentityApi"))


def recognised(program: Program) -> bool:
    """Is any endpoint mapped by a function?"""
    return any(not HANDLED.isdisjoint(m.calls) for m in program.modules) and next(program.calling(*HANDLED), None) is not None


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The mapped endpoints that belong to no other framework's module."""
    site = site_of(program, settings)
    seen: set[object] = set()
    for mapped in mapping_of(site).found:
        if mapped.name in HANDLED and not mapped.module_type:
            for found in entries(site, mapped, NAME):
                if found.endpoint not in seen:
                    seen.add(found.endpoint)
                    yield found


def entries(site: Site, mapped: Mapped, framework: str) -> Iterator[Entry]:
    """The endpoints of one mapping call: one for each verb."""
    app = site.app(mapped.builder.project) if mapped.builder.project in site.hosts else site.app_of(mapped.routine.module.path)
    if mapped.name == "MapIdentityApi":
        yield from _identity(site, mapped, app, framework)
        return
    handler = mapped.handler
    said = [*mapped.builder.statements()]
    if handler is not None:
        annotations = tuple((a, handler.module) for a in handler.function.annotations)
        said = [*own_statements(site, annotations, handler), *said]
    if mapped.name == "MapHangfireDashboard":
        said.append(_dashboard(mapped))
    route = _routes.plain(mapped.builder.prefix)
    verbs = _methods(site, mapped)
    for method in verbs:
        bindings = (
            binder_of(site.program).bind(handler, _routes.parameters(mapped.builder.prefix), (method,), api=True, minimal=True)
            if handler
            else ()
        )
        yield entry(
            site,
            app,
            method=method,
            route=route,
            framework=framework,
            handler=_handler_name(mapped),
            place=_where(mapped),
            statements=said,
            kind="function",
            routine=handler,
            bindings=bindings,
            verbs=verbs,
        )


def _methods(site: Site, mapped: Mapped) -> Sequence[str]:
    if mapped.name in VERBS:
        return (VERBS[mapped.name],)
    if mapped.name != "MapMethods":
        return ("*",)
    listed = walk.argument(mapped.call, 1, "httpMethods")
    if isinstance(listed, ir.Name) and mapped.routine.owner is not None:
        slot = site.program.slot(mapped.routine.owner, listed.id)
        listed = slot.field.value if slot is not None and slot.field.value is not None else listed
    texts = [_values.text(site.program, n, mapped.routine.module, mapped.routine.owner, {}) for n in _items(listed)]
    return tuple(t.upper() for t in texts if t) or ("*",)


def _items(expr: ir.Expr | None) -> Sequence[ir.Expr]:
    if type(expr) is ir.Collection:
        return expr.items
    if type(expr) is ir.New:
        return [a.value for a in (*expr.fields, *expr.args)]
    return [expr] if expr is not None else []


def _handler_name(mapped: Mapped) -> str:
    if mapped.handler is None:
        return mapped.name
    name = mapped.handler.name if mapped.handler.function.name else ""
    return name or f"{mapped.routine.name}.<lambda>"


def _where(mapped: Mapped) -> Place:
    """From the call's name to the end of its route: the line that a reader looks for."""
    call, routine = (mapped.at.call, mapped.at.routine) if mapped.at is not None else (mapped.call, mapped.routine)
    function = call.function
    first = call.args[0].value if call.args else None
    if not isinstance(function, ir.Member) or not isinstance(first, ir.Literal | ir.Name | ir.Member):
        name_span = function.name_span if isinstance(function, ir.Member) else call.span
        return place(routine.module, name_span)
    return place(routine.module, span(start_of(function.name_span), end_of(first.span)))


def _identity(site: Site, mapped: Mapped, app: App, framework: str) -> Iterator[Entry]:
    where = call_place(mapped.routine.module, mapped.call)
    for method, path, protected in IDENTITY:
        effect = "authorize" if protected else "marker"
        own = Statement(effect, "endpoint", "MapIdentityApi", where, call_text(mapped.call), default=protected)
        yield entry(
            site,
            app,
            method=method,
            route=_routes.nest(mapped.builder.prefix, path),
            framework=framework,
            handler="MapIdentityApi",
            place=_where(mapped),
            statements=[own, *mapped.builder.statements()],
            kind="function",
            routine=None,
        )


def _dashboard(mapped: Mapped) -> Statement:
    where = call_place(mapped.routine.module, mapped.call)
    why = "Hangfire's own authorization filters decide, by default for local requests only"
    return Statement("unknown", "endpoint", "", where, call_text(mapped.call), why=why)
