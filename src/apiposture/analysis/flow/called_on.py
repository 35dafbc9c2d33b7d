"""What is a function called on? Whoever wants to be sure what a call does asks that first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from apiposture.analysis.flow.frame import PLAIN, Frame
from apiposture.analysis.flow.labels import Label
from apiposture.analysis.flow.values import Value
from apiposture.model import ir

OWN: Final = "own"
DATA: Final = "data"
ASKED: Final = "asked"
LIBRARY: Final = "library"
UNKNOWN: Final = ""
"""What the program declares; data that has no life of its own; what is only asked, as a row of this very call says; a library that
rows know."""

HOLDERS: Final = frozenset(("List", "Dictionary"))
"""Types of what only holds what was put into it."""

SAID_BY_CALLERS: Final = frozenset(("request", "row"))

ASKS: Final = frozenset(("read", "list", "exists"))
"""What accesses do that change nothing."""

STEPS: Final = frozenset(("filter", "project", "join", "union", "order", "pass", "narrow", "all", "any"))
"""What steps of a query do that runs nothing itself."""

HARMLESS: Final = frozenset(("clean", "principal", "source", "authorization", "end", "log"))
"""Kinds of row that say of a call all that it does, none of which outlives the request."""

MAY_CHANGE: Final = frozenset(("sink", "dispatch", "cell"))


def note(frame: Frame, call: ir.Call, receiver: Value, rows: Sequence[tuple[str, Any, bool]]) -> None:
    """Note what a function is called on; where that is one thing now and another then, it is unknown."""
    known = frame.summaries.called_on.setdefault(frame.routine, {})
    kind = _kind(frame, receiver, [(kind, row) for kind, row, sure in rows if sure])
    known[call.span] = kind if known.get(call.span, kind) == kind else UNKNOWN


def _kind(frame: Frame, receiver: Value, sure: Sequence[tuple[str, Any]]) -> str:
    if _is_data(receiver):
        return DATA
    if any(kind == "query" and row.does in STEPS for kind, row in sure):
        return ASKED
    if any(kind in MAY_CHANGE or (kind == "access" and row.operation not in ASKS) for kind, row in sure):
        return UNKNOWN
    if any(kind in HARMLESS or kind == "access" for kind, _ in sure):
        return ASKED
    if type(receiver.static) is str:
        return LIBRARY if receiver.static in frame.knowledge.spoken_of else UNKNOWN
    if receiver.query is not None:
        return DATA
    return OWN if receiver.static is not None or (receiver.type is not None and receiver.type.decl is not None) else UNKNOWN


def _is_data(value: Value) -> bool:
    """Is it a text, a number, a list, what a request holds, a column or what a stored object has in one?"""
    if value.static is not None:
        return False
    if value.type is not None:
        return value.type.name in PLAIN or value.type.name in HOLDERS
    come_from = [label for label in value.labels if label.kind != "sensitive"]
    return value.constants is not None or (bool(come_from) and all(map(_is_told, come_from)))


def _is_told(label: Label) -> bool:
    return label.kind in SAID_BY_CALLERS or (label.kind == "object" and bool(label.path))
