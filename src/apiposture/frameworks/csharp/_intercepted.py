"""What do the services that an action calls ask of callers in their attributes?

ABP puts an interceptor around every service whose class or functions are marked `[Authorize]`, so that a call asks what they say:
https://abp.io/docs/latest/framework/fundamentals/authorization
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from apiposture.frameworks.csharp import _actions
from apiposture.frameworks.csharp._entries import own_statements, type_statements
from apiposture.frameworks.csharp._site import Site
from apiposture.frameworks.csharp._statements import Statement
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

PACKAGE: Final = "Volo.Abp"
PACKAGES: Final = (PACKAGE, "Abp.")
"""ABP, and ASP.NET Boilerplate, which does the same."""
REMOTE: Final = "ClientProxyBase"


class Intercepted:
    """Answers for one site; nothing where no interceptor is known to be put around services."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.program: Program = site.program
        self.around = any(i.target.startswith(PACKAGES) for m in site.program.modules for i in m.imports)

    def statements(self, routine: Routine, said: Sequence[Statement]) -> list[Statement]:
        """What is asked by the calls that are made whenever the action runs. A service that lets everybody in waives what its class asks,
        and nothing that the action itself asks for.
        """
        if not self.around:
            return []
        found = [one for service, called in self._services(routine) for one in self._of(service, called)]
        asking = [one for one in found if one.effect != "anonymous"]
        return asking if asking or any(one.effect == "authorize" for one in said) else found

    def _of(self, service: Type, called: Routine) -> list[Statement]:
        own = own_statements(self.site, [(a, called.module) for a in called.function.annotations], called)
        opens = [one for one in own if one.effect == "anonymous"]
        return opens or [*own, *type_statements(self.site, service)]

    def _services(self, routine: Routine) -> Iterator[tuple[Type, Routine]]:
        for call in _always(routine.function.body or ()):
            if isinstance(call.function, ir.Member):
                declared = self._holder(call.function.object, routine)
                services = [one for one in self.program.implementations(declared) if self._is_service(one)] if declared else []
                if len(services) == 1 and services[0] is not routine.owner:
                    for called in self._called(services[0], call):
                        yield services[0], called

    def _called(self, service: Type, call: ir.Call) -> list[Routine]:
        named = self.program.methods(service, walk.called_name(call))
        return [one for one in named if len(one.function.params) >= len(call.args)][:1]

    def _holder(self, expr: ir.Expr, routine: Routine) -> Type | None:
        """The declared type of a member or parameter."""
        name = walk.dotted(expr).removeprefix("this.")
        given = next((param.type for param in routine.function.params if param.name == name), None)
        if given is not None:
            return self.program.use(given, routine.module, routine.owner).decl
        slot = self.program.slot(routine.owner, name) if routine.owner is not None and name else None
        kind = self.program.type_of(slot) if slot is not None else None
        return kind.decl if kind is not None else None

    def _is_service(self, declared: Type) -> bool:
        """Does the type do the work, and hands it on neither as a controller nor to another process?"""
        return not _actions.is_controller(self.program, declared) and not self.program.is_a(declared, REMOTE)


def _always(body: Collection[ir.Stmt]) -> Iterator[ir.Call]:
    """The calls of statements that are reached whatever the request says."""
    for statement in body:
        if isinstance(statement, ir.Eval | ir.Declare | ir.Return) and statement.value is not None:
            yield from walk.calls(statement.value)
        elif isinstance(statement, ir.Try | ir.Block):
            yield from _always(statement.body)
        if isinstance(statement, ir.If | ir.Loop | ir.Return | ir.Throw):
            return
