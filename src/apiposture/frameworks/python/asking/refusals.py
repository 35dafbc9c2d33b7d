"""Does an answer or an exception refuse a caller?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from apiposture.frameworks.python.reading.objects import Objects
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine, Slot, Type

REFUSED = re.compile(r"^HTTP_40[13]_|^(UNAUTHORIZED|FORBIDDEN)$")
MOVED = re.compile(r"^HTTP_30[12378]_")
REFUSAL = re.compile(
    r"Unauthori[sz]ed|Forbidden|NotAuthenticated|AuthenticationFailed|PermissionDenied|AccessDenied|NotAuthori[sz]ed|"
    r"(Invalid|Missing|No)?Credentials?(Error|Exception)|Authentication(Error|Exception|Required)|AuthError|PermissionError"
)
"""Exceptions whose name says that the caller is refused."""

ANSWERS = frozenset(("unauthorized", "auth_error_callback"))
"""Functions by which Flask-Login and Flask-HTTPAuth refuse."""

ENDS = frozenset(("abort", "unauthorized", "send_error"))
"""Functions of Flask, its extensions and Tornado that answer at once."""

GATES = frozenset(("aiohttp_security.check_authorized", "aiohttp_security.check_permission", "flask_jwt_extended.verify_jwt_in_request"))
"""Functions of libraries that refuse who is not logged in."""

REDIRECTS = frozenset(("redirect", "HttpResponseRedirect", "redirect_to_login", "HttpResponseRedirectToLogin"))
"""Functions that send the caller elsewhere."""

ERRORS = range(400, 600)
SAID = re.compile(r"^HTTP_[45]\d\d_")
"""https://www.rfc-editor.org/rfc/rfc9110#name-status-codes"""

NOT_SERVED = frozenset(("HttpResponseBadRequest", "HttpResponseNotFound", "HttpResponseNotAllowed", "HttpResponseGone"))
"""https://docs.djangoproject.com/en/stable/ref/request-response/#httpresponse-subclasses"""

STATUS = frozenset(("status", "status_code", "code", "http_status"))
"""What the status of an answer is called where it is given."""

MAX_DEPTH = 3


def is_end(objects: Objects, value: ir.Expr, routine: Routine) -> bool:
    """Does a call refuse the caller at once: `abort(401)`, by whatever name it was imported?"""
    if type(value) is not ir.Call:
        return False
    name = walk.dotted(value.function)
    meant = objects.program.meaning(name, routine.module) if name and "." not in name else None
    last = meant.rpartition(".")[2] if isinstance(meant, str) else walk.called_name(value)
    return last in ENDS and is_refusal(objects, value, routine)


def is_refusal(objects: Objects, value: ir.Expr, routine: Routine, depth: int = 0) -> bool:
    """Does an answer or exception say 401 or 403, or lead to a login?"""
    for node in walk.nodes(value):
        kind = type(node)
        if kind is ir.Literal and node.value in (401, 403) and type(node.value) is int:
            return True
        if kind is ir.Member and (REFUSED.match(node.name) or _is_kind_of_refusal(objects, node, routine)):
            return True
        if kind in (ir.Name, ir.Member) and _holds_refusal(objects, walk.dotted(node), routine):
            return True
        if kind is ir.Call and _calls_refusal(objects, node, routine, depth):
            return True
    if type(value) in (ir.Name, ir.Member) and depth < MAX_DEPTH:
        return _names_refusal(objects, value, routine, depth)
    return False


def _holds_refusal(objects: Objects, path: str, routine: Routine) -> bool:
    """Is it a status that was imported by its own name, `from starlette.status import HTTP_403_FORBIDDEN`, or a constant that holds one?"""
    own = path.startswith("this.")
    if not own and not path.rpartition(".")[2].isupper():
        return False
    if own:
        slot = objects.program.slot(routine.owner, path[5:]) if routine.owner is not None else None
    else:
        meant = objects.program.meaning(path, routine.module, routine.owner)
        if isinstance(meant, str):
            return _is_status(meant)
        slot = meant if isinstance(meant, Slot) else None
    value = slot.field.value if slot is not None else None
    if slot is None or value is None:
        return False
    if isinstance(value, ir.Literal):
        return type(value.value) is int and value.value in (401, 403)
    said = walk.dotted(value)
    named = objects.program.meaning(said, slot.module, slot.owner) if said else None
    return _is_status(named if isinstance(named, str) else said)


def _is_status(name: str) -> bool:
    return REFUSED.match(name.rpartition(".")[2]) is not None


def _is_kind_of_refusal(objects: Objects, member: ir.Member, routine: Routine) -> bool:
    """Is it one of a list of errors, which says 401 or 403 of itself: `Errors.NOT_YOURS` with `NOT_YOURS = ("not_yours", 403)`?"""
    path = walk.dotted(member.object)
    declared = objects.program.meaning(path, routine.module, routine.owner) if path and member.name.isupper() else None
    slot = objects.program.slot(declared, member.name) if isinstance(declared, Type) and declared.kind == "enum" else None
    said = walk.nodes(slot.field.value) if slot is not None and slot.field.value is not None else ()
    return any(type(node) is ir.Literal and type(node.value) is int and node.value in (401, 403) for node in said)


def _calls_refusal(objects: Objects, call: ir.Call, routine: Routine, depth: int) -> bool:
    name = walk.called_name(call)
    if REFUSAL.search(name) or name in ANSWERS:
        return True
    texts = (text for one in _and_bound(objects, call, routine) for text in _texts(one))
    if (name in REDIRECTS or _says_moved(call)) and any(map(_is_login, texts)):
        return True
    if depth >= MAX_DEPTH:
        return False
    return any(isinstance(one, Type) and _says_refusal(objects, one, depth) for one in objects.of(call.function, routine))


def _says_moved(call: ir.Call) -> bool:
    """Does an error say that it is a redirect: `HTTPException(307, headers={"Location": login})`?"""
    if not walk.called_name(call).endswith(("Exception", "Error")):
        return False
    given = [node for arg in call.args for node in walk.nodes(arg.value)]
    numbers = (node.value for node in given if type(node) is ir.Literal and type(node.value) is int)
    return any(300 < number < 309 for number in numbers) or any(type(node) is ir.Member and MOVED.match(node.name) for node in given)


def _names_refusal(objects: Objects, value: ir.Expr, routine: Routine, depth: int) -> bool:
    path = walk.dotted(value)
    local = objects.bindings(routine).get(path)
    if local is not None:
        return any(is_refusal(objects, bound, routine, depth + 1) for bound, _ in local)
    if REFUSAL.search(path.rpartition(".")[2]):
        return True
    found = objects.program.meaning(path, routine.module, routine.owner) if path else None
    if isinstance(found, Slot) and found.field.value is not None:
        return is_refusal(objects, found.field.value, objects.main(found.module), depth + 1)
    return isinstance(found, Type) and _says_refusal(objects, found, depth)


def _says_refusal(objects: Objects, declared: Type, depth: int) -> bool:
    """Is it an exception that answers 401 or 403?"""
    for one in objects.program.lineage(declared):
        slot = one.fields.get("status_code") or one.fields.get("code")
        if slot is not None and slot.field.value is not None:
            return is_refusal(objects, slot.field.value, objects.main(slot.module), MAX_DEPTH)
        for constructor in one.functions.get(".ctor", ()):
            nodes: Iterable[Any] = (*constructor.function.params, *walk.calls(constructor.function.body or ()))
            values = [n.default if type(n) is ir.Param else n for n in nodes]
            if any(v is not None and is_refusal(objects, v, constructor, depth + 1) for v in values):
                return True
    return bool(REFUSAL.search(declared.simple))


def _and_bound(objects: Objects, call: ir.Call, routine: Routine) -> Iterator[ir.Expr]:
    """A call, and what the names are set to that it is given."""
    yield call
    for arg in call.args:
        if type(arg.value) is ir.Name:
            yield from (value for value, _ in objects.bindings(routine).get(arg.value.id, ()))


def _texts(expr: ir.Expr) -> Iterator[str]:
    """What texts and settings say, and the name of what is called: `redirect(settings.LOGIN_URL)`."""
    if type(expr) is ir.Call:
        yield walk.called_name(expr)
    for node in walk.nodes(expr):
        if type(node) is ir.Literal and isinstance(node.value, str):
            yield node.value
        elif type(node) is ir.Member and node.name.isupper():
            yield node.name


def _is_login(text: str) -> bool:
    return re.search(r"log_?in|sign_?in", text, re.I) is not None


def is_error(objects: Objects, value: ir.Expr | None, routine: Routine) -> bool:
    """Is it an answer that says that something is wrong with the request, or where else to go?"""
    if isinstance(value, ir.Call) and walk.called_name(value) in (*REDIRECTS, *NOT_SERVED):
        return True
    return any(_says_error(one) for one in _statuses(objects, value, routine))


def _says_error(status: ir.Expr) -> bool:
    if isinstance(status, ir.Member):
        return SAID.match(status.name) is not None
    return isinstance(status, ir.Literal) and type(status.value) is int and status.value in ERRORS


def _statuses(objects: Objects, value: ir.Expr | None, routine: Routine) -> Iterator[ir.Expr]:
    """What may be the status of an answer: beside its text, or given to what makes it, and not any number further inside."""
    if isinstance(value, ir.Collection):
        yield from value.items
    elif isinstance(value, ir.Call):
        made = [one for one in objects.of(value.function, routine) if isinstance(one, Routine)]
        for i, arg in enumerate(value.args):
            taken = {params[i].name for one in made if i < len(params := one.function.params)}
            if arg.name in STATUS if arg.name is not None else not made or not taken.isdisjoint(STATUS):
                yield arg.value
