"""What does a project's own decorator hold against the caller before the view runs?

The function that runs in the view's place is gone through as for a request to it: what the decorator was given is known
(`@may(Order, "view", "order_id")`), and so are the arguments of the URL. Where it calls the view, the request is let through.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apiposture.frameworks.python.reading.objects import nested
from apiposture.frameworks.python.walks.passages import Passage, Visitors
from apiposture.frameworks.python.walks.seen import UNKNOWN, Seen, Way
from apiposture.frameworks.python.walks.visits import ARGUMENTS, SOMEBODY, Held, Site, Visit
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine


def held_before(
    site: Site, decorator: Routine, args: Sequence[ir.Argument], around: Routine, visit: Visit, of_object: bool = False
) -> frozenset[Held]:
    """The arguments of the URL that are held against whoever comes through; `around` is where the decorator is written. `of_object`: what
    runs is called with the view's object first.
    """
    inner = list(nested(decorator))
    params = [param for one in (decorator, *inner) for param in one.function.params if not param.mode]
    for wrapper in inner:
        views = _called(wrapper) & {param.name for param in params} - {param.name for param in wrapper.function.params}
        if views:
            guests = Visitors(site, visit, SOMEBODY, lets_through=tuple(sorted(views)))
            walker = Passage(guests, wrapper, 0)
            names = {**_given(walker, decorator, args, around), **dict(_asked(wrapper, visit, int(of_object)))}
            walker.run(wrapper.function.body or (), [Way(names)])
            return walker.held or frozenset()
    return frozenset()


def _called(wrapper: Routine) -> set[str]:
    return {walk.dotted(call.function) for call in walk.calls(wrapper.function.body or ())}


def _given(walker: Passage, decorator: Routine, args: Sequence[ir.Argument], around: Routine) -> dict[str, Seen]:
    """What the decorator's parameters hold: the arguments that it is written with, else their defaults."""
    reader = Passage(walker.visitors, around, 1)
    params = [param for param in decorator.function.params if not param.mode]
    found = {param.name: reader.value(param.default, {}) for param in params if param.default is not None}
    placed = [arg for arg in args if arg.name is None and not arg.mode]
    found.update({param.name: reader.value(arg.value, {}) for param, arg in zip(params, placed, strict=False)})
    found.update({arg.name: reader.value(arg.value, {}) for arg in args if arg.name})
    return found


def _asked(wrapper: Routine, visit: Visit, first: int) -> Iterator[tuple[str, Seen]]:
    """What the wrapper is called with: the request (`first` says where), then the arguments of the URL, by their names or all together."""
    for number, param in enumerate(wrapper.function.params):
        if param.mode == "rest-map":
            yield param.name, ARGUMENTS
        elif param.name in visit.arguments:
            yield param.name, Seen("object", frozenset((param.name,)))
        else:
            yield param.name, Seen("request") if number == first and not param.mode else UNKNOWN
