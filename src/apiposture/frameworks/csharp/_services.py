"""Which functions are endpoints of a class that a library makes a controller of, though it is written as a service?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from apiposture.frameworks.csharp import _actions, _policies, _routes
from apiposture.frameworks.csharp._actions import Verb
from apiposture.frameworks.csharp._bindings import BODILESS, binder_of
from apiposture.frameworks.csharp._entries import entry, own_statements, site_places, type_statements, unknown_base
from apiposture.frameworks.csharp._intercepted import Intercepted
from apiposture.frameworks.csharp._site import App, Site
from apiposture.frameworks.csharp._statements import Statement, needs_of
from apiposture.frameworks.routing import Entry
from apiposture.model import ir
from apiposture.model.ir import Annotation
from apiposture.program import Program, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

REMOTE: Final = ("IRemoteService", "IApplicationService", "ApplicationService", "AbstractKeyCrudAppService", "CrudAppService",
                 "AsyncCrudAppService")  # fmt: skip
"""What a class is that ABP and ASP.NET Boilerplate serve; the last ones are their own bases, which implement the first."""

BASES: Final = _actions.LIBRARY_BASES | frozenset(
    "ApplicationService CrudAppService AbstractKeyCrudAppService ReadOnlyAppService AbstractKeyReadOnlyAppService AsyncCrudAppService "
    "AbpServiceBase".split()
)
"""Bases of the libraries that ask nothing of callers by themselves."""

Ways = Callable[[str, list[str], Verb], Iterator[tuple[str, str]]]
"""The methods and routes by which a function of this name with these parameters is reached, as its attributes say."""
Inherited = Mapping[str, Sequence[str]]
"""The functions that services have from a base of the library, by its name."""
BY_ID: Final = frozenset(("GetAsync", "UpdateAsync", "DeleteAsync"))
"""Those of them to which one object is named."""
NAMING: Final = ("PolicyName", "PermissionName")
CHECKS: Final = re.compile(r"Check\w+(Policy|Permission)(Async)?$")


def is_served(program: Program, declared: Type) -> bool:
    """Is it a public class of which there are objects, and no controller anyway?"""
    if declared.kind != "class" or declared.type_params or declared.is_abstract or _actions.is_controller(program, declared):
        return False
    return any("public" in decl.modifiers and "static" not in decl.modifiers for decl, _ in declared.decls)


def is_remote(program: Program, declared: Type) -> bool:
    """Is it an application service that is not kept from callers?"""
    if not is_served(program, declared) or not program.is_a(declared, *REMOTE):
        return False
    return not any(is_off(a) for t in program.lineage(declared) for a, _ in t.annotations)


def is_off(annotation: Annotation) -> bool:
    """Is it `[RemoteService(false)]` or `[RemoteService(IsEnabled = false)]`?"""
    if annotation.name.rpartition(".")[2] != "RemoteService":
        return False
    said = [a.value for a in annotation.args if a.name in (None, "isEnabled", "IsEnabled")]
    return any(getattr(value, "value", None) is False for value in said)


def of_service(
    site: Site, app: App, declared: Type, intercepted: Intercepted, framework: str, ways: Ways, inherited: Inherited
) -> Iterator[Entry]:
    """The endpoints of one service."""
    base = next((use.name for above, use in site.program.ancestors(declared) if above is None and use.name in inherited), "")
    yield from _of_library(site, app, declared, framework, ways, inherited.get(base, ()))
    said = [*type_statements(site, declared), *unknown_base(site, declared, BASES)]
    for action in _actions.actions(site.program, declared):
        if any(is_off(a) for a, _ in action.annotations):
            continue
        own = own_statements(site, action.annotations, action.routine)
        own += _asked_of_base(site, declared, action.routine) if base else []
        own += intercepted.statements(action.routine, [*own, *said])
        for verb in _actions.ways(site.program, action, declared):
            given = [p.name for p in action.routine.function.params]
            for method, route in ways(action.routine.function.name, given, verb):
                api = method not in BODILESS
                bindings = binder_of(site.program).bind(action.routine, _routes.parameters(route), (method,), api=api)
                yield entry(
                    site,
                    app,
                    method=method,
                    route=route,
                    framework=framework,
                    handler=f"{declared.name}.{action.routine.function.name}",
                    place=place(action.routine.module, action.routine.function.name_span),
                    statements=[*own, *said],
                    kind="controller",
                    routine=action.routine,
                    bindings=tuple(bindings),
                )


def _of_library(site: Site, app: App, declared: Type, framework: str, ways: Ways, names: Sequence[str]) -> Iterator[Entry]:
    """What a service has from a base of the library, but for what the program writes itself."""
    said = list(type_statements(site, declared)) if names else []
    for name in names:
        if not site.program.methods(declared, name):
            for method, route in ways(name, ["id"] if name in BY_ID else [], Verb((), None)):
                yield entry(
                    site,
                    app,
                    method=method,
                    route=route,
                    framework=framework,
                    handler=f"{declared.name}.{name}",
                    place=next(iter(site_places(site, declared))),
                    statements=[*_asked_by_name(site, declared, name), *said],
                    kind="controller",
                    routine=None,
                )


def _asked_of_base(site: Site, declared: Type, routine: Routine) -> list[Statement]:
    """What a base asks for that a function hands its work on to, or has asked: `base.CreateAsync(input)`, `CheckCreatePolicyAsync()`."""
    called = [walk.dotted(call.function) for call in walk.calls(routine.function.body or ())]
    asks = any(one == f"super.{routine.function.name}" or CHECKS.search(one) for one in called)
    return _asked_by_name(site, declared, routine.function.name) if asks else []


def _asked_by_name(site: Site, declared: Type, name: str) -> list[Statement]:
    """The permission that a service gives its base for one of its functions: `CreatePolicyName = "Books.Create"`."""
    wanted = {name.removesuffix("Async") + end for end in NAMING}
    for t in (t for t in site.program.lineage(declared) if not t.is_interface):
        for slot in (slot for one, slot in t.fields.items() if one in wanted):
            given = [slot.field.value, *(walk.returned(slot.field.getter) if slot.field.getter else ())]
            named = next((value for value in given if value is not None), None)
            if named is not None:
                return [_permission(site, named, t, slot.module)]
        for routine in t.functions.get(".ctor", ()):
            for node in walk.nodes(routine.function.body or ()):
                if type(node) is ir.Assign and walk.dotted(node.target).rpartition(".")[2] in wanted:
                    return [_permission(site, node.value, t, routine.module)]
    return []


def _permission(site: Site, value: ir.Expr, declared: Type, module: ir.Module) -> Statement:
    text = _policies.text_or_code(site.program, value, module, declared)
    return Statement("authorize", "type", declared.simple, place(module, value.span), text, needs=needs_of("permission", text))


def written(verb: Verb, templates: list[str]) -> Iterator[str]:
    """The routes that attributes say; none where they say nothing."""
    if verb.template is not None or templates:
        for template in templates if templates and not (verb.template or "").startswith(("/", "~/")) else [""]:
            yield _routes.join("/", template, verb.template or "")
