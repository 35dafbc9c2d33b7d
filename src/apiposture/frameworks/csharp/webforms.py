"""Which pages, handlers and services does ASP.NET have that came before MVC, and who may call them?"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from apiposture.frameworks.csharp._entries import CHANGING_NAME, entry, type_statements
from apiposture.frameworks.csharp._site import Site, site_of
from apiposture.frameworks.csharp._statements import Statement
from apiposture.frameworks.csharp._web_config import Rules
from apiposture.frameworks.routing import Entry, Supply
from apiposture.model import ir
from apiposture.model.facts import Binding
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

NAME: Final = "ASP.NET Web Forms"

NAMESPACE: Final = "System.Web"
CONTROLS: Final = ("UserControl", "MasterPage")
HANDLERS: Final = ("IHttpHandler", "IHttpAsyncHandler", "HttpTaskAsyncHandler")
NAMED: Final = frozenset(("Page", "WebService", *CONTROLS, *HANDLERS))
PROCESSES: Final = ("ProcessRequest", "ProcessRequestAsync")
BEHIND: Final = re.compile(r"\.(aspx|ascx|master|ashx|asmx)\.cs$", re.IGNORECASE)
RUNS_ALWAYS: Final = re.compile(r"^(Page_\w+|On(PreInit|Init|InitComplete|PreLoad|Load|LoadComplete|PreRender|PreRenderComplete|Unload))$")
"""What runs whenever the page is asked for: https://learn.microsoft.com/previous-versions/aspnet/ms178472(v=vs.100)"""

ASKS: Final = frozenset(("Session", "User", "IsAuthenticated", "IsInRole"))
SENDS_AWAY: Final = frozenset(("Redirect", "RedirectToLoginPage", "Transfer", "End"))


def recognised(program: Program) -> bool:
    """Is there a page, control, handler or service of `System.Web`?"""
    named = (declared for declared in program.types if any(ref.name.rpartition(".")[2] in NAMED for ref, _ in declared.bases))
    return any(_kind_of(program, declared) for declared in named)


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """Pages with their events, page methods, handlers (`.ashx`), and the functions of services (`.asmx`)."""
    finder = _Finder(site_of(program, settings), Rules(settings))
    for declared in program.types:
        kind = _kind_of(program, declared) if declared.kind == "class" and not declared.is_abstract else ""
        if kind and finder.site.is_deployed(declared.decls[0][1]):
            yield from finder.of(declared, kind)


def _uses(module: ir.Module) -> bool:
    return any(one.target.startswith(NAMESPACE) for one in module.imports)


def _kind_of(program: Program, declared: Type) -> str:
    """What a type is to `System.Web`: `page`, `control`, `handler` or `service`; empty where it is nothing of the kind."""
    for kind in program.lineage(declared):
        for ref, module in kind.bases:
            name = ref.name.rpartition(".")[2]
            if program.use(ref, module, kind).decl is not None or not (ref.name.startswith(NAMESPACE) or _uses(module)):
                continue
            if name == "Page" or name in CONTROLS:
                return "page" if name == "Page" else "control"
            if name in HANDLERS:
                return "handler"
            if name == "WebService":
                return "service"
    return ""


class _Finder:
    def __init__(self, site: Site, rules: Rules) -> None:
        self.site = site
        self.rules = rules

    def of(self, declared: Type, kind: str) -> Iterator[Entry]:
        """The endpoints of one type."""
        path = next((module.path for _, module in declared.decls if BEHIND.search(module.path)), declared.decls[0][1].path)
        served = path[: -len(".cs")] if BEHIND.search(path) else posixpath.join(posixpath.dirname(path), declared.simple)
        if kind == "page" and self.rules.hides(served):
            return
        functions = [one for routines in declared.functions.values() for one in routines if one.function.has_body]
        if kind in ("page", "control"):
            yield from self._asked_for(declared, functions, served, kind == "control")
        for routine in functions:
            name = routine.function.name
            if any(each.name in ("WebMethod", "WebMethodAttribute") for each in routine.function.annotations):
                yield self._entry(declared, routine, served, f"/{name}", "POST", "body")
            elif kind == "handler" and name in PROCESSES:
                yield self._entry(declared, routine, served, "", "*", "service")
            elif kind in ("page", "control") and _answers_event(routine) and not RUNS_ALWAYS.match(name):
                yield self._entry(declared, routine, served, f"?event={name}", "POST", "service", kind == "control")

    def _asked_for(self, declared: Type, functions: Sequence[Routine], served: str, within: bool) -> Iterator[Entry]:
        """The page itself: one of the functions that run whenever it is asked for, and the others that do."""
        always = [one for one in functions if RUNS_ALWAYS.match(one.function.name)]
        if always:
            handler = next((one for one in always if one.function.name in ("Page_Load", "OnLoad")), always[0])
            before = tuple(_runs(one) for one in always if one is not handler)
            yield replace(self._entry(declared, handler, served, "", "*", "service", within), supplies=before)

    def _entry(
        self, declared: Type, routine: Routine, served: str, suffix: str, method: str, source: str, within: bool = False
    ) -> Entry:
        said = [*self._looks(routine), *type_statements(self.site, declared), *self._asked(declared, served, within)]
        return entry(
            self.site,
            self.site.app_of(routine.module.path),
            method=method,
            route=f"/{self._below(served)}{suffix}",
            framework=NAME,
            handler=f"{declared.name}.{routine.function.name}",
            place=place(routine.module, routine.function.name_span),
            statements=said,
            kind="page",
            routine=routine,
            bindings=[Binding(param.name, source) for param in routine.function.params],
            changing=_names_a_change(routine.function.name) if source == "service" else None,
        )

    def _below(self, served: str) -> str:
        """The path below the application's own folder."""
        project = self.site.projects.of(served)
        return served.removeprefix(f"{project}/") if project else served

    def _asked(self, declared: Type, served: str, within: bool) -> Iterator[Statement]:
        at = place(declared.decls[0][1], declared.decls[0][0].name_span)
        if within:
            yield Statement("unknown", "type", declared.simple, at, declared.simple, why="a control runs in the pages that hold it")
        elif not self.rules.is_known:
            yield Statement("unknown", "type", declared.simple, at, declared.simple, why="there is no 'web.config' in the scanned source")
        said = list(self.rules.statements(served))
        if not said and self.rules.knows_logins:
            why = "no rule of 'web.config' covers it, and the application knows logins: its code may ask for one"
            yield Statement("unknown", "type", declared.simple, at, declared.simple, why=why)
        yield from said

    def _looks(self, routine: Routine) -> Iterator[Statement]:
        """That the code asks the session or the user, and sends some away: what it asks is not understood any further."""
        for node in walk.nodes(routine.function.body or ()):
            if type(node) is not ir.If or ASKS.isdisjoint(_names(node.condition)):
                continue
            calls = {walk.called_name(call) for branch in (node.then, node.other) for call in walk.calls(branch)}
            if not SENDS_AWAY.isdisjoint(calls):
                at, name = place(routine.module, node.span), routine.function.name
                yield Statement("unknown", "handler", name, at, name, why=f"'{name}' sends some away, by what the session or the user says")
                return


def _runs(routine: Routine) -> Supply:
    """A method of the page's own object that runs beside the one that answers."""
    return Supply("", routine, tuple(Binding(param.name, "service") for param in routine.function.params), own=True)


def _names_a_change(name: str) -> bool:
    """Does a part of the name say that something is changed: `btnSave_Click`? Every event is sent by POST."""
    return any(CHANGING_NAME.match(name[at:]) for at in range(len(name)) if name[at].isupper())


def _names(expr: ir.Expr) -> set[str]:
    nodes = walk.nodes((expr,))
    return {node.name if type(node) is ir.Member else node.id for node in nodes if type(node) in (ir.Member, ir.Name)}


def _answers_event(routine: Routine) -> bool:
    """Can markup name it as what answers an event: `(object sender, EventArgs e)`, and not private?"""
    params, modifiers = routine.function.params, routine.function.modifiers
    named = len(params) == 2 and params[1].type is not None and params[1].type.name.endswith("EventArgs")
    return named and not {"static", "private"}.intersection(modifiers) and bool({"public", "protected"}.intersection(modifiers))
