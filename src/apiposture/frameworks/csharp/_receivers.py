"""Of which of the program's types is an expression, as far as what is declared tells, and whom does a call of it reach?

A variable is what it was set to, and a call what the function answers that it reaches: `IRepository<Order>.Get` answers an `Order`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type, TypeUse, substitute

Local = Mapping[str, ir.Expr | None]
"""The variables of a function, with what they are set to where they are declared."""

LATER: Final = frozenset(("Task", "ValueTask"))
"""What is awaited, and holds what it answers."""

MAX_DEPTH: Final = 6
MAX_TARGETS: Final = 4


class Receivers:
    """The types of a program's expressions."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def of(self, expr: ir.Expr, routine: Routine, local: Local) -> Type | None:
        """The program's own type that an expression in a function is of; None for all others."""
        found = self._use(expr, routine, local, 0)
        return found.decl if found is not None else None

    def callees(self, call: ir.Call, on: Type | None, routine: Routine) -> Sequence[Routine]:
        """The program's own functions that a call may reach which is made on something of that type, or on nothing."""
        name, count = walk.called_name(call), len(call.args)
        if type(call.function) is ir.Name:
            return self._fitting(routine.owner, name, count)
        if type(call.function) is not ir.Member:
            return ()
        if on is not None and (found := self._fitting(on, name, count)):
            return found
        return [one for one in self.program.extensions(name) if one.function.has_code and len(one.function.params) == count + 1][:1]

    def _fitting(self, declared: Type | None, name: str, count: int) -> Sequence[Routine]:
        if declared is None:
            return ()
        behind = self.program.implementations(declared)[:MAX_TARGETS] if declared.is_abstract else ()
        found: list[Routine] = []
        for holder in (declared, *behind):
            fitting = [one for one in self.program.methods(holder, name) if one.function.has_code and _takes(one.function, count)]
            found += fitting[:1]
        return found

    def _use(self, expr: ir.Expr | None, routine: Routine, local: Local, depth: int) -> TypeUse | None:
        if expr is None or depth > MAX_DEPTH:
            return None
        if type(expr) is ir.New:
            return self._declared(expr.type, routine)
        if type(expr) is ir.Call:
            return self._answer(expr, routine, local, depth)
        if type(expr) is ir.Member and type(expr.object) is ir.Name and expr.object.id == "this":
            return self._slot(expr.name, routine)
        if type(expr) is not ir.Name:
            return self._named(walk.dotted(expr), routine)
        if expr.id == "this":
            return self.program.as_use(routine.owner) if routine.owner is not None else None
        param = next((p for p in routine.function.params if p.name == expr.id), None)
        if param is not None and param.type is not None:
            return self._declared(param.type, routine)
        if expr.id in local:
            return self._use(local[expr.id], routine, local, depth + 1)
        return self._slot(expr.id, routine) or self._named(expr.id, routine)

    def _declared(self, ref: ir.TypeRef | None, routine: Routine) -> TypeUse | None:
        return self.program.use(ref, routine.module, routine.owner) if ref is not None else None

    def _slot(self, name: str, routine: Routine) -> TypeUse | None:
        slot = self.program.slot(routine.owner, name) if routine.owner is not None else None
        return self.program.type_of(slot) if slot is not None else None

    def _named(self, name: str, routine: Routine) -> TypeUse | None:
        found = self.program.find_type(name, routine.module, routine.owner) if name else None
        return self.program.as_use(found) if found is not None else None

    def _answer(self, call: ir.Call, routine: Routine, local: Local, depth: int) -> TypeUse | None:
        """What the function answers that is called, in the terms of the type that it is called on."""
        if type(call.function) is ir.Member:
            on = self._use(call.function.object, routine, local, depth + 1)
        else:
            on = self.program.as_use(routine.owner) if routine.owner is not None else None
        if on is None or on.decl is None:
            return None
        called = next((one for one in self.program.methods(on.decl, walk.called_name(call)) if _takes(one.function, len(call.args))), None)
        if called is None or called.owner is None or called.function.returns is None:
            return None
        own = [param.name for param in called.function.type_params]
        answer = self.program.use(called.function.returns, called.module, called.owner, frozenset(own))
        bound = dict(zip((p.name for p in called.owner.type_params), self._arguments(on, called.owner), strict=False))
        given = (self.program.use(ref, routine.module, routine.owner) for ref in call.type_args)
        bound.update(zip(own, given, strict=False))
        found = substitute(answer, bound)
        return found.args[0] if found.name in LATER and found.args else found

    def _arguments(self, on: TypeUse, base: Type) -> Sequence[TypeUse]:
        """The type arguments of a base, where the type is used that extends it."""
        if on.decl is base or on.decl is None:
            return on.args
        use = next((use for declared, use in self.program.ancestors(on.decl) if declared is base), None)
        bound = dict(zip((param.name for param in on.decl.type_params), on.args, strict=False))
        return [substitute(arg, bound) for arg in use.args] if use is not None else ()


def _takes(function: ir.Function, count: int) -> bool:
    """May the function be called with so many arguments?"""
    least = sum(1 for p in function.params if p.default is None and p.mode not in ("rest", "rest-map"))
    return least <= count <= len(function.params) or any(p.mode == "rest" for p in function.params)
