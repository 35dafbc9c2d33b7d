"""What is kept of one file?"""

from __future__ import annotations

from functools import cache

import msgspec
from msgspec import Raw, Struct

from apiposture.files import Entry
from apiposture.model.facts import Secret
from apiposture.model.ir import Module
from apiposture.model.scan import FileRecord, Problem


class Wanted(Struct, frozen=True):
    """What is wanted of each file besides what it says as code: its secrets, and a `surface` that stays as it is while nothing is declared
    differently (else one that changes with the file). Secrets that are wanted `later` may be searched while others go on with the code."""

    secrets: bool = True
    surface: bool = True
    later: bool = False


ALL = Wanted()
"""All that can be known of a file."""


class Ignore(Struct, frozen=True, array_like=True):
    """A comment that accepts a finding: where it stands, whether code stands before it on its line, and what it says."""

    path: str
    line: int
    alone: bool
    rules: tuple[str, ...]
    options: dict[str, str]


class Searched(Struct, frozen=True, array_like=True):
    """What the search of one file for secrets found, and a problem where it stopped."""

    secrets: tuple[Secret, ...] = ()
    problems: tuple[Problem, ...] = ()


NO_CODE = Raw(msgspec.msgpack.encode(None))


class Examined(Struct, frozen=True, array_like=True):
    """All that is kept of one file. `text` is kept for settings only, which are read whole later; `surface` stands for what it declares.

    `code` is its module as MessagePack, which most runs never look at: of a file that did not change it stays in the cache
    (`Gathered.module_of` knows). `nodes` and `opaque` are the module's.
    """

    record: FileRecord
    code: Raw = NO_CODE
    secrets: tuple[Secret, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    problems: tuple[Problem, ...] = ()
    text: str = ""
    surface: str = ""
    nodes: int = 0
    opaque: int = 0

    @property
    def is_code(self) -> bool:
        """Was the file read as code?"""
        return bool(self.surface)

    @property
    def is_left_in_cache(self) -> bool:
        """Was the file read as code, of which only the cache knows?"""
        return self.is_code and self.code == NO_CODE


def with_search(found: Examined, searched: Searched) -> Examined:
    """A file of which only the code was looked at, and what its search brought."""
    if not searched.secrets and not searched.problems:
        return found
    record = msgspec.structs.replace(found.record, status="failed") if searched.problems else found.record
    return msgspec.structs.replace(found, record=record, secrets=searched.secrets, problems=(*searched.problems, *found.problems))


Found = tuple[Examined | None, bool]
"""What is found in a file (None for what is no text), and whether it would be found again."""


@cache
def _decoder() -> msgspec.msgpack.Decoder[Module]:
    return msgspec.msgpack.Decoder(Module)


def decoded(code: Raw) -> Module:
    """What a file says as code, in objects of the asker's own."""
    return _decoder().decode(code)


def failed(entry: Entry, problem: Problem) -> Examined:
    """What is kept of a file that could not be examined."""
    return Examined(FileRecord(entry.path, entry.language, "", 0, "failed"), problems=(problem,))
