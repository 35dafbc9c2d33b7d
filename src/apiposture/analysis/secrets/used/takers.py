"""Where does the program hand a credential to what uses it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from apiposture.analysis.secrets.used.mappings import entries
from apiposture.analysis.secrets.used.rows import CALLED, NEW, Rows, at, fits, last
from apiposture.analysis.secrets.used.scope import NOWHERE, Code, Scope, pairs
from apiposture.frameworks.credentials import Credential
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type


class Taken(NamedTuple):
    """What is taken for a credential: what the row says, the name of what takes it, and where."""

    row: Credential
    by: str
    value: ir.Expr
    scope: Scope


def taken(code: Code, rows: Rows) -> Iterator[Taken]:
    """Every place where a credential is taken, in the order of the files."""
    worth: set[int] = set()
    for module, routines in code.program.by_module:
        look = rows.worth_a_look(module)
        if look.called or look.whole:
            worth.add(id(module))
        for routine in routines if look.anywhere() else ():
            if look.at(routine.function):
                scope = code.scope(routine)
                for node in scope.nodes:
                    yield from _at(node, scope, rows)
    for declared in code.program.types:
        if declared.kind != "module" and any(id(module) in worth for _, module in declared.decls):
            yield from _in_first_values(declared, code, rows)


def _in_first_values(declared: Type, code: Code, rows: Rows) -> Iterator[Taken]:
    """What is taken where members are given their first values."""
    for slot in declared.fields.values():
        if type(slot.field.value) in (ir.New, ir.Call):
            scope = Scope(code, Routine(NOWHERE, declared, slot.module))
            for node in walk.nodes(slot.field.value):
                yield from _at(node, scope, rows)


def _at(node: ir.Expr | ir.Stmt, scope: Scope, rows: Rows) -> Iterator[Taken]:
    if type(node) is ir.Assign and node.operator == "=":
        for target, value in pairs(node.target, node.value):
            yield from _set(target, value, scope, rows)
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
    is_made = name.endswith(f".{NEW}") and last(name) != NEW
    parts = name.removesuffix(f".{NEW}").split(".")[-1:] if is_made else name.removeprefix("*.").split(".")[-2:]
    return ".".join(parts)


def _sets(row: Credential, member: str | None, made: Iterable[str]) -> bool:
    return any(fits(row.call, f"{kind.removesuffix(NEW)}{member}=") for kind in made)


def _passed(node: ir.Call | ir.New, names: Iterable[str], scope: Scope, rows: Rows) -> Iterator[Taken]:
    """What is passed to a call or a constructor, be it in a mapping that is spread (`connect(**options)`)."""
    for name in dict.fromkeys(names):
        for row in rows.takes.get(last(name), ()):
            if row.item or not fits(row.call, name):
                continue
            value = at(row.at, node)
            if value is not None:
                yield Taken(row, _shown(name), value, scope)
            else:
                named = row.at.rpartition("/")[2].rpartition(":")[2]
                spread = (one for arg in node.args if arg.mode == "spread-map" for one in entries(arg.value, scope))
                yield from (Taken(row, _shown(name), value, inside) for key, value, inside in spread if key == named)


def _set(target: ir.Expr, value: ir.Expr, scope: Scope, rows: Rows) -> Iterator[Taken]:
    """What a member is set to (`aes.Key = ...`), or what is kept under a name (`app.config["SECRET_KEY"] = ...`)."""
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
        given = [*entries(call, scope), *(one for arg in call.args if not arg.name for one in entries(arg.value, scope))]
        yield from (Taken(row, row.item, value, inside) for name, value, inside in given if name == row.item)


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
