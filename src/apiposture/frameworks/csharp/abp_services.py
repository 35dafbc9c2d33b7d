"""Which functions of application services does ABP make controllers of, by which routes, and who may call them?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from apiposture.frameworks.csharp import _actions, _services, _values
from apiposture.frameworks.csharp._actions import Verb
from apiposture.frameworks.csharp._intercepted import PACKAGE, Intercepted
from apiposture.frameworks.csharp._site import App, Site, site_of
from apiposture.frameworks.routing import Entry
from apiposture.model import ir
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

NAME: Final = "ABP application services"

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
READS: Final = ("GetAsync", "GetListAsync")
INHERITED: Final = {
    **dict.fromkeys(("ReadOnlyAppService", "AbstractKeyReadOnlyAppService"), READS),
    **dict.fromkeys(("CrudAppService", "AbstractKeyCrudAppService"), (*READS, "CreateAsync", "UpdateAsync", "DeleteAsync")),
}


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
        if one is not None and _services.is_remote(program, declared):
            ways = partial(_ways, program, one, declared)
            yield from _services.of_service(site, one.app, declared, intercepted, NAME, ways, INHERITED)


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


# -- routes: https://abp.io/docs/latest/framework/api-development/auto-controllers -----------------------------------------


def _ways(program: Program, served: Served, declared: Type, called: str, params: list[str], verb: Verb) -> Iterator[tuple[str, str]]:
    templates = _actions.type_routes(program, declared)
    for method in verb.methods or (_verb(called),):
        for route in list(_services.written(verb, templates)) or [_named(served, declared, called, params, method)]:
            yield method, route


def _named(served: Served, declared: Type, function: str, params: list[str], method: str) -> str:
    """What ABP makes of the names."""
    name = next((declared.simple.removesuffix(s) for s in SUFFIXES if declared.simple.endswith(s)), declared.simple)
    called = _rest(function.removesuffix("Async"), method)
    other = [p for p in params if p.endswith("Id")] if called else []
    pieces = ["api", served.root, _kebab(name), "{id}" if "id" in params else "", _kebab(called)]
    return "/" + "/".join(piece for piece in [*pieces, f"{{{other[0]}}}" if len(other) == 1 else ""] if piece)


def _verb(name: str) -> str:
    return next((verb for verb, starts in VERBS if name.startswith(starts)), "POST")


def _rest(name: str, method: str) -> str:
    """The name without what its verb says already."""
    starts = next((starts for verb, starts in VERBS if verb == method), ())
    return next((name.removeprefix(start) for start in starts if name.startswith(start)), name)


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()
