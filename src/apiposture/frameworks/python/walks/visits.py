"""What is known of a request to one endpoint, that middleware is gone through for?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from apiposture.frameworks.python.reading.django_settings import Settings
from apiposture.frameworks.python.reading.objects import Objects
from apiposture.frameworks.python.walks.guests import Answers
from apiposture.frameworks.python.walks.matching import UNKNOWN_PIECE
from apiposture.frameworks.python.walks.seen import NOTHING, UNKNOWN, Seen, same
from apiposture.model.source import Span

SOMEBODY = Seen("somebody")
"""A caller who is logged in, nobody knows as whom."""

OF_SOMEBODY = Seen("of-somebody")
CALLERS = ("somebody", "of-somebody")
THERE = frozenset(("match", "view", "arguments", "somebody"))
"""Kinds of values that are never nothing."""

VIEW = Seen("view")
MATCH = Seen("match")
ARGUMENTS = Seen("arguments")
PASSED = Seen("passed")
REFUSED = Seen("raised", True)
"""An exception or answer that refuses the caller; one that says something else holds False."""


class Visit(NamedTuple):
    """What is known of a request: to which path by which method, the name (None where it is not known) and the name spaces of its URL, the
    arguments in it, and the marks that decorators set on the view.
    """

    path: str
    method: str
    name: str | None
    spaces: tuple[str, ...]
    arguments: frozenset[str]
    flags: frozenset[str]


class Held(NamedTuple):
    """An argument of the URL whose object was held against the caller, or a right that was asked for, and where."""

    argument: str
    path: str
    span: Span
    right: str = ""


class Site:
    """What is the same for all requests to one program."""

    def __init__(self, objects: Objects, settings: Settings, routes: Mapping[str, str]) -> None:
        self.objects = objects
        self.settings = settings
        self.routes = routes
        self.tables: dict[tuple[int, bool], Seen] = {}
        self.switches = False
        """May settings of the deployment change what the tables hold?"""
        self.answered: Answers = {}


class Outcome(NamedTuple):
    """Does nobody come through without a login (`closes`), everybody (`opens`), or nobody knows who? `held` are the arguments that somebody
    who comes through was held against; `refuses`: somebody without a login may be refused.
    """

    closes: bool
    opens: bool
    held: frozenset[Held] = frozenset()
    refuses: bool = False


def of_match(visit: Visit, name: str) -> Seen:
    """What `request.resolver_match` says by a name."""
    spaces, url = visit.spaces, visit.name
    if name == "kwargs":
        return ARGUMENTS
    if name == "func":
        return VIEW
    if name in ("namespaces", "app_names"):
        return Seen("items", tuple(Seen("constant", space) for space in spaces))
    if name in ("namespace", "app_name"):
        return Seen("constant", ":".join(spaces))
    if name in ("url_name", "view_name"):
        if url is None:
            return UNKNOWN
        return Seen("constant", ":".join((*spaces, url)) if name == "view_name" else url) if url else NOTHING
    return UNKNOWN


def attribute_of(visit: Visit, name: str, given: Sequence[Seen]) -> Seen | None:
    """`hasattr` or `getattr` of the view, by the marks on it; None where it is asked of anything else."""
    holder, key = given[0] if given else UNKNOWN, given[1].value if len(given) > 1 else None
    default = given[2] if len(given) > 2 else NOTHING
    if holder == VIEW and isinstance(key, str):
        return Seen("constant", True) if key in visit.flags else Seen("constant", False) if name == "hasattr" else default
    if holder.kind == "request" and name == "hasattr" and key == "user":
        return Seen("constant", True)
    return None


def looked_up(table: Seen, key: Seen, default: Seen) -> Seen:
    """What a table holds under a key."""
    pairs = table.value if isinstance(table.value, tuple) else ()
    fits = [(same(key, one), value) for one, value in pairs]
    found = next((value for fit, value in fits if fit is True), None)
    return found if found is not None else UNKNOWN if any(fit is None for fit, _ in fits) else default


def text_of(parts: Sequence[Seen]) -> Seen:
    """Texts put together, of which pieces may not be known."""
    pieces: list[object] = []
    for part in parts:
        if part.kind == "text" and isinstance(part.value, tuple):
            pieces += part.value
        else:
            pieces.append(str(part.value) if part.kind == "constant" else UNKNOWN_PIECE)
    if all(piece is not UNKNOWN_PIECE for piece in pieces):
        return Seen("constant", "".join(map(str, pieces)))
    return Seen("text", tuple(pieces))


def joined(values: Sequence[Seen]) -> Seen:
    """What a variable holds that several things are put into: lists and tables grow."""
    kinds = {value.kind for value in values}
    if len(set(values)) == 1:
        return values[0]
    if "map" in kinds or "items" in kinds:
        kind = "map" if "map" in kinds else "items"
        if kinds <= {kind, "constant", "text"}:
            return Seen(kind, tuple(one for v in values for one in (v.value if v.kind == kind and isinstance(v.value, tuple) else (v,))))
    return UNKNOWN


def arguments_in(given: Sequence[Seen]) -> frozenset[str]:
    """The arguments of the URL by which values were found, those in tables that are handed on as well."""
    found: frozenset[str] = frozenset()
    for one in given:
        if isinstance(one.value, frozenset):
            found |= one.value
        elif one.kind == "map" and isinstance(one.value, tuple):
            found |= arguments_in([value for _, value in one.value])
    return found
