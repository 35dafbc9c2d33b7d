"""Does something dangerous reach an interpreter by this call?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from apiposture.analysis.flow.binding import text_of
from apiposture.analysis.flow.effects import SinkEffect
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import Labels
from apiposture.analysis.flow.positions import Given, argument, at, texts_of
from apiposture.analysis.flow.probing import is_told
from apiposture.analysis.flow.sql import is_statement
from apiposture.analysis.flow.values import Value, flat, is_harmless, merge
from apiposture.analysis.scalars import is_scalar
from apiposture.analysis.sensitive import words_of
from apiposture.frameworks.rows import Sink
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import TypeUse

DISTINCTIVE: Final = 10
"""A method name at least this long means the library's method even where the receiver's type is not known (low certainty)."""


def note_sink(
    frame: Frame, call: ir.Call | ir.New, row: Sink, receiver: Value, args: Given, sure: bool, name: str
) -> bool:
    """Note that something reaches a sink; the answer is whether it does."""
    says_so = not sure and writes_sql(frame, row, args)
    if not sure and not says_so and (len(name) < DISTINCTIVE or receiver.static is not None or row.inherent):
        return False
    if (row.unless or row.needs) and not _allowed(row, call, at(row.at, receiver, args)):
        return False
    if row.settings and not any(_is_on(value, row.settings) for value in at(row.of, receiver, args)):
        return False
    values = [value for value in _taken(row, receiver, args) if _of_type(frame, value, row.type)]
    labels = merge(_dangerous(value, row.kind) for value in values)
    if not labels and not row.inherent:
        return False
    if row.kind == "probe" and not is_told(frame, call):
        return False
    certainty = row.certainty if sure else "medium" if says_so else "low"
    effect = SinkEffect(row, labels, frame.facts, frame.spot(call.span), name, certainty, frame.taken)
    frame.effects.add_sink(effect)
    frame.summaries.note_sink(frame, effect)
    return True


def _taken(row: Sink, receiver: Value, args: Given) -> list[Value]:
    """What a sink takes: of a list, only what stands at one place of it, where the row says so."""
    values = at(row.at, receiver, args)
    if row.item < 0:
        return values
    return [value.items[row.item] for value in values if value.items is not None and len(value.items) > row.item]


def writes_sql(frame: Frame, row: Sink, args: Given) -> bool:
    """Is a text given that begins as SQL does, where SQL is taken? Then it goes to a database, whatever type the receiver is of."""
    written = argument(row.at.removeprefix("arg:"), args) if row.kind == "sql" and row.at.startswith("arg:") else None
    return written is not None and any(map(is_statement, _texts(frame, written)))


def _texts(frame: Frame, written: ir.Expr) -> Iterator[str]:
    """The texts of an expression, and those of what its names were set to in the function at hand."""
    nodes = list(walk.nodes((written,)))
    named = {node.id for node in nodes if type(node) is ir.Name}
    for node in walk.nodes(frame.routine.function.body or ()) if named else ():
        if (type(node) is ir.Declare and node.name in named) or (type(node) is ir.Assign and walk.dotted(node.target) in named):
            nodes += walk.nodes((node.value,) if node.value is not None else ())
    yield from (node.value for node in nodes if type(node) is ir.Literal and isinstance(node.value, str))


def _of_type(frame: Frame, value: Value, wanted: str) -> bool:
    return not wanted or value.type is None or frame.knowledge.is_a(value.type, wanted)


COMMON: Final = frozenset(
    """get post put patch delete send query execute create connect open read write load copy move find search deserialize""".split()
)
"""Words that are the names of methods of every second library."""


def is_common(row: Sink, name: str, written: str) -> bool:
    """Is the name a common one, and the receiver not called like the library's type?"""
    verb = words_of(name.removesuffix("Async"))
    owner = words_of(row.call.rpartition(".")[0])
    return len(verb) == 1 and verb[0] in COMMON and set(owner).isdisjoint(words_of(written))


def _is_on(holder: Value, settings: Sequence[str]) -> bool:
    """Is one of these settings switched on, as far as the program says?"""
    held = [holder.fields[name] for name in settings if holder.fields and name in holder.fields]
    return any(value.constants is not None and True in value.constants for value in held)


def _allowed(row: Sink, call: ir.Call | ir.New, values: Sequence[Value]) -> bool:
    texts = texts_of(call).union(str(c) for value in values for item in value.items or () for c in item.constants or ())
    if row.needs and not any(need in texts for need in row.needs):
        return False
    return not any(text in texts for text in row.unless)


def _dangerous(value: Value, kind: str) -> Labels:
    if value.type is not None and is_scalar(value.type):
        return {}
    labels = flat(text_of(value))
    return {x: t for x, t in labels.items() if x.kind in ("param", "request") and not is_harmless(kind, x.clean)}


def made(frame: Frame, expr: ir.New, kind: TypeUse | None, args: Given, fields: Given) -> frozenset[str]:
    """Effects of making a library's object by its constructor and initialiser; the answer is the kinds of sink reached."""
    if kind is None:
        return frozenset()
    knowledge = frame.knowledge
    unknown = Value(type=kind)
    reported: set[str] = set()
    for found, row, sure in knowledge.rows("new", kind, None):
        if found == "sink" and sure and note_sink(frame, expr, row, unknown, [*args, *fields], sure, f"new {kind.name}"):
            reported.add(row.kind)
    for arg, value in fields:
        for found, row, sure in knowledge.rows(f"{arg.name}=", kind, None) if arg.name else ():
            alone = ir.New(None, (arg,), (), expr.span)
            name = f"{kind.name}.{arg.name}"
            if found == "sink" and row.inherent and _is_shut(frame, kind, row, fields):
                continue
            if found == "sink" and sure and note_sink(frame, alone, row, unknown, [(_unnamed(arg), value)], sure, name):
                reported.add(row.kind)
    return frozenset(reported)


def _is_shut(frame: Frame, kind: TypeUse, row: Sink, fields: Given) -> bool:
    """Is another member set to nothing beside it that would have to be there for the same harm: `XmlResolver = null`?"""
    shut = [arg.name for arg, _ in fields if arg.name and type(arg.value) is ir.Literal and arg.value.value is None]
    about = (other for name in shut for found, other, _ in frame.knowledge.rows(f"{name}=", kind, None) if found == "sink")
    return any(other.kind == row.kind and other.call != row.call for other in about)


def _unnamed(arg: ir.Argument) -> ir.Argument:
    return ir.Argument(arg.value)
