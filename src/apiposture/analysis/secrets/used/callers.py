"""Which functions may a call be of, who calls a function, and who makes objects of a type?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from apiposture.analysis.secrets.used.scope import CONSTRUCTORS, MOST_CALLS, Scope
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine, Type

Making = ir.Call | ir.New


def functions(call: ir.Call, scope: Scope) -> list[Routine]:
    """The functions of the program that a call may be of, by how many arguments they take."""
    return [one for one in dict.fromkeys(_of_the_name(call, scope)) if takes(one.function, len(call.args))]


def takes(function: ir.Function, given: int) -> bool:
    """May a function be called with so many arguments?"""
    least = sum(1 for param in function.params if param.default is None and param.mode not in ("rest", "rest-map", "this"))
    return least <= given and (given <= len(function.params) or any(param.mode.startswith("rest") for param in function.params))


def _of_the_name(call: ir.Call, scope: Scope) -> list[Routine]:
    program, owner = scope.program, scope.owner
    path, name = walk.dotted(call.function), walk.called_name(call)
    meant = program.meaning(path, scope.module, owner) if path and scope.module.explicit_names else None
    if isinstance(meant, Routine):
        return [meant]
    if isinstance(meant, Type):
        return [one for kind in CONSTRUCTORS for one in meant.functions.get(kind, ())]
    if type(call.function) is ir.Name:
        return program.methods(owner, name) if owner is not None else []
    if type(call.function) is not ir.Member:
        return []
    holder = call.function.object
    home = program.find_type(walk.dotted(holder), scope.module, owner) if walk.dotted(holder) else None
    kinds = [owner if walk.dotted(holder) == "this" else home, *(kind for kind in scope.types(holder) if isinstance(kind, Type))]
    found = [one for kind in kinds if kind is not None for one in program.methods(kind, name)]
    return found or list(program.extensions(name))


def callers(routine: Routine, scope: Scope) -> Iterator[tuple[Making, Scope]]:
    """The calls that are of this function alone, each with where it stands."""
    if routine.function.name in CONSTRUCTORS:
        if routine.owner is not None:
            rivals = [one.function for one in routine.owner.functions.get(routine.function.name, ())]
            for made, inside in makings(routine.owner, scope):
                if [one for one in rivals if takes(one, len(made.args))] == [routine.function]:
                    yield made, inside
        return
    for caller, call in scope.code.calling(routine.function.name):
        inside = scope.code.scope(caller)
        if [one.function for one in functions(call, inside)] == [routine.function]:
            yield call, inside


def makings(kind: Type, scope: Scope) -> Iterator[tuple[Making, Scope]]:
    """Where objects of a type are made, of so many the first."""
    return islice(_makings(kind, scope), MOST_CALLS)


def _makings(kind: Type, scope: Scope) -> Iterator[tuple[Making, Scope]]:
    for inside in map(scope.code.scope, scope.code.speaking(kind.simple)):
        for node in inside.nodes:
            if (type(node) is ir.New or type(node) is ir.Call) and kind in inside.types(node):
                yield node, inside


def passed(call: Making, routine: Routine, index: int) -> ir.Expr | None:
    """What a call passes for a parameter; an extension's first is what it is called on, unless that is its type."""
    params = routine.function.params
    is_extension = bool(params) and params[0].mode == "this" and type(call) is ir.Call and type(call.function) is ir.Member
    if is_extension and len(call.args) < len(params) and index == 0:
        return call.function.object  # type: ignore[union-attr]
    return walk.argument(call, index - (is_extension and len(call.args) < len(params)), params[index].name)
