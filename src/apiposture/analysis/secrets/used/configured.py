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
from apiposture.program import constants
from apiposture.program.types import Type

WITHIN: Final = "\0"
"""What stands between the names of a section and of a key in it, until it is known how the file's own are written."""

MAX_STEPS: Final = 6
"""Sections that are asked for inside of sections through more steps than this are not followed."""

class Configured:
    """The settings files of one program, read when they are first asked about."""

    def __init__(self, code: Code, settings: Sequence[SourceFile], libraries: Sequence[Library]) -> None:
        self._code = code
        self.program = code.program
        rows = [row for one in libraries for row in one.configuration]
        self._files = [(one, row.separator) for row in rows if row.form == "sections" for one in _named(settings, row.file)]
        self._environment = variables([one for row in rows if row.form == "variables" for one in _named(settings, row.file)])
        self._sections, self._looks_up, self._binds = (_idioms(libraries, says) for says in ("section", "looks-up", "binds"))
        self._of_environment = [row.name for one in libraries for row in one.nature if row.says == "of-environment"]
        self._bound: dict[Type, tuple[str, ...]] = {}
        self._documents: list[tuple[Part, str]] | None = None

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
            yield _text(expr.keys[0], scope)
        elif type(expr) is ir.Call and expr.args:
            yield _text(expr.args[0].value, scope)
        elif type(expr) is ir.Member:
            kinds = (kind for kind in scope.types(expr.object) if isinstance(kind, Type))
            if any(self.program.is_a(kind, *self._of_environment) and self.program.slot(kind, expr.name) is not None for kind in kinds):
                yield expr.name.upper()

    def _values(self, key: str) -> Iterator[tuple[Place, str, str]]:
        for document, separator in self._read():
            found: Part | None = document
            for name in (part for piece in key.split(WITHIN) for part in piece.split(separator)):
                entries = found.entries if found is not None else {}
                found = next((part for written, part in entries.items() if written.lower() == name.lower()), None)
            if found is not None and found.text:
                yield found.place, found.text, key.replace(WITHIN, separator)

    def _read(self) -> list[tuple[Part, str]]:
        if self._documents is None:
            self._documents = [(part, separator) for one, separator in self._files if (part := documents.read(one)) is not None]
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
            yield from self._keys(expr.object, scope, steps + 1) if expr.name in self._code.carried else ()
            for kind in scope.types(expr.object):
                if isinstance(kind, Type) and self.program.slot(kind, expr.name) is not None:
                    yield from (f"{section}{WITHIN}{expr.name}" for section in self._sections_of(kind))

    def _below(self, holder: ir.Expr, key: ir.Expr, scope: Scope, steps: int) -> Iterator[str]:
        """A key inside of the sections that the holder is; of a holder that is none, the key itself."""
        name = _text(key, scope)
        if name:
            sections = list(dict.fromkeys(self._keys(holder, scope, steps + 1)))
            yield from (f"{section}{WITHIN}{name}" for section in sections)
            if not sections:
                yield name

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


def _text(expr: ir.Expr, scope: Scope) -> str:
    """The text of a key; empty where it is no constant."""
    return constants.text(scope.program, expr, scope.module, scope.owner) or ""


def _named(settings: Sequence[SourceFile], pattern: str) -> list[SourceFile]:
    return [one for one in settings if re.fullmatch(pattern, one.path.rpartition("/")[2], re.IGNORECASE)]


def _idioms(libraries: Sequence[Library], says: str) -> frozenset[str]:
    return frozenset(row.name for one in libraries for row in one.idiom if row.says == says)
