"""Is a call that is named like a library's logging a function of the program itself, which is followed for what it does?"""

from __future__ import annotations

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.positions import Given
from apiposture.analysis.flow.targets import extensions
from apiposture.analysis.flow.values import Value
from apiposture.frameworks.rows import Log
from apiposture.program.types import Routine


def is_own(frame: Frame, row: Log, receiver: Value, name: str, args: Given) -> bool:
    """Is it, though a row tells of that name: a method of the object, or an extension that takes an object of the program's there?"""
    declared = receiver.type.decl if receiver.type is not None else None
    if row.call.startswith("*.") and declared is not None:
        return any(r.function.has_body for r in frame.summaries.program.methods(declared, name))
    return any(_takes_own(frame, target.routine, args) for target in extensions(frame, receiver, name, args))


def _takes_own(frame: Frame, routine: Routine, args: Given) -> bool:
    """Does an extension name the program's type of something that it is given? No function of a library does, so that this one is meant."""
    for (arg, value), param in zip(args, routine.function.params[1:], strict=False):
        given = value.type.decl if value.type is not None else None
        if given is not None and not arg.name:
            wanted = frame.summaries.param_type(routine, param)
            if wanted is not None and wanted.decl is given:
                return routine.function.has_body
    return False
