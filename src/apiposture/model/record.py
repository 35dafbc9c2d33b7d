"""What is kept of one scan, and of one commit that was not scanned?"""

from msgspec import Struct

GENESIS = "0" * 64
"""What stands before the first entry of a history."""


class Circumstances(Struct, frozen=True):
    """What only the command line knows: when, by whom, on which machine, by which command. `at` is in UTC (2026-11-26T15:40:13Z)."""

    at: str
    operator: str
    run: str = ""
    host: str = ""
    command: str = ""


class Origin(Struct, frozen=True):
    """Where the scanned files came from. `tree` and `commit` are empty outside Git.

    `root` is the scanned folder from the repository's top (`services/orders/`, empty for the top). `dirty` are the scanned files that are
    not as the commit has them. `unscanned` are the commit's files below the root that no scan read, each with its id and why:
    `source` (in a language that is read: somebody left it out) or `other`.
    """

    commit: str = ""
    tree: str = ""
    branch: str = ""
    root: str = ""
    dirty: tuple[str, ...] = ()
    unscanned: tuple[tuple[str, str, str], ...] = ()


class Digests(Struct, frozen=True):
    """Which tool said so: its version, and the digests of its code, its rules, its standards and the configuration."""

    version: str
    engine: str
    rules: str
    mapping: str
    configuration: str


class Entry(Struct, frozen=True):
    """A link of the chain as it is kept. `line` is canonical JSON and `hash` its SHA-256; `detail` is the part that may be withheld
    (people, machines), to which the line is bound by its digest.
    """

    number: int
    hash: str
    previous: str
    line: str
    detail: str
