"""What does one declaration say about who may call?"""

from __future__ import annotations

from msgspec import Struct

from apiposture.frameworks.csharp import _text
from apiposture.model import ir
from apiposture.model.facts import Need
from apiposture.model.ir import Module
from apiposture.model.source import Place, Span, end_of, span, start_of
from apiposture.program.places import place
from apiposture.program.types import Routine


class Policy(Struct, frozen=True):
    """What a policy asks for. `login`: that somebody is logged in. `opens`: nothing at all. Not `known`: its source wasn't found."""

    name: str = ""
    needs: tuple[Need, ...] = ()
    login: bool = False
    opens: bool = False
    known: bool = True
    place: Place | None = None


class Statement(Struct, frozen=True):
    """One declaration. `effect`: authorize, anonymous, filter (the project's own code refuses), marker (an own 'anonymous'
    that only filters which know it honour), environment (it answers in some environments only, whoever calls), metadata (what the
    handler of a `requirement` asks the endpoint for), spared (that handler lets everybody through who comes to it), unknown.

    `policy` is looked up by name when the application is known; `inline` is one built in place. `default` says that the
    default policy holds, since nothing else is named. `opens` of a filter or a middleware are the markers it honours.
    """

    effect: str
    level: str
    scope: str
    place: Place
    text: str
    policy: str | None = None
    inline: Policy | None = None
    needs: tuple[Need, ...] = ()
    default: bool = False
    honours: frozenset[str] = frozenset()
    why: str = ""
    prelude: Routine | None = None
    requirement: str = ""


def needs_of(kind: str, names: str | None) -> tuple[Need, ...]:
    """One need for each name of a list with commas."""
    return tuple(Need(kind, name.strip()) for name in (names or "").split(",") if name.strip())


def call_place(module: Module, call: ir.Call) -> Place:
    """The place of a call in a chain: from its own name on, not from the start of the chain."""
    return place(module, tail(call))


def tail(call: ir.Call) -> Span:
    """The stretch of a call from its last name to its end."""
    function = call.function
    return span(start_of(function.name_span), end_of(call.span)) if isinstance(function, ir.Member) else call.span


def call_text(call: ir.Call) -> str:
    """How the call reads without what it is called on."""
    return _text.of_call(call)
