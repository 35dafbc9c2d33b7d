"""Which literals may stand behind an expression: by variables, constants, members, settings with a default, parameters?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import msgspec

from apiposture.analysis.secrets.used.configured import SEPARATOR, Configured
from apiposture.analysis.secrets.used.scope import CONSTRUCTORS, NOWHERE, Scope
from apiposture.analysis.secrets.used.takers import Rows, at, fits, names_of
from apiposture.analysis.tests import may_be_test
from apiposture.model import ir
from apiposture.model.ir import Module
from apiposture.model.source import Place
from apiposture.program import walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Slot, Type

FEWEST_BYTES = 5
"""A list of fewer different numbers is no key, and neither are so many zeros."""

MAX_STEPS = 8
"""What is handed on through more steps than this is not followed."""

MAX_CALLERS = 20
"""Of a function that takes a credential, so many calls are looked at."""


class Found(NamedTuple):
    """A literal, where it stands, and the name that it was given. `usual`: it counts only where nobody sets it otherwise. `configured`: it
    stands in a settings file, under this key."""

    value: str
    place: Place
    name: str
    usual: bool = False
    configured: str = ""


class Behind:
    """The literals behind expressions of one program."""

    def __init__(self, rows: Rows, configured: Configured) -> None:
        self.rows = rows
        self.configured = configured
        self._open: set[tuple[int, int]] = set()

    def literals(self, expr: ir.Expr | None, scope: Scope, name: str = "", steps: int = 0) -> Iterator[Found]:
        """The literals that the expression may be; `name` is what it was called on the way."""
        key = (id(expr), id(scope.routine.function))
        if expr is None or steps > MAX_STEPS or key in self._open:
            return
        self._open.add(key)
        try:
            yield from self._read(expr, scope, name, steps)
            for at, value, setting in self.configured.behind(expr, scope):
                yield Found(value, _between_quotes(at, value), setting.rpartition(SEPARATOR)[2], True, setting)
        finally:
            self._open.discard(key)

    def _read(self, expr: ir.Expr, scope: Scope, name: str, steps: int) -> Iterator[Found]:
        if type(expr) is ir.Literal:
            if isinstance(expr.value, str):
                yield Found(expr.value, place(scope.module, _inner(expr.span, len(expr.value))), name)
        elif type(expr) is ir.Collection:
            yield from _of_bytes(expr, scope.module, name)
        elif type(expr) is ir.Cast:
            yield from self.literals(expr.value, scope, name, steps + 1)
        elif type(expr) is ir.Binary and expr.operator in ("??", "||"):
            yield from self.literals(expr.left, scope, name, steps + 1)
            yield from map(_usual, self.literals(expr.right, scope, name, steps + 1))
        elif type(expr) is ir.Choice:
            for way in (expr.then, expr.other):
                yield from map(_usual, self.literals(way, scope, name, steps + 1))
        elif type(expr) in (ir.Name, ir.Member):
            yield from self._named(expr, scope, name, steps)
        elif type(expr) is ir.Call:
            yield from self._called(expr, scope, name, steps)

    def _named(self, expr: ir.Expr, scope: Scope, name: str, steps: int) -> Iterator[Found]:
        """What a variable, a parameter, a constant or a member was set to."""
        local = expr.id if type(expr) is ir.Name else ""
        own = scope.set_to.get(local, ()) if scope.routine.owner is not None or scope.routine.function is not NOWHERE else ()
        params = [param.name for param in scope.routine.function.params]
        if local in params and not own:
            yield from self._parameter(params.index(local), scope, steps)
            return
        if own:
            for value in own:
                found = self.literals(value, scope, local, steps + 1)
                yield from found if len(own) == 1 else map(_usual, found)
            return
        slot = scope.slot(expr)
        if slot is not None:
            yield from self._kept(slot, scope, steps)
        elif type(expr) is ir.Member:
            for kind in scope.types(expr.object):
                held = scope.program.slot(kind, expr.name) if isinstance(kind, Type) else None
                if held is not None:
                    yield from map(_usual, self._kept(held, scope, steps))

    def _kept(self, slot: Slot, scope: Scope, steps: int) -> Iterator[Found]:
        """What a member holds from the first, or is given by a constructor; of one that is set elsewhere, only as long as it is not."""
        if slot.field.value is not None:
            found = self.literals(slot.field.value, scope.within(slot), slot.field.name, steps + 1)
            yield from found if _is_fixed(slot) else map(_usual, found)
        for routine in (one for name in CONSTRUCTORS for one in slot.owner.functions.get(name, ())):
            inside = Scope(scope.program, routine)
            for value in _set_on_itself(routine, slot.field.name):
                yield from self.literals(value, inside, slot.field.name, steps + 1)

    def _parameter(self, index: int, scope: Scope, steps: int) -> Iterator[Found]:
        """What is passed for a parameter, by the call that was followed or else by all; or what it is where nothing is passed."""
        routine, param = scope.routine, scope.routine.function.params[index]
        calls = [scope.called] if scope.called is not None else _callers(routine, scope)
        if param.default is not None and (scope.called is None or passed(scope.called[0], routine, index) is None):
            yield from map(_usual, self.literals(param.default, scope, param.name, steps + 1))
        for call, inside in calls:
            given = passed(call, routine, index)
            if given is not None and not may_be_test(inside.module.path):
                yield from self.literals(given, inside, param.name, steps + 1)

    def _called(self, call: ir.Call, scope: Scope, name: str, steps: int) -> Iterator[Found]:
        """What a call makes of a literal, or gives where a setting is not there."""
        called, names = walk.called_name(call), names_of(call, scope)
        for form in self.rows.bytes.get(called, ()):
            if any(fits(form.call, one) for one in names):
                yield from self.literals(at(form.at, call), scope, name, steps + 1)
                return
        setting = next((row for row in self.rows.settings_called(called, names)), None)
        usual = at(setting.default, call) if setting is not None else None
        if usual is None and called in self.rows.looks_up and len(call.args) == 2:
            usual = call.args[1].value
        if usual is not None:
            yield from map(_usual, self.literals(usual, scope, name, steps + 1))
            return
        for routine in _functions(call, scope):
            inside = Scope(scope.program, routine, (call, scope))
            for value in walk.returned(routine.function):
                yield from self.literals(value, inside, name, steps + 1)


def _usual(found: Found) -> Found:
    return found._replace(usual=True)


def _of_bytes(expr: ir.Collection, module: Module, name: str) -> Iterator[Found]:
    """The bytes of a list that is written out: `new byte[] { 0x2f, 0x91, ... }`."""
    values = [item.value for item in expr.items if type(item) is ir.Literal]
    numbers = [value for value in values if type(value) is int and 0 <= value < 256]
    if len(numbers) == len(expr.items) and len(set(numbers)) >= FEWEST_BYTES:
        yield Found(bytes(numbers).hex(), place(module, expr.span), name)


def _is_fixed(slot: Slot) -> bool:
    """Does a member stay what it is declared to be?"""
    if slot.field.kind == "constant" or slot.owner.kind == "module":
        return True
    return "readonly" in slot.field.modifiers or "static" in slot.field.modifiers


def _inner(span: int, size: int) -> int:
    """The span without the quotes around the text, as far as these can be told from its size."""
    start, end = span >> 32, span & 0xFFFFFFFF
    more = end - start - size
    return (start + more - 1) << 32 | (end - 1) if more in (2, 3) else span


def _between_quotes(at: Place, value: str) -> Place:
    """The place of a value in a settings file, without the quotes around it."""
    is_quoted = at.line == at.end_line and at.end_column - at.column == len(value) + 2
    return msgspec.structs.replace(at, column=at.column + 1, end_column=at.end_column - 1) if is_quoted else at


def _set_on_itself(routine: Routine, name: str) -> Iterator[ir.Expr]:
    """What a function sets a member of its own object to."""
    for node in walk.nodes(routine.function.body or ()):
        if type(node) is ir.Assign and node.operator == "=" and walk.dotted(node.target) in (name, f"this.{name}"):
            yield node.value


def _callers(routine: Routine, scope: Scope) -> Iterator[tuple[ir.Call, Scope]]:
    """The calls that are of this function alone, each with where it stands."""
    name = routine.function.name
    named = name if name not in CONSTRUCTORS else routine.owner.simple if routine.owner is not None else ""
    for caller, call in islice(scope.program.calling(named), MAX_CALLERS) if named else ():
        inside = Scope(scope.program, caller)
        if [one.function for one in _functions(call, inside)] == [routine.function]:
            yield call, inside


def passed(call: ir.Call, routine: Routine, index: int) -> ir.Expr | None:
    """What a call passes for a parameter; an extension's first is what it is called on, unless that is its type."""
    params = routine.function.params
    is_extension = bool(params) and params[0].mode == "this" and type(call.function) is ir.Member
    if is_extension and len(call.args) < len(params) and index == 0:
        return call.function.object  # type: ignore[union-attr]
    return walk.argument(call, index - (is_extension and len(call.args) < len(params)), params[index].name)


def _functions(call: ir.Call, scope: Scope) -> list[Routine]:
    """The functions of the program that a call may be of, by how many arguments they take."""
    return [one for one in dict.fromkeys(_of_the_name(call, scope)) if _takes(one.function, len(call.args))]


def _takes(function: ir.Function, given: int) -> bool:
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
