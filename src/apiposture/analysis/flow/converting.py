"""What is a value where another type is asked for, into which it turns by itself?

C#'s `operator implicit`: a text that is handed to `Remove(RepoCode code)` goes through the conversion of the type, and what that refuses
never comes there.
"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.analysis.flow.composition import apply
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.targets import CONVERTS
from apiposture.analysis.flow.values import UNKNOWN, Value
from apiposture.model.source import Span
from apiposture.program.types import Routine, TypeUse


def as_parameters(frame: Frame, routine: Routine, given: list[Value], span: Span) -> list[Value]:
    """The values for a function's parameters, those that turn into what is asked for as that."""
    if frame.module.explicit_names:
        return given
    found: list[Value] | None = None
    for index, param in enumerate(routine.function.params[: len(given)]):
        value = given[index]
        if param.type is not None and _is_plain(value, param.type.name):
            made = as_type(frame, value, frame.summaries.param_type(routine, param), span)
            if made is not value:
                found = list(given) if found is None else found
                found[index] = made
    return given if found is None else found


def as_type(frame: Frame, value: Value, wanted: TypeUse | None, span: Span) -> Value:
    """The value where this type is asked for."""
    if wanted is None or wanted.decl is None or not _is_plain(value, wanted.name):
        return value
    conversion = _fitting(frame, frame.summaries.program.methods(wanted.decl, CONVERTS), value, wanted)
    return apply(frame, conversion, UNKNOWN, [value], span, {}).value.typed(wanted) if conversion is not None else value


def _is_plain(value: Value, wanted: str) -> bool:
    """Is it a value of a type of no program, and not of the one that is asked for?"""
    return bool(value.labels) and value.type is not None and value.type.decl is None and value.type.name != wanted


def _fitting(frame: Frame, conversions: Sequence[Routine], value: Value, wanted: TypeUse) -> Routine | None:
    """The conversion of such a value into what is wanted."""
    for one in conversions:
        params = one.function.params
        taken = frame.summaries.param_type(one, params[0]) if len(params) == 1 else None
        gives = frame.summaries.return_type(one)
        takes_it = taken is not None and value.type is not None and taken.name == value.type.name
        if takes_it and gives is not None and gives.decl is wanted.decl:
            return one
    return None
