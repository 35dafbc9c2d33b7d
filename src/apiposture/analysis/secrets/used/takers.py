"""Where does the program hand a credential to what uses it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from apiposture.analysis.secrets.used.scope import MAX_STEPS, NOWHERE, Scope
from apiposture.frameworks.credentials import Bytes, Credential
from apiposture.frameworks.library import Library
from apiposture.frameworks.rows import Setting
from apiposture.model import ir
from apiposture.model.ir import Module
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

NEW = "new"
CALLED = "call"
"""How rows call the constructor of a type, and a call of one of its objects."""


class Taken(NamedTuple):
    """What is taken for a credential: what the row says, the name of what takes it, and where."""

    row: Credential
    by: str
    value: ir.Expr
    scope: Scope


class Look(NamedTuple):
    """What a file may speak of: names of rows about calls that it makes, and about members that may be set; `owners` are the types that
    have those, where code must name them. `whole`: any of its functions may, whatever names it uses."""

    called: frozenset[str]
    members: frozenset[str]
    owners: frozenset[str] = frozenset()
    whole: bool = False

    def at(self, function: ir.Function) -> bool:
        """May a function speak of it? Top-level code does not tell its names, but what it sets is soon seen."""
        if self.whole:
            return True
        if function.uses is None:
            return bool(self.called) or not self.members.isdisjoint(_members_set(function.body or ()))
        uses = walk.uses(function)
        is_set = not self.members.isdisjoint(uses) and (not self.owners or not self.owners.isdisjoint(uses))
        return is_set or not self.called.isdisjoint(uses)


def _members_set(statements: tuple[ir.Stmt, ...]) -> Iterator[str]:
    """The members that statements set, or keep something in, outside of what they call."""
    for one in statements:
        if type(one) is ir.Eval and type(one.value) is ir.Assign:
            target = one.value.target
            held = target.object if type(target) is ir.Index else target
            if type(held) is ir.Member:
                yield held.name
        elif type(one) is ir.If:
            yield from _members_set((*one.then, *one.other))
        elif type(one) is ir.Block or type(one) is ir.Try:
            yield from _members_set(one.body)


class Rows:
    """The library rows of some languages that speak of credentials, by the last name of what they speak of."""

    def __init__(self, libraries: Sequence[Library]) -> None:
        self.takes: dict[str, list[Credential]] = {}
        self.bytes: dict[str, list[Bytes]] = {}
        self.settings: dict[str, list[Setting]] = {}
        self.looks_up = frozenset(row.name for one in libraries for row in one.idiom if row.says == "looks-up")
        for library in libraries:
            for row in library.credential:
                self.takes.setdefault(_last(row.call), []).append(row)
            for form in library.bytes:
                self.bytes.setdefault(_last(form.call), []).append(form)
            for setting in library.setting:
                self.settings.setdefault(_last(setting.call), []).append(setting)
        self.members = frozenset(name for name, rows in self.takes.items() if any(row.call.endswith("=") for row in rows))
        self.called = frozenset(name for name, rows in self.takes.items() if not all(row.call.endswith("=") for row in rows))
        self.owners = frozenset(row.call.split(".")[-2] for rows in self.takes.values() for row in rows if row.call.endswith("="))
        made = (name for name, rows in self.takes.items() if any(row.call.endswith(f".{NEW}") for row in rows))
        self.made = self.owners.union(made)
        self.anywhere = frozenset(name for name, rows in self.takes.items() if any(row.call.startswith("*.") for row in rows))
        self.of_library: dict[str, set[str]] = {}
        """The names of which rows speak, by each part of the dotted name of what they belong to."""
        for name, rows in self.takes.items():
            for part in (part for row in rows for part in row.call.split(".")[:-1]):
                self.of_library.setdefault(part, set()).add(name)

    def worth_a_look(self, module: Module) -> Look:
        """What a file may speak of. Where all names are imported, an import must name what a row belongs to, or any object may have it."""
        called = self.called.intersection(module.calls)
        if not module.explicit_names:
            return Look(called, self.members, self.owners, not self.made.isdisjoint(module.calls))
        parts = {part for one in module.imports for part in one.target.split(".")}
        near = self.anywhere.union(*(self.of_library.get(part, ()) for part in parts))
        return Look(called & near, self.members)

    def settings_called(self, name: str, dotted: Sequence[str]) -> Iterator[Setting]:
        """The rows about settings that speak of a call, by its last name and by all its dotted names."""
        for row in (*self.settings.get(name, ()), *self.settings.get(CALLED, ())):
            if any(fits(row.call, one) for one in dotted):
                yield row


def _last(call: str) -> str:
    """The name that code must spell for a row to speak of it: of a constructor, that of its type."""
    owner, _, name = call.removesuffix("=").rpartition(".")
    kind = owner.rpartition(".")[2]
    return kind if name == NEW and kind[:1].isupper() else name


def taken(program: Program, rows: Rows) -> Iterator[Taken]:
    """Every place where a credential is taken, in the order of the files."""
    looks = {id(module): rows.worth_a_look(module) for module in program.modules}
    for routine in program.routines:
        if routine.function.has_code and looks[id(routine.module)].at(routine.function):
            scope = Scope(program, routine)
            for node in scope.nodes:
                yield from _at(node, scope, rows)
    for declared in program.types:
        for slot in declared.fields.values() if declared.kind != "module" else ():
            if type(slot.field.value) in (ir.New, ir.Call) and looks[id(slot.module)].called:
                scope = Scope(program, Routine(NOWHERE, declared, slot.module))
                for node in walk.nodes(slot.field.value):
                    yield from _at(node, scope, rows)


def _at(node: ir.Expr | ir.Stmt, scope: Scope, rows: Rows) -> Iterator[Taken]:
    if type(node) is ir.Assign and node.operator == "=":
        yield from _set(node.target, node.value, scope, rows)
    elif type(node) is ir.Call:
        if walk.called_name(node) in rows.called:
            yield from _passed(node, names_of(node, scope), scope, rows)
        yield from _kept(node, scope, rows)
    elif type(node) is ir.New and node.type is not None:
        kinds = [f"{kind}.{NEW}" for kind in _library_types(scope.types(node), scope.program)]
        yield from _passed(node, kinds, scope, rows)
        for field in node.fields:
            said = rows.takes.get(field.name or "", ())
            yield from (Taken(row, f"{node.type.name}.{field.name}", field.value, scope) for row in said if _sets(row, field.name, kinds))


def _shown(name: str) -> str:
    """How a reader knows what is called: `jwt.encode`, `NetworkCredential`."""
    is_made = name.endswith(f".{NEW}") and _last(name) != NEW
    parts = name.removesuffix(f".{NEW}").split(".")[-1:] if is_made else name.removeprefix("*.").split(".")[-2:]
    return ".".join(parts)


def _sets(row: Credential, member: str | None, made: Iterable[str]) -> bool:
    return any(fits(row.call, f"{kind.removesuffix(NEW)}{member}=") for kind in made)


def _passed(node: ir.Call | ir.New, names: Iterable[str], scope: Scope, rows: Rows) -> Iterator[Taken]:
    """What is passed to a call or a constructor."""
    for name in dict.fromkeys(names):
        for row in rows.takes.get(_last(name), ()):
            value = at(row.at, node) if fits(row.call, name) and not row.item else None
            if value is not None:
                yield Taken(row, _shown(name), value, scope)


def _set(target: ir.Expr, value: ir.Expr, scope: Scope, rows: Rows) -> Iterator[Taken]:
    """What a member is set to (`aes.Key = ...`), or what is kept under a name (`app.config["SECRET_KEY"] = ...`)."""
    if type(target) is ir.Collection and type(value) is ir.Collection and len(target.items) == len(value.items):
        for one, its in zip(target.items, value.items, strict=True):
            yield from _set(one, its, scope, rows)
    if type(target) is ir.Member:
        for row in rows.takes.get(target.name, ()):
            kinds = _library_types(scope.types(target.object), scope.program) if not row.item else ()
            if any(fits(row.call, f"{kind}.{target.name}=") for kind in kinds):
                yield Taken(row, target.name, value, scope)
    if type(target) is ir.Index and type(target.object) is ir.Member and len(target.keys) == 1:
        key = target.keys[0].value if type(target.keys[0]) is ir.Literal else None
        yield from (Taken(row, row.item, value, scope) for row in _keeping(target.object, scope, rows) if row.item == key)


def _kept(call: ir.Call, scope: Scope, rows: Rows) -> Iterator[Taken]:
    """What a call keeps under a name: `app.config.update(SECRET_KEY=...)`."""
    function = call.function
    if type(function) is not ir.Member or type(function.object) is not ir.Member:
        return
    for row in _keeping(function.object, scope, rows):
        given: list[tuple[str | None, ir.Expr]] = [(arg.name, arg.value) for arg in call.args if arg.name]
        given += (entry for arg in call.args if not arg.name for entry in _entries(arg.value, scope))
        yield from (Taken(row, row.item, value, scope) for name, value in given if name == row.item)


def _entries(expr: ir.Expr, scope: Scope, steps: int = 0) -> Iterator[tuple[str | None, ir.Expr]]:
    """What a mapping that is made in the function holds, by name: `{"NAME": value}`, `dict(NAME=value)`."""
    if type(expr) is ir.Collection and expr.kind == "map":
        for item in expr.items:
            if type(item) is ir.Collection and len(item.items) == 2 and type(item.items[0]) is ir.Literal:
                yield str(item.items[0].value), item.items[1]
    elif type(expr) is ir.Call and walk.called_name(expr) == "dict":
        yield from ((arg.name, arg.value) for arg in expr.args)
    elif type(expr) is ir.Name and steps < MAX_STEPS:
        for value in scope.set_to.get(expr.id, ()):
            yield from _entries(value, scope, steps + 1)


def _keeping(holder: ir.Member, scope: Scope, rows: Rows) -> Iterator[Credential]:
    """The rows about what is kept in a member; of an object that nothing says the type of, it may be any."""
    for row in rows.takes.get(holder.name, ()):
        if row.item:
            kinds = list(scope.types(holder.object))
            if not kinds or any(fits(row.call, f"{kind}.{holder.name}=") for kind in _library_types(kinds, scope.program)):
                yield row


def names_of(call: ir.Call, scope: Scope) -> list[str]:
    """The dotted names by which rows may know what is called."""
    path, name = walk.dotted(call.function), walk.called_name(call)
    found: list[str] = []
    meant = scope.program.meaning(path, scope.module, scope.owner) if path and scope.module.explicit_names else None
    if isinstance(meant, str):
        found += (meant, f"{meant}.{NEW}")
    elif meant is None and path and scope.module.explicit_names and not scope.holds(path.partition(".")[0]):
        found.append(f"builtins.{path}")
    if type(call.function) is ir.Member:
        kinds = _library_types(scope.types(call.function.object), scope.program)
        found += (f"{kind}.{name}" for kind in kinds)
        found += (f"*.{name}", *(() if scope.module.explicit_names or not path else (path,)))
    elif type(call.function) is ir.Name:
        found += (f"{kind}.{CALLED}" for kind in _library_types(scope.types(call.function), scope.program))
    return found


def _library_types(kinds: Iterable[str | Type], program: Program) -> list[str]:
    """The names of libraries' types among them, and of those that the program's own types extend."""
    found: dict[str, None] = {}
    for kind in kinds:
        above = [use.name for base, use in program.ancestors(kind) if base is None] if isinstance(kind, Type) else [kind]
        found.update(dict.fromkeys(above))
    return list(found)


def fits(call: str, name: str) -> bool:
    """Does a row's call speak of what has this dotted name? `*.name` speaks of all members of the name."""
    return name == call or name.endswith(f".{call}") or (call.startswith("*.") and name.rpartition(".")[2] == call[2:])


def at(place: str, node: ir.Call | ir.New) -> ir.Expr | None:
    """The argument that stands at a row's place; None where it is not given."""
    if place == "receiver":
        return node.function.object if type(node) is ir.Call and type(node.function) is ir.Member else None
    position, _, name = place.removeprefix("arg:").partition("/")
    if position == "-1":
        return node.args[-1].value if node.args else None
    return walk.argument(node, int(position), name) if position.isdigit() else walk.argument(node, -1, position)
