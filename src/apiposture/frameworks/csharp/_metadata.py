"""Which rights does an endpoint's metadata stand for?

An authorization handler may ask the endpoint itself which right it is for (`endpoint.Metadata.GetMetadata<IRequiredPermission>()`): then an
attribute of that type says what the caller must have, wherever a policy holds that has the handler's requirement
(https://learn.microsoft.com/aspnet/core/security/authorization/policies#access-mvc-request-context-in-handlers). Middleware
may ask the same: then the attribute holds wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from apiposture.frameworks.csharp import _judge
from apiposture.frameworks.csharp._letting import (
    ASKS,
    HOOKS,
    asked_kind,
    by_name,
    decides,
    lets_through,
    may_fail,
    opens_all,
    passes_without,
)
from apiposture.frameworks.csharp._route_policies import HANDLERS
from apiposture.frameworks.csharp._switches import tests_around
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

HANDLER: Final = "IAuthorizationHandler"
MAX_CALLERS: Final = 4
STARTUP: Final = frozenset(("<main>", "Main", "ConfigureServices"))
"""Functions that nobody has to call."""


class Metadata:
    """Answers for one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._rights: dict[Type, str] = {}
        self._spares: dict[Type, str] = {}
        handlers: dict[str, list[Type]] = {}
        for declared in program.types:
            for _, use in program.ancestors(declared):
                if use.name in HANDLERS and len(use.args) == 1:
                    handlers.setdefault(use.args[0].name, []).append(declared)
        self._own = by_name(program) if handlers else {}
        self.openers = tuple(self._openers([one for answering in handlers.values() for one in answering]))
        """The functions that for certain register a handler which lets everybody through, whatever a policy asks for."""
        self.open = frozenset(name for name, answering in handlers.items() if self._lets_through(answering, None))
        """The requirements that everybody meets at an endpoint that names nothing."""
        for requirement, answering in handlers.items():
            for handler in answering:
                self._look_at(handler, requirement, answering)
        self._walls = dict(self._asked_by_middleware())
        self.requirements = frozenset(self._rights.values())
        """The requirements whose handlers ask the endpoint for a right."""

    def _look_at(self, handler: Type, requirement: str, answering: list[Type]) -> None:
        for kind in dict.fromkeys(self._asked_by(handler)):
            if self._lets_through(answering, kind):
                self._spares[kind] = requirement
            elif decides(self._program, handler, kind):
                self._rights[kind] = requirement

    def _asked_by_middleware(self) -> Iterator[tuple[Type, _judge.Verdict]]:
        """The kinds of metadata because of which a middleware refuses callers."""
        for routine, call in self._program.calling("UseMiddleware"):
            middleware = self._program.use(call.type_args[0], routine.module, routine.owner).decl if call.type_args else None
            verdict = _judge.of_type(self._program, middleware) if middleware is not None else _judge.SILENT
            if middleware is not None and verdict.refuses and verdict.reads_caller:
                asked = [kind for kind in dict.fromkeys(self._asked_by(middleware)) if decides(self._program, middleware, kind)]
                if len(asked) > 1:  # what only says more about a right asks for none
                    asked = [kind for kind in asked if passes_without(self._program, middleware, kind)]
                yield from ((kind, verdict) for kind in asked)

    def _lets_through(self, handlers: list[Type], present: Type | None) -> bool:
        """A requirement is met as soon as one of its handlers says so and no other says no."""
        letting = [one for one in handlers if any(lets_through(self._program, hook, present, self._own) for hook in _hooks(one))]
        return bool(letting) and not any(may_fail(handler) for handler in handlers if handler not in letting)

    def _openers(self, others: list[Type]) -> Iterator[Routine]:
        handling = [one for one in self._program.types if any(use.name == HANDLER for _, use in self._program.ancestors(one))]
        opening = {one.simple for one in handling if opens_all(self._program, one, self._own)}
        if opening and not any(may_fail(one) for one in (*handling, *others)):
            for routine, call in self._program.registering:
                named = {ref.name.rpartition(".")[2] for ref in call.type_args}
                if HANDLER in named and not opening.isdisjoint(named) and self._is_always_run(routine, call):
                    yield routine

    def _is_always_run(self, routine: Routine, call: ir.Call, depth: int = 0) -> bool:
        """Does a call stand behind no test, and so do those of the function that it stands in?"""
        if id(call) in tests_around(routine.function) or depth > MAX_CALLERS:
            return False
        callers = [(one, made) for one, made in self._program.calling(routine.function.name) if one is not routine]
        if not callers:
            return routine.function.name in STARTUP
        return all(self._is_always_run(one, made, depth + 1) for one, made in callers)

    def _asked_by(self, handler: Type) -> Iterator[Type]:
        for routines in handler.functions.values():
            for routine in routines:
                if not ASKS.isdisjoint(self._program.mentions(routine)):
                    for call in walk.calls(routine.function.body or ()):
                        kind = asked_kind(self._program, call, routine)
                        yield from (kind,) if kind is not None else ()

    def requirement_of(self, attribute: Type) -> str:
        """The requirement for which an attribute names the right; empty where no handler looks for it."""
        return self._found(attribute, self._rights)

    def spared_by(self, attribute: Type) -> str:
        """The requirement that everybody meets at an endpoint with this attribute; empty where there is none."""
        return self._found(attribute, self._spares)

    def refused_by(self, attribute: Type) -> _judge.Verdict | None:
        """The verdict on the middleware that asks an endpoint with this attribute for the right that it names."""
        return next((self._walls[kind] for kind in self._kinds_of(attribute) if kind in self._walls), None) if self._walls else None

    def _found(self, attribute: Type, among: dict[Type, str]) -> str:
        return next((among[kind] for kind in self._kinds_of(attribute) if kind in among), "") if among else ""

    def _kinds_of(self, attribute: Type) -> tuple[Type | None, ...]:
        return attribute, *(base for base, _ in self._program.ancestors(attribute))


def _hooks(handler: Type) -> Iterator[Routine]:
    return (hook for name in HOOKS for hook in handler.functions.get(name, ()))
