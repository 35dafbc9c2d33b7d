"""Which actions of controllers can be called, by which routes, and by whom?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from apiposture.frameworks.csharp import _actions, _routes
from apiposture.frameworks.csharp._actions import Action, Verb
from apiposture.frameworks.csharp._bindings import binder_of
from apiposture.frameworks.csharp._entries import entry, own_statements, type_statements, unknown_base
from apiposture.frameworks.csharp._intercepted import Intercepted
from apiposture.frameworks.csharp._mapping import mapping_of
from apiposture.frameworks.csharp._maps import CONTROLLERS
from apiposture.frameworks.csharp._site import App, Convention, Site, site_of
from apiposture.frameworks.csharp._statements import Statement
from apiposture.frameworks.routing import Entry
from apiposture.model.ir import Module
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

NAME: Final = "ASP.NET Core controllers"

CLASSIC_VERBS: Final = ("Get", "Post", "Put", "Delete", "Patch", "Head", "Options")
MAPPED: Final = (
    "MapControllers",
    "MapControllerRoute",
    "MapDefaultControllerRoute",
    "UseMvc",
    "UseMvcWithDefaultRoute",
    "MapAreaControllerRoute",
    "MapRoute",
)
HOOKS: Final = ("OnActionExecuting", "OnActionExecutionAsync", "OnAuthorization")
NAMESPACES: Final = ("Microsoft.AspNetCore.Mvc", "System.Web.Mvc", "System.Web.Http", "Microsoft.AspNetCore.OData", "Ardalis.ApiEndpoints")


def recognised(program: Program) -> bool:
    """Does any file use MVC or Web API?"""
    return (
        any(i.target.startswith(NAMESPACES) for m in program.modules for i in m.imports)
        or any(not frozenset(MAPPED).isdisjoint(m.calls) for m in program.modules)
        or any(_actions.is_controller(program, t) and _is_routed(program, t) for t in program.types)
    )


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The endpoints of every controller that is deployed."""
    site = site_of(program, settings)
    finder = _Finder(site)
    for declared in program.types:
        if site.is_deployed(declared.decls[0][1]) and _actions.is_controller(program, declared):
            yield from finder.of_controller(declared)


def _is_routed(program: Program, declared: Type) -> bool:
    """A class that is a controller by name alone needs a route or verb attribute, or a file that uses MVC."""
    if any(use.name in _actions.CONTROLLER_BASES for _, use in program.ancestors(declared)) or _actions.type_routes(program, declared):
        return True
    marks = {a.name.rpartition(".")[2] for rs in declared.functions.values() for r in rs for a in r.function.annotations}
    return not marks.isdisjoint(_actions.HTTP) or any(i.target.startswith(NAMESPACES) for _, m in declared.decls for i in m.imports)


class _Finder:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.program = site.program
        self.binder = binder_of(site.program)
        self.intercepted = Intercepted(site)
        self.mapped = [m for m in mapping_of(site).found if m.name in CONTROLLERS]
        self.routed = any(not frozenset(MAPPED).isdisjoint(m.calls) for m in self.program.modules if site.is_deployed(m))

    def of_controller(self, declared: Type) -> Iterator[Entry]:
        """Every way to every action of one controller."""
        if not _is_routed(self.program, declared):
            return
        app = self.site.app_of(declared.decls[0][1].path)
        templates = _actions.type_routes(self.program, declared)
        area = _actions.area_of(self.program, declared)
        said = [*type_statements(self.site, declared), *self._mapped_statements(app)]
        said += unknown_base(self.site, declared, _actions.LIBRARY_BASES | _actions.ENDPOINT_BASES)
        hooks = [r for name in HOOKS for r in self.program.methods(declared, name)[:1]]
        for action in _actions.actions(self.program, declared):
            own = own_statements(self.site, action.annotations, action.routine)
            own += self.intercepted.statements(action.routine, [*own, *said])
            ways = list(_actions.ways(self.program, action, declared))
            verbs = frozenset(method for verb in ways for method in verb.methods)
            for verb in ways:
                for route in self._routes(verb, templates, declared, action, area, app):
                    yield from self._entries(verb, route, declared, action, [*own, *said], app, hooks, verbs)

    def _mapped_statements(self, app: App) -> list[Statement]:
        """What `MapControllers().RequireAuthorization()` and its groups say, for the controllers of that application."""
        mine = [m for m in self.mapped if m.builder.project == app.project]
        said = [list(m.builder.statements()) for m in mine if not m.name.startswith("MapFallback")]
        return said[0] if said and all(said) else []

    # -- routes --------------------------------------------------------------------------------------------------------

    def _routes(self, verb: Verb, templates: list[str], declared: Type, action: Action, area: str, app: App) -> Iterator[str]:
        if verb.template is None and not templates:
            yield from self._conventional(declared, action, area, app)
            return
        tokens = {"controller": _controller_name(declared), "action": _action_name(self.program, action), "area": area}
        if app.slugs:
            tokens = {key: _routes.slug(value) for key, value in tokens.items()}
        if verb.template is not None and verb.template.startswith(("/", "~/")):
            templates = [""]
        for template in templates or [""]:
            yield self._prefix(app) + _routes.join("/", _routes.fill(template, tokens), _routes.fill(verb.template or "", tokens))

    def _prefix(self, app: App) -> str:
        """The group that `MapControllers` is called on."""
        found = [m.builder.prefix for m in self.mapped if m.name == "MapControllers" and m.builder.project == app.project]
        return found[0].rstrip("/") if found else ""

    def _conventional(self, declared: Type, action: Action, area: str, app: App) -> Iterator[str]:
        name, action_name = _controller_name(declared), _action_name(self.program, action)
        yield from self._fallbacks(app, name, action_name)
        if _is_api(self.program, declared):
            return
        classic = _is_classic(self.program, declared)
        conventions = [c for c in app.conventions if c.classic == classic]
        if not conventions:
            if self.routed and app.calls("MapControllers", "UseEndpoints") and not classic:
                return
            conventions = [Convention("api/{controller}/{id}" if classic else "{controller=Home}/{action=Index}/{id?}", "", (), classic)]
        wanted = [p.name for p in action.routine.function.params]
        found: dict[str, None] = {}
        for convention in conventions:
            route = _by_convention(convention, name, action_name, area, declared.package, wanted)
            if route is not None:
                found.setdefault(route)
        yield from found

    def _fallbacks(self, app: App, controller: str, action: str) -> Iterator[str]:
        for mapped in self.mapped:
            if mapped.name.startswith("MapFallback") and mapped.builder.project == app.project:
                texts = [getattr(a.value, "value", None) for a in mapped.call.args]
                if controller in texts and action in texts:
                    yield "/{path}"

    # -- endpoints -----------------------------------------------------------------------------------------------------

    def _entries(
        self,
        verb: Verb,
        route: str,
        declared: Type,
        action: Action,
        said: list[Statement],
        app: App,
        hooks: list[Routine],
        verbs: frozenset[str],
    ) -> Iterator[Entry]:
        routine = action.routine
        classic = _is_classic(self.program, declared)
        methods = verb.methods or ((_classic_verb(routine.function.name),) if classic else ("*",))
        parameters = _routes.parameters(route)
        api = classic or _is_api(self.program, declared)
        for method in methods:
            bindings = (
                *self.binder.bind(routine, parameters, () if method == "*" else (method,), api=api),
                *self.binder.properties(declared, (method,), parameters, pages=False),
            )
            yield entry(
                self.site,
                app,
                method=method,
                route=route,
                framework=NAME,
                handler=f"{declared.name}.{routine.function.name}",
                place=place(routine.module, routine.function.name_span),
                statements=said,
                kind="controller",
                routine=routine,
                bindings=bindings,
                preludes=hooks,
                verbs=verbs,
            )


def _by_convention(convention: Convention, name: str, action: str, area: str, package: str, wanted: list[str]) -> str | None:
    fixed = dict(convention.fixed)
    if (fixed.get("controller", name), fixed.get("action", action)) != (name, action) and "{controller" not in convention.template:
        return None
    if "{controller" not in convention.template and "controller" not in fixed:
        return None
    if convention.area and not area and f"{package}.".startswith(f"{convention.area}."):
        area = convention.area  # a module's area is called after its namespace
    if convention.area and convention.area != area:
        return None
    if area and not convention.area and "{area" not in convention.template and fixed.get("area") != area:
        return None
    values = {"controller": name, "action": action} | ({"area": area} if area else {})
    template = _routes.fill(convention.template, values)
    if any(f"{{{key}:slugify" in template for key in values):
        values = {k: _routes.slug(v) if f"{{{k}:slugify" in template else v for k, v in values.items()}
    return _routes.conventional(template, values, wanted)


def _controller_name(declared: Type) -> str:
    return declared.simple.removesuffix("Controller") or declared.simple


def _action_name(program: Program, action: Action) -> str:
    for annotation, _ in action.annotations:
        if annotation.name.rpartition(".")[2] == "ActionName" and annotation.args:
            value = getattr(annotation.args[0].value, "value", None)
            if isinstance(value, str):
                return value
    return action.routine.function.name.removesuffix("Async") or action.routine.function.name


def _is_api(program: Program, declared: Type) -> bool:
    """Marked `[ApiController]`, as the bases of Ardalis.ApiEndpoints are."""
    marked = "ApiController" in _actions.library_marks(program, declared)
    return marked or any(use.name in _actions.ENDPOINT_BASES for _, use in program.ancestors(declared))


def _is_classic(program: Program, declared: Type) -> bool:
    """ASP.NET Web API 2: verbs by the action's name, one conventional route of its own."""
    return program.is_a(declared, "ApiController") and any(_imports_web_api(m) for _, m in declared.decls)


def _imports_web_api(module: Module) -> bool:
    return any(i.target.startswith("System.Web.Http") for i in module.imports)


def _classic_verb(name: str) -> str:
    return next((v.upper() for v in CLASSIC_VERBS if name.startswith(v)), "POST")
