"""Which rights does an endpoint's metadata stand for?

An authorization handler may ask the endpoint itself which right it is for (`endpoint.Metadata.GetMetadata<IRequiredPermission>()`): then an
attribute of that type says what the caller must have, wherever a policy holds that has the handler's requirement
(https://learn.microsoft.com/aspnet/core/security/authorization/policies#access-mvc-request-context-in-handlers).
"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.frameworks.csharp._letting import ASKS, HOOKS, asked_kind, decides, lets_through, may_fail
from apiposture.frameworks.csharp._route_policies import HANDLERS
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type


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
        self.open = frozenset(name for name, answering in handlers.items() if self._lets_through(answering, None))
        """The requirements that everybody meets at an endpoint that names nothing."""
        for requirement, answering in handlers.items():
            for handler in answering:
                self._look_at(handler, requirement, answering)
        self.requirements = frozenset(self._rights.values())
        """The requirements whose handlers ask the endpoint for a right."""

    def _look_at(self, handler: Type, requirement: str, answering: list[Type]) -> None:
        for kind in dict.fromkeys(self._asked_by(handler)):
            if self._lets_through(answering, kind):
                self._spares[kind] = requirement
            elif decides(self._program, handler, kind):
                self._rights[kind] = requirement

    def _lets_through(self, handlers: list[Type], present: Type | None) -> bool:
        """A requirement is met as soon as one of its handlers says so and no other says no."""
        letting = [handler for handler in handlers if any(lets_through(self._program, hook, present) for hook in _hooks(handler))]
        return bool(letting) and not any(may_fail(handler) for handler in handlers if handler not in letting)

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

    def _found(self, attribute: Type, among: dict[Type, str]) -> str:
        kinds = (attribute, *(base for base, _ in self._program.ancestors(attribute))) if among else ()
        return next((among[kind] for kind in kinds if kind in among), "")


def _hooks(handler: Type) -> Iterator[Routine]:
    return (hook for name in HOOKS for hook in handler.functions.get(name, ()))
