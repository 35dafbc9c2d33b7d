"""What do the arguments of a call hold behind it that something is handed back by (`TryFind(id, out var order)`), or put into?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from apiposture.analysis.flow.binding import assign
from apiposture.analysis.flow.filling import HANDS_BACK, filled, keep
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.positions import Given
from apiposture.analysis.flow.targets import Target
from apiposture.analysis.flow.values import Value, join
from apiposture.model import ir
from apiposture.model.source import Span
from apiposture.program.types import TypeUse

CALLED_ON: Final = -1
"""The place of the object that an extension is called on, among its arguments."""


def by_argument(target: Target, args: Given, outs: Mapping[int, Value]) -> dict[int, Value]:
    """The same by the places of the arguments: the parameter is that of the name that is written, or stands where the argument does."""
    params = target.routine.function.params
    named = {param.name: index for index, param in enumerate(params)}
    since = 1 if target.extension and params and params[0].mode == "this" else 0
    found = {CALLED_ON: outs[0]} if since and 0 in outs else {}
    in_order = True
    for place, (arg, _) in enumerate(args):
        in_order = in_order and not arg.mode.startswith("spread")
        index = named.get(arg.name, -1) if arg.name else place + since if in_order else -1
        if index in outs:
            found[place] = outs[index]
    return found


def hand_back(frame: Frame, call: ir.Call, args: Given, ways: Sequence[Mapping[int, Value]], otherwise: Value) -> None:
    """Bind what one of several functions handed back. Where that is not known, a `ref` is as it was, and an `out` is `otherwise`."""
    for place, arg in _handing(args):
        before = otherwise if arg.mode == "out" else args[place][1]
        assign(frame, arg.value, join([way.get(place, before) for way in ways]), call.span)
    for place in sorted({place for way in ways for place in way}):
        if place == CALLED_ON and type(call.function) is ir.Member:
            _fill(frame, call.function.object, frame.seen(call.function.object), [way[place] for way in ways if place in way], call.span)
        elif place != CALLED_ON and args[place][0].mode not in HANDS_BACK:
            _fill(frame, args[place][0].value, args[place][1], [way[place] for way in ways if place in way], call.span)


def _fill(frame: Frame, holder: ir.Expr, known: Value, handed: Sequence[Value], span: Span) -> None:
    more = filled(frame, known, join(handed))
    if more is not None:
        keep(frame, holder, more, span)


def _handing(args: Given) -> Iterator[tuple[int, ir.Argument]]:
    return ((place, arg) for place, (arg, _) in enumerate(args) if arg.mode in HANDS_BACK)


def bound_by_library(frame: Frame, args: Given, answer: Value, kind: TypeUse | None, span: Span) -> None:
    """Bind what a library hands back, which is made of what it gives; of that `kind`, where it is known."""
    for place, arg in _handing(args):
        known = frame.env.get(arg.value.id) if type(arg.value) is ir.Name else None
        handed = Value(answer.labels, kind or (known.type if known is not None else None), answer.about)
        assign(frame, arg.value, join((args[place][1], handed)) if arg.mode == "ref" else handed, span)
