"""Which function of the project does a mapping call name: as its handler, or as a mapping function of its own?"""

from __future__ import annotations

from collections.abc import Mapping as Map

from apiposture.frameworks.csharp._builders import Builder
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type


def own_callees(
    takers: Map[str, list[Routine]], program: Program, name: str, call: ir.Call, receiver: Builder | None, routine: Routine
) -> list[Routine]:
    """The project's functions over builders that a call means: an extension, a static function, or every implementation."""
    candidates = takers.get(name)
    if not candidates:
        return []
    if type(call.function) is ir.Name:
        own = [
            r for r in candidates if r.owner is not None and routine.owner is not None and r.owner in list(program.lineage(routine.owner))
        ]
        return own[:1] or [r for r in candidates if r.owner is None][:1]
    extensions = [r for r in candidates if r.function.params and r.function.params[0].mode == "this"]
    if receiver is not None and extensions:
        fitting = [r for r in extensions if len(r.function.params) >= len(call.args) + 1] or extensions
        return fitting[:1]
    if not isinstance(call.function, ir.Member):
        return []
    owner = _owner_of(program, call.function.object, routine)
    if owner is not None:
        reachable = [owner, *program.lineage(owner), *(program.heirs(owner) if owner.is_abstract else ())]
        return [r for r in candidates if r.owner in reachable and r.function.body]
    passed = any(type(a.value) in (ir.Name, ir.Member, ir.Call) for a in call.args)
    return [r for r in candidates if r not in extensions] if passed and receiver is None else []


def _owner_of(program: Program, expr: ir.Expr, routine: Routine) -> Type | None:
    if type(expr) is ir.New and expr.type is not None:
        return program.find_type(expr.type.name, routine.module, routine.owner)
    path = walk.dotted(expr)
    if path == "this":
        return routine.owner
    found = program.find_type(path, routine.module, routine.owner) if path else None
    if found is not None or "." in path.removeprefix("this."):
        return found
    return _type_of_variable(program, path.removeprefix("this."), routine)


def _type_of_variable(program: Program, name: str, routine: Routine) -> Type | None:
    for param in routine.function.params:
        if param.name == name and param.type is not None:
            return program.use(param.type, routine.module, routine.owner).decl
    slot = program.slot(routine.owner, name) if routine.owner and name else None
    kind = program.type_of(slot) if slot is not None else None
    return kind.decl if kind is not None else None


def handler_of(program: Program, call: ir.Call, routine: Routine, lambdas: Map[str, ir.Lambda]) -> Routine | None:
    """The function that handles the mapped endpoint: a lambda, a local function, or a method by name."""
    named = walk.argument(call, -1, "handler") or walk.argument(call, -1, "requestDelegate")
    for value in [named] if named is not None else [a.value for a in reversed(call.args)]:
        found = function_of(program, value, routine, lambdas)
        if found is not None:
            return found
    return None


def function_of(program: Program, value: ir.Expr | None, routine: Routine, lambdas: Map[str, ir.Lambda]) -> Routine | None:
    """The function that an expression names, or is."""
    match value:
        case ir.Cast(value=inner) | ir.New(args=(ir.Argument(value=inner),)):
            return function_of(program, inner, routine, lambdas)
        case ir.Lambda(function=function):
            return Routine(function, routine.owner, routine.module)
        case ir.Name(id=name):
            return _named_function(program, name, routine, lambdas)
        case ir.Member(object=owner, name=name):
            declared = _owner_of(program, owner, routine)
            methods = program.methods(declared, name) if declared else []
            return next((m for m in methods if m.function.has_code), methods[0] if methods else None)
    return None


def _named_function(program: Program, name: str, routine: Routine, lambdas: Map[str, ir.Lambda]) -> Routine | None:
    found = lambdas.get(name) or _local(routine, name)
    if found is not None:
        return Routine(found.function, routine.owner, routine.module)
    if routine.owner is None:
        return next((r for r in program.routines if r.owner is None and r.function.name == name), None)
    return next(iter(program.methods(routine.owner, name)), None)


def _local(routine: Routine, name: str) -> ir.Lambda | None:
    for node in walk.nodes(routine.function.body):
        if type(node) is ir.Declare and node.name == name and isinstance(node.value, ir.Lambda):
            return node.value
    return None
