"""What is known of what is inside a value: its members, how many there are, and what tells it from others?"""

from __future__ import annotations

from typing import Final

from apiposture.analysis.flow.labels import Labels
from apiposture.analysis.flow.values import UNKNOWN, Value, flat
from apiposture.analysis.words import words

ANSWER: Final = "()"
"""The name under which a function that is handed on holds what it gives; no program has such a member."""


def identity(value: Value) -> Labels:
    """What tells a stored object from others: that it was loaded, or its identifier, or (made elsewhere) all of it."""
    loaded = {label: trail for label, trail in value.labels.items() if label.kind == "object" and not label.path}
    if loaded or not value.fields:
        return loaded or value.labels
    name = value.type.name if value.type is not None else ""
    named = [value.fields[n] for n in (*words().identifiers, f"{name}Id") if n in value.fields]
    return flat(named[0]) if named else value.labels


def is_told_by_key(value: Value) -> bool:
    """Is it an object that was made here, under an identifier that it was given?"""
    return any(name in words().identifiers for name in value.fields or ())


def size(value: Value, enough: int) -> int:
    """How many members are known of an object, and of these, and so on; counted as far as `enough`."""
    count = 0
    for field in (value.fields or {}).values():
        count += 1 + (size(field, enough - count - 1) if field.fields and count + 1 < enough else 0)
        if count >= enough:
            break
    return count


def dig(value: Value, path: tuple[str, ...]) -> tuple[Value, tuple[str, ...]]:
    """Follow known members as far as they are known: the value there, and the rest of the path."""
    for i, name in enumerate(path):
        if name.isdigit():
            value = _in_order(value, int(name))
        elif value.fields and name in value.fields:
            value = value.fields[name]
        else:
            return value, path[i:]
    return value, ()


def _in_order(value: Value, place: int) -> Value:
    """The item at a place; of a value whose order isn't known, any."""
    if value.items is None:
        return value
    return value.items[place] if place < len(value.items) else UNKNOWN
