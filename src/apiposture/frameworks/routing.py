"""Which endpoints does a program have, in whatever frameworks it is written with?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from types import ModuleType

from msgspec import Struct

from apiposture import shipped
from apiposture.frameworks.library import library
from apiposture.frameworks.rows import Unread
from apiposture.model.facts import Binding, Endpoint
from apiposture.model.ir import Module
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile, Span
from apiposture.program import Program
from apiposture.program.types import Routine, Type


class Supply(Struct, frozen=True, eq=False):
    """A project-made routine that runs before an endpoint and gives one of its parameters, or a member of its object (`this.user`), its
    value; without a name it only runs.

    `bindings` and `supplies` say where its own parameters come from. With `identity`, its value is the caller. Where it makes an object,
    `made` is its type; without a routine the object takes its members from `bindings`. With `type` alone, it is the value of its one
    binding, made into that type by the framework (`segment`: a text that is one part of the route). With `own`, it is a method of the
    endpoint's own object, which keeps what it sets.
    """

    name: str
    routine: Routine | None
    bindings: tuple[Binding, ...] = ()
    supplies: tuple[Supply, ...] = ()
    identity: bool = False
    made: Type | None = None
    type: str = ""
    own: bool = False


class Held(Struct, frozen=True, eq=False):
    """What the caller chose by a binding was held against the caller before the endpoint runs, at a place; `maybe`: that was not seen."""

    binding: Binding
    module: Module
    span: Span
    maybe: bool = False


class Answer(Struct, frozen=True, eq=False):
    """How a framework writes out what an endpoint returns: `whole` objects with all their members or, where it is `cut`, only the
    members of the types of the program's own that the declared answer is made of.
    """

    whole: bool = False
    cut: bool = False
    types: tuple[Type, ...] = ()


class Entry(Struct, frozen=True, eq=False):
    """An endpoint, and the routine that runs when it is called (None where only its declaration is known).

    `preludes` are project-made routines that run before it and may refuse the call (filters, middleware, base class hooks); `supplies`
    are those whose values it is given; `held` is what such a routine is known to check, where it is not followed itself. `answer` is
    what becomes of its result.
    """

    endpoint: Endpoint
    routine: Routine | None
    preludes: tuple[Routine, ...] = ()
    supplies: tuple[Supply, ...] = ()
    held: tuple[Held, ...] = ()
    answer: Answer = Answer()


class Routing(Struct, frozen=True):
    """What the frameworks of one program show."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    frameworks: tuple[str, ...]


def find(program: Program, settings: Sequence[SourceFile]) -> Routing:
    """Ask each framework of the program's languages for its endpoints, in the order of file names.

    A framework module has `NAME`, `recognised(program) -> bool` and `find_endpoints(program, settings) -> Iterator[Entry | Problem]`.
    A recognised framework without endpoints is a blocking Problem, and so are one that is known by name alone, and endpoints of none of
    which it can be told who may call them: a blind scan is never a clean scan.
    """
    entries: list[Entry] = []
    problems: list[Problem] = []
    names: list[str] = []
    for framework in frameworks(tuple(sorted({module.language for module in program.modules}))):
        if not framework.recognised(program):
            continue
        names.append(framework.NAME)
        for found in framework.find_endpoints(program, settings):
            (entries if isinstance(found, Entry) else problems).append(found)
    if names and not entries:
        used = ", ".join(f"'{name}'" for name in names)
        problems.append(Problem("no-endpoints", f"The code uses {used}, but no endpoint was found in it."))
    if entries and all(entry.endpoint.posture.level == "unknown" for entry in entries):
        problems.append(Problem("unknown-postures", f"Who may call could be told of none of the {len(entries)} endpoints: {_WHY_NOT}"))
    problems += _unread(program)
    entries.sort(key=lambda e: (e.endpoint.place, e.endpoint.route, e.endpoint.method))
    return Routing(tuple(entries), tuple(problems), tuple(names))


_WHY_NOT = "what puts them together may stand outside of what was scanned. Scan the folder above, or the whole service."


def _unread(program: Program) -> Iterator[Problem]:
    """One problem for each framework of which only the name is known, at the first file that uses it."""
    found: dict[str, Problem] = {}
    own = {module.package.partition(".")[0] for module in program.modules if module.explicit_names}
    for module in program.modules:
        named = dict.fromkeys(one.target.partition(".")[0] for one in module.imports)
        known = _unread_rows(module.language)
        for row in [row for name in named for row in known.get(name, ())]:
            if module.explicit_names and row.package.partition(".")[0] in own:
                continue  # a module of the program's own is called like that
            if row.name not in found and any(_is_within(one.target, row.package) for one in module.imports):
                message = f"'{row.name}' is used here, and its endpoints are not understood: what they do was not looked at."
                found[row.name] = Problem("unread-framework", message, module.path)
    yield from found.values()


@cache
def _unread_rows(language: str) -> dict[str, list[Unread]]:
    """The frameworks of a language that are known by name alone, by the first name of their package."""
    found: dict[str, list[Unread]] = {}
    for row in library(language).unread:
        found.setdefault(row.package.partition(".")[0], []).append(row)
    return found


def _is_within(target: str, package: str) -> bool:
    return target == package or target.startswith(f"{package}.")


@cache
def frameworks(languages: tuple[str, ...]) -> tuple[ModuleType, ...]:
    """The modules of the frameworks of these languages."""
    return tuple(module for language in languages for module in _shelf(language))


def _shelf(language: str) -> Iterator[ModuleType]:
    for name in shipped.names(__package__, language, ".py") if language else ():
        if not name.startswith("_"):
            module = import_module(f"{__package__}.{language}.{name[:-3]}")
            if hasattr(module, "find_endpoints"):
                yield module
