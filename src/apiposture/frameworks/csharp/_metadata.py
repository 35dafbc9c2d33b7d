"""Which rights does an endpoint's metadata stand for?

An authorization handler may ask the endpoint itself which right it is for (`endpoint.Metadata.GetMetadata<IRequiredPermission>()`): then an
attribute of that type says what the caller must have, wherever a policy holds that has the handler's requirement
(https://learn.microsoft.com/aspnet/core/security/authorization/policies#access-mvc-request-context-in-handlers).
"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.frameworks.csharp._route_policies import HANDLERS
from apiposture.program import Program, walk
from apiposture.program.types import Type

ASKS = frozenset(("GetMetadata", "GetOrderedMetadata", "GetRequiredMetadata"))


class Metadata:
    """Answers for one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._asked: dict[Type, str] = {}
        for declared in program.types:
            for _, use in program.ancestors(declared):
                if use.name in HANDLERS and len(use.args) == 1:
                    self._asked.update((kind, use.args[0].name) for kind in self._asked_by(declared))
        self.requirements = frozenset(self._asked.values())
        """The requirements whose handlers ask the endpoint."""

    def _asked_by(self, handler: Type) -> Iterator[Type]:
        for routines in handler.functions.values():
            for routine in routines:
                if not ASKS.isdisjoint(self._program.mentions(routine)):
                    for call in walk.calls(routine.function.body or ()):
                        if walk.called_name(call) in ASKS and call.type_args:
                            kind = self._program.use(call.type_args[0], routine.module, handler).decl
                            yield from (kind,) if kind is not None else ()

    def requirement_of(self, attribute: Type) -> str:
        """The requirement for which an attribute names the right; empty where no handler looks for it."""
        kinds = (attribute, *(base for base, _ in self._program.ancestors(attribute))) if self._asked else ()
        return next((self._asked[kind] for kind in kinds if kind in self._asked), "")
