"""Which functions of application services does ASP.NET Boilerplate make controllers of, and who may call them?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from apiposture.frameworks.csharp import _actions, _services, _values
from apiposture.frameworks.csharp._actions import Verb
from apiposture.frameworks.csharp._intercepted import Intercepted
from apiposture.frameworks.csharp._site import App, Site, site_of
from apiposture.frameworks.routing import Entry
from apiposture.model import ir
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program, walk
from apiposture.program.types import Type

NAME: Final = "ASP.NET Boilerplate services"

CREATING: Final = "CreateControllersForAppServices"
SUFFIXES: Final = ("AppService", "ApplicationService")
VERBS: Final = (("GET", ("Get",)), ("PUT", ("Put", "Update")), ("DELETE", ("Delete", "Remove")), ("PATCH", ("Patch",)))
"""How a function's name begins that is reached by a verb; by POST where none fits."""
MODULE: Final = "app"
INHERITED: Final = {
    "CrudAppService": ("Get", "GetAll", "Create", "Update", "Delete"),
    "AsyncCrudAppService": ("GetAsync", "GetAllAsync", "CreateAsync", "UpdateAsync", "DeleteAsync"),
}


class Served:
    """One call: the project whose services it serves, below which name, and whether verbs are taken from names."""

    __slots__ = ("app", "by_name", "folder", "module")

    def __init__(self, app: App, folder: str, module: str, by_name: bool) -> None:
        self.app = app
        self.folder = folder
        self.module = module
        self.by_name = by_name


def recognised(program: Program) -> bool:
    """Does a module have controllers made of services?"""
    return next(program.calling(CREATING), None) is not None


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The functions of every service in the assemblies that a module names."""
    site = site_of(program, settings)
    served = {one.folder: one for one in reversed(list(_served(site)))}
    intercepted = Intercepted(site)
    for declared in program.types if served else ():
        one = served.get(site.projects.of(declared.decls[0][1].path))
        if one is not None and _services.is_remote(program, declared):
            ways = partial(_ways, program, one, declared)
            yield from _services.of_service(site, one.app, declared, intercepted, NAME, ways, INHERITED)


def _served(site: Site) -> Iterator[Served]:
    for routine, call in site.program.calling(CREATING):
        assembly = walk.argument(call, 0, "assembly")
        named = next((c for c in walk.calls(assembly) if walk.called_name(c) == "typeof"), None) if assembly is not None else None
        written = walk.dotted(named.args[0].value) if named is not None and named.args else ""
        module = site.program.find_type(written, routine.module, routine.owner) if written else None
        if module is not None and site.is_deployed(routine.module):
            below, verbs = walk.argument(call, 1, "moduleName"), walk.argument(call, 2, "useConventionalHttpVerbs")
            text = _values.text(site.program, below, routine.module, routine.owner, {})
            by_name = not (type(verbs) is ir.Literal and verbs.value is False)
            yield Served(site.app_of(routine.module.path), site.projects.of(module.decls[0][1].path), text or MODULE, by_name)


def _ways(program: Program, served: Served, declared: Type, called: str, params: list[str], verb: Verb) -> Iterator[tuple[str, str]]:
    """What attributes say, or what the library makes of the names."""
    name = next((declared.simple.removesuffix(s) for s in SUFFIXES if declared.simple.endswith(s)), declared.simple)
    route = f"/api/services/{served.module}/{name}/{called.removesuffix('Async') or called}"
    for method in verb.methods or (_verb(called) if served.by_name else "POST",):
        for written in list(_services.written(verb, _actions.type_routes(program, declared))) or [route]:
            yield method, written


def _verb(name: str) -> str:
    return next((verb for verb, starts in VERBS if name.startswith(starts)), "POST")


