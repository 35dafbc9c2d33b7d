"""What is known of a value, where a function is gone through for one caller?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from apiposture.frameworks.python.reading.statements import PLAIN
from apiposture.model import ir
from apiposture.program import walk


class Seen(NamedTuple):
    """What a value is: `info` (it holds the request, in GraphQL), `request`, `user`, `carrier` (a part of a request that credentials are
    sent in), `nothing`, `constant`, `items` (each of which is known for itself), `instance` (of a class that is known) or `unknown`.

    `asked` is what was held against the caller to come by it, which counts once its truth decides; `row`: it is a row or nothing.
    """

    kind: str
    value: object = None
    asked: frozenset[Any] = frozenset()
    row: bool = False


INFO = Seen("info")
REQUEST = Seen("request")
USER = Seen("user")
CARRIER = Seen("carrier")
NOTHING = Seen("nothing")
UNKNOWN = Seen("unknown")

NOBODY = {"is_anonymous": True, "is_authenticated": False, "is_staff": False, "is_superuser": False, "is_active": False, "username": ""}
"""https://docs.djangoproject.com/en/stable/ref/contrib/auth/#anonymoususer-object"""


class Way:
    """One way through a function: what its names are, and (where somebody wants to know) the expressions that they are set to.

    `held` is what was held against the caller on it.
    """

    __slots__ = ("held", "names", "set_to")

    def __init__(self, names: dict[str, Seen], set_to: dict[str, ir.Expr] | None = None, held: frozenset[Any] = frozenset()) -> None:
        self.names = names
        self.set_to = set_to
        self.held = held

    def copy(self) -> Way:
        """The same, to go on from in another direction."""
        return Way(dict(self.names), None if self.set_to is None else dict(self.set_to), self.held)

    def sets(self, name: str, value: ir.Expr) -> None:
        """A name is set to an expression."""
        if self.set_to is not None:
            self.set_to[name] = value


def distinct(ways: list[Way]) -> list[Way]:
    """The ways that differ in what is known on them."""
    found: dict[object, Way] = {}
    for way in ways:
        set_to = () if way.set_to is None else tuple((name, id(value)) for name, value in way.set_to.items())
        found.setdefault((frozenset(way.names.items()), set_to, way.held), way)
    return list(found.values())


def same(left: Seen, right: Seen) -> bool | None:
    """Are the two equal? None where that isn't known."""
    if left.kind == "constant" and right.kind == "constant":
        return left.value == right.value
    if left.kind in ("user", "nothing") or right.kind in ("user", "nothing"):
        return left.kind == right.kind
    return None


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Is one of them yes? None where that depends on those that aren't known."""
    found = set(answers)
    return True if True in found else None if None in found else False


def of_truth(holds: bool | None, negated: bool = False) -> Seen:
    """A truth as a value, or its opposite."""
    return UNKNOWN if holds is None else Seen("constant", holds != negated)


def truth(seen: Seen) -> bool | None:
    """Does the value count as true?"""
    if seen.kind in ("constant", "items"):
        return bool(seen.value)
    return {"info": True, "request": True, "user": True, "instance": True, "nothing": False}.get(seen.kind)


def compared(expr: ir.Binary, left: Seen, right: Seen) -> Seen:
    """What an operator makes of two values."""
    if expr.operator in ("==", "!="):
        return of_truth(same(left, right), negated=expr.operator == "!=")
    if expr.operator == "in":
        if right.kind == "items" and isinstance(right.value, tuple):
            return of_truth(any_of(same(left, item) for item in right.value))
        return Seen("constant", False) if left.kind in ("user", "nothing") or right.kind in ("carrier", "nothing") else UNKNOWN
    if expr.operator == "is" and left.kind == "nothing":
        return Seen("constant", False)
    if expr.operator == "is" and left == USER:
        return Seen("constant", walk.dotted(expr.right).endswith("AnonymousUser"))
    return UNKNOWN


def sent(key: Seen) -> Seen:
    """What a guest sends under a header's name: no credential, but an address like everybody."""
    header = key.value.lower().removeprefix("http_").replace("_", "-") if isinstance(key.value, str) else ""
    return UNKNOWN if header in PLAIN or header == "remote-addr" else NOTHING
