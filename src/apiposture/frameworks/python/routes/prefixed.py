"""Which paths does a blueprint of the project's own add for one rule?

Its `add_url_rule` may put something before the rule, and add it more than once; what it puts there may be set for a while, by a method that
rules are added under: `with blueprint.under("/users/<id>"): blueprint.add_url_rule(...)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from apiposture.frameworks.python.reading.objects import Objects
from apiposture.frameworks.python.reading.statements import set_by
from apiposture.model import ir
from apiposture.program import constants, walk
from apiposture.program.types import Routine, Type

ADD = "add_url_rule"


class Added(NamedTuple):
    """A rule that is handed on, and the member of the blueprint that it is only handed on with."""

    rule: ir.Expr
    only_with: str


class Prefixed:
    """Answers for one program."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.program = objects.program

    def paths(self, blueprint: Type | None, path: str, call: ir.Call, around: Sequence[ir.Call], caller: Routine) -> list[str]:
        """The paths that a call adds for a rule, under the calls by whose `with` it is made."""
        adding = next((one for one in self.program.methods(blueprint, ADD)[:1] if one.function.has_code), None) if blueprint else None
        if blueprint is None or adding is None or not adding.function.params:
            return [path]
        kept = self._kept(blueprint, call, around, caller)
        given = {adding.function.params[0].name: path}
        found = [
            _spelled(one.rule, given, kept) for one in _added(adding.function.body or ()) if not one.only_with or kept.get(one.only_with)
        ]
        return found or [path]

    def _kept(self, blueprint: Type, call: ir.Call, around: Sequence[ir.Call], caller: Routine) -> dict[str, str]:
        """The texts that the blueprint holds when the call is made."""
        kept = {name: text for one in self.program.lineage(blueprint) for name in one.fields if (text := self._first(blueprint, name))}
        for outer in around:
            if _holder(outer) and _holder(outer) == _holder(call):
                for routine in self.program.methods(blueprint, walk.called_name(outer))[:1]:
                    kept |= self._set(routine, outer, caller)
        return kept

    def _first(self, blueprint: Type, name: str) -> str:
        slot = self.program.slot(blueprint, name)
        value = slot.field.value if slot is not None else None
        return value.value if isinstance(value, ir.Literal) and isinstance(value.value, str) else ""

    def _set(self, routine: Routine, outer: ir.Call, caller: Routine) -> dict[str, str]:
        """What a method sets members to, of the texts that it is called with."""
        found: dict[str, str] = {}
        for statement in routine.function.body or ():
            value = set_by(statement)[1]
            target = statement.value.target if isinstance(statement, ir.Eval) and isinstance(statement.value, ir.Assign) else None
            number = next((i for i, param in enumerate(routine.function.params) if walk.dotted(value) == param.name), -1) if value else -1
            if isinstance(target, ir.Member) and number >= 0:
                param = routine.function.params[number]
                given = walk.argument(outer, number, param.name) or param.default
                found[target.name] = constants.text(self.program, given, caller.module, caller.owner) or ""
        return found


def _holder(call: ir.Call) -> str:
    """What a method is called of."""
    return walk.dotted(call.function.object) if isinstance(call.function, ir.Member) else ""


def _added(body: Sequence[ir.Stmt]) -> Iterator[Added]:
    for statement in body:
        test = statement.condition if isinstance(statement, ir.If) else None
        only_with = test.name if isinstance(test, ir.Member) and walk.dotted(test.object) == "this" else ""
        for call in walk.calls(statement):
            if walk.dotted(call.function) == f"super.{ADD}" and call.args:
                yield Added(call.args[0].value, only_with)


def _spelled(expr: ir.Expr, given: dict[str, str], kept: dict[str, str]) -> str:
    """A rule as it is handed on; what isn't known of it is left out."""
    if isinstance(expr, ir.Literal):
        return str(expr.value)
    if isinstance(expr, ir.Name):
        return given.get(expr.id, "")
    if isinstance(expr, ir.Member):
        return kept.get(expr.name, "")
    parts = expr.parts if isinstance(expr, ir.Template) else (expr.left, expr.right) if isinstance(expr, ir.Binary) else ()
    return "".join(_spelled(part, given, kept) for part in parts)
