"""What is a value where another type is asked for, into which it turns by itself?

C#'s `operator implicit`: a text that is handed to `Remove(RepoCode code)` goes through the conversion of the type, and what that refuses
never comes there.
"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.analysis.flow.composition import apply
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.targets import CONVERTS, CONVERTS_IF_ASKED
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
        if param.type is not None and value.type is not None and value.type.name != param.type.name:
            made = as_type(frame, value, frame.summaries.param_type(routine, param), span)
            if made is not value:
                found = list(given) if found is None else found
                found[index] = made
    return given if found is None else found


def as_type(frame: Frame, value: Value, wanted: TypeUse | None, span: Span, is_asked: bool = False) -> Value:
    """The value where this type is expected, or asked for in so many words (`(Order)wanted`). Either type may say what becomes of it."""
    kind = value.type
    if wanted is None or kind is None or kind.name == wanted.name:
        return value
    conversion = _conversion(frame, kind, wanted, (CONVERTS, CONVERTS_IF_ASKED) if is_asked else (CONVERTS,))
    return apply(frame, conversion, UNKNOWN, [value], span, {}).value.typed(wanted) if conversion is not None else value


def _conversion(frame: Frame, kind: TypeUse, wanted: TypeUse, names: Sequence[str]) -> Routine | None:
    """What turns a value of this type into what is wanted."""
    program = frame.summaries.program
    for declared in (wanted.decl, kind.decl):
        for one in (one for name in names for one in program.methods(declared, name)) if declared is not None else ():
            params = one.function.params
            taken = frame.summaries.param_type(one, params[0]) if len(params) == 1 else None
            gives = frame.summaries.return_type(one)
            if _is_same(taken, kind) and _is_same(gives, wanted):
                return one
    return None


def _is_same(one: TypeUse | None, other: TypeUse) -> bool:
    return one is not None and one.decl is other.decl and (one.decl is not None or one.name == other.name)
