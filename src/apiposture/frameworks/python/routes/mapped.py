"""Which routes and methods are one endpoint each, however often an application is seen to map them?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from apiposture.program.types import Routine


class _Route(Protocol):
    @property
    def methods(self) -> tuple[str, ...]: ...

    @property
    def handler(self) -> Routine: ...


class _Mapped(Protocol):
    @property
    def path(self) -> str: ...

    @property
    def route(self) -> _Route: ...


Mapped = TypeVar("Mapped", bound=_Mapped)


def once_each(mapped: Iterable[Mapped]) -> Iterator[tuple[Mapped, str]]:
    """Each route with each of its methods, once for each handler: two services of one layout have handlers of their own."""
    seen: set[tuple[str, str, str, int]] = set()
    for one in mapped:
        handler = one.route.handler
        for method in one.route.methods:
            key = (method, one.path, handler.module.path, handler.function.span)
            if key not in seen:
                seen.add(key)
                yield one, method
