"""Which function does a table hold under a name: `CHECKS[action](user, order)`?

A table is a variable outside of all functions that is written out. Where the name is a parameter's, the function that looks it up is run
where it is called, with the name that it is given there.
"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.members import meant
from apiposture.analysis.flow.values import Value
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine, Slot


def of_table(frame: Frame, holder: ir.Expr, name: str) -> Value | None:
    """The function that a table holds under a name; None where it is no such table, or holds no function there."""
    slot = _table(frame, holder)
    table = slot.field.value if slot is not None else None
    for item in table.items if type(table) is ir.Collection else ():
        key, value = item.items if type(item) is ir.Collection and len(item.items) == 2 else (None, None)
        if slot is not None and type(key) is ir.Literal and key.value == name and value is not None:
            path = walk.dotted(value)
            found = frame.summaries.program.meaning(path, slot.module, slot.owner) if path else None
            return meant(frame, found, path.rpartition(".")[2], value.span) if isinstance(found, Routine) else None
    return None


def _table(frame: Frame, holder: ir.Expr) -> Slot | None:
    """The variable that is such a table."""
    path = walk.dotted(holder) if frame.module.explicit_names else ""
    if not path or path.partition(".")[0] in frame.env:
        return None
    found = frame.summaries.program.meaning(path, frame.module, frame.owner)
    is_table = isinstance(found, Slot) and type(found.field.value) is ir.Collection and found.field.value.kind == "map"
    return found if is_table and isinstance(found, Slot) else None


def looks_up(frame: Frame, routine: Routine, given: Sequence[Value]) -> bool:
    """Does a function call what a table holds under the name that it is given?"""
    if not routine.module.explicit_names or not any(_is_name(value) for value in given):
        return False
    named = {param.name for param, value in zip(routine.function.params, given, strict=False) if _is_name(value)}
    keys = (call.function.keys for call in walk.calls(routine.function.body or ()) if type(call.function) is ir.Index)
    return any(type(key) is ir.Name and key.id in named for each in keys for key in each)


def _is_name(value: Value) -> bool:
    return value.constants is not None and len(value.constants) == 1 and isinstance(value.constants[0], str) and not value.labels
