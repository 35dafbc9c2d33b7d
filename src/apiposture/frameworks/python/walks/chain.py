"""In which order are the classes of a Django view asked, and at which of them does a call go on that hands the request on?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from apiposture.frameworks.python.walks.users import is_library_view
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

ROOTS = ("View", "APIView")
"""The views of Django and of REST framework that answer by the method: they hand on to nobody.

https://docs.djangoproject.com/en/stable/ref/class-based-views/base/#django.views.generic.base.View.dispatch
"""


class Link(NamedTuple):
    """A class of the project's own, or one of a library by its simple name."""

    declared: Type | None
    name: str


def chain(program: Program, view: Type) -> tuple[Link, ...]:
    """The classes of a view, nearest first, up to the library's view that answers. A class stands behind all that extend it."""
    found: dict[object, Link] = {}
    for link in _climbed(program, view, 0):
        key = link.name if link.declared is None else id(link.declared)
        found.pop(key, None)
        found[key] = link
    links = tuple(found.values())
    end = next((i for i, link in enumerate(links) if link.declared is None and link.name in ROOTS), len(links))
    return links[: end + 1]


def _climbed(program: Program, declared: Type, depth: int) -> Iterator[Link]:
    yield Link(declared, declared.simple)
    for ref, module in declared.bases if depth < MAX_DEPTH else ():
        base = program.use(ref, module, declared).decl
        if base is not None:
            yield from _climbed(program, base, depth + 1)
            continue
        meant = program.meaning(ref.name, module, declared)
        name = (meant if isinstance(meant, str) else ref.name).rpartition(".")[2]
        yield Link(None, name)
        if is_library_view(name):
            yield Link(None, "APIView" if name.endswith(("APIView", "ViewSet")) else "View")


MAX_DEPTH = 12


def place_of(links: Sequence[Link], one: Type | str) -> int:
    """Where a class stands among them: behind all where it isn't one of them."""
    fits = (i for i, link in enumerate(links) if (link.name == one if link.declared is None else link.declared is one))
    return next(fits, len(links))


def declaring(links: Sequence[Link], routine: Routine) -> int:
    """Where the class stands that declares a function, whoever it runs for."""
    name = routine.function.name
    for i, link in enumerate(links):
        declared = link.declared.functions.get(name, ()) if link.declared is not None else ()
        if any(one.function is routine.function for one in declared):
            return i
    return len(links)


def landing(program: Program, links: Sequence[Link], call: ir.Call, routine: Routine) -> int | None:
    """The place at which a call goes on that hands on to the rest of the classes; None where it is no such call.

    `super().dispatch(request)`, `super(Base, self).dispatch(request)`, `View.dispatch(self, request)`
    """
    holder = call.function.object if isinstance(call.function, ir.Member) else None
    if isinstance(holder, ir.Name) and holder.id == "super":
        return declaring(links, routine) + 1
    if isinstance(holder, ir.Call) and walk.called_name(holder) == "super" and holder.args:
        return _named(program, links, holder.args[0].value, routine) + 1
    first = call.args[0].value if call.args else None
    if holder is not None and isinstance(first, ir.Name) and first.id == "this":
        return _named(program, links, holder, routine)
    return None


def _named(program: Program, links: Sequence[Link], expr: ir.Expr, routine: Routine) -> int:
    path = walk.dotted(expr)
    meant = program.meaning(path, routine.module, routine.owner) if path else None
    if isinstance(meant, Type):
        return place_of(links, meant)
    return place_of(links, (meant if isinstance(meant, str) else path).rpartition(".")[2])
