"""What may a row of library knowledge say of the credentials that a program uses?"""

from __future__ import annotations

from apiposture.frameworks.rows import Row


class Bytes(Row, frozen=True):
    """The call gives what stands at `at` in another form: a text as bytes, decoded, or as the key that is derived from it."""

    call: str
    why: str
    at: str = "arg:0"


class Configuration(Row, frozen=True):
    """A file from which an application is configured, by a pattern of its base name. `form`: `sections` (names inside of names, which code
    asks for with `separator` between them) or `variables` (one a line, as the environment has them)."""

    file: str
    form: str
    why: str
    separator: str = ""


class Credential(Row, frozen=True):
    """What stands at `at` is the program's own credential: a `key` that signs or encrypts, the `password` of a login, or the one that it
    gives an `account`. `Type.Name=` is a member that is set, there or where the object is made. `item`: only what is kept in it under this
    name (`app.config["SECRET_KEY"]`)."""

    call: str
    at: str
    kind: str
    why: str
    item: str = ""
