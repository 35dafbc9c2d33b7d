"""Which endpoints do Carter modules map?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from apiposture.frameworks.csharp import minimal
from apiposture.frameworks.csharp._mapping import mapping_of
from apiposture.frameworks.csharp._site import site_of
from apiposture.frameworks.routing import Entry
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program

NAME: Final = "Carter"


def recognised(program: Program) -> bool:
    """Is any class a Carter module?"""
    return any(program.is_a(t, "ICarterModule", "CarterModule") for t in program.types if t.kind == "class")


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The endpoints that `AddRoutes` of the modules maps, below the group on which `MapCarter` is called."""
    site = site_of(program, settings)
    for mapped in mapping_of(site).found:
        if mapped.module_type == "carter" and mapped.name in minimal.HANDLED:
            yield from minimal.entries(site, mapped, NAME)
