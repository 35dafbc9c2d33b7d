"""Which rows speak of what takes a credential, and is a file or a function worth a look for them?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from apiposture.frameworks.credentials import Bytes, Credential
from apiposture.frameworks.library import Library
from apiposture.frameworks.rows import Setting
from apiposture.model import ir
from apiposture.model.ir import Module
from apiposture.program import walk

NEW: Final = "new"
CALLED: Final = "call"
"""How rows call the constructor of a type, and a call of one of its objects."""


NO_NAMES: Final = frozenset[str]()


class Look:
    """What a file may speak of: names of rows about calls that it makes, and about members that may be set; `owners` are the types that
    have those, where code must name them. `whole`: any of its functions may, whatever names it uses; `top`: so may its top-level code."""

    __slots__ = ("called", "members", "owners", "top", "whole")

    def __init__(
        self, called: frozenset[str], members: frozenset[str], owners: frozenset[str] = NO_NAMES, whole: bool = False, top: bool = False
    ) -> None:
        self.called = called
        self.members = members
        self.owners = owners
        self.whole = whole
        self.top = top

    def anywhere(self) -> bool:
        """May a function of the file speak of it at all?"""
        return bool(self.called) or bool(self.members) or self.whole or self.top

    def at(self, function: ir.Function) -> bool:
        """May a function speak of it? Top-level code does not tell its names, but what it sets is soon seen."""
        if self.whole:
            return True
        if function.uses is None:
            return self.top or bool(self.called) or not self.members.isdisjoint(_members_set(function.body or ()))
        uses = walk.uses(function)
        is_set = not self.members.isdisjoint(uses) and (not self.owners or not self.owners.isdisjoint(uses))
        return is_set or not self.called.isdisjoint(uses)


def _members_set(statements: tuple[ir.Stmt, ...]) -> set[str]:
    """The members that statements set, or keep something in, outside of what they call."""
    found: set[str] = set()
    pending = list(statements)
    while pending:
        one = pending.pop()
        if type(one) is ir.Eval and type(one.value) is ir.Assign:
            target = one.value.target
            held = target.object if type(target) is ir.Index else target
            if type(held) is ir.Member:
                found.add(held.name)
        elif type(one) is ir.If:
            pending += (*one.then, *one.other)
        elif type(one) is ir.Block or type(one) is ir.Try:
            pending += one.body
    return found


class Rows:
    """The library rows of some languages that speak of credentials, by the last name of what they speak of."""

    def __init__(self, libraries: Sequence[Library]) -> None:
        self.takes: dict[str, list[Credential]] = {}
        self.bytes: dict[str, list[Bytes]] = {}
        self.settings: dict[str, list[Setting]] = {}
        self.looks_up = frozenset(row.name for one in libraries for row in one.idiom if row.says == "looks-up")
        self.factories = frozenset(row.name for one in libraries for row in one.idiom if row.says == "factory")
        self.of_constants = frozenset(row.name for one in libraries for row in one.idiom if row.says == "of-constant")
        for library in libraries:
            for row in library.credential:
                self.takes.setdefault(last(row.call), []).append(row)
            for form in library.bytes:
                self.bytes.setdefault(last(form.call), []).append(form)
            for setting in library.setting:
                self.settings.setdefault(last(setting.call), []).append(setting)
        self.members = frozenset(name for name, rows in self.takes.items() if any(row.call.endswith("=") for row in rows))
        self.called = frozenset(name for name, rows in self.takes.items() if not all(row.call.endswith("=") for row in rows))
        self.owners = frozenset(row.call.split(".")[-2] for rows in self.takes.values() for row in rows if row.call.endswith("="))
        self.keepers = frozenset(row.call.split(".")[-2] for rows in self.takes.values() for row in rows if row.item)
        made = (name for name, rows in self.takes.items() if any(row.call.endswith(f".{NEW}") for row in rows))
        self.made = self.owners.union(made)
        self.anywhere = frozenset(name for name, rows in self.takes.items() if any(row.call.startswith("*.") for row in rows))
        self.of_library: dict[str, set[str]] = {}
        """The names of which rows speak, by each part of the dotted name of what they belong to."""
        for name, rows in self.takes.items():
            for part in (part for row in rows for part in row.call.split(".")[:-1]):
                self.of_library.setdefault(part, set()).add(name)

    def worth_a_look(self, module: Module) -> Look:
        """What a file may speak of. Where all names are imported, an import must name what a row belongs to, or any object may have it;
        elsewhere what has a member that is set must be made in the file.
        """
        called = self.called.intersection(module.calls)
        if not module.explicit_names:
            makes = not self.factories.isdisjoint(module.calls)
            whole = not self.made.isdisjoint(module.calls)
            return Look(called, self.members if makes else NO_NAMES, self.owners, whole)
        parts = {part for one in module.imports for part in one.target.split(".")}
        near = self.anywhere.union(*(self.of_library.get(part, ()) for part in parts))
        return Look(called & near, self.members, top=not self.keepers.isdisjoint(parts))

    def settings_called(self, name: str, dotted: Sequence[str]) -> Iterator[Setting]:
        """The rows about settings that speak of a call, by its last name and by all its dotted names."""
        for row in (*self.settings.get(name, ()), *self.settings.get(CALLED, ())):
            if any(fits(row.call, one) for one in dotted):
                yield row


def last(call: str) -> str:
    """The name that code must spell for a row to speak of it: of a constructor, that of its type."""
    owner, _, name = call.removesuffix("=").rpartition(".")
    kind = owner.rpartition(".")[2]
    return kind if name == NEW and kind[:1].isupper() else name


def fits(call: str, name: str) -> bool:
    """Does a row's call speak of what has this dotted name? `*.name` speaks of all members of the name."""
    return name == call or name.endswith(f".{call}") or (call.startswith("*.") and name.rpartition(".")[2] == call[2:])


def at(place: str, node: ir.Call | ir.New) -> ir.Expr | None:
    """The argument that stands at a row's place; None where it is not given, or spread."""
    if place == "receiver":
        return node.function.object if type(node) is ir.Call and type(node.function) is ir.Member else None
    position, _, name = place.removeprefix("arg:").partition("/")
    if position == "-1":
        return node.args[-1].value if node.args else None
    found = walk.argument(node, int(position), name) if position.isdigit() else walk.argument(node, -1, position)
    return found if not any(arg.value is found and arg.mode.startswith("spread") for arg in node.args) else None
