"""What does each application of the program configure for all its endpoints?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache

from msgspec import Struct

from apiposture.frameworks.csharp._attributes import Attributes
from apiposture.frameworks.csharp._configuration import Configured, read
from apiposture.frameworks.csharp._judge import is_of_environments
from apiposture.frameworks.csharp._projects import Projects
from apiposture.frameworks.csharp._route_policies import RoutePolicies
from apiposture.frameworks.csharp._statements import Policy, Statement
from apiposture.frameworks.csharp._switches import Switches, fixed, handed_to, holds
from apiposture.frameworks.csharp._walls import Walls
from apiposture.model import ir
from apiposture.model.ir import Module
from apiposture.model.source import SourceFile
from apiposture.program import Program, walk
from apiposture.program.types import Routine

STARTS = ("CreateBuilder", "CreateSlimBuilder", "CreateDefaultBuilder", "CreateEmptyBuilder", "UseStartup", "CreateApplicationBuilder")
"""Calls with which an application starts; a project with one of them, or of the Web SDK, is an application."""

AUTHORIZES = frozenset((
    "AddAuthorization", "AddAuthorizationBuilder", "AddAuthorizationCore", "UseAuthorization", "RequireAuthorization", "SetFallbackPolicy",
))  # fmt: skip
MAX_CALLERS = 4
"""Configuration in a library counts for an application that calls it through at most this many functions."""


class Convention(Struct, frozen=True):
    """A conventional route: its template, the area it is for, and what its defaults fix."""

    template: str
    area: str
    fixed: tuple[tuple[str, str], ...]
    classic: bool = False


class App:
    """One application: what it configures, and what it declares for all its endpoints."""

    def __init__(self, site: Site, project: str) -> None:
        self.site = site
        self.project = project
        self.configured: list[Configured] = [c for c in site.configured if site.runs_in(c.routine, project) and site.is_on(c, project)]
        self.fallback: Statement | None = self._last("fallback")
        self.default: Statement | None = self._last("default")
        registering = [routine for routine in site.attributes.metadata.openers if site.is_deployed(routine.module)]
        self.opened: bool = any(site.runs_in(routine, project) for routine in registering)
        """Does a handler let everybody through, whatever a policy asks for?"""
        self.walls = Walls(site.program, [(c.wall, site.is_surely_on(c, project)) for c in self.configured if c.wall is not None])
        self._policies = {c.policy.name.lower(): c.policy for c in self.configured if c.policy is not None}
        self.conventions = [Convention(c.text, c.area, c.fixed, c.classic) for c in self.configured if c.kind == "route"]

    def _last(self, kind: str) -> Statement | None:
        found = [c.statement for c in self.configured if c.kind == kind and c.statement is not None]
        return found[-1] if found else None

    def statements(self, kind: str) -> list[Statement]:
        """Filters and conventions for all controllers or pages."""
        if kind not in ("controller", "page"):
            return []
        return [c.statement for c in self.configured if c.kind == "filter" and c.statement is not None]

    def policy(self, name: str) -> Policy | None:
        """The policy of that name; names don't regard case."""
        return self._policies.get(name.lower())

    @cached_property
    def authorizes(self) -> bool:
        """Does the application configure any authorization at all?"""
        return any(not AUTHORIZES.isdisjoint(module.calls) for module in self.site.modules_of(self.project))

    @cached_property
    def slugs(self) -> bool:
        """Are route tokens turned into slugs, by the transformer that the documentation shows?"""
        for declared in self.site.program.types:
            if "TransformOutbound" in declared.functions and self.site.belongs(declared.decls[0][1], self.project):
                nodes = (n for r in declared.functions["TransformOutbound"] for n in walk.nodes(r.function.body or ()))
                return any(type(n) is ir.Literal and n.value == "([a-z])([A-Z])" for n in nodes)
        return False

    def calls(self, *names: str) -> bool:
        """Is one of these called somewhere in the application's own files, or those of the libraries that it uses?"""
        wanted = frozenset(names)
        return any(not wanted.isdisjoint(m.calls) for m in self.site.program.modules if self.site.belongs(m, self.project))


class Site:
    """All applications of one program."""

    def __init__(self, program: Program, settings: Sequence[SourceFile]) -> None:
        self.program = program
        self.settings = tuple(settings)
        self.projects = Projects(settings)
        self.attributes = Attributes(program)
        self._apps: dict[str, App] = {}
        self._callers: dict[str, list[Routine]] = {}

    @cached_property
    def route_policies(self) -> RoutePolicies:
        """The policies that hold what the route names against the caller."""
        return RoutePolicies(self.program)

    @cached_property
    def configured(self) -> list[Configured]:
        """Everything that startup code says about all endpoints, wherever it stands."""
        return [c for c in read(self.program, self.attributes) if not self.projects.is_test(c.routine.module.path)]

    @cached_property
    def hosts(self) -> tuple[str, ...]:
        """The folders of the projects that are applications, in order."""
        found = {p.folder for p in self.projects.all.values() if p.web and not p.test}
        starts = frozenset(STARTS)
        for module in self.program.modules:
            project = self.projects.of(module.path)
            if project not in found and not self.projects.is_test(module.path) and not starts.isdisjoint(module.calls):
                found.add(project)
        return tuple(sorted(found))

    def apps_of(self, path: str) -> list[App]:
        """The applications that the code of a file runs in: its own project, or those that refer to it."""
        project = self.projects.of(path)
        names = [project] if project in self.hosts else self.projects.users(project, self.hosts)
        return [self.app(name) for name in names or [project]]

    def app(self, project: str) -> App:
        """The application of that project folder."""
        if project not in self._apps:
            self._apps[project] = App(self, project)
        return self._apps[project]

    def app_of(self, path: str) -> App:
        """The one application to judge by. Of several, the least protected: code that two applications share is as open as the opener."""
        apps = self.apps_of(path)
        return next((app for app in apps if app.fallback is None and not app.statements("controller")), apps[0])

    def is_deployed(self, module: Module) -> bool:
        """Test projects are not deployed."""
        return not self.projects.is_test(module.path)

    def belongs(self, module: Module, project: str) -> bool:
        """Does the file belong to the project or to one that it refers to?"""
        return self.projects.uses(project, self.projects.of(module.path))

    def modules_of(self, project: str) -> list[Module]:
        """The project's own files."""
        return [m for m in self.program.modules if self.projects.of(m.path) == project]

    def runs_in(self, routine: Routine, project: str, depth: int = 0) -> bool:
        """Does startup code run in an application? Its own does; that of a library does where the application calls it."""
        home = self.projects.of(routine.module.path)
        if home == project:
            return True
        if not self.projects.uses(project, home) or depth >= MAX_CALLERS:
            return False
        if routine.owner is not None and self.program.is_a(
            routine.owner, "IConfigureOptions", "IConfigureNamedOptions", "IPostConfigureOptions", "StartupBase"
        ):
            return True
        return any(self.runs_in(caller, project, depth + 1) for caller in self.callers(routine) if caller is not routine)

    def is_on(self, said: Configured, project: str) -> bool:
        """Do the tests that it stands behind hold for one of those in the application who call its function, as far as they tell?"""
        ways = self._told(said.routine, project) if said.tests else ()
        return not said.tests or any(all(holds(test, way) in (None, wanted) for test, wanted in said.tests) for way in ways)

    def is_surely_on(self, said: Configured, project: str) -> bool:
        """The same, where that is known; in some environments is where it is deployed."""
        tests = [each for each in said.tests if not is_of_environments(each[0])]
        ways = self._told(said.routine, project) if tests else ()
        return not tests or any(all(holds(test, way) is wanted for test, wanted in tests) for way in ways)

    def _told(self, routine: Routine, project: str, depth: int = 0) -> list[Switches]:
        """What the application's calls of a function tell it, each for itself."""
        own = fixed(routine.function)
        found: list[Switches] = []
        for caller, call in self.program.calling(routine.function.name) if depth < MAX_CALLERS else ():
            if caller is not routine and self.runs_in(caller, project):
                found += ({**handed_to(routine, call, way), **own} for way in self._told(caller, project, depth + 1))
        return found or [own]

    def callers(self, routine: Routine) -> list[Routine]:
        """The functions that call one of that name."""
        name = routine.function.name
        if name not in self._callers:
            self._callers[name] = list({id(r): r for r, _ in self.program.calling(name)}.values())
        return self._callers[name]


def site_of(program: Program, settings: Sequence[SourceFile]) -> Site:
    """The program's applications; worked out once for all frameworks."""
    return _site(program, program.edition, tuple(settings))


@lru_cache(maxsize=1)
def _site(program: Program, edition: int, settings: tuple[SourceFile, ...]) -> Site:
    return Site(program, settings)


__all__ = ["App", "Convention", "Site", "site_of"]
