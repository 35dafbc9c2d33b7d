"""What do the arguments of a call hold behind it that something is handed back by: `TryFind(id, out var order)`?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from apiposture.analysis.flow.binding import assign
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.positions import Given
from apiposture.analysis.flow.values import Value, join
from apiposture.model import ir
from apiposture.model.source import Span
from apiposture.program.types import TypeUse


def held_at_end(inner: Frame, function: ir.Function) -> dict[int, Value]:
    """What the parameters hold that hand something back, once a function was run; by their positions."""
    handing = [(index, param) for index, param in enumerate(function.params) if param.mode in ("out", "ref") and param.name in inner.env]
    return {index: inner.env[param.name].typed(inner.type(param.type)) for index, param in handing}


def by_argument(function: ir.Function, args: Given, outs: Mapping[int, Value]) -> dict[int, Value]:
    """The same by the places of the arguments: the parameter is that of the name that is written, or stands where the argument does. The
    object that an extension is called on is no argument.
    """
    named = {param.name: index for index, param in enumerate(function.params)}
    since = len([param for param in function.params[:1] if param.mode == "this"])
    parameter = {place: named.get(arg.name, -1) if arg.name else place + since for place, arg in _handing(args)}
    return {place: outs[index] for place, index in parameter.items() if index in outs}


def hand_back(frame: Frame, args: Given, ways: Sequence[Mapping[int, Value]], otherwise: Value, span: Span) -> None:
    """Bind what one of several functions handed back. Where that is not known, a `ref` is as it was, and an `out` is `otherwise`."""
    for place, arg in _handing(args):
        before = otherwise if arg.mode == "out" else args[place][1]
        assign(frame, arg.value, join([way.get(place, before) for way in ways]), span)


def _handing(args: Given) -> Iterator[tuple[int, ir.Argument]]:
    return ((place, arg) for place, (arg, _) in enumerate(args) if arg.mode in ("out", "ref"))


def bound_by_library(frame: Frame, args: Given, answer: Value, kind: TypeUse | None, span: Span) -> None:
    """Bind what a library hands back, which is made of what it gives; of that `kind`, where it is known."""
    for place, arg in _handing(args):
        known = frame.env.get(arg.value.id) if type(arg.value) is ir.Name else None
        handed = Value(answer.labels, kind or (known.type if known is not None else None), answer.about)
        assign(frame, arg.value, join((args[place][1], handed)) if arg.mode == "ref" else handed, span)
