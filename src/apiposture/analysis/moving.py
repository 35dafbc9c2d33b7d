"""Where does what a file declares stand after its text was edited?"""

from __future__ import annotations

from collections.abc import Mapping
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
            value = getattr(node, name)
            if name in POSITIONS:
                found.append(place(module, value))
            elif isinstance(value, tuple | Struct) and not (name == "body" and type(node) is Function):
                pending.append(value)
    return found


Fact = TypeVar("Fact")


def moved(fact: Fact, places: Mapping[Place, Place]) -> Fact:
    """The same fact, with each of its places where `places` says that it is now."""
    if isinstance(fact, Place):
        return places.get(fact, fact)  # type: ignore[return-value]
    if isinstance(fact, tuple):
        return tuple(moved(one, places) for one in fact)  # type: ignore[return-value]
    if isinstance(fact, Struct):
        changed = {name: moved(getattr(fact, name), places) for name in fact.__struct_fields__}
        return msgspec.structs.replace(fact, **changed)
    return fact
