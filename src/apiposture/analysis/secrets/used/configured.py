"""Which values do the settings files of an application give to what its code asks of its configuration?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from apiposture.analysis.secrets.used.environment import variables
from apiposture.analysis.secrets.used.scope import Code, Scope
from apiposture.frameworks import documents
from apiposture.frameworks.documents import Part
from apiposture.frameworks.library import Library
from apiposture.model import ir
from apiposture.model.source import Place, SourceFile
from apiposture.program import walk
from apiposture.program.types import Type

MAX_STEPS: Final = 6
"""Sections that are asked for inside of sections through more steps than this are not followed."""

SETTINGS_FILE: Final = re.compile(r"(?:^|/)appsettings(?:\.(?P<stage>[\w-]+))?\.json$", re.IGNORECASE)
"""The files from which an ASP.NET Core application is configured.
https://learn.microsoft.com/aspnet/core/fundamentals/configuration/#appsettingsjson"""

SEPARATOR: Final = ":"
"""What stands between the names of a section and of a key in it."""


SETTINGS_TYPE: Final = "BaseSettings"
"""The type whose members are read from the environment. https://docs.pydantic.dev/latest/concepts/pydantic_settings/"""


class Configured:
    """The settings files of one program, read when they are first asked about."""

    def __init__(self, code: Code, settings: Sequence[SourceFile], libraries: Sequence[Library]) -> None:
        self._code = code
        self.program = code.program
        self._files = [one for one in settings if SETTINGS_FILE.search(one.path)]
        self._environment = variables(settings)
        self._sections = _named(libraries, "section")
        self._looks_up = _named(libraries, "looks-up")
        self._binds = _named(libraries, "binds")
        self._bound: dict[Type, tuple[str, ...]] = {}
        self._documents: list[Part] | None = None

    def behind(self, expr: ir.Expr, scope: Scope) -> Iterator[tuple[Place, str, str]]:
        """The values behind an expression that asks for a setting (`configuration["Jwt:Key"]`, `options.Value.Key`): where each stands,
        what it is, and its key."""
        for key in dict.fromkeys(self._keys(expr, scope, 0)) if self._files else ():
            yield from self._values(key)
        for name in dict.fromkeys(self._variables_asked(expr, scope)) if self._environment else ():
            yield from self._environment.get(name, ())

    def _variables_asked(self, expr: ir.Expr, scope: Scope) -> Iterator[str]:
        """The names of variables of the environment that an expression may ask for (`os.environ["KEY"]`, `config("KEY")`, a member of
        settings that are read from there)."""
        if type(expr) is ir.Index and len(expr.keys) == 1:
            yield self._text(expr.keys[0], scope)
        elif type(expr) is ir.Call and expr.args:
            yield self._text(expr.args[0].value, scope)
        elif type(expr) is ir.Member:
            kinds = (kind for kind in scope.types(expr.object) if isinstance(kind, Type))
            if any(self.program.is_a(kind, SETTINGS_TYPE) and self.program.slot(kind, expr.name) is not None for kind in kinds):
                yield expr.name.upper()

    def _values(self, key: str) -> Iterator[tuple[Place, str, str]]:
        for document in self._read():
            found: Part | None = document
            for name in key.split(SEPARATOR):
                entries = found.entries if found is not None else {}
                found = next((part for written, part in entries.items() if written.lower() == name.lower()), None)
            if found is not None and found.text:
                yield found.place, found.text, key

    def _read(self) -> list[Part]:
        if self._documents is None:
            self._documents = [part for one in self._files if (part := documents.read(one)) is not None]
        return self._documents

    def _keys(self, expr: ir.Expr | None, scope: Scope, steps: int) -> Iterator[str]:
        """The keys that an expression may ask for, or the sections that it may be."""
        if expr is None or steps > MAX_STEPS:
            return
        if type(expr) is ir.Index and len(expr.keys) == 1:
            yield from self._below(expr.object, expr.keys[0], scope, steps)
        elif type(expr) is ir.Call and type(expr.function) is ir.Member and expr.args:
            if expr.function.name in self._sections or expr.function.name in self._looks_up:
                yield from self._below(expr.function.object, expr.args[0].value, scope, steps)
        elif type(expr) is ir.Name:
            for value in scope.set_to.get(expr.id, ()):
                yield from self._keys(value, scope, steps + 1)
        elif type(expr) is ir.Member:
            yield from self._keys(expr.object, scope, steps + 1) if expr.name == "Value" else ()
            for kind in scope.types(expr.object):
                if isinstance(kind, Type) and self.program.slot(kind, expr.name) is not None:
                    yield from (f"{section}{SEPARATOR}{expr.name}" for section in self._sections_of(kind))

    def _below(self, holder: ir.Expr, key: ir.Expr, scope: Scope, steps: int) -> Iterator[str]:
        """A key inside of the sections that the holder is; of a holder that is none, the key itself."""
        name = self._text(key, scope)
        if name:
            sections = list(dict.fromkeys(self._keys(holder, scope, steps + 1)))
            yield from (f"{section}{SEPARATOR}{name}" for section in sections)
            if not sections:
                yield name

    def _text(self, expr: ir.Expr, scope: Scope) -> str:
        """The text of a key: written out, a constant, or the name of something."""
        if type(expr) is ir.Literal:
            return expr.value if isinstance(expr.value, str) else ""
        if type(expr) is ir.Call and walk.called_name(expr) == "nameof" and expr.args:
            return walk.dotted(expr.args[0].value).rpartition(".")[2]
        slot = scope.slot(expr)
        return self._text(slot.field.value, scope.within(slot)) if slot is not None and type(slot.field.value) is ir.Literal else ""

    def _sections_of(self, kind: Type) -> tuple[str, ...]:
        """The sections that fill the objects of a type: `Configure<Jwt>(all.GetSection("Jwt"))`, `all.GetSection("Jwt").Get<Jwt>()`."""
        found = self._bound.get(kind)
        if found is None:
            found = self._bound[kind] = tuple(dict.fromkeys(self._binding(kind)))
        return found

    def _binding(self, kind: Type) -> Iterator[str]:
        for routine, call in self.program.calling(*sorted(self._binds)):
            scope = self._code.scope(routine)
            if any(kind in scope.named(ref) for ref in call.type_args) or any(kind in scope.types(arg.value) for arg in call.args[:1]):
                holders = [arg.value for arg in call.args]
                if type(call.function) is ir.Member:
                    holders.append(call.function.object)
                for holder in holders:
                    yield from self._keys(holder, scope, 0)


def _named(libraries: Sequence[Library], says: str) -> frozenset[str]:
    return frozenset(row.name for one in libraries for row in one.idiom if row.says == says)
