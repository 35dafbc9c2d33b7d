"""Which handlers do Razor Pages have, and who may call them?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from apiposture.frameworks.csharp import _routes
from apiposture.frameworks.csharp._bindings import binder_of
from apiposture.frameworks.csharp._configuration import Configured
from apiposture.frameworks.csharp._entries import entry, type_statements, unknown_base
from apiposture.frameworks.csharp._mapping import mapping_of
from apiposture.frameworks.csharp._site import App, Site, site_of
from apiposture.frameworks.csharp._statements import Statement
from apiposture.frameworks.routing import Entry
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

NAME: Final = "ASP.NET Core Razor Pages"

HANDLER: Final = re.compile(r"^On(Get|Post|Put|Delete|Patch|Head|Options)((?!Async$)[A-Z]\w*?)?(?:Async)?$")
PAGE: Final = re.compile(r"^\s*@page[ \t]*(?:\"([^\"]*)\")?", re.MULTILINE)
MODEL: Final = re.compile(r"^\s*@model\s+([\w.]+)", re.MULTILINE)
AREA: Final = re.compile(r"(?:^|/)Areas/([^/]+)/Pages/(.*)$")
FOLDER: Final = re.compile(r"(?:^|/)Pages/(.*)$")
HOOKS: Final = ("OnPageHandlerExecuting", "OnPageHandlerExecutionAsync")
BASES: Final = frozenset(("PageModel", "object"))


def recognised(program: Program) -> bool:
    """Is there a page model?"""
    return any(program.is_a(t, "PageModel") for t in program.types if t.kind == "class")


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The handlers of every page, below the routes of its page file."""
    finder = _Finder(site_of(program, settings))
    for declared in program.types:
        path = declared.decls[0][1].path
        if (
            declared.kind == "class"
            and not declared.is_abstract
            and program.is_a(declared, "PageModel")
            and not finder.site.projects.is_test(path)
        ):
            yield from finder.of_page(declared)


class _Finder:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.program = site.program
        self.binder = binder_of(site.program)
        self.views = {s.path: s.text for s in site.settings if s.path.endswith(".cshtml")}
        self.by_model: dict[str, list[str]] = {}
        for path, text in self.views.items():
            if (found := MODEL.search(text)) is not None:
                self.by_model.setdefault(found[1].rpartition(".")[2], []).append(path)

    def of_page(self, declared: Type) -> Iterator[Entry]:
        """The handlers of one page model."""
        path = self._view_of(declared)
        area, page = _page_of(path)
        template = self._template(path)
        if page is None or template is None:
            return
        app = self.site.app_of(declared.decls[0][1].path)
        route = _route(area, page, template)
        said = [
            *type_statements(self.site, declared),
            *_conventions(app, area, page),
            *self._mapped(app),
            *unknown_base(self.site, declared, BASES),
        ]
        hooks = [r for name in HOOKS for r in self.program.methods(declared, name)[:1] if r.function.has_code]
        for routine, method, handler in _handlers(self.program, declared):
            parameters = _routes.parameters(route)
            path = route.replace("{handler?}", handler).replace("{handler}", handler)
            bindings = (
                *self.binder.bind(routine, parameters, (method,), api=False),
                *self.binder.properties(declared, (method,), parameters, pages=True),
            )
            found = entry(
                self.site,
                app,
                method=method,
                route=path,
                framework=NAME,
                handler=f"{declared.name}.{routine.function.name}",
                place=place(routine.module, routine.function.name_span),
                statements=said,
                kind="page",
                routine=routine,
                bindings=bindings,
                preludes=hooks,
            )
            if handler and "handler" not in parameters:
                found = replace(found, endpoint=replace(found.endpoint, route=f"{found.endpoint.route}?handler={handler}"))
            yield found

    def _view_of(self, declared: Type) -> str:
        """The page file: the one beside the model's file, or the one that names the model."""
        path = declared.decls[0][1].path
        beside = path.removesuffix(".cs")
        if beside.endswith(".cshtml"):
            return beside
        named = self.by_model.get(declared.simple, ())
        return named[0] if len(named) == 1 else f"{path.removesuffix('.cs')}.cshtml"

    def _template(self, path: str) -> str | None:
        """What `@page` adds to the page's path; None where the file is there and is no page."""
        text = self.views.get(path)
        if text is None:
            return ""
        found = PAGE.search(text)
        return (found[1] or "") if found else None

    def _mapped(self, app: App) -> list[Statement]:
        found = [m for m in mapping_of(self.site).found if m.name == "MapRazorPages" and m.builder.project == app.project]
        return list(found[0].builder.statements()) if found else []


def _page_of(path: str) -> tuple[str, str | None]:
    """The area and the page's own path, without extension: `/Account/Login`."""
    found = AREA.search(path)
    if found is not None:
        return found[1], "/" + found[2].removesuffix(".cshtml")
    found = FOLDER.search(path)
    return ("", "/" + found[1].removesuffix(".cshtml")) if found else ("", None)


def _route(area: str, page: str, template: str) -> str:
    if template.startswith(("/", "~/")):
        return template
    base = page.removesuffix("/Index") if page.endswith("/Index") else page
    return _routes.join("/", area, base.strip("/"), template)


def _conventions(app: App, area: str, page: str) -> Iterator[Statement]:
    """`AuthorizeFolder("/Manage")` and its kin, where they cover the page: pages first, then folders."""
    fitting = [c for c in app.configured if c.kind == "page" and c.statement is not None and _covers(c, area, page)]
    yield from (c.statement for c in sorted(fitting, key=lambda c: (c.classic, -len(c.text))) if c.statement is not None)


def _covers(convention: Configured, area: str, page: str) -> bool:
    if convention.area.lower() != area.lower():
        return False
    wanted, given = convention.text.rstrip("/").lower(), page.lower()
    return given.startswith(f"{wanted}/") if convention.classic else given == wanted


def _handlers(program: Program, declared: Type) -> Iterator[tuple[Routine, str, str]]:
    seen: set[str] = set()
    for t in program.lineage(declared):
        for name, routines in t.functions.items():
            found = HANDLER.match(name)
            if found is None or name in seen or any(a.name == "NonHandler" for r in routines for a in r.function.annotations):
                continue
            modifiers = routines[0].function.modifiers
            if "public" in modifiers and "static" not in modifiers and routines[0].function.has_body:
                seen.add(name)
                yield routines[0], found[1].upper(), found[2] or ""
