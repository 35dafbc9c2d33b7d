"""What does a container hold, and where?

A list keeps its items in order as long as the program alone says what that is. What else keeps things under a key, by calls of which rows
tell, is a container too: a configuration, a reader with its settings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from apiposture.analysis.flow.binding import element
from apiposture.analysis.flow.filling import keep
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.positions import Given, at
from apiposture.analysis.flow.values import UNKNOWN, Value, flat, merge, union
from apiposture.analysis.words import words
from apiposture.frameworks.rows import Cell
from apiposture.model import ir

MAX_ITEMS: Final = 24
"""Of a longer list, nobody asks what stands where."""

Change = tuple[Value, Value]
"""The container as it is from now on, and what the call gives."""


def in_order(values: list[Value]) -> tuple[Value, ...] | None:
    """The items of a list that is written out."""
    return tuple(values) if len(values) <= MAX_ITEMS else None


def behind(first: Value, second: Value) -> tuple[Value, ...] | None:
    """The items of one list after those of another."""
    if first.items is None or second.items is None:
        return None
    return in_order([*first.items, *second.items])


def item_at(holder: Value, key: Value) -> Value | None:
    """The item at a known place of a list."""
    if holder.items is None or key.constants is None or len(key.constants) != 1:
        return None
    place = key.constants[0]
    return holder.items[place] if type(place) is int and -len(holder.items) <= place < len(holder.items) else None


def kept(frame: Frame, call: ir.Call, receiver: Value, name: str, args: Given) -> Value | None:
    """What a call gives that puts something into a container or takes it out; None for all other calls."""
    if name not in frame.knowledge.reaching_in:
        return None
    for kind, row, sure in frame.knowledge.rows(name, receiver.type, receiver.static):
        if kind == "cell" and sure:
            changed = DOES[row.does](row, receiver, args)
            if changed is None:
                return None
            holder = call.function.object if type(call.function) is ir.Member else None
            if holder is not None and changed[0] is not receiver:
                keep(frame, holder, changed[0], call.span)
            return changed[1]
    return None


def _put(row: Cell, holder: Value, args: Given) -> Change | None:
    key, value = _key(row, args), _value(row, args)
    if key is not None:
        return holder.with_field(key, value), UNKNOWN
    labels = merge((holder.labels, flat(value)))
    return Value(labels, holder.type, union((holder.about, value.everything())), fields=holder.fields), UNKNOWN


def _get(row: Cell, holder: Value, args: Given) -> Change | None:
    key = _key(row, args)
    if key is not None and holder.fields and key in holder.fields:
        return holder, holder.fields[key]
    about = union((holder.about, *(value.everything() for _, value in args)))
    return holder, Value(flat(holder) if key is None else holder.labels, None, about)


def _append(row: Cell, holder: Value, args: Given) -> Change | None:
    return _with(holder, _value(row, args), len(holder.items)) if holder.items is not None else None


def _insert(row: Cell, holder: Value, args: Given) -> Change | None:
    places = [value.constants for given in row.key for value in at(given, UNKNOWN, args)]
    known = places[0] if len(places) == 1 else None
    if holder.items is None or known is None or len(known) != 1 or type(known[0]) is not int:
        return _mix(row, holder, args)
    return _with(holder, _value(row, args), known[0])


def _with(holder: Value, value: Value, place: int) -> Change:
    """The list with one more item."""
    items = list(holder.items or ())
    items.insert(place, value)
    more = Value(merge((holder.labels, flat(value))), holder.type, union((holder.about, value.everything())), items=in_order(items))
    return more, UNKNOWN


def _take(row: Cell, holder: Value, args: Given) -> Change | None:
    if holder.items is None:
        return None
    places = [value.constants for given in row.key for value in at(given, UNKNOWN, args)]
    known = places[0] if places else (-1,)
    place = known[0] if known is not None and len(known) == 1 else None
    if type(place) is not int or not -len(holder.items) <= place < len(holder.items):
        return holder.with_items(None), element(holder)
    items = list(holder.items)
    taken = items.pop(place)
    return holder.with_items(tuple(items)), taken


def _mix(row: Cell, holder: Value, args: Given) -> Change | None:
    """What goes in is in it, and nobody knows where."""
    if holder.items is None:
        return None
    given = [value for _, value in args if value.code is None]
    labels = merge((holder.labels, *(flat(value) for value in given)))
    return Value(labels, holder.type, union((holder.about, *(value.everything() for value in given)))), UNKNOWN


def _key(row: Cell, args: Given) -> str | None:
    """The key as a text; None where it isn't known."""
    parts: list[str] = []
    for given in row.key:
        for value in at(given, UNKNOWN, args):
            if value.constants is not None and len(value.constants) == 1:
                parts.append(str(value.constants[0]))
            elif isinstance(value.static, str):
                parts.append(value.static)
            else:
                return None
    return ".".join(parts)


def _value(row: Cell, args: Given) -> Value:
    return next(iter(at(row.value, UNKNOWN, args)), UNKNOWN)


DOES: Final[dict[str, Callable[[Cell, Value, Given], Change | None]]] = {
    "put": _put,
    "get": _get,
    "append": _append,
    "insert": _insert,
    "take": _take,
    "mix": _mix,
}


def outlives(frame: Frame, receiver: Value) -> bool:
    """Is it a member in which what is called keeps objects that are told apart by an identifier?"""
    if not receiver.labels or not all(x.kind == "param" and x.key == -1 and len(x.path) == 1 for x in receiver.labels):
        return False
    held = receiver.type.args[-1].decl if receiver.type is not None and receiver.type.args else None
    program = frame.summaries.program
    slots = [program.slot(frame.owner, x.path[0]) for x in receiver.labels] if frame.owner is not None else []
    if not all(slot is not None and slot.field.type is not None and frame.type(slot.field.type) == receiver.type for slot in slots):
        return False  # a part of what is kept, which may be one caller's
    return held is not None and held.kind in ("class", "record") and any(program.slot(held, name) for name in words().identifiers)
