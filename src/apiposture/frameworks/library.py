"""What do we know of other people's libraries, as rows of data?

Every `.toml` below `frameworks/<language>/` holds rows of the kinds below. In a `call`, `Type.Name` is a member function of the
type or of whatever extends it, `Type.new` its constructor, `Type.Name=` setting a property; `*.Name` holds whatever the
receiver is (low certainty where its type is unknown). `at` says where: `arg:0`, `arg:name`, `arg:*` (all), `args:1+` (from the second on),
`receiver`, `result`, `field:Name` (of an initialiser).
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec
from msgspec import Struct


class Row(Struct, frozen=True, forbid_unknown_fields=True):
    """What all rows share: where the fact comes from."""


class Sink(Row, frozen=True):
    """Untrusted data must not get here. `inherent`: unsafe whatever gets there. `unless`: texts in the call that make it safe."""

    call: str
    at: str
    kind: str
    why: str
    inherent: bool = False
    certainty: str = "high"
    unless: tuple[str, ...] = ()


class Log(Row, frozen=True):
    """What is passed here ends up in a log. `level` is the log level where the name says it."""

    call: str
    at: str
    why: str
    level: str = ""


class Source(Row, frozen=True):
    """Request data comes from here: a member that is read, or the result of a call. `kind` as in `Binding.source`."""

    kind: str
    why: str
    member: str = ""
    call: str = ""
    type: str = ""


class Principal(Row, frozen=True):
    """The caller's verified identity comes from here: a member, the result of a call, or any value of a type."""

    why: str
    member: str = ""
    call: str = ""
    type: str = ""


class Clean(Row, frozen=True):
    """The call's result is harmless for these kinds of sink (`*` for all). With `guard`, a true answer cleans its arguments."""

    call: str
    kinds: tuple[str, ...]
    why: str
    guard: bool = False


class Query(Row, frozen=True):
    """A step of a query that is not run yet. `does`: filter (a predicate), project (a selector), join, order, pass, narrow (one owner's)."""

    call: str
    does: str
    at: str = "arg:0"


class AccessRow(Row, frozen=True):
    """The call reads or changes stored objects. `operation` as in facts.Access.

    `entity`: `receiver` (the receiver's type argument), `type-arg:0`, `arg:0` (the argument's type), `named` (from words in the call).
    `key`: where the key stands; `predicate:0` is a lambda that compares with it; `sql:0` is SQL text; `object:1` an object whose members are parameters.
    """

    call: str
    operation: str
    entity: str
    key: str
    why: str
    certainty: str = "high"


class Returns(Row, frozen=True):
    """The type of a call's result: a name, `receiver`, `element` (the receiver's type argument), `list`, `type-arg:0`, `arg:0`, `lambda:0`."""

    call: str
    type: str


class TypeRow(Row, frozen=True):
    """A library's type: what it extends, and the types of its members as far as they matter."""

    name: str
    bases: tuple[str, ...] = ()
    members: dict[str, str] = {}


class Wrapper(Row, frozen=True):
    """A generic type that only carries its argument: `Task<Order>` is an Order as far as data goes."""

    name: str


class Person(Row, frozen=True):
    """A library's type for somebody who can log in or own things."""

    name: str
    why: str


class RemedyRow(Row, frozen=True):
    """How code settles a rule; {entity}, {owner}, {key}, {variable} are filled in. `when` narrows it (a sink kind, an operation)."""

    rule: str
    text: str
    when: str = ""


class Destination(Row, frozen=True):
    """A package, or a key of a settings file, that shows where logs go."""

    name: str
    package: str = ""
    setting: str = ""


class Library(Struct, frozen=True):
    """All rows for one language."""

    sink: tuple[Sink, ...] = ()
    log: tuple[Log, ...] = ()
    source: tuple[Source, ...] = ()
    principal: tuple[Principal, ...] = ()
    clean: tuple[Clean, ...] = ()
    query: tuple[Query, ...] = ()
    access: tuple[AccessRow, ...] = ()
    returns: tuple[Returns, ...] = ()
    type: tuple[TypeRow, ...] = ()
    wrapper: tuple[Wrapper, ...] = ()
    person: tuple[Person, ...] = ()
    remedy: tuple[RemedyRow, ...] = ()
    destination: tuple[Destination, ...] = ()


class _File(Library, frozen=True, forbid_unknown_fields=True):
    pass


@cache
def library(language: str) -> Library:
    """The rows of one language's folder, joined in the order of file names.

    Raises msgspec.ValidationError for a row that does not fit, naming the file.
    """
    folder = resources.files(__package__) / language
    if not language or not folder.is_dir():
        return Library()
    files = [_read(entry) for entry in sorted(folder.iterdir(), key=lambda e: e.name) if entry.name.endswith(".toml")]
    return Library(**{name: tuple(row for f in files for row in getattr(f, name)) for name in Library.__struct_fields__})


def _read(entry: Traversable) -> Library:
    try:
        return msgspec.convert(tomllib.loads(entry.read_text("utf-8")), _File)
    except msgspec.ValidationError as error:
        raise msgspec.ValidationError(f"{entry.name}: {error}") from error
