"""Which literals may stand behind an expression: by variables, constants, members, settings with a default, parameters?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from apiposture.analysis.secrets.used.callers import callers, functions, makings, passed
from apiposture.analysis.secrets.used.configured import Configured
from apiposture.analysis.secrets.used.mappings import Entry, asked, kept, under
from apiposture.analysis.secrets.used.rows import NEW, Rows, at, fits, last
from apiposture.analysis.secrets.used.scope import CONSTRUCTORS, Scope
from apiposture.analysis.secrets.used.takers import names_of
from apiposture.analysis.tests import may_be_test
from apiposture.model import ir
from apiposture.model.ir import Module
from apiposture.model.source import Place
from apiposture.program import walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Slot, Type

FEWEST_BYTES: Final = 5
"""A list of fewer different numbers is no key, and neither are so many zeros."""

MAX_STEPS: Final = 8
"""What is handed on through more steps than this is not followed."""


MAX_LOOKS: Final = 300
"""Of what a credential may come from, so many expressions are looked at."""


class Found(NamedTuple):
    """A literal, where it stands, and the name that it was given. `usual`: it counts only where nobody sets it otherwise. `configured`: it
    stands in a settings file, under this key. `pieces`: where the rest of it stands, of one that is put together."""

    value: str
    place: Place
    name: str
    usual: bool = False
    configured: str = ""
    pieces: tuple[Place, ...] = ()


class Behind:
    """The literals behind expressions of one program."""

    def __init__(self, rows: Rows, configured: Configured) -> None:
        self.rows = rows
        self.configured = configured
        self._open: set[tuple[int, int]] = set()
        self._kept_in: dict[str, list[Entry]] = {}
        self._looks = 0

    def of(self, expr: ir.Expr, scope: Scope) -> Iterator[Found]:
        """The literals that an expression may be."""
        self._looks = 0
        yield from self.literals(expr, scope)

    def literals(self, expr: ir.Expr | None, scope: Scope, name: str = "", steps: int = 0) -> Iterator[Found]:
        """The same, of one that was come to in so many steps; `name` is what it was called on the way."""
        key = (id(expr), id(scope.routine.function))
        self._looks += 1
        if expr is None or steps > MAX_STEPS or self._looks > MAX_LOOKS or key in self._open:
            return
        self._open.add(key)
        try:
            yield from self._read(expr, scope, name, steps)
            for at, value, setting in self.configured.behind(expr, scope):
                yield Found(value, _between_quotes(at, value), _last_word(setting), True, setting)
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
        elif type(expr) is ir.Template:
            yield from self._joined(expr.parts, scope, name, steps)
        elif type(expr) is ir.Binary and expr.operator == "+":
            yield from self._joined((expr.left, expr.right), scope, name, steps)
        elif type(expr) is ir.Index:
            yield from self._under(expr, scope, name, steps)
        elif type(expr) is ir.Choice:
            for way in (expr.then, expr.other):
                yield from map(_usual, self.literals(way, scope, name, steps + 1))
        elif type(expr) is ir.Name or type(expr) is ir.Member:
            yield from self._named(expr, scope, name, steps)
        elif type(expr) is ir.Call:
            yield from self._called(expr, scope, name, steps)
        elif type(expr) is ir.New and expr.type is not None:
            kinds = [f"{kind}.{NEW}" for kind in scope.types(expr) if isinstance(kind, str)]
            forms = [form for kind in kinds for form in self.rows.bytes.get(last(kind), ()) if fits(form.call, kind)]
            for form in forms[:1]:
                yield from self.literals(at(form.at, expr), scope, name, steps + 1)

    def _joined(self, parts: tuple[ir.Expr, ...], scope: Scope, name: str, steps: int) -> Iterator[Found]:
        """A text that is put together of nothing but constants; it stands where the first of them does."""
        found = [list(self.literals(part, scope, name, steps + 1)) for part in parts]
        if found and all(len(one) == 1 for one in found):
            texts = [one[0] for one in found]
            pieces = (*texts[0].pieces, *(piece for one in texts[1:] for piece in (one.place, *one.pieces)))
            value = "".join(one.value for one in texts)
            yield texts[0]._replace(value=value, usual=any(one.usual for one in texts), pieces=pieces)

    def _under(self, expr: ir.Index | ir.Call, scope: Scope, name: str, steps: int) -> Iterator[Found]:
        """What stands under a key: in a mapping that is written out, or kept in a member of that name (`app.config["KEY"] = ...`)."""
        for value, inside in under(expr, scope):
            yield from self.literals(value, inside, name, steps + 1)
        holder, key = asked(expr)
        if type(holder) is ir.Member and key:
            if holder.name not in self._kept_in:
                self._kept_in[holder.name] = list(kept(scope.code, holder.name))
            for written, value, inside in self._kept_in[holder.name]:
                if written == key:
                    yield from map(_usual, self.literals(value, inside, key, steps + 1))

    def _named(self, expr: ir.Name | ir.Member, scope: Scope, name: str, steps: int) -> Iterator[Found]:
        """What a variable, a parameter, a constant or a member was set to."""
        local = expr.id if type(expr) is ir.Name else ""
        own = scope.set_to.get(local, ())
        params = [param.name for param in scope.routine.function.params]
        if own:
            for value in own:
                found = self.literals(value, scope, local, steps + 1)
                yield from found if len(own) == 1 else map(_usual, found)
            if local in params:
                yield from map(_usual, self._parameter(params.index(local), scope, steps))
        elif local in params:
            yield from self._parameter(params.index(local), scope, steps)
        elif (slot := scope.slot(expr)) is not None:
            yield from self._kept(slot, scope, steps)
        elif type(expr) is ir.Member:
            yield from self._member(expr, scope, name, steps)
        else:
            yield from self._inner_parameter(local, scope, steps)
            top = scope.code.top(scope.module)
            if scope.module.explicit_names and scope.routine.function.name != top.routine.function.name and local in top.set_to:
                yield from self._named(expr, top, name, steps + 1)

    def _member(self, expr: ir.Member, scope: Scope, name: str, steps: int) -> Iterator[Found]:
        """A member of an object of which the type is known, or the value of a constant (`Keys.SIGNING.value`)."""
        slot = scope.slot(expr.object) if expr.name in self.rows.of_constants else None
        if slot is not None and slot.field.kind in ("member", "constant"):
            yield from self.literals(slot.field.value, scope.within(slot), slot.field.name, steps + 1)
        for kind in dict.fromkeys(scope.types(expr.object)):
            held = scope.program.slot(kind, expr.name) if isinstance(kind, Type) else None
            if held is not None:
                yield from self._kept(held, scope, steps)

    def _kept(self, slot: Slot, scope: Scope, steps: int) -> Iterator[Found]:
        """What a member holds from the first, is given by a constructor or where an object is made, or gives when it is read; an heir may
        hold another. Of one that is set elsewhere, it counts only as long as it is not."""
        slots = [slot, *(heir.fields[slot.field.name] for heir in scope.program.heirs(slot.owner) if slot.field.name in heir.fields)]
        for one in slots:
            if one.field.value is not None:
                found = self.literals(one.field.value, scope.within(one), one.field.name, steps + 1)
                yield from found if _is_fixed(one) else map(_usual, found)
            if one.field.getter is not None:
                inside = scope.code.scope(Routine(one.field.getter, one.owner, one.module))
                for value in walk.returned(one.field.getter):
                    yield from self.literals(value, inside, one.field.name, steps + 1)
        for inside, value in _set_elsewhere(slot, scope):
            yield from self.literals(value, inside, slot.field.name, steps + 1)

    def _inner_parameter(self, name: str, scope: Scope, steps: int) -> Iterator[Found]:
        """What is passed for a parameter of a function inside of this one."""
        for node in scope.nodes:
            if type(node) is ir.Declare and type(node.value) is ir.Lambda:
                places = [at for at, param in enumerate(node.value.function.params) if param.name == name]
                calls = [call for call in scope.nodes if type(call) is ir.Call and walk.dotted(call.function) == node.name]
                for given in (walk.argument(call, at, name) for at in places for call in calls):
                    yield from self.literals(given, scope, name, steps + 1)

    def _parameter(self, index: int, scope: Scope, steps: int) -> Iterator[Found]:
        """What is passed for a parameter, by the call that was followed or else by all; or what it is where nothing is passed."""
        routine, param = scope.routine, scope.routine.function.params[index]
        calls = [scope.called] if scope.called is not None else callers(routine, scope)
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
        if called in self.rows.looks_up and type(call.function) is ir.Member:
            yield from self._under(call, scope, name, steps)
        for routine in functions(call, scope):
            inside = Scope(scope.code, routine, (call, scope))
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
    """Does a member stay what it is declared to be? One whose type is written may be a field that objects are made with."""
    if slot.field.kind in ("constant", "member") or slot.owner.kind == "module":
        return True
    if slot.module.explicit_names:
        return slot.field.type is None
    return not {"readonly", "static"}.isdisjoint(slot.field.modifiers)


def _inner(span: int, size: int) -> int:
    """The span without the quotes around the text, as far as these can be told from its size."""
    start, end = span >> 32, span & 0xFFFFFFFF
    more = end - start - size
    return (start + more - 1) << 32 | (end - 1) if more in (2, 3) else span


def _last_word(setting: str) -> str:
    """The name of a setting without those of its sections."""
    return re.split(r"\W", setting)[-1]


def _between_quotes(at: Place, value: str) -> Place:
    """The place of a value in a settings file, without the quotes around it."""
    is_quoted = at.line == at.end_line and at.end_column - at.column == len(value) + 2
    return msgspec.structs.replace(at, column=at.column + 1, end_column=at.end_column - 1) if is_quoted else at


def _set_elsewhere(slot: Slot, scope: Scope) -> Iterator[tuple[Scope, ir.Expr]]:
    """What a member is set to besides where it is declared: at the top of its module, by constructors, and where objects are made."""
    name = slot.field.name
    if slot.owner.kind == "module":
        inside = scope.code.top(slot.module)
        yield from ((inside, value) for value in inside.set_to.get(name, ()) if value != slot.field.value)
        return
    for routine in (one for kind in CONSTRUCTORS for one in slot.owner.functions.get(kind, ())):
        inside = scope.code.scope(routine)
        for node in inside.nodes:
            if type(node) is ir.Assign and node.operator == "=" and walk.dotted(node.target) in (name, f"this.{name}"):
                yield inside, node.value
    for made, inside in makings(slot.owner, scope):
        given = made.fields if type(made) is ir.New else made.args if not slot.owner.functions.get(CONSTRUCTORS[0]) else ()
        yield from ((inside, arg.value) for arg in given if arg.name == name)
