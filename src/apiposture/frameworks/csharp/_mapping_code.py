"""What does code that maps endpoints look like?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from apiposture.frameworks.csharp._builders import TYPES
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine


def leaves_for_good(side: Sequence[ir.Stmt]) -> bool:
    """Does a side of a test end the function, with nothing handed back that its caller could say more of?"""
    last = side[-1] if side else None
    return isinstance(last, ir.Throw) or (isinstance(last, ir.Return) and last.value is None)


def builder_params(function: ir.Function) -> bool:
    """Does it take a builder, be it of any type that is one: `this TBuilder builder ... where TBuilder : IEndpointConventionBuilder`?"""
    bounds = {p.name for p in function.type_params if any(bound.name.rpartition(".")[2] in TYPES for bound in p.bounds)}
    return any(p.type is not None and (p.type.name.rpartition(".")[2] in TYPES or p.type.name in bounds) for p in function.params)


def that_map(takers: Mapping[str, list[Routine]], library: Collection[str]) -> frozenset[str]:
    """The names of what maps: the library's functions, and those of the program that call one of them."""
    uses = {name: frozenset(use for one in routines for use in walk.uses(one.function)) for name, routines in takers.items()}
    found, before = set(library), 0
    while len(found) > before:
        before = len(found)
        found |= {name for name, used in uses.items() if not used.isdisjoint(found)}
    return frozenset(found)


def builds(value: ir.Expr | None) -> bool:
    """Is it a call that makes an application: `builder.Build()`, `WebApplication.Create(args)`?"""
    if type(value) is not ir.Call:
        return False
    name = walk.called_name(value)
    if name == "Create":
        return type(value.function) is ir.Member and walk.dotted(value.function.object).rpartition(".")[2] == "WebApplication"
    return name == "CreateApplication" or (name == "Build" and not value.args)


def branch_of(call: ir.Call) -> ir.Lambda | None:
    """`app.Map("/x", branch => branch.Use...)` is a branch of the pipeline, not an endpoint."""
    given = call.args[-1].value if call.args else None
    if type(given) is not ir.Lambda or len(given.function.params) != 1:
        return None
    name = given.function.params[0].name
    uses = (walk.called_name(c) for c in walk.calls(given.function.body or ()) if _starts_at(c, name))
    return given if any(u.startswith(("Use", "Run", "Map")) for u in uses) else None


def answering(branch: ir.Lambda) -> ir.Call | None:
    """The call by which a branch of the pipeline answers itself: `branch.Run(async context => ...)`."""
    name = branch.function.params[0].name
    own = (call for call in walk.calls(branch.function.body or ()) if _starts_at(call, name))
    return next((call for call in own if walk.called_name(call) == "Run" and call.args), None)


def asked_first(branch: ir.Lambda) -> ir.Call | None:
    """What else runs in a branch, which may refuse callers before it answers."""
    name = branch.function.params[0].name
    own = (call for call in walk.calls(branch.function.body or ()) if _starts_at(call, name))
    return next((call for call in own if walk.called_name(call).startswith("Use")), None)


def is_type_call(call: ir.Call, callee: Routine) -> bool:
    """Is a function called by the name of its class?"""
    owner = callee.owner.simple if callee.owner else ""
    return type(call.function) is ir.Member and walk.dotted(call.function.object).rpartition(".")[2] == owner


def _starts_at(call: ir.Call, name: str) -> bool:
    return type(call.function) is ir.Member and walk.dotted(call.function.object).partition(".")[0] == name
