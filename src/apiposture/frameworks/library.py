"""What do we know of other people's libraries, as rows of data?

Every `.toml` below `frameworks/<language>/` holds rows of the kinds in `rows.py`, which says how they are written;
`vocabulary.py` holds the words that each key may use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from apiposture import shipped
from apiposture.frameworks.credentials import Bytes, Configuration, Credential
from apiposture.frameworks.rows import (
    AccessRow,
    Authorization,
    Cell,
    Clean,
    Client,
    Declare,
    Destination,
    Dispatch,
    End,
    Idiom,
    Log,
    Mark,
    Nature,
    Person,
    Principal,
    Query,
    Register,
    RemedyRow,
    Returns,
    Rewrite,
    Setting,
    Sink,
    Source,
    TypeRow,
    Unread,
    Wrapper,
)


class Library(Struct, frozen=True):
    """All rows for one language."""

    sink: tuple[Sink, ...] = ()
    log: tuple[Log, ...] = ()
    source: tuple[Source, ...] = ()
    principal: tuple[Principal, ...] = ()
    clean: tuple[Clean, ...] = ()
    authorization: tuple[Authorization, ...] = ()
    query: tuple[Query, ...] = ()
    access: tuple[AccessRow, ...] = ()
    returns: tuple[Returns, ...] = ()
    type: tuple[TypeRow, ...] = ()
    dispatch: tuple[Dispatch, ...] = ()
    register: tuple[Register, ...] = ()
    end: tuple[End, ...] = ()
    cell: tuple[Cell, ...] = ()
    mark: tuple[Mark, ...] = ()
    setting: tuple[Setting, ...] = ()
    nature: tuple[Nature, ...] = ()
    client: tuple[Client, ...] = ()
    idiom: tuple[Idiom, ...] = ()
    unread: tuple[Unread, ...] = ()
    bytes: tuple[Bytes, ...] = ()
    credential: tuple[Credential, ...] = ()
    configuration: tuple[Configuration, ...] = ()
    wrapper: tuple[Wrapper, ...] = ()
    person: tuple[Person, ...] = ()
    remedy: tuple[RemedyRow, ...] = ()
    destination: tuple[Destination, ...] = ()
    rewrite: tuple[Rewrite, ...] = ()
    declare: tuple[Declare, ...] = ()


class File(Library, frozen=True, forbid_unknown_fields=True):
    """The rows of one file, which holds nothing else."""


@cache
def library(language: str) -> Library:
    """The rows of one language's folder, joined in the order of file names.

    Raises msgspec.ValidationError for a row that does not fit, naming the file.
    """
    return shipped.made(f"library {language}", Library, lambda: _read_all(language))


def _read_all(language: str) -> Library:
    files = [_read(f"{language}/{name}") for name in shipped.names(__package__, language, ".toml")] if language else []
    kinds = Library.__struct_fields__
    return Library(**{kind: tuple(row for f in files for row in getattr(f, kind)) for kind in kinds})


def joined(libraries: Sequence[Library]) -> Library:
    """The rows of several languages together."""
    if len(libraries) == 1:
        return libraries[0]
    return Library(**{kind: tuple(row for one in libraries for row in getattr(one, kind)) for kind in Library.__struct_fields__})


def _spelled(found: Mapping[str, Sequence[dict[str, Any]]]) -> Library:
    return msgspec.convert({kind: [r for row in rows for r in spelled_out(row)] for kind, rows in found.items()}, File)


def _read(name: str) -> Library:
    try:
        return _spelled(shipped.table(__package__, name))
    except msgspec.ValidationError as error:
        raise msgspec.ValidationError(f"{name}: {error}") from error


_ALTERNATIVES = re.compile(r"\{([^{}]+)\}")
_SPELLED_OUT = ("call", "member", "name", "package", "annotation")


def spelled_out(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One row for each of the alternatives in braces."""
    for key in _SPELLED_OUT:
        text = row.get(key, "")
        match = _ALTERNATIVES.search(text) if isinstance(text, str) else None
        if match:
            before, after = row[key][: match.start()], row[key][match.end() :]
            for choice in match[1].split(","):
                yield from spelled_out({**row, key: f"{before}{choice.strip()}{after}"})
            return
    yield row
