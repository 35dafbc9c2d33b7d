"""What do library rows say of a call?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from apiposture.analysis.flow import called_on, stored
from apiposture.analysis.flow.acting import shows_its_name
from apiposture.analysis.flow.binding import TEXT, element, harmless, joined_text, whole
from apiposture.analysis.flow.containers import outlives
from apiposture.analysis.flow.effects import RAW, LogEffect
from apiposture.analysis.flow.folding import folded
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.gone_through import all_of
from apiposture.analysis.flow.kept_patterns import takes_effect
from apiposture.analysis.flow.labels import APART, ASKED, PRINCIPAL, ROLE, Guard, Label, Labels, Trail
from apiposture.analysis.flow.lambdas import answers
from apiposture.analysis.flow.logged_by import is_own
from apiposture.analysis.flow.members import part
from apiposture.analysis.flow.named import given_type
from apiposture.analysis.flow.noted import in_text
from apiposture.analysis.flow.own_queries import executed, run
from apiposture.analysis.flow.passing import answered
from apiposture.analysis.flow.patterns import cleaned_by
from apiposture.analysis.flow.positions import Given, argument, at, texts_of
from apiposture.analysis.flow.proving import came_back
from apiposture.analysis.flow.quantified import one_of_several
from apiposture.analysis.flow.sent import sent
from apiposture.analysis.flow.sinks import is_common, note_sink, writes_sql
from apiposture.analysis.flow.switches import PASSED
from apiposture.analysis.flow.values import MAX_LABELS, UNKNOWN, Value, cleaned, constant, flat, hidden, merge, union, unshown
from apiposture.analysis.flow.written import objects_in
from apiposture.analysis.knowledge import REFERS, Knowledge, parse_type
from apiposture.analysis.scalars import is_scalar
from apiposture.analysis.sensitive import kinds_of_parameter, words_of
from apiposture.frameworks.rows import Clean, Log, Principal, Returns
from apiposture.model import ir
from apiposture.model.source import Span
from apiposture.program import walk
from apiposture.program.types import Routine, Type, TypeUse


class Said(NamedTuple):
    """What rows say a call gives. `decisive`: the program's own function of that name does not count."""

    value: Value
    decisive: bool
    ran_lambdas: bool = False


def read(frame: Frame, call: ir.Call, receiver: Value, name: str, written: str, args: Given) -> Said | None:
    """Note the effects that rows tell of, and give the call's value where they tell that too."""
    rows = list(frame.knowledge.rows(name, receiver.type, receiver.static))
    called_on.note(frame, call, receiver, rows)
    if not rows:
        return None
    by_kind: dict[str, tuple[Any, bool]] = {}
    reported: set[str] = set()
    for kind, row, sure in rows:
        if kind == "sink":
            plain = sure or not is_common(row, name, written) or writes_sql(frame, row, args)
            if plain and row.kind not in reported and note_sink(frame, call, row, receiver, args, sure, name):
                reported.add(row.kind)
        elif kind == "log":
            if (sure or "log" in written.lower()) and not is_own(frame, row, receiver, name, args):
                _note_log(frame, call, row, receiver, args)
        elif kind == "clean" and row.insists:
            if sure and all(need in x.clean for need in row.needs for x in receiver.labels):
                labels = frozenset(receiver.labels)
                frame.facts |= {Guard.of((labels,), frame.module, call.span, True, frozenset(row.kinds))}
        elif kind == "clean":
            shown = sure or (bool(row.needs) and receiver.static is None)  # what is replaced shows that it is a text
            if shown and not row.refuses and not row.within and (row.guard or takes_effect(frame, row, call, receiver, args)):
                known = by_kind.get(kind)
                if known is None or known[0].guard:
                    by_kind[kind] = (row, sure)
        elif kind == "access" and row.kept and not (sure and outlives(frame, receiver)):
            continue
        elif kind not in by_kind and (sure or stored.plausible(frame, kind, receiver, name, written)):
            by_kind[kind] = (row, sure)
    said = _value(frame, call, receiver, name, written, args, by_kind)
    if said is None and any(kind == "sink" and sure and row.kind == "ssrf" for kind, row, sure in rows):
        return Said(answered(_passed(frame, receiver, args)), False)
    if reported and said is None:
        said = Said(_passed(frame, receiver, args), False)
    return said._replace(value=cleaned(said.value, frozenset(reported))) if said is not None and reported else said


def _value(
    frame: Frame, call: ir.Call, receiver: Value, name: str, written: str, args: Given, rows: dict[str, tuple[Any, bool]]
) -> Said | None:
    trail = Trail(frame.module, call.span, f"'{name}' gives it")
    kind = _returned_type(frame, call, receiver, args, rows["returns"][0].type, rows["returns"][0].call) if "returns" in rows else None
    if "query" in rows and rows["query"][0].does == "of" and (answer := run(frame, call, receiver, args, kind)) is not None:
        return Said(answer, True, True)
    if "query" in rows and rows["query"][0].does == "folds" and (answer := folded(frame, args)) is not None:
        return Said(answer, True, True)
    if "query" in rows and stored.is_step(rows["query"][0], receiver, args):
        return Said(stored.query(frame, call, rows["query"][0], receiver, args, kind), True, True)
    if "access" in rows and rows["access"][0].entity == "written":
        return Said(executed(frame, call, rows["access"][0], receiver, args) or _passed(frame, receiver, args), False)
    if "access" in rows:
        row, sure = rows["access"]
        args = all_of(frame, args) if row.operation in ("update", "delete") else args
        return Said(stored.access(frame, call, row, receiver, args, kind, sure, written), True, True)
    if "principal" in rows and not _verifies_nothing(rows["principal"][0], call):
        return Said(Value({PRINCIPAL: trail}, kind), True)
    if "source" in rows:
        kind = kind or (parse_type(rows["source"][0].type) if rows["source"][0].type else None)
        return Said(Value(sent(rows["source"][0], Label.of("request", rows["source"][0].kind, (name,)), trail), kind), True)
    args = all_of(frame, _part_of(rows["returns"][0], receiver, args) if "returns" in rows else args, kind)
    passed = _passed(frame, receiver, args)
    if "returns" in rows and rows["returns"][0].type == OF_A_KEY and args:
        found = _passed(frame, receiver, args[1:])
        passed = Value(found.labels, None, passed.about)
    if "authorization" in rows:
        row = rows["authorization"][0]
        named = [flat(value) for value in at(row.resource, receiver, args)] if row.resource else []
        right = {ROLE} if not row.resource else {APART} if any(named) else {ASKED}
        asked = passed.everything() | {PRINCIPAL} | right
        if row.honoured == "throws":
            frame.facts |= {Guard.of((asked,), frame.module, call.span, True)}
        return Said(Value(type=kind or TypeUse("bool"), about=asked), True)
    if "clean" in rows and rows["clean"][0].exists and rows["clean"][0].whole:
        return Said(_found_whole(frame, call, rows["clean"][0], receiver, args, passed.typed(kind)), False)
    if "clean" in rows and rows["clean"][0].exists:
        there = frozenset(f"exists:{one}" for one in rows["clean"][0].kinds) | {"key"}
        labels = {x.with_clean(x.clean | there): t for x, t in unshown(passed.labels).items()}
        return Said(Value(labels, kind, passed.about), False)
    if "clean" in rows and not rows["clean"][0].guard:
        row = rows["clean"][0]
        untouched = set() if not row.at else set(passed.labels) - {x for v in at(row.at, receiver, args) for x in flat(v)}
        if kind == TEXT and frame.knowledge.does(name, "writes"):
            passed = Value(merge((passed.labels, *_whole(frame, name, [v for _, v in args]))), kind, passed.about)
        if row.item >= 0:
            item = cleaned(passed, frozenset(row.kinds)).typed(TEXT)
            return Said(Value(passed.labels, None, passed.about, items=(*[passed.typed(TEXT)] * row.item, item)), False)
        made = {x if x in untouched else x.with_clean(x.clean.union(row.kinds)): t for x, t in passed.labels.items()}
        frame.facts |= came_back(frame, call, made)
        return Said(Value(made, kind or passed.type, passed.about), False)
    if kind is not None and frame.knowledge.is_by_nature(kind.name, "leads-away"):
        return Said(_passed(frame, UNKNOWN, args), False)  # without a type: beside it, what else may be answered is what shows
    if kind is not None and args and receiver.static is None and frame.knowledge.does(name, "by-key"):
        return Said(Value(merge((receiver.labels, *(flat(value) for _, value in args[1:]))), kind, passed.everything()), False)
    if kind is not None:
        if "given:" in rows["returns"][0].type:
            passed = _under_key(frame, call, receiver, name, args) or passed
        if is_scalar(kind):
            passed = hidden(passed)
        elif kind == TEXT and _writes_out(frame.knowledge, receiver, name):
            passed = Value(merge((passed.labels, *_whole(frame, name, [receiver, *(v for _, v in args)]))), kind, passed.about)
        elif receiver.static is None and (kind == TEXT or (kind.decl is None and rows["returns"][0].type[:1].isupper())):
            given = unshown(merge(flat(v) for _, v in args if v.static is None))
            passed = Value(merge((flat(receiver) if receiver.static is None else {}, given)), kind, passed.about)
        given = rows["returns"][0]
        if given.loses:
            passed = Value({x.with_clean(x.clean.difference(given.loses)): t for x, t in passed.labels.items()}, None, passed.about)
        return Said(_with_members(_shaped(frame, receiver, args, given.type, passed.typed(kind)), given, args), False)
    return None


def _part_of(row: Returns, receiver: Value, args: Given) -> Given:
    """The arguments without those that are no part of the result."""
    if not row.without:
        return args
    left_out = at(row.without, receiver, args)
    return [each for each in args if all(each[1] is not one for one in left_out)]


def _with_members(made: Value, row: Returns, args: Given) -> Value:
    """A result, with those of its members that a row tells of."""
    for member, place in row.members.items():
        for value in at(place, UNKNOWN, args)[:1]:
            made = made.with_field(member, value)
    return made


def _under_key(frame: Frame, call: ir.Call, receiver: Value, name: str, args: Given) -> Value | None:
    """What a collection holds under a fixed key, if the call asks for that."""
    keys = args[0][1].constants if args and frame.knowledge.does(name, "looks-up") else None
    if keys is None or len(keys) != 1 or not isinstance(keys[0], str):
        return None
    return Value(part(frame, receiver, keys[0], call.span), None, receiver.everything())


def _found_whole(frame: Frame, call: ir.Call, row: Clean, receiver: Value, args: Given, answer: Value) -> Value:
    """What a call answers that matches a pattern: if it is there and the pattern speaks of the whole text, that is harmless."""
    kinds = cleaned_by(row, receiver, [value for _, value in args])
    return cleaned(answer, frozenset(f"exists:{one}" for one in kinds)) if kinds else answer


def _whole(frame: Frame, name: str, values: Sequence[Value]) -> list[Labels]:
    """The labels of objects that a method writes out whole."""
    values = [value for value in values if value.static is None]
    return objects_in(values) if frame.knowledge.does(name, "takes-apart") else [whole(value) for value in values]


def _verifies_nothing(row: Principal, call: ir.Call) -> bool:
    """Is the check of what is given switched off in the call? Then it says what the caller claims."""
    texts = texts_of(call) if row.unless else set[str]()
    return any(texts.issuperset(one.split()) for one in row.unless)


OF_A_KEY: Final = "{1}"
"""The type of what a dictionary holds under the first argument, which decides what is found and is no part of it."""

HOLE: Final = re.compile(r"\{(\d+)[^{}]*\}")


def _filled(args: Given, passed: Value) -> Value:
    """A text with its holes filled, where it is known; otherwise whatever went in."""
    position = next((i for i, (_, v) in enumerate(args) if v.constants and isinstance(v.constants[0], str)), None)
    if position is None or len(args[position][1].constants or ()) != 1:
        return passed
    values = [value for _, value in args[position + 1 :]]
    parts = HOLE.split(str((args[position][1].constants or ("",))[0]))
    made = [constant(part) if i % 2 == 0 else values[int(part)] if int(part) < len(values) else UNKNOWN for i, part in enumerate(parts)]
    return joined_text(made)


def _writes_out(knowledge: Knowledge, receiver: Value, name: str) -> bool:
    """Does the result show what was given, and is no answer about it?"""
    return receiver.static in ("string", "String") or receiver.type == TEXT or knowledge.does(name, "writes")


def _shaped(frame: Frame, receiver: Value, args: Given, said: str, passed: Value) -> Value:
    """Results that are the receiver, an argument or an item keep what is known of it."""
    if said == "self":
        return receiver
    if said == "template":
        return _filled(args, passed)
    if said == "receiver":
        labels = merge((receiver.labels, *(v.labels for _, v in args if v.code is None)))
        return Value(labels, passed.type, passed.about, fields=receiver.fields, query=receiver.query)
    if said == "list" and receiver.fields:
        return Value(receiver.labels, passed.type, passed.about, fields=receiver.fields)
    if said == "element":
        return one_of_several(frame, receiver, element(receiver).typed(passed.type), passed.about)
    if said == "arg:0" and args:
        return args[0][1] if args[0][1].items is None else args[0][1].with_items(None)
    if "lambda:0" in said and (made := stored.projected(frame, receiver, args)) is not None:
        return Value(flat(harmless(made)), passed.type, passed.about, fields=made.fields if said == "lambda:0" else None)
    return passed


def _passed(frame: Frame, receiver: Value, args: Given) -> Value:
    values = [harmless(receiver)] if receiver.static is None else []
    values += [harmless(value) for _, value in args if value.code is None and value.static is None]
    values += answers(frame, receiver, [value for _, value in args])
    return Value(merge(flat(v) for v in values), None, union(v.everything() for v in values))


def _returned_type(frame: Frame, call: ir.Call, receiver: Value, args: Given, said: str, row: str) -> TypeUse | None:
    """The type that a row says; `row` is the call that it speaks of."""
    head, _, inner = said.partition(":")
    if "<" in said:
        name, _, arg = said.rstrip(">").partition("<")
        found = _returned_type(frame, call, receiver, args, arg, row)
        return TypeUse(name, (found,) if found is not None else ())
    if said == "template":
        return TEXT
    if said in ("receiver", "self"):
        return stored.itself(frame, receiver)
    if said in ("element", "list"):
        item = receiver.type.args[-1] if receiver.type is not None and receiver.type.args else None
        return item if said == "element" else TypeUse("List", (item,) if item else ())
    if head in ("list", "each"):
        found = _returned_type(frame, call, receiver, args, inner, row)
        each = found.args[-1] if found is not None and found.args else found
        return each if head == "each" else TypeUse("List", (found,) if found is not None else ())
    if head == "type-arg":
        return frame.type(call.type_args[int(inner)]) if int(inner) < len(call.type_args) else None
    if head == "arg":
        return _type_meant(frame, *args[int(inner)]) if int(inner) < len(args) else None
    if head == "given":
        return given_type(frame, named) if (named := argument(inner, args)) is not None else None
    if said == "column" or said in REFERS:
        return next((TypeUse(v.static) for _, v in args if isinstance(v.static, str)), None)
    if head == "lambda":
        return made.type if (made := stored.projected(frame, receiver, args)) is not None else None
    if said.startswith("{"):
        return frame.knowledge.type_argument(receiver.type, row.rpartition(".")[0], int(said.strip("{}")))
    return parse_type(said)


def _type_meant(frame: Frame, arg: ir.Argument, value: Value) -> TypeUse | None:
    """The type of an argument: of the type that is meant itself, or whose member stands there for that of any object."""
    if type(arg.value) is ir.Member and any(x.kind == "row" for x in value.labels):
        holder = frame.value(arg.value.object).static
        return frame.summaries.program.as_use(holder) if isinstance(holder, Type) else value.type
    return stored.itself(frame, value)


def _logged(labels: Labels) -> Labels:
    """The labels that count in a log: there may be more than are kept, and the caller's own choice is of no matter there."""
    if len(labels) < MAX_LABELS // 2:
        return labels
    counts = ("sensitive", "whole", "param")
    return {x: t for x, t in labels.items() if x.kind in counts or (x.kind == "request" and x.path[:1] and x.path[0] in RAW)}


def _note_log(frame: Frame, call: ir.Call, row: Log, receiver: Value, args: Given) -> None:
    if row.terminal and frame.knowledge.marked(frame.routine.function.annotations, "terminal"):
        return
    values = at(row.at, receiver, args)
    taken_apart = any("{@" in str(c) for _, v in args for c in v.constants or ())
    if not taken_apart:
        values = [v for v in values if not shows_its_name(frame.knowledge, v.type)]
    texts = (v for v in values if v.type is None or v.type.name not in ("bool", "Boolean"))
    labels = merge(_logged(in_text(frame, v)) for v in texts)
    types = tuple((v.type, v.labels) for v in values if v.type is not None and v.type != TEXT)
    if labels or types:
        name = walk.dotted(call.function) or walk.called_name(call)
        effect = LogEffect(labels, types, frame.spot(call.span), name, taken_apart)
        frame.effects.add_log(effect)
        frame.summaries.note_log(frame, effect)


def marked_parameter(frame: Frame, value: Value, param: ir.Param) -> Value:
    """A parameter whose name and type say that it is sensitive."""
    function = frame.routine.function
    others = (function.name, _subject(frame), *(other.name for other in function.params if other is not param))
    stated = value.type.name if value.type is not None else ""
    kinds = kinds_of_parameter(param.name, stated, others)
    if kinds:  # what it is taken apart into says what it is, as what stands beside it
        kinds = kinds_of_parameter(param.name, stated, (*others, *walk.variables(function)))
    if not kinds or (value.type is not None and value.type.decl is not None):
        return value
    labels = dict(value.labels)
    passed = frozenset((f"{PASSED}{function.params.index(param)}",))
    trail = Trail(frame.module, param.span, f"'{param.name}' is passed in")
    for kind in kinds:
        labels.setdefault(Label.of("sensitive", kind, (param.name,), passed), trail)
    return Value(labels, value.type, value.about)


def _subject(frame: Frame) -> str:
    """What the type at hand is about, which its last word does not say: `NetworkPort` of a `NetworkPortCheck`."""
    return "_".join(words_of(frame.owner.simple)[:-1]) if frame.owner is not None else ""


def item_of(receiver: Value) -> Value:
    """What a lambda is given that a collection's or query's method calls."""
    return element(receiver)


def assigned(frame: Frame, holder: Value, name: str, value: Value, written: ir.Expr | None, span: Span) -> Value:
    """Effects of setting a library object's property (`this[]` for an element); the value is marked where it was reported."""
    reported: set[str] = set()
    for found, row, sure in frame.knowledge.rows(f"{name}=", holder.type, None):
        if found == "sink" and sure:
            argument = ir.Argument(written if written is not None else ir.Literal(None, span))
            at_assignment = ir.New(None, (argument,), (), span)
            if note_sink(frame, at_assignment, row, holder, [(argument, value)], sure, name):
                reported.add(row.kind)
    return cleaned(value, frozenset(reported))


def is_generated(function: ir.Function, knowledge: Knowledge) -> bool:
    """Is it a logging function whose body the compiler writes?"""
    return not function.has_body and knowledge.marked(function.annotations, "logs")


def note_generated(frame: Frame, call: ir.Call, routine: Routine, args: Given) -> None:
    """A logging function whose body the compiler writes."""
    function = routine.function
    if is_generated(function, frame.knowledge):
        shown = [(arg, value) for arg, value in args if value.type is None or "Logger" not in value.type.name]
        _note_log(frame, call, Log(call=function.name, at="arg:*", why=""), UNKNOWN, shown)


__all__ = ["Said", "assigned", "item_of", "note_generated", "read"]
