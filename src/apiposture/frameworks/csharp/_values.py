"""Which text does an argument of an attribute or a configuration call stand for?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeGuard

from apiposture.model import ir
from apiposture.model.ir import Annotation, Expr, Function, Module
from apiposture.program import Program, constants, walk
from apiposture.program.types import Routine, Type

Bound = Mapping[str, str | None]
"""What is known of a function's parameters where it is called: their text, or None."""


def text(program: Program, expr: Expr | None, module: Module, within: Type | None, bound: Bound) -> str | None:
    """The text of a constant, an enumeration's member, a bound parameter, or what is put together of these."""
    match expr:
        case None:
            return None
        case ir.Name(id=name) if name in bound:
            return bound[name]
        case ir.Template(parts=parts):
            return _joined(program, parts, module, within, bound)
        case ir.Binary(operator="+", left=left, right=right):
            return _joined(program, (left, right), module, within, bound)
        case ir.Collection(items=items):
            return _joined(program, items, module, within, bound, ",")
        case ir.Call():
            return _called(program, expr, module, within, bound)
        case ir.Cast(value=value):
            return text(program, value, module, within, bound)
    found = constants.constant(program, expr, module, within)
    if found is None and isinstance(expr, ir.Member) and (path := walk.dotted(expr)):
        return _library_constant(program, path, module, within)
    return None if found is None else str(found)


def _library_constant(program: Program, path: str, module: Module, within: Type | None) -> str | None:
    """A constant of a library's class is known by its last name: `JwtBearerDefaults.AuthenticationScheme`."""
    owner, _, name = path.rpartition(".")
    if not name[:1].isupper() or not owner.rpartition(".")[2][:1].isupper() or program.find_type(owner, module, within):
        return None
    return LIBRARY_CONSTANTS.get(".".join(path.split(".")[-2:]), name)


LIBRARY_CONSTANTS: Final = {
    "JwtBearerDefaults.AuthenticationScheme": "Bearer",
    "CookieAuthenticationDefaults.AuthenticationScheme": "Cookies",
    "IdentityConstants.ApplicationScheme": "Identity.Application",
    "IdentityConstants.BearerScheme": "Identity.Bearer",
    "ClaimTypes.Role": "role",
    "JwtClaimTypes.Role": "role",
    "JwtClaimTypes.Scope": "scope",
    "JwtClaimTypes.AuthenticationMethod": "amr",
    "JwtClaimTypes.ClientId": "client_id",
}


def template(program: Program, expr: Expr | None, module: Module, within: Type | None, bound: Bound) -> str | None:
    """The text of a route's pattern; parts that only the running application knows become parameters with their names."""
    found = text(program, expr, module, within, bound)
    if found is not None or expr is None:
        return found
    parts = expr.parts if isinstance(expr, ir.Template) else (expr.left, expr.right) if _adds(expr) else ()
    if parts:
        return "".join(template(program, part, module, within, bound) or "" for part in parts)
    name = walk.dotted(expr).rpartition(".")[2]
    return f"{{{name}}}" if name else None


def _adds(expr: Expr) -> TypeGuard[ir.Binary]:
    return isinstance(expr, ir.Binary) and expr.operator == "+"


def locals_of(program: Program, routine: Routine) -> dict[str, str | None]:
    """The texts that a function's own names stand for, as far as they are set once and known."""
    found: dict[str, str | None] = {}
    for node in walk.nodes(routine.function.body or ()):
        if type(node) is ir.Declare and node.value is not None:
            known = text(program, node.value, routine.module, routine.owner, found)
            found[node.name] = known if node.name not in found else None
    return {name: known for name, known in found.items() if known is not None}


CASES: Final[dict[str, Callable[[str], str]]] = {
    "ToLower": str.lower, "ToLowerInvariant": str.lower, "ToUpper": str.upper, "ToUpperInvariant": str.upper,
}  # fmt: skip


def _called(program: Program, call: ir.Call, module: Module, within: Type | None, bound: Bound) -> str | None:
    name = walk.called_name(call)
    if name == "ToString" and type(call.function) is ir.Member:
        return text(program, call.function.object, module, within, bound)
    if name in CASES and type(call.function) is ir.Member:
        found = text(program, call.function.object, module, within, bound)
        return None if found is None else CASES[name](found)
    if name == "nameof" and call.args:
        return walk.dotted(call.args[0].value).rpartition(".")[2] or None
    if name == "ControllerName" and type(call.function) is ir.Member:  # of a type: OrchardCore.Mvc.Utilities
        return _type_name(call.function.object).removesuffix("Controller") or None
    if name == "Format" and call.args and (layout := text(program, call.args[0].value, module, within, bound)) is not None:
        pieces = [text(program, a.value, module, within, bound) for a in call.args[1:]]
        return None if None in pieces or "{{" in layout else _filled(layout, pieces)
    if name in ("Join", "Concat") and call.args:
        given = [text(program, a.value, module, within, bound) for a in call.args[1 if name == "Join" else 0 :]]
        return None if any(g is None for g in given) else ",".join(map(str, given))
    if name in ("Select", "Cast", "ToArray", "ToList", "Distinct") and type(call.function) is ir.Member:
        return text(program, call.function.object, module, within, bound)
    return None


def _filled(layout: str, pieces: list[str | None]) -> str:
    """`string.Format("/orders/{0}", part)`."""
    for number, piece in enumerate(pieces):
        layout = layout.replace(f"{{{number}}}", str(piece))
    return layout


def _type_name(expr: Expr) -> str:
    """The simple name of the type in `typeof(X)`."""
    named = type(expr) is ir.Call and walk.called_name(expr) == "typeof" and expr.args
    return walk.dotted(expr.args[0].value).rpartition(".")[2] if type(expr) is ir.Call and named else ""


def _joined(program: Program, parts: tuple[Expr, ...], module: Module, within: Type | None, bound: Bound, between: str = "") -> str | None:
    found = [text(program, part, module, within, bound) for part in parts]
    return None if any(f is None for f in found) else between.join(map(str, found))


def bound_by(
    program: Program,
    function: Function,
    given: Annotation | ir.Call | ir.New,
    module: Module,
    within: Type | None,
    extends: int = 0,
    known: Bound = MappingProxyType({}),
) -> dict[str, str | None]:
    """The texts that a call's or attribute's arguments give to a function's parameters, but for those that it `extends`. `known` are the
    texts of names where the call stands.
    """
    found: dict[str, str | None] = {}
    for position, param in enumerate(function.params[extends:]):
        if param.mode == "rest":
            rest = [text(program, a.value, module, within, known) for a in given.args[position:] if a.name is None]
            found[param.name] = None if any(r is None for r in rest) else ",".join(map(str, rest))
        else:
            value = walk.argument(given, position, param.name)
            found[param.name] = text(program, value if value is not None else param.default, module, within, known)
    return found
