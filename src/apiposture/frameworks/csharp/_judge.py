"""Does a piece of the project's own code (a filter, a middleware) refuse callers before the endpoint runs?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from msgspec import Struct

from apiposture.model import ir
from apiposture.model.source import Span, start_of
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

HOOKS = (
    "OnAuthorization", "OnAuthorizationAsync", "OnActionExecuting", "OnActionExecutionAsync", "OnResourceExecuting",
    "OnResourceExecutionAsync", "OnPageHandlerExecuting", "OnPageHandlerExecutionAsync", "InvokeAsync", "Invoke", "IsAuthorized",
    "AuthorizeCore",
)  # fmt: skip
"""The functions of filters, endpoint filters and middleware that run before the endpoint."""

REFUSAL = re.compile(
    r"^(Http)?(Unauthorized|Forbid|Forbidden|Challenge|AuthenticationException|SecurityException|AccessDenied|NotAuthorized"
    r"|NotAuthenticated|Unauthenticated|NotLoggedIn|Invalid(Access|Session|Api)?(Token|Session)(?![a-z])|(Token|Session)Expired)"
)
REFUSED = re.compile(r"^(Status40[13]\w+|Unauthorized|Forbidden)$")
CALLER = frozenset("User Identity IsAuthenticated Claims Headers Authorization Cookies Session Items Query CurrentUser UserId".split())
CALLER_CALLS = frozenset("IsInRole FindFirst FindFirstValue HasClaim GetUserAsync GetUserId AuthenticateAsync AuthorizeAsync".split())
WHERE = frozenset("Path PathBase StartsWithSegments GetEndpoint Method GetMetadata RequestUri IsDevelopment".split())
MARKERS = re.compile(r"^I?Allow\w*Anonymous\w*$|^AllowAnonymous\w*$")
MAX_DEPTH = 2
"""How far calls to functions of the same type are followed."""


class Verdict(Struct, frozen=True):
    """What a body does. `depends`: on the path, method or endpoint. `honours`: the markers that let everybody through.

    `login_only`: it answers 401 to those who are not logged in, and never 403.
    """

    refuses: bool
    depends: bool = False
    reads_caller: bool = False
    honours: frozenset[str] = frozenset()
    login_only: bool = False
    at: Span = 0
    routine: Routine | None = None
    declared: Type | None = None
    """The type that it is asked of, which may inherit the body."""


SILENT = Verdict(False)


def of_type(program: Program, declared: Type) -> Verdict:
    """The verdict on a filter or middleware type: that of its first hook, own or inherited, which refuses."""
    verdicts = [of_routine(program, hook, declared) for name in HOOKS for hook in _hooks(program, declared, name)]
    return next((v for v in verdicts if v.refuses), verdicts[0] if verdicts else SILENT)


def _hooks(program: Program, declared: Type, name: str) -> Iterator[Routine]:
    """What runs of the functions of a name: the nearest, and those of the base that they call."""
    for one in program.lineage(declared):
        found = [routine for routine in one.functions.get(name, ()) if routine.function.has_code]
        yield from found
        if found and not any(walk.dotted(call.function) == f"super.{name}" for each in found for call in walk.calls(each.function.body)):
            return


ENVIRONMENTS = frozenset(("IsDevelopment", "IsProduction", "IsStaging", "IsEnvironment"))


def asks_for_environment(program: Program, declared: Type) -> bool:
    """Does a filter answer by itself in some environments, whoever calls: `if (!env.IsDevelopment()) context.Result = ...`?"""
    hooks = [r for name in HOOKS for r in program.methods(declared, name)[:1]]
    tests = [n for hook in hooks for n in walk.nodes(hook.function.body or ()) if type(n) is ir.If and is_of_environments(n.condition)]
    return any(_ends(n) for test in tests for n in walk.nodes(test.then))


def is_of_environments(condition: ir.Expr) -> bool:
    """Does a test ask for the environment alone?"""
    asked = {walk.called_name(call) for call in walk.calls(condition)}
    return bool(asked) and asked <= ENVIRONMENTS


def _ends(node: Any) -> bool:
    kind = type(node)
    return kind in (ir.Return, ir.Throw) or (kind is ir.Assign and type(node.target) is ir.Member and node.target.name == "Result")


def of_routine(program: Program, routine: Routine, declared: Type | None = None) -> Verdict:
    """The verdict on one body, of a type where it stands in one."""
    body = routine.function.body or ()
    nodes = [n for piece in _reached(program, routine, MAX_DEPTH) for n in walk.nodes(piece)]
    own = list(walk.nodes(body))
    caught = {id(n) for t in own if type(t) is ir.Try for h in t.handlers for n in walk.nodes(h.body)}
    onward = [start_of(n.span) for n in own if type(n) is ir.Call and goes_on(n) and id(n) not in caught]
    last = max(onward, default=0)
    inside = {id(n) for n in own}
    reads = any(_word(n) in CALLER or (type(n) is ir.Call and walk.called_name(n) in CALLER_CALLS) for n in nodes)
    refusals = [
        n for n in nodes if id(n) not in caught and _refuses(n, reads) and (id(n) not in inside or not last or start_of(n.span) < last)
    ]
    if not refusals:
        return Verdict(False, reads_caller=reads, routine=routine, declared=declared)
    first = refusals[0].span
    early = any(start < start_of(first) for start in onward) and id(refusals[0]) in inside
    depends = early or not WHERE.isdisjoint({_word(n) for n in nodes})
    login_only = all(map(_asks_for_login, refusals))
    return Verdict(True, depends, reads, frozenset(_markers(nodes)), login_only, first, routine, declared)


def _reached(program: Program, routine: Routine, depth: int) -> Iterator[Any]:
    body = routine.function.body or ()
    yield body
    if depth == 0 or routine.owner is None:
        return
    for call in walk.calls(body):
        if type(call.function) is ir.Name or (type(call.function) is ir.Member and walk.dotted(call.function.object) == "this"):
            for callee in routine.owner.functions.get(walk.called_name(call), ()):
                if callee is not routine:
                    yield from _reached(program, callee, depth - 1)


def goes_on(call: ir.Call) -> bool:
    """Is it the call by which a middleware or filter hands the request on?"""
    path = walk.dotted(call.function).removeprefix("this.").removesuffix(".Invoke")
    return path.lstrip("_").lower() in ("next", "nextmiddleware", "nextdelegate", "requestdelegate")


def hands_to(call: ir.Call) -> bool:
    """Is the request handed on by somebody who is given what does so: `await CheckAsync(context, next)`?"""
    return any(walk.dotted(arg.value).lstrip("_").lower() in ("next", "this._next", "requestdelegate") for arg in call.args)


def refuses_in(program: Program, body: Any, within: Routine, depth: int = 0) -> bool:
    """Does a piece of code turn somebody away, itself or by functions of the project's own?"""
    for node in walk.nodes(body):
        called = called_by(program, node, within) if type(node) is ir.Call and depth < MAX_DEPTH else ()
        if _refuses(node, False) or any(refuses_in(program, one.function.body, one, depth + 1) for one in called):
            return True
    return False


def called_by(program: Program, call: ir.Call, within: Routine) -> list[Routine]:
    """The project's own function that a call names: one of the same type, an extension, or one called by its class."""
    name = walk.called_name(call)
    own = type(call.function) is ir.Name or (type(call.function) is ir.Member and walk.dotted(call.function.object) == "this")
    called = program.methods(within.owner, name) if own and within.owner is not None else []
    return [one for one in called or program.extensions(name) or _of_class(program, call, within) if one.function.has_code]


def _of_class(program: Program, call: ir.Call, within: Routine) -> list[Routine]:
    """A function that is called by its class."""
    written = walk.dotted(call.function.object) if type(call.function) is ir.Member else ""
    owner = program.find_type(written, within.module, within.owner) if written else None
    return list(program.methods(owner, walk.called_name(call))) if owner is not None else []


def _refuses(node: Any, reads_caller: bool) -> bool:
    kind = type(node)
    if kind is ir.Assign and type(node.target) is ir.Member:
        if node.target.name == "StatusCode":
            return is_refusal(node.value)
        if node.target.name in ("Result", "Response"):
            return is_refusal(node.value) or (reads_caller and _is_answer(node.value))
        return False
    if kind is ir.Throw or kind is ir.Return:
        return node.value is not None and is_refusal(node.value)
    if kind is ir.Opaque and node.kind.startswith("throw"):
        return any(is_refusal(part) for part in node.parts)
    return kind is ir.Call and walk.called_name(node) in ("ForbidAsync", "ChallengeAsync", "HandleUnauthorizedRequest")


def _is_answer(value: ir.Expr) -> bool:
    """Is an answer made here, whichever of two it is, that may be about the caller?"""
    sides = (value.then, value.other) if isinstance(value, ir.Choice) else (value,)
    return all(isinstance(side, ir.New | ir.Call) and not _says_something_else(side) for side in sides)


ELSE: Final = frozenset((304, 409, 412, 413, 415, 429))
TOO_MANY: Final = re.compile(r"^(Status429)?TooManyRequests$")
SAID_ELSE: Final = re.compile(r"^Status(304|409|412|413|415|429|5\d\d)\w+$|^TooManyRequests$")
"""Statuses that say nothing of who calls: too many requests, nothing new, something went wrong."""


def _says_something_else(value: ir.Expr) -> bool:
    """Does an answer name a status that has nothing to do with who calls: `new StatusCodeResult(429)`?"""
    for node in walk.nodes(value):
        if type(node) is ir.Literal and type(node.value) is int and (node.value in ELSE or 500 <= node.value < 600):
            return True
        if type(node) is ir.Member and SAID_ELSE.match(node.name):
            return True
    return False


def says_too_many(hook: Routine) -> bool:
    """Does it count requests, and answer that these are too many?"""
    nodes = walk.nodes(hook.function.body or ())
    return any((type(n) is ir.Literal and n.value == 429) or (type(n) is ir.Member and TOO_MANY.match(n.name)) for n in nodes)


def is_refusal(value: ir.Expr) -> bool:
    """Does an answer say 401 or 403, or that somebody is to log in?"""
    for node in walk.nodes(value):
        kind = type(node)
        if kind is ir.New and node.type is not None and REFUSAL.match(node.type.name.rpartition(".")[2]):
            return True
        if kind is ir.Call and REFUSAL.match(walk.called_name(node)):
            return True
        if (kind is ir.Literal and node.value in (401, 403)) or (kind is ir.Member and REFUSED.match(node.name)):
            return True
    return False


def _asks_for_login(node: Any) -> bool:
    """Is the answer 401 or a challenge? Exceptions named 'unauthorized' are thrown for missing rights too."""
    if type(node) is ir.Call:
        return walk.called_name(node) == "ChallengeAsync"
    if type(node) in (ir.Throw, ir.Opaque) or node.value is None:
        return False
    for n in walk.nodes(node.value):
        kind = type(n)
        name = n.type.name if kind is ir.New and n.type is not None else walk.called_name(n) if kind is ir.Call else _word(n)
        if re.search(r"Unauthorized|Challenge", name) or (kind is ir.Literal and n.value == 401):
            return True
    return False


def _word(node: Any) -> str:
    kind = type(node)
    if kind is ir.Member:
        return str(node.name)
    return str(node.id) if kind is ir.Name else ""


def _markers(nodes: Iterable[Any]) -> Iterator[str]:
    for node in nodes:
        names = [_word(node)]
        if type(node) is ir.Call:
            names += [ref.name.rpartition(".")[2] for ref in node.type_args]
        elif type(node) in (ir.Cast, ir.New) and node.type is not None:
            names.append(node.type.name)
        yield from (name for name in names if MARKERS.match(name))
