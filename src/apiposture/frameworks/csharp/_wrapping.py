"""Which functions of the project's own map for others, with the route and the handler that they are given?

`static void MapBoth(this IEndpointRouteBuilder on, string pattern, RequestDelegate handler) => on.MapMethods(pattern, BOTH, handler)`: an
endpoint is mapped wherever that is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from apiposture.frameworks.csharp._builders import Saying
from apiposture.frameworks.csharp._handlers import function_of
from apiposture.frameworks.csharp._maps import VERBS
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine

TAKE_HANDLERS: Final = frozenset((*VERBS, "Map", "MapMethods", "MapFallback"))
APPLICATIONS: Final = frozenset(("WebApplication", "IApplicationBuilder", "IEndpointRouteBuilder", "IRouteBuilder"))
"""Types of fields that hold the application itself."""


class Wrapped(Struct, frozen=True, eq=False):
    """What a wrapper was given: the functions by the names of its parameters, and the call that gave them."""

    wrapper: Routine
    handlers: Mapping[str, Routine]
    saying: Saying


def _is_wrapper(callee: Routine) -> bool:
    """Does a function hand a parameter of its own on as the handler of what it maps?"""
    own = {param.name for param in callee.function.params}
    mapping = (call for call in walk.calls(callee.function.body or ()) if walk.called_name(call) in TAKE_HANDLERS)
    return any(type(arg.value) is ir.Name and arg.value.id in own for call in mapping for arg in call.args[-1:])


def wrapped(
    program: Program,
    callee: Routine,
    call: ir.Call,
    routine: Routine,
    lambdas: Mapping[str, ir.Lambda],
    around: Wrapped | None,
    shift: int,
) -> Wrapped | None:
    """What a call gives a wrapper, None where the callee is none.

    `around` is what the caller itself was given, `shift` is 1 where the callee is an extension.
    """
    if not _is_wrapper(callee):
        return None
    params = callee.function.params[shift:]
    found: dict[str, Routine] = {}
    for number, arg in enumerate(call.args):
        named = arg.name or (params[number].name if number < len(params) else "")
        handed = around.handlers.get(arg.value.id) if around is not None and isinstance(arg.value, ir.Name) else None
        handed = handed or function_of(program, arg.value, routine, lambdas)
        if named and handed is not None:
            found[named] = handed
    return Wrapped(callee, found, around.saying if around is not None else Saying(call, routine))


def handed_in(call: ir.Call, around: Wrapped | None) -> Routine | None:
    """The handler that a mapping call names by a parameter of the wrapper around it."""
    if around is None:
        return None
    names = (arg.value.id for arg in reversed(call.args) if isinstance(arg.value, ir.Name))
    return next((around.handlers[name] for name in names if name in around.handlers), None)


def said_at(around: Wrapped | None) -> Saying | None:
    """The call of the outermost wrapper."""
    return around.saying if around is not None else None


def holds_application(program: Program, name: str, routine: Routine) -> bool:
    """Is it a field or property of the own object that holds the application: `_app.MapGet(...)`?"""
    slot = program.slot(routine.owner, name) if routine.owner is not None else None
    return slot is not None and slot.field.type is not None and slot.field.type.name.rpartition(".")[2].rstrip("?") in APPLICATIONS
