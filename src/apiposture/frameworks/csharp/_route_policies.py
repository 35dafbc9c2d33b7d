"""Which policies hold what the route names against the caller?

`[Authorize<ManageUsers>]` above `/organizations/{orgId}/...` asks for a right in that very organization where the requirement's handler
reads the route (https://learn.microsoft.com/aspnet/core/security/authorization/policies#access-mvc-request-context-in-handlers).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from apiposture.frameworks.routing import Held
from apiposture.model import ir
from apiposture.model.facts import Endpoint
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

HANDLERS: Final = ("AuthorizationHandler", "AuthorizationPolicyHandler")
ROUTE: Final = frozenset(("RouteValues", "GetRouteValue", "GetRouteData", "RouteData"))
REQUEST: Final = "httpcontext."
MAX_HELPERS: Final = 3
"""The route is read by a function of the handler, or by static helpers that call each other so deep."""


class RoutePolicies:
    """Answers for one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._names: dict[str, tuple[frozenset[str] | None, Routine]] = {}
        self._known_helpers: dict[str, list[Routine]] | None = None
        for declared in program.types:
            for _, use in program.ancestors(declared):
                if use.name in HANDLERS and len(use.args) == 1:
                    self._handled(declared, use.args[0].name, use.args[0].decl)

    def _handled(self, handler: Type, requirement: str, declared: Type | None) -> None:
        """The names that a handler looks up in the route, for the requirement and all that extend it.

        None of what looks at the request in a way that can't be followed: it may be any.
        """
        own = [routine for routines in handler.functions.values() for routine in routines]
        seen = [routine for one in own for routine in self._reading(one)]
        reads_route = any(not self._program.mentions(one).isdisjoint(ROUTE) for one in seen)
        if reads_route or any(self._asks_request(one) for one in own):
            texts = frozenset(text for one in seen for text in _texts(one)) if reads_route else None
            for name in (requirement, *(heir.simple for heir in self._program.heirs(declared))) if declared else (requirement,):
                self._names.setdefault(name, (texts, own[0]))

    def _asks_request(self, routine: Routine) -> bool:
        """Is the request asked something by a function that isn't in the scanned source: `httpContext.GetOrganizationId()`?"""
        asked = [call for call in walk.calls(routine.function.body or ()) if walk.dotted(call.function).lower().find(REQUEST) >= 0]
        known = {one.function.name for one in self._program.routines} if asked else set()
        return any(walk.called_name(call) not in known for call in asked)

    def _reading(self, routine: Routine, depth: int = 0) -> Iterator[Routine]:
        """A function and the static helpers that it calls."""
        yield routine
        if depth < MAX_HELPERS:
            helpers = self._helpers()
            for name in sorted(helpers.keys() & self._program.mentions(routine)):
                for one in helpers[name]:
                    if one is not routine:
                        yield from self._reading(one, depth + 1)

    def _helpers(self) -> dict[str, list[Routine]]:
        """The static functions of the program, by name."""
        if self._known_helpers is None:
            self._known_helpers = {}
            for one in self._program.routines:
                if _is_helper(one):
                    self._known_helpers.setdefault(one.function.name, []).append(one)
        return self._known_helpers

    def held(self, endpoint: Endpoint) -> Iterator[Held]:
        """What the endpoint's policies hold against the caller."""
        for need in endpoint.posture.needs if endpoint.posture.level == "policy" else ():
            known = self._names.get(need.name)
            if known is not None:
                texts, handler = known
                named = (one for one in endpoint.bindings if one.source == "route" and (texts is None or one.name in texts))
                yield from (Held(one, handler.module, handler.function.name_span) for one in named)


def _is_helper(routine: Routine) -> bool:
    return routine.owner is not None and any("static" in decl.modifiers for decl, _ in routine.owner.decls)


def _texts(routine: Routine) -> Iterator[str]:
    nodes = walk.nodes(routine.function.body or ())
    return (node.value for node in nodes if isinstance(node, ir.Literal) and isinstance(node.value, str))
