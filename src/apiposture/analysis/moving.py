"""Where does what a file declares stand after its text was edited?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from apiposture.model.ir import Function, Module
from apiposture.model.source import Place
from apiposture.program.places import place
from apiposture.program.surface import POSITIONS


def declared_places(module: Module) -> list[Place]:
    """The places of all that a module declares, code of functions left out. Modules of the same surface have as many, in the same order."""
    found: list[Place] = []
    pending: list[Any] = [(module.annotations, module.types, module.functions)]
    while pending:
        node = pending.pop()
        if type(node) is tuple:
            pending.extend(one for one in reversed(node) if isinstance(one, tuple | Struct))
            continue
        for name in type(node).__struct_fields__:
            if name == "body" and type(node) is Function:
                continue
            value = getattr(node, name)
            if name in POSITIONS:
                found.append(place(module, value))
            elif isinstance(value, tuple | Struct):
                pending.append(value)
    return found


Fact = TypeVar("Fact")


def moved(fact: Fact, to: Callable[[Place], Place]) -> Fact:
    """The same fact, with each of its places where `to` says that it is now; the very same where nothing in it moved."""
    if isinstance(fact, Place):
        return to(fact)  # type: ignore[return-value]
    if isinstance(fact, tuple):
        items = tuple([moved(one, to) for one in fact])
        return items if any(one is not other for one, other in zip(fact, items, strict=True)) else fact  # type: ignore[return-value]
    if isinstance(fact, Struct):
        parts = ((name, getattr(fact, name)) for name in fact.__struct_fields__)
        changed = {name: now for name, part in parts if (now := moved(part, to)) is not part}
        return msgspec.structs.replace(fact, **changed) if changed else fact
    return fact
