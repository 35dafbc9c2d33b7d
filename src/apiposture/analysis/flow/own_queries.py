"""Which stored objects does a call mean that hands a text of SQL to a function of the program?

A function by whose parameter a text reaches a driver is an `execute` of the program's own: `db.one("SELECT ...", {"id": id}, Order)`. The
text says what is done, the type that is handed over says to what, and the parameters beside the text are held against columns.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from apiposture.analysis.flow import stored
from apiposture.analysis.flow.asking import named
from apiposture.analysis.flow.clauses import HOLE, WHERE, held, in_all, plain
from apiposture.analysis.flow.composition import PLAIN
from apiposture.analysis.flow.effects import Summary
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.positions import Given
from apiposture.analysis.flow.queries import Predicate, Query
from apiposture.analysis.flow.sparing import of_some
from apiposture.analysis.flow.sql import doing
from apiposture.analysis.flow.targets import Target, arranged
from apiposture.analysis.flow.values import UNKNOWN, Value, constant, flat
from apiposture.frameworks.rows import AccessRow
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Type, TypeUse

PLACED: Final = re.compile(r"\{(\d+)\}")
QUOTED: Final = re.compile(r"(['\"])(\$\d+)\1")
WHY: Final = "a text of SQL is executed by a function of the program"


def asked(frame: Frame, call: ir.Call, receiver: Value, args: Given, found: Sequence[Target], answer: Value) -> Value | None:
    """What a call gives that has SQL executed by one of these functions; None where it does nothing of the kind."""
    for target in found:
        summary = frame.summaries.of(target.routine)
        place = _executed(summary)
        if place is None or any(access.entity is not None for access in summary.accesses):
            continue  # it is an access already, of what the function itself says
        given = arranged(frame, target, receiver, args)[1]
        if place < len(given) and (said := _said(given[place], args)) is not None:
            entity = _entity(frame, call, given, answer) or _of_table(frame, said.table)
            operation = "list" if said.does == "read" and _gives_several(frame, target) else said.does
            asked_for = [p for value in given if value is not given[place] for p in _held(frame, call, value, said)]
            asks = Value(query=Query(entity, (*asked_for, *_in_text(frame, call, given[place]))))
            row = AccessRow(call=target.routine.function.name, operation=operation, entity="receiver", key="receiver", why=WHY)
            return stored.access(frame, call, row, asks, (), None, True, "")
    return None


def run(frame: Frame, call: ir.Call, receiver: Value, args: Given, kind: TypeUse | None) -> Value | None:
    """What a library gives that is to run a text of SQL, its parameters beside it: `session.execute(text("..."), {"id": id})`.

    None where it is handed no text, or one that is not understood.
    """
    if not args or args[0][1].query is not None:
        return None
    said = _said(Value(constants=tuple(_texts(args[0]))), ())
    if said is None:
        return None
    beside = args[1][1] if len(args) > 1 else UNKNOWN
    of = receiver.type.args[-1] if receiver.type is not None and receiver.type.args else _of_table(frame, said.table)
    asks = Value(type=kind, query=Query(of, tuple(_held(frame, call, beside, said))))
    if said.does == "read":
        return asks
    row = AccessRow(call=walk.called_name(call), operation=said.does, entity="receiver", key="receiver", why=WHY)
    return stored.access(frame, call, row, asks, (), kind, True, "")


def _texts(given: tuple[ir.Argument, Value]) -> Iterator[str]:
    """The texts that an argument may be; of a call (`text("SELECT ...")`), what it is given."""
    arg, value = given
    expr = arg.value
    while type(expr) is ir.Call and len(expr.args) == 1:
        expr = expr.args[0].value
    written = expr.value if type(expr) is ir.Literal else None
    yield from (one for one in value.constants or (written,) if isinstance(one, str))


def executed(frame: Frame, call: ir.Call, row: AccessRow, receiver: Value, args: Given) -> Value | None:
    """What a library's call does that is handed a text of SQL, with its parameters in it or beside it; None where it does to what is stored
    nothing that its row knows of."""
    if not args:
        return None
    (first, text), *beside = args
    said = _said(_numbered(first.value, text), ())
    does = row.operation if said is not None and said.does == "read" else said.does if said is not None else ""
    if said is None or (said.does == "read" and does == "update"):
        return None
    parts = first.value.parts if type(first.value) is ir.Template else ()
    given = [frame.value(part) for part in parts if type(part) is not ir.Literal]
    given += (one for _, value in beside for one in value.items or (value,))
    of = receiver.type.args[-1] if receiver.type is not None and receiver.type.args else _of_table(frame, said.table)
    asks = Value(query=Query(of, tuple(_held(frame, call, Value(items=tuple(given)), said))))
    done = AccessRow(call=row.call, operation=does, entity="receiver", key="receiver", why=row.why)
    return stored.access(frame, call, done, asks, (), None, True, "")


def _numbered(expr: ir.Expr, text: Value) -> Value:
    """A text with its parameters as `$1`, `$2`: they are what it is put together with (in quotes or not), or written `{0}`, `{1}`."""
    if type(expr) is ir.Template:
        place = itertools.count(1)
        written = "".join(str(part.value) if type(part) is ir.Literal else f"${next(place)}" for part in expr.parts)
        return constant(QUOTED.sub(r"\2", written))
    texts = (PLACED.sub(lambda found: f"${int(found[1]) + 1}", one) if isinstance(one, str) else one for one in text.constants or ())
    return Value(constants=tuple(texts))


def _executed(summary: Summary) -> int | None:
    """The parameter by which a text reaches a driver, whole."""
    for sink in summary.sinks:
        if sink.row.kind == "sql":
            for label in sink.labels:
                if label.kind == "param" and isinstance(label.key, int) and label.key >= 0 and not label.path:
                    return label.key
    return None


class Statement(NamedTuple):
    """What a text of SQL does, to which table, and the columns that it holds its parameters against."""

    does: str
    table: str
    text: str
    held: dict[str, str]


def _said(text: Value, args: Given) -> Statement | None:
    """What a statement says, as far as it is written where it is handed over."""
    texts = text.constants or tuple([_beginning(arg.value) for arg, value in args if value is text][:1])
    written = [plain(one) for one in texts if isinstance(one, str)]
    if not written or len(written) < len(texts):
        return None
    columns = in_all([held(one) for one in texts if isinstance(one, str)])
    found = doing(written[0])
    return Statement(found.does, found.table, written[0], columns) if found is not None else None


def _beginning(expr: ir.Expr) -> str | None:
    """The literal pieces of a text that is put together."""
    if type(expr) is ir.Template:
        return "".join(str(part.value) if type(part) is ir.Literal else HOLE for part in expr.parts)
    return None


def _entity(frame: Frame, call: ir.Call, given: Sequence[Value], answer: Value) -> TypeUse | None:
    """The type that is handed over or named in the call, or that the function gives objects of."""
    program = frame.summaries.program
    handed = [value.static for value in given if isinstance(value.static, Type) and value.static.kind != "module"]
    named = [use for ref in call.type_args if (use := frame.type(ref)) is not None and use.decl is not None]
    kind = answer.type
    while kind is not None and kind.decl is None and kind.args:
        kind = kind.args[-1]
    given_back = kind if kind is not None and kind.decl is not None and not kind.variable and kind.name not in PLAIN else None
    return program.as_use(handed[0]) if handed else named[0] if named else given_back


def _of_table(frame: Frame, table: str) -> TypeUse:
    """The type that a table is called after: `order_items` holds OrderItem."""
    parts = [part[:1].upper() + part[1:] for part in table.split("_")]
    names = ["".join(parts[at:]) for at in range(len(parts))]  # `shop_order` may be the Order of an application called shop
    found = (stored.named_after(frame, name) for name in names)
    return next((one for one in found if one.decl is not None), stored.named_after(frame, names[0]))


def _gives_several(frame: Frame, target: Target) -> bool:
    answer = frame.summaries.return_type(target.routine)
    return answer is not None and answer.decl is None and bool(answer.args)


def _held(frame: Frame, call: ir.Call, value: Value, said: Statement) -> Iterator[Predicate]:
    """The conditions that a statement's parameters are: by their names, or in their order. What is only set is none.

    What not every row is held against ties nobody.
    """
    columns = said.held
    if value.fields:
        for name, one in value.fields.items():
            asked = named(frame, call.span, columns.get(name, name), one)
            if name in columns:
                yield asked
            elif not _is_only_set(said.text, name):
                yield of_some(asked)
    else:
        for place, one in enumerate(value.items or ((value,) if value.static is None and value.code is None and flat(value) else ())):
            asked = named(frame, call.span, columns.get(str(place), "sql"), one)
            if str(place) in columns:
                yield asked
            elif not _is_only_set(said.text, str(place + 1)):  # `$1` is the first
                yield of_some(asked)


def _is_only_set(text: str, name: str) -> bool:
    """Does a parameter only stand before the condition?"""
    start = WHERE.search(text)
    before, condition = (text[: start.start()], text[start.start() :]) if start is not None else (text, "")
    written = re.compile(rf"[:@$%]\(?{re.escape(name)}\b", re.IGNORECASE)
    return written.search(before) is not None and written.search(condition) is None


def _in_text(frame: Frame, call: ir.Call, text: Value) -> Iterator[Predicate]:
    """What is put into the text itself is held against something as well."""
    if text.labels or text.about:
        yield named(frame, call.span, "sql", text)
