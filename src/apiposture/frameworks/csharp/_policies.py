"""What does an authorization policy require?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from apiposture.frameworks.csharp import _text, _values
from apiposture.frameworks.csharp._statements import Policy, call_place, needs_of, tail
from apiposture.model import ir
from apiposture.model.facts import Need
from apiposture.model.ir import Expr, Module
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

CLAIM_KINDS: Final = {"scope": "scope", "scp": "scope", "http://schemas.microsoft.com/identity/claims/scope": "scope",
               "role": "role", "roles": "role", "http://schemas.microsoft.com/ws/2008/06/identity/claims/role": "role",
               "amr": "scheme", "acr": "scheme", "client_id": "scheme", "azp": "scheme", "aud": "scheme", "iss":
               "scheme", "idp": "scheme"}  # fmt: skip
"""Claims that are roles or scopes by another name, and those that tell how the caller logged in rather than who it is."""

STEPS: Final = frozenset((
    "RequireAuthenticatedUser", "RequireRole", "RequireClaim", "RequireUserName", "RequireAssertion", "RequireScope",
    "AddRequirements", "AddAuthenticationSchemes", "RequireScopeOrAppPermission", "RequireAppPermission", "Combine",
    "Add",
))  # fmt: skip
MAX_DEPTH: Final = 3
"""How far the project's own extensions of the builder, and variables, are followed."""


def from_expression(program: Program, expr: Expr | None, routine: Routine, name: str = "", depth: int = 0) -> Policy:
    """The policy that a lambda over a builder, a builder's chain, a requirement, or a variable holding one of these
    stands for."""
    if isinstance(expr, ir.Lambda):
        return _built(program, expr.function.body, routine, name, depth)
    if isinstance(expr, ir.New) and expr.type is not None and expr.type.name.rpartition(".")[2] != "AuthorizationPolicyBuilder":
        return Policy(name, (Need("policy", expr.type.name.rpartition(".")[2]),))
    if isinstance(expr, ir.Call | ir.New):
        found = _built(program, expr, routine, name, depth)
        return found if found.known else _from_function(program, expr, routine, name, depth)
    if isinstance(expr, ir.Name | ir.Member) and depth < MAX_DEPTH:
        value = _value_of(program, expr, routine)
        if value is not None:
            return from_expression(program, value, routine, name, depth + 1)
    return Policy(name, known=False)


def _from_function(program: Program, expr: Expr | None, routine: Routine, name: str, depth: int) -> Policy:
    """The policy that a function of the project returns: `BuildAdminPolicy()`."""
    if type(expr) is not ir.Call or depth >= MAX_DEPTH:
        return Policy(name, known=False)
    owner = routine.owner
    if type(expr.function) is ir.Member and (path := walk.dotted(expr.function.object)) not in ("this", ""):
        owner = program.find_type(path, routine.module, routine.owner)
    for callee in program.methods(owner, walk.called_name(expr)) if owner else ():
        found = _built(program, callee.function.body, callee, name, depth + 1)
        if found.known:
            return found
    return Policy(name, known=False)


def _value_of(program: Program, expr: ir.Name | ir.Member, routine: Routine) -> Expr | None:
    if isinstance(expr, ir.Name):
        for node in walk.nodes(routine.function.body or ()):
            if isinstance(node, ir.Declare) and node.name == expr.id:
                return node.value
        slot = program.slot(routine.owner, expr.id) if routine.owner else None
    else:
        owner = program.find_type(walk.dotted(expr.object), routine.module, routine.owner)
        slot = program.slot(owner, expr.name) if owner else None
    if slot is None:
        return None
    if slot.field.getter and slot.field.getter.body:
        return next(walk.returned(slot.field.getter), None)
    return slot.field.value


def _built(program: Program, body: object, routine: Routine, name: str, depth: int) -> Policy:
    needs: list[Need] = []
    login = opens = seen = False
    for call in sorted(walk.calls(body), key=tail):
        step = walk.called_name(call)
        if step in STEPS:
            added = tuple(_needs_of_step(program, step, call, routine))
            needs += (n for n in added if n not in needs)
            login |= step in ("RequireAuthenticatedUser", "RequireRole", "RequireClaim", "RequireUserName", "RequireScope")
            opens |= step == "RequireAssertion" and _always_true(call)
            seen |= bool(added) or step not in ("Add", "Combine")
            if step == "Combine" and call.args and depth < MAX_DEPTH:
                inner = from_expression(program, call.args[0].value, routine, name, depth + 1)
                needs += (n for n in inner.needs if n not in needs)
                login, seen = login or inner.login, seen or inner.known
        elif depth < MAX_DEPTH:
            inner = _from_extension(program, step, name, depth)
            if inner.known:
                needs += (n for n in inner.needs if n not in needs)
                login, seen = login or inner.login, True
    asks = login or any(n.kind != "scheme" for n in needs)
    only_schemes = seen and not asks and not opens
    return Policy(name, tuple(needs), login or only_schemes, opens and not asks, seen)


def _from_extension(program: Program, step: str, name: str, depth: int) -> Policy:
    for routine in program.extensions(step):
        first = routine.function.params[0].type
        if first is not None and first.name.endswith("AuthorizationPolicyBuilder"):
            return _built(program, routine.function.body, routine, name, depth + 1)
    return Policy(known=False)


def _needs_of_step(program: Program, step: str, call: ir.Call, routine: Routine) -> Iterator[Need]:
    texts = [text_or_code(program, a.value, routine.module, routine.owner) for a in call.args]
    if step == "RequireRole":
        yield from (need for text in texts for need in needs_of("role", text))
    elif step == "RequireClaim" and texts:
        yield from _claim(texts[0], texts[1:])
    elif step in ("RequireScope", "RequireAppPermission", "RequireScopeOrAppPermission"):
        yield from (need for text in texts for need in needs_of("scope", text))
    elif step == "RequireUserName":
        yield from (Need("claim", f"name={text}") for text in texts)
    elif step == "RequireAssertion" and not _always_true(call):
        yield from _asserted(program, call, routine)
    elif step == "AddAuthenticationSchemes" or (step == "Add" and _receiver_name(call) == "AuthenticationSchemes"):
        yield from (need for text in texts for need in needs_of("scheme", text))
    elif step == "AddRequirements" or (step == "Add" and _receiver_name(call) == "Requirements"):
        for arg in call.args:
            made = [n.type.name for n in walk.nodes(arg.value) if type(n) is ir.New and n.type is not None]
            yield from (Need("policy", name.rpartition(".")[2]) for name in made[:1])
            if not made:
                yield Need("policy", _text.of(arg.value))


def _asserted(program: Program, call: ir.Call, routine: Routine) -> Iterator[Need]:
    """An assertion about claims alone is what it asks of them; any other is a need of its own."""
    kinds: list[str] = []
    values: list[str] = []
    for node in walk.nodes(tuple(a.value for a in call.args)):
        if isinstance(node, ir.Call):
            texts = [text_or_code(program, a.value, routine.module, routine.owner) for a in node.args]
            name = walk.called_name(node)
            if name == "HasClaim" and len(texts) == 2:
                kinds.append(texts[0])
                values.append(texts[1])
            elif name == "Contains" and texts:
                values.append(texts[0])
            elif name not in ("HasClaim", "Any", "Contains", "FindFirst", "FindAll", "Split"):
                kinds.append("")
        elif isinstance(node, ir.Binary) and node.operator == "==" and walk.dotted(node.left).endswith((".Type", ".Value")):
            found = text_or_code(program, node.right, routine.module, routine.owner)
            (kinds if walk.dotted(node.left).endswith(".Type") else values).append(found)
    if len(set(kinds)) == 1 and kinds[0]:
        kind = CLAIM_KINDS.get(kinds[0].lower(), "claim")
        alternatives = "|".join(dict.fromkeys(values))
        yield Need(
            kind, alternatives if kind in ("role", "scope") and alternatives else f"{kinds[0]}={alternatives}" if alternatives else kinds[0]
        )
    else:
        yield Need("policy", "assertion")


def _claim(kind: str, values: list[str]) -> Iterator[Need]:
    known = CLAIM_KINDS.get(kind.lower(), "claim")
    if known in ("role", "scope") and values:
        yield from (need for value in values for need in needs_of(known, value))
    else:
        yield Need(known, f"{kind}={'|'.join(values)}" if values else kind)


def _receiver_name(call: ir.Call) -> str:
    owner = call.function.object if type(call.function) is ir.Member else None
    return owner.name if type(owner) is ir.Member else owner.id if type(owner) is ir.Name else ""


def _always_true(call: ir.Call) -> bool:
    given = call.args[0].value if call.args else None
    if type(given) is not ir.Lambda:
        return False
    returned = list(walk.returned(given.function))
    return bool(returned) and all(type(r) is ir.Literal and r.value is True for r in returned)


def text_or_code(program: Program, expr: Expr, module: Module, within: Type | None) -> str:
    """The constant text, or the code's last name where it is none: needs are named even when their value isn't
    known."""
    found = _values.text(program, expr, module, within, {})
    return found if found is not None else walk.dotted(expr).rpartition(".")[2] or _text.of(expr)


def declared(program: Program, routine: Routine, call: ir.Call) -> Policy | None:
    """The policy that an `AddPolicy(name, ...)` declares; None for policies of another kind (CORS, rate limits)."""
    name_of = walk.argument(call, 0, "name")
    definition = walk.argument(call, 1, "configurePolicy") or walk.argument(call, 1, "policy")
    if name_of is None or definition is None:
        return None
    name = _values.text(program, name_of, routine.module, routine.owner, {})
    if name is None or (type(name_of) is ir.Name and any(p.name == name_of.id for p in routine.function.params)):
        return None
    found = from_expression(program, definition, routine, name)
    return Policy(name, found.needs, found.login, found.opens, True, call_place(routine.module, call)) if found.known else None
