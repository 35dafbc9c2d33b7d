"""Which library rows speak of this call, member or type?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Protocol

from apiposture.frameworks.library import Library
from apiposture.frameworks.rows import Setting, TypeRow
from apiposture.model import ir
from apiposture.model.ir import Annotation, TypeRef
from apiposture.program import Program, walk
from apiposture.program.types import Type, TypeUse, substitute


class _Called(Protocol):
    call: str


OF_CALLS: Final = ("sink", "log", "source", "principal", "clean", "authorization", "query", "access", "returns", "dispatch", "end", "cell")
"""The kinds of row that speak of calls."""

BETWEEN_WORDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")

ABOUT_ARGUMENT: Final = re.compile(r"(?:^|<)arg:(\d+)(?:$|>)")

MODEL: Final = "{model}"

REFERS: Final = ("refers", "mirrors")
"""What rows say of calls that lead to another type."""


class Knowledge:
    """A language's library rows, found by the last name of a call and checked against the receiver's type."""

    def __init__(self, program: Program, library: Library) -> None:
        self.program = program
        self.library = library
        self.types: dict[str, TypeRow] = {row.name: row for row in library.type}
        self._apart = frozenset(name for row in library.type for name in row.apart)
        self.foreign = frozenset(row.name for row in library.type if row.foreign)
        """Types of libraries with which the program's own types of the same name have nothing in common."""
        self.wrappers = frozenset(row.name for row in library.wrapper)
        self.calls: dict[str, list[tuple[str, str, Any]]] = {}
        for kind in OF_CALLS:
            for row in getattr(library, kind):
                if row.call:
                    owner, _, name = row.call.rpartition(".")
                    self.calls.setdefault(name, []).append((kind, owner, row))
        self.members: dict[str, list[tuple[str, str, Any]]] = {}
        for kind in ("source", "principal", "clean"):
            for row in getattr(library, kind):
                if row.member:
                    owner, _, name = row.member.rpartition(".")
                    self.members.setdefault(name, []).append((kind, owner, row))
        called = {owner for about in self.calls.values() for _, owner, _ in about}
        known = {*(row.name for row in library.nature), *(row.name for row in library.person)}
        self._made = frozenset((*self.types, *known, *(owner for owner in called if owner[:1].isupper())))
        self.spoken_of = frozenset(called)
        """The libraries and types of whose calls rows speak."""
        self.principal_types = frozenset(row.type for row in library.principal if row.type)
        """Types whose every value is the caller's identity."""
        self.caller_names = caller_names(library)
        """Names of members, calls and types by which the caller's identity is reached."""
        self.conventions = {row.param: TypeUse(row.name) for row in library.type if row.param}
        """The types of parameters that are known by their names."""
        self.persons = frozenset(row.name for row in library.person)
        """Types of libraries that stand for somebody."""
        self.model_filters = tuple(row.call.rpartition(".")[2] for row in library.query if row.does == "model")
        """Names of calls that declare a filter of the model."""
        self.defaults: dict[str, list[Setting]] = {}
        """The rows about settings, by the last name of the call."""
        for setting in library.setting:
            self.defaults.setdefault(setting.call.rpartition(".")[2], []).append(setting)
        self.cleaning_within = tuple((row.call.rpartition(".")[2], row) for row in library.clean if row.within)
        """The rows by which a function of the project takes out what is dangerous, each with the name of the call."""
        self.checking = frozenset(row.call.rpartition(".")[2] for row in library.clean if row.guard and row.call)
        """Last names of calls whose answer says that something is harmless."""
        self.carried = frozenset(member for row in library.wrapper for member in row.members)
        """Members that give what a wrapper carries; the wrapper itself leaves no trace in the types."""
        self.natures = _by_what_they_say((row.says, row.name) for row in library.nature)
        """The types of libraries by what their values are."""
        self._idioms = _by_what_they_say((row.says, row.name) for row in library.idiom if not row.name.endswith("*"))
        begin = _by_what_they_say((row.says, row.name[:-1]) for row in library.idiom if row.name.endswith("*"))
        self._beginnings = {says: tuple(sorted(names)) for says, names in begin.items()}
        self._marks = _by_what_they_say((row.says, row.annotation) for row in library.mark)
        self._refusing = {row.annotation: frozenset(row.given) for row in library.mark if row.says == "refuses"}
        self.stores = frozenset(row.call.rpartition(".")[0] for row in library.access if row.entity == "receiver" and not row.kept) - {"*"}
        """Types that stand for stored objects: sets, collections and queries of a database."""
        self.telling_names = _telling_names(library)
        """Names of calls that are worth a look wherever they stand: logs, and sinks that are unsafe in themselves."""
        self.ends = frozenset(row.call.rpartition(".")[2] for row in library.end)
        """Last names of calls that may never come back."""
        self.reaching_in = frozenset(row.call.rpartition(".")[2] for row in library.cell)
        """Last names of calls that may reach into a container."""
        self._done_by: dict[str, frozenset[str]] = {}
        self.of_references = ""
        """The member under which rows speak of what refers to an object, with `{model}` for the name of its type."""
        self._referring: dict[tuple[str, str], tuple[Type, str]] | None = None
        self._told_by: dict[str, tuple[tuple[str, int], ...]] = {}
        self._bases: dict[str, frozenset[str]] = {}
        self._ordered: dict[str, Sequence[str]] = {}
        self._found: dict[object, list[tuple[str, Any, bool]]] = {}
        self._declared: dict[int, frozenset[str]] = {}

    def marked(self, annotations: Iterable[Annotation], says: str) -> bool:
        """Does one of the annotations say so?"""
        return any(annotation.name.rpartition(".")[2] in self._marks.get(says, ()) for annotation in annotations)

    def pattern_names(self, annotation: Annotation) -> frozenset[str]:
        """The names by which an annotation is given the pattern of what it lets through; none where it refuses nothing."""
        return self._refusing.get(annotation.name.rpartition(".")[2], frozenset())

    def is_made(self, name: str) -> bool:
        """Is it a type of which rows speak, so that a call of the name makes an object?"""
        return name in self._made

    def idioms(self, says: str) -> frozenset[str]:
        """The names of methods that do this, whatever they are called on."""
        return self._idioms.get(says, frozenset())

    def does(self, name: str, says: str) -> bool:
        """Does a method of this name do that, whatever it is called on?"""
        return says in self.done_by(name)

    def done_by(self, name: str) -> frozenset[str]:
        """All that a method of this name does, whatever it is called on."""
        found = self._done_by.get(name)
        if found is None:
            by_beginning = (one for one, beginnings in self._beginnings.items() if name.startswith(beginnings))
            found = frozenset((*by_beginning, *(one for one, names in self._idioms.items() if name in names)))
            self._done_by[name] = found
        return found

    def is_by_nature(self, name: str, says: str) -> bool:
        """Does a row say that of the type of this name?"""
        return name in self.natures.get(says, ())

    def spelled(self, static: str, name: str) -> str | None:
        """The text that a constant of a library holds, where that is its name with hyphens between the words (`HeaderNames.UserAgent`)."""
        return BETWEEN_WORDS.sub("-", name) if self.is_by_nature(static, "spells") else None

    def carries(self, written: TypeRef) -> bool:
        """Do objects of a library's type only carry something of another type, as it is written: `Lazy<Order>`?"""
        return bool(written.args) and written.name.rpartition(".")[2] in self.wrappers

    def unwrap(self, use: TypeUse | None) -> TypeUse | None:
        """The type without what only carries it: `Task<Order>` is an Order."""
        while use is not None and use.name in self.wrappers and use.args:
            use = use.args[0]
        return use

    def lineage(self, name: str) -> frozenset[str]:
        """The simple names of a library type and of its bases."""
        found = self._bases.get(name)
        if found is None:
            self._bases[name] = frozenset((name,))
            row = self.types.get(name)
            found = frozenset((name,)).union(*(self.lineage(base) for base in row.bases)) if row else frozenset((name,))
            self._bases[name] = found
        return found

    def _nearest_first(self, name: str) -> Sequence[str]:
        """The type itself, then its bases."""
        found = self._ordered.get(name)
        if found is None:
            found = self._ordered[name] = sorted(self.lineage(name), key=lambda base: (base != name, base))
        return found

    def members_of(self, name: str) -> frozenset[str]:
        """The members of a library type that rows tell of, its bases' as well."""
        return frozenset(member for one in self.lineage(name) if one in self.types for member in self.types[one].members)

    def is_a(self, use: TypeUse | None, owner: str) -> bool:
        """Is the type, or one of its bases in the project or in libraries, named `owner`?"""
        if use is None:
            return False
        if use.decl is None:
            return owner in self.lineage(use.name)
        names = self._declared.get(id(use.decl))
        if names is None:
            names = self._declared[id(use.decl)] = frozenset().union(*(self.lineage(base.name) for base in self._bases_of(use)))
        return owner in names

    def _bases_of(self, use: TypeUse) -> list[TypeUse]:
        """The type and all that it extends, without the program's own types that are only called as a library's."""
        found = [use, *(base for _, base in self.program.ancestors(use.decl))] if use.decl is not None else [use]
        return [one for one in found if one.decl is None or one.name not in self.foreign]

    def type_argument(self, receiver: TypeUse | None, owner: str, position: int) -> TypeUse | None:
        """A type argument of the library's type `owner`, as the receiver is one: `IOrders : IRepository<Order, int>` is one of Order."""
        for use in self._bases_of(receiver) if receiver is not None else ():
            if owner in self.lineage(use.name) and position < len(use.args):
                own = receiver.decl.type_params if receiver is not None and receiver.decl is not None and use is not receiver else ()
                bound = dict(zip((param.name for param in own), receiver.args if receiver is not None else (), strict=False))
                return substitute(use.args[position], bound)
        return None

    def rows(self, name: str, receiver: TypeUse | None, static: Type | str | None) -> Sequence[tuple[str, Any, bool]]:
        """(kind, row, sure) for each row about a call of `name`; `sure` is False where the receiver's type is not known."""
        about = self.calls.get(name)
        if about is None:
            return ()
        key = (name, receiver.name if receiver else None, id(receiver.decl) if receiver else 0, static)
        found = self._found.get(key)
        if found is None:
            fits = ((kind, row, self._fits(owner, receiver, static)) for kind, owner, row in about)
            found = self._found[key] = [(kind, row, sure) for kind, row, sure in fits if sure is not None]
        return found

    def _fits(self, owner: str, receiver: TypeUse | None, static: Type | str | None) -> bool | None:
        if static is not None:
            if not isinstance(static, str):
                return True if self.is_a(self.program.as_use(static), owner) else None
            return True if static == owner or owner in self.lineage(static) else None
        if owner == "*":
            return receiver is not None
        if receiver is None:
            return False
        return True if self.is_a(receiver, owner) else None

    def told_by_arguments(self, name: str) -> Sequence[tuple[str, int]]:
        """The library's types with a method of this name that is told a stored type or a query to run, each with that argument's place."""
        found = self._told_by.get(name)
        if found is None:
            said = ((kind, owner, _place_of_entity(kind, row)) for kind, owner, row in self.calls.get(name, ()))
            found = self._told_by[name] = tuple({(owner, place): None for _, owner, place in said if place >= 0 and owner in self._made})
        return found

    def member_rows(self, name: str, receiver: TypeUse | None, static: Type | str | None) -> Sequence[tuple[str, Any]]:
        """(kind, row) for each row about reading the member `name` of a receiver whose type is known."""
        about = self.members.get(name)
        if about is None:
            return ()
        return [(kind, row) for kind, owner, row in about if self._fits(owner, receiver, static)]

    def tells(self, kind: TypeUse | None) -> str:
        """The member that shows of each of several objects of the type what all of them show; empty where none does."""
        row = self.types.get(kind.name) if kind is not None and kind.decl is None else None
        return row.tells if row is not None else ""

    def gives_apart(self, kind: TypeUse | None, name: str) -> bool:
        """Does a member of a library's type, or of its heirs, give what all fields of the object hold, each under its name?"""
        if kind is None or name not in self._apart:
            return False
        uses = [kind.name] if kind.decl is None else [base.name for _, base in self.program.ancestors(kind.decl)]
        return any((row := self.types.get(one)) is not None and name in row.apart for use in uses for one in self.lineage(use))

    def column_type(self, value: ir.Expr | None) -> TypeUse | None:
        """The type that a call in a member's first value names: `Column(Integer)`, `ForeignKey("shop.Order")`."""
        if not isinstance(value, ir.Call):
            return None
        said = self._said_of(value)
        first = value.args[0].value if value.args else None
        if not said.isdisjoint(REFERS) and type(first) is ir.Literal and isinstance(first.value, str):
            return TypeUse(first.value.rpartition(".")[2])
        for arg in value.args if not said.isdisjoint(("column", *REFERS)) else ():
            named = arg.value.function if isinstance(arg.value, ir.Call) else arg.value
            spelled = walk.dotted(named).rpartition(".")[2]
            if spelled and not arg.name:
                return TypeUse(spelled)
        return None

    def names_by_text(self, value: ir.Expr | None) -> bool:
        """Does a call in a member's first value lead to a type by a text: `ForeignKey("shop.Order")`?"""
        refers = isinstance(value, ir.Call) and bool(value.args) and not self._said_of(value).isdisjoint(REFERS)
        return refers and isinstance(value.args[0].value, ir.Literal)  # type: ignore[union-attr]

    def mirrors(self, value: ir.Expr | None) -> bool:
        """Does a call in a member's first value say that there is one object for each of those that it refers to?"""
        return isinstance(value, ir.Call) and "mirrors" in self._said_of(value)

    def _said_of(self, call: ir.Call) -> set[str]:
        return {row.type for kind, _, row in self.calls.get(walk.called_name(call), ()) if kind == "returns"}

    def referring(self, declared: Type, name: str) -> tuple[Type, str] | None:
        """The type whose objects refer to those of a type, which know them by this name; with the member that does."""
        if self._referring is None:
            self._referring = {}
            self.of_references = next((name for row in self.types.values() for name in row.members if MODEL in name), "")
            for owner in self.program.types:
                for member, slot in owner.fields.items() if owner.kind == "class" else ():
                    for referred, called in self._referred(owner, slot.field.value):
                        self._referring.setdefault((referred, called), (owner, member))
        if (declared.simple, name) in self._referring:
            return self._referring[(declared.simple, name)]
        above = (self._referring.get((use.name, name)) for _, use in self.program.ancestors(declared))
        return next((found for found in above if found is not None), None)

    def _referred(self, owner: Type, value: ir.Expr | None) -> Iterator[tuple[str, str]]:
        """What type a member refers to, and how the objects of that call those that refer to them."""
        if not isinstance(value, ir.Call) or "refers" not in self._said_of(value):
            return
        told = self.idioms("called-back")
        kind, named = self.column_type(value), next((arg.value for arg in value.args if arg.name in told), None)
        given = named.value if isinstance(named, ir.Literal) and isinstance(named.value, str) else ""
        if kind is not None and (named is None or (given and not given.endswith("+"))):
            yield owner.simple if kind.name == "self" else kind.name, given or self.of_references.replace(MODEL, owner.simple.lower())

    def stores_of(self, receiver: TypeUse) -> list[TypeUse]:
        """The types of a library type's members that stand for its stored objects: `Order.objects`."""
        uses = [receiver, *(base for _, base in self.program.ancestors(receiver.decl))] if receiver.decl is not None else [receiver]
        rows = (self.types.get(base) for use in uses for base in self._nearest_first(use.name))
        names = dict.fromkeys(name for row in rows if row is not None for name, kind in row.members.items() if "{self}" in kind)
        return [kind for name in names if (kind := self.member_type(receiver, name)) is not None]

    def member_type(self, receiver: TypeUse | None, name: str) -> TypeUse | None:
        """The type of a library type's member, where a row tells."""
        if receiver is None:
            return None
        uses = [receiver]
        if receiver.decl is not None:
            uses += [base for _, base in self.program.ancestors(receiver.decl)]
        for use in uses:
            for base in self._nearest_first(use.name):
                row = self.types.get(base)
                if row and name in row.members:
                    if "{self}" in row.members[name]:
                        return TypeUse(row.members[name].partition("<")[0], (receiver,))
                    return filled(parse_type(row.members[name]), use.args)
        return None


def caller_names(library: Library) -> frozenset[str]:
    rows = library.principal
    names = {(row.member or row.call).rpartition(".")[2] for row in rows if row.member or row.call}
    return frozenset(names | {row.type for row in rows if row.type})


def _by_what_they_say(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for says, name in pairs:
        found.setdefault(says, set()).add(name)
    return {says: frozenset(names) for says, names in found.items()}


def _telling_names(library: Library) -> frozenset[str]:
    logs = {row.call.rpartition(".")[2] for row in library.log}
    return frozenset(logs | {row.call.rpartition(".")[2] for row in library.sink if row.inherent})


def filled(use: TypeUse, args: Sequence[TypeUse]) -> TypeUse | None:
    """A row's type with its `{0}` replaced by the receiver's type arguments; None where the receiver has none."""
    if use.name.startswith("{"):
        position = int(use.name.strip("{}") or 0)
        return args[position] if position < len(args) else None
    if not use.args:
        return use
    inner = tuple(filled(arg, args) for arg in use.args)
    return TypeUse(use.name, tuple(arg for arg in inner if arg is not None))


def parse_type(text: str) -> TypeUse:
    """A type written in a row: `List<string>`."""
    name, _, rest = text.partition("<")
    args = tuple(parse_type(part.strip()) for part in rest.rstrip(">").split(",")) if rest else ()
    return TypeUse(name.strip(), args)


def _place_of_entity(kind: str, row: Any) -> int:
    """The argument that says which stored type a call is about, of a row that says so; else -1."""
    if kind == "access":
        said = row.entity if row.operation in ("read", "list") else ""
    elif kind == "returns":
        said = row.type
    else:
        said = f"<{row.at}>" if kind == "query" and row.does == "of" else ""
    found = ABOUT_ARGUMENT.search(said)
    return int(found[1]) if found is not None else -1
