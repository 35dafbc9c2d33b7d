"""Which function is meant by a view that is no plain name of one?"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.frameworks.python.reading.objects import Code, Objects, nested
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Slot


def behind(program: Program, view: ir.Expr | None, caller: Routine) -> ir.Expr | None:
    """What a variable of the module holds that a call gave it: `page = dispatched(Page)`."""
    meant = program.meaning(view.id, caller.module, caller.owner) if isinstance(view, ir.Name) else None
    value = meant.field.value if isinstance(meant, Slot) and meant.module is caller.module else None
    return value if isinstance(value, ir.Call) else view


def made_for(objects: Objects, view: ir.Expr | None, caller: Routine) -> Iterator[Routine]:
    """A function without a name, and one that a function of the project's own makes and returns."""
    yield from (one.routine for one in objects.of(view, caller) if isinstance(one, Code))
    for maker in objects.of(view.function, caller) if isinstance(view, ir.Call) else ():
        if isinstance(maker, Routine):
            returned = {value.id for value in walk.returned(maker.function) if isinstance(value, ir.Name)}
            yield from (inner for inner in nested(maker) if inner.function.name in returned)


def is_unknown(objects: Objects, view: ir.Expr | None, caller: Routine) -> bool:
    """Can't it be told at all what serves a rule? What a library serves is known to be a library's."""
    while isinstance(view, ir.Call):
        inner = view.function.object if walk.called_name(view) == "as_view" and isinstance(view.function, ir.Member) else None
        if inner is None and objects.of(view.function, caller) and not view.args:
            return False
        view = inner if inner is not None else view.args[0].value if view.args else None
    return view is not None and not objects.of(view, caller)
