"""Which functions of application services does ABP make controllers of, by which routes, and who may call them?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from apiposture.frameworks.csharp import _actions, _routes, _values
from apiposture.frameworks.csharp._actions import Action, Verb
from apiposture.frameworks.csharp._bindings import binder_of
from apiposture.frameworks.csharp._entries import entry, own_statements, type_statements, unknown_base
from apiposture.frameworks.csharp._intercepted import PACKAGE, Intercepted
from apiposture.frameworks.csharp._site import App, Site, site_of
from apiposture.frameworks.routing import Entry
from apiposture.model import ir
from apiposture.model.ir import Annotation
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

NAME: Final = "ABP application services"

REMOTE: Final = ("IRemoteService", "IApplicationService", "ApplicationService", "AbstractKeyCrudAppService", "CrudAppService")
"""What a class is that ABP serves; the last ones are its own bases, which implement the first."""
BASES: Final = _actions.LIBRARY_BASES | frozenset(
    "ApplicationService CrudAppService AbstractKeyCrudAppService ReadOnlyAppService AbstractKeyReadOnlyAppService".split()
)
"""Bases of the library that ask nothing of callers by themselves."""
SUFFIXES: Final = ("AppService", "ApplicationService", "IntegrationService", "IntService", "Service")
VERBS: Final = (
    ("GET", ("GetList", "GetAll", "Get")),
    ("PUT", ("Put", "Update")),
    ("DELETE", ("Delete", "Remove")),
    ("POST", ("Create", "Add", "Insert", "Post")),
    ("PATCH", ("Patch",)),
)
"""How a function's name begins that is reached by a verb; by POST where none fits: `HttpMethodHelper` of ABP."""
ROOT: Final = "app"


class Served:
    """One call of `ConventionalControllers.Create`: the project whose services it serves, and the path that they stand below."""

    __slots__ = ("app", "folder", "root")

    def __init__(self, app: App, folder: str, root: str) -> None:
        self.app = app
        self.folder = folder
        self.root = root


def recognised(program: Program) -> bool:
    """Does a module have controllers made of services?"""
    return _uses_abp(program) and next(_creating(program), None) is not None


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The functions of every service in the assemblies that a module names."""
    if not _uses_abp(program):
        return
    site = site_of(program, settings)
    served = {one.folder: one for one in reversed(list(_served(site)))}
    intercepted = Intercepted(site)
    for declared in program.types:
        one = served.get(site.projects.of(declared.decls[0][1].path))
        if one is not None and _is_service(program, declared):
            yield from _of_service(site, one, declared, intercepted)


def _uses_abp(program: Program) -> bool:
    return any(i.target.startswith(PACKAGE) for m in program.modules for i in m.imports)


def _creating(program: Program) -> Iterator[tuple[Routine, ir.Call]]:
    for routine, call in program.calling("Create"):
        if walk.dotted(call.function).endswith("ConventionalControllers.Create") and call.args:
            yield routine, call


def _served(site: Site) -> Iterator[Served]:
    """What is served, but for a choice among the services that only code makes."""
    for routine, call in _creating(site.program):
        named = next((c for c in walk.calls(call.args[0].value) if walk.called_name(c) == "typeof"), None)
        written = walk.dotted(named.args[0].value) if named is not None and named.args else ""
        module = site.program.find_type(written, routine.module, routine.owner) if written else None
        settings = {walk.dotted(n.target).rpartition(".")[2]: n.value for n in walk.nodes(call) if type(n) is ir.Assign}
        if module is not None and site.is_deployed(routine.module) and "TypePredicate" not in settings:
            root = _values.text(site.program, settings.get("RootPath"), routine.module, routine.owner, {})
            yield Served(site.app_of(routine.module.path), site.projects.of(module.decls[0][1].path), root or ROOT)


def _is_service(program: Program, declared: Type) -> bool:
    if declared.kind != "class" or declared.type_params or declared.is_abstract or _actions.is_controller(program, declared):
        return False
    public = any("public" in decl.modifiers for decl, _ in declared.decls)
    switched_off = any(_is_off(a) for t in program.lineage(declared) for a, _ in t.annotations)
    return public and not switched_off and program.is_a(declared, *REMOTE)


def _is_off(annotation: Annotation) -> bool:
    """Is it `[RemoteService(false)]` or `[RemoteService(IsEnabled = false)]`?"""
    if annotation.name.rpartition(".")[2] != "RemoteService":
        return False
    said = [a.value for a in annotation.args if a.name in (None, "isEnabled", "IsEnabled")]
    return any(type(value) is ir.Literal and value.value is False for value in said)


def _of_service(site: Site, served: Served, declared: Type, intercepted: Intercepted) -> Iterator[Entry]:
    said = [*type_statements(site, declared), *unknown_base(site, declared, BASES)]
    templates = _actions.type_routes(site.program, declared)
    for action in _actions.actions(site.program, declared):
        if any(_is_off(a) for a, _ in action.annotations):
            continue
        own = own_statements(site, action.annotations, action.routine)
        own += intercepted.statements(action.routine, [*own, *said])
        for verb in _actions.ways(site.program, action, declared):
            for method in verb.methods or (_verb(action.routine.function.name),):
                for route in _ways_to(served, declared, action, verb, method, templates):
                    bindings = binder_of(site.program).bind(action.routine, _routes.parameters(route), (method,), api=True)
                    yield entry(
                        site,
                        served.app,
                        method=method,
                        route=route,
                        framework=NAME,
                        handler=f"{declared.name}.{action.routine.function.name}",
                        place=place(action.routine.module, action.routine.function.name_span),
                        statements=[*own, *said],
                        kind="controller",
                        routine=action.routine,
                        bindings=tuple(bindings),
                    )


# -- routes: https://abp.io/docs/latest/framework/api-development/auto-controllers -----------------------------------------


def _ways_to(served: Served, declared: Type, action: Action, verb: Verb, method: str, templates: list[str]) -> Iterator[str]:
    """What attributes say, or what ABP makes of the names."""
    if verb.template is not None or templates:
        for template in templates if templates and not (verb.template or "").startswith(("/", "~/")) else [""]:
            yield _routes.join("/", template, verb.template or "")
        return
    name = next((declared.simple.removesuffix(s) for s in SUFFIXES if declared.simple.endswith(s)), declared.simple)
    params = [p.name for p in action.routine.function.params]
    called = _rest(action.routine.function.name.removesuffix("Async"), method)
    other = [p for p in params if p.endswith("Id")] if called else []
    pieces = ["api", served.root, _kebab(name), "{id}" if "id" in params else "", _kebab(called)]
    yield "/" + "/".join(piece for piece in [*pieces, f"{{{other[0]}}}" if len(other) == 1 else ""] if piece)


def _verb(name: str) -> str:
    return next((verb for verb, starts in VERBS if name.startswith(starts)), "POST")


def _rest(name: str, method: str) -> str:
    """The name without what its verb says already."""
    starts = next((starts for verb, starts in VERBS if verb == method), ())
    return next((name.removeprefix(start) for start in starts if name.startswith(start)), name)


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()
