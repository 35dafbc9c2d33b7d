"""What does a name or member stand for after it was set?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from apiposture.analysis.flow.called_so import taken_at_its_word
from apiposture.analysis.flow.effects import RAW
from apiposture.analysis.flow.filling import keep
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import NONE, Label, Labels, is_of_own_object, is_parameter
from apiposture.analysis.flow.operators import set_by_key, taken_apart, with_member
from apiposture.analysis.flow.sent import parted
from apiposture.analysis.flow.surely import is_always_done, or_as_before
from apiposture.analysis.flow.values import UNKNOWN, Value, cleaned, flat, hidden, join, merge, union
from apiposture.analysis.flow.ways import step
from apiposture.analysis.scalars import is_scalar
from apiposture.analysis.sensitive import kinds_of
from apiposture.model import ir
from apiposture.model.source import Span
from apiposture.program.types import TypeUse


def bound(frame: Frame, name: str, value: Value, declared: TypeUse | None, span: Span) -> Value:
    """The value under its new name: of the declared type where there is one, and one step further on its way."""
    known = declared if value.type is None or (declared is not None and declared.decl is not None) else value.type
    if stays_apart(declared):
        known = declared
    if value.type is not None and value.type.decl is not None and declared is not None and declared.decl is not None:
        known = value.type
    labels = step(value.labels, frame.module, span, f"is kept in '{name}'") if value.labels else value.labels
    made = Value(labels, known, value.about, value.constants, value.fields, value.query, value.code, None, value.items, value.handed)
    return made.proven(value.proof)


def stays_apart(declared: TypeUse | None) -> bool:
    """Is a text with values in it declared as one that keeps them apart from the text?"""
    return declared is not None and declared.name == "FormattableString"


MAP: Final = TypeUse("Dictionary")


def element(value: Value) -> Value:
    """One item of a collection, or what a wrapper of the program's own holds."""
    kind = value.type.args[-1] if value.type is not None and value.type.args else None
    if value.fields and value.type == MAP:
        return Value(flat(value), kind, value.about)
    if value.fields and kind is not None and value.type is not None and value.type.decl is not None:
        held = [one for one in value.fields.values() if one.type == kind]
        if len(held) == 1:
            return held[0]
    if _tells_of_items(value):
        return Value(value.labels, kind, value.about, value.constants, value.fields)
    if value.items:
        any_of = join(value.items)
        return Value(value.labels, kind or any_of.type, union((value.about, any_of.about)), any_of.constants, items=any_of.items)
    return Value(parted(value.labels), kind, value.about, value.constants, None, None)


def _tells_of_items(value: Value) -> bool:
    """Are the known members of a collection those of each of its items?"""
    kind = value.type
    return bool(value.fields) and kind is not None and kind.decl is None and len(kind.args) == 1


def taking_up(value: Value, args: Sequence[tuple[ir.Argument, Value]]) -> Value:
    """The object, which now holds what it was given as well: no member of each item of a collection is known any more."""
    if value.type == MAP and len([arg for arg, _ in args if arg.name is None]) < 2:  # `given.update(more, user=me)`
        for arg, one in args:
            value = value.with_field(arg.name, one) if arg.name else with_entries(value, one)
        return value
    given = merge(flat(text_of(one)) for _, one in args if one.static is None)
    if not given:
        return value
    about = union((value.about, *(one.everything() for _, one in args)))
    held, fields = (flat(value), None) if _tells_of_items(value) else (value.labels, value.fields)
    return Value(merge((held, given)), value.type, about, fields=fields, query=value.query)


def with_entries(value: Value, more: Value) -> Value:
    """A mapping with the entries of another one over its own. Where it isn't known which, any of its own may be another now, and no more
    the caller.
    """
    about, known = union((value.about, more.about)), (more.fields or {}) if more.type == MAP else {}
    if not more.labels:
        return Value(value.labels, MAP, about, fields={**(value.fields or {}), **known})
    own = ({x: t for x, t in flat(one).items() if x.kind != "principal"} for one in (value.fields or {}).values())
    return Value(merge((value.labels, *own, text_of(more).labels)), MAP, about, fields=known)


def assign(frame: Frame, target: ir.Expr, value: Value, span: Span, written: ir.Expr | None = None, how: str = "assign") -> None:
    """Set what the target stands for: a name, a member, an element, or several at once. `how` as in effects.Use."""
    kind = type(target)
    if kind is ir.Name:
        _assign_name(frame, target.id, value, span, written)  # type: ignore[union-attr]
    elif kind is ir.Member:
        _assign_member(frame, target.object, target.name, value, span, written, how)  # type: ignore[union-attr]
    elif kind is ir.Index:
        holder = frame.value(target.object)  # type: ignore[union-attr]
        if holder.type is not None and holder.type.decl is not None:
            keys = [frame.value(key) for key in target.keys]  # type: ignore[union-attr]
            if set_by_key(frame, holder, keys, value, span):
                return
        value = frame.summaries.assigned(frame, holder, "this[]", value, written, span)
        key = target.keys[0] if len(target.keys) == 1 else None  # type: ignore[union-attr]
        if holder.type == MAP and holder.fields is not None and type(key) is ir.Literal and type(key.value) is str:
            keep(frame, target.object, holder.with_field(key.value, value), span)  # type: ignore[union-attr]
            return
        before = flat(holder) if holder.type == MAP or _tells_of_items(holder) else holder.labels
        if type(key) is ir.Literal and type(key.value) is str and not value.labels:
            before = redacted(before, key.value)
        keep(frame, target.object, Value(merge((before, flat(value))), holder.type, union((holder.about, value.about))), span)  # type: ignore[union-attr]
    elif kind is ir.Collection and type(written) is ir.Collection and len(written.items) == len(target.items):  # type: ignore[union-attr]
        for item, part in zip(target.items, [frame.seen(one) for one in written.items], strict=True):  # type: ignore[union-attr]
            assign(frame, item, part, span)
    elif kind is ir.Collection and (held := taken_apart(frame, value, len(target.items), span)) is not None:  # type: ignore[union-attr]
        for item, part in zip(target.items, held, strict=True):  # type: ignore[union-attr]
            assign(frame, item, part, span)
    elif kind is ir.Collection:
        names = _taken_apart(frame, value, len(target.items))  # type: ignore[union-attr]
        harmless_ones = _harmless_parts(target.items)  # type: ignore[union-attr]
        known = value.items if value.items is not None and len(value.items) == len(names) else None
        for i, (item, name) in enumerate(zip(target.items, names, strict=True)):  # type: ignore[union-attr]
            part = _part(frame, value, name, span) if known is None else known[i]
            assign(frame, item, hidden(part) if item in harmless_ones else part, span)


RAW_KINDS: Final = frozenset(RAW.values())


def redacted(labels: Labels, key: str) -> Labels:
    """What a request holds as a whole, once a secret was taken out of it or written over: whoever did that knew what is in it."""
    if not kinds_of(key):
        return labels
    return {x: t for x, t in labels.items() if x.kind != "sensitive" or x.key not in RAW_KINDS}


def _harmless_parts(items: Sequence[ir.Expr]) -> list[ir.Expr]:
    """`name, password = text.split(":")`: where one part says that it is what is sensitive of the whole, the others are not."""
    plain: list[ir.Expr] = [item for item in items if type(item) is ir.Name and not kinds_of(item.id)]
    return plain if any(type(item) is ir.Name and kinds_of(item.id) for item in items) else []


def _taken_apart(frame: Frame, value: Value, count: int) -> Sequence[str]:
    """The members that a record is taken apart into, by the order of its constructor's parameters; empty names for anything else."""
    declared = value.type.decl if value.type is not None else None
    if declared is not None and declared.kind == "record":
        for routine in frame.summaries.program.methods(declared, ".ctor"):
            names = [param.name for param in routine.function.params]
            if len(names) == count and all(frame.summaries.program.slot(declared, name) is not None for name in names):
                return names
    return [""] * count


def _part(frame: Frame, value: Value, name: str, span: Span) -> Value:
    if not name:
        return Value(value.labels, None, value.about)
    frame.env[WHOLE] = value
    found = frame.value(ir.Member(ir.Name(WHOLE, span), name, span, span))
    del frame.env[WHOLE]
    return found


WHOLE: Final = "(the whole)"
"""The name under which a value is known while it is taken apart; no program can use it."""


def _assign_name(frame: Frame, name: str, value: Value, span: Span, written: ir.Expr | None) -> None:
    known = frame.env.get(name)
    if known is None and frame.module.implicit_this and frame.owner and frame.summaries.program.slot(frame.owner, name):
        _assign_member(frame, ir.Name("this", span), name, value, span, written)
        return
    if value.items is not None and type(written) is ir.Name:
        value = shared(frame, written, value)
    value = taken_at_its_word(frame, name, value, written, span)
    frame.filled.discard(name)
    frame.env[name] = bound(frame, name, value, known.type if known is not None else None, span)


def shared(frame: Frame, written: ir.Name, value: Value) -> Value:
    """The list of a variable that something else now holds as well: whoever changes it there changes what stands where."""
    if value.type is None or value.items is None:
        return value  # a tuple stays as it is
    value = value.with_items(None)
    if written.id in frame.env:
        frame.env[written.id] = value
    return value


def _assign_member(
    frame: Frame, holder: ir.Expr, name: str, value: Value, span: Span, written: ir.Expr | None, how: str = "assign"
) -> None:
    held = frame.value(holder)
    value = value if value.items is None or value.type is None else value.with_items(None)
    value = frame.summaries.assigned(frame, held, name, value, written, span)
    frame.note_use(how, held, span)
    for label in held.labels:
        if is_parameter(label):
            sometimes = is_nothing(value) and not is_always_done(frame.routine, span)
            frame.effects.writes[(label.key, name)] = or_as_before(value, label, name) if sometimes else value
        elif is_of_own_object(label):
            frame.effects.writes[(-1, f"{label.path[0]}.{name}")] = value
    if type(holder) is ir.Name:
        frame.env[holder.id] = with_member(frame, held, name, value, span)


ONE_LINE: Final = frozenset(("log", "header"))
"""What an address is harmless for when it is written out: it holds no line end."""


def text_of(value: Value) -> Value:
    """What the value adds to a text: numbers, identifiers and dates add nothing that an interpreter could stumble over."""
    if value.type is not None and _holds_scalars(value.type):
        return Value(about=union((value.about, frozenset(value.labels))), constants=value.constants)
    return cleaned(value, ONE_LINE) if value.type is not None and value.type.name == "Uri" else value


def harmless(value: Value) -> Value:
    """A number, identifier or date on its way into something else: it is still the caller's choice, and harms nobody."""
    return cleaned(value, frozenset(("*",))) if value.type is not None and _holds_scalars(value.type) else value


def _holds_scalars(use: TypeUse) -> bool:
    return is_scalar(use) or (bool(use.args) and is_scalar(use.args[-1]))


APART: Final = ("apart",)
"""The path of a whole object's label that a serializer has written out member by member; behind it stand those that hold nothing."""


def is_nothing(value: Value) -> bool:
    """Is it a literal that is empty, or says nothing of anybody?"""
    return value.constants is not None and not value.labels and not value.fields


def whole(value: Value, apart: bool = False) -> Labels:
    """A label for the whole object, if the value is one: its text form may show every member; taken `apart`, it does."""
    use = value.type
    while use is not None and use.decl is None and use.args:
        use = use.args[-1]
    if use is None or use.decl is None or use.decl.kind not in ("class", "record", "struct"):
        return NONE
    emptied = sorted(name for name, held in (value.fields or {}).items() if is_nothing(held))
    path = (*APART, *emptied) if apart else ()
    return {Label.of("whole", use, path): next((trail for trail in value.labels.values() if trail is not None), None)}


HOST_ENDS: Final = re.compile(r"[^/?#]*://[^/?#]+[/?#]|~?/[^/\\\0]|[\w.-]+[/?#]|\0[^:/?#]*[/?#](?!/)|[?#]")
"""Beginnings of an address (NUL stands for what is not known) behind which nothing changes the host any more."""


ROOTS: Final = frozenset(("", "/", "\\"))
"""Beginnings of a text that leave what follows an absolute path."""


SCHEME: Final = re.compile(r"\w+://")
"""So does the beginning of an address that says nothing but how it is asked."""


def _behind(parts: list[Value]) -> list[Value]:
    """The parts of a text, all but the first no longer what it begins with."""
    first = parts[0].constants if parts else None
    if first is not None and len(first) == 1 and (first[0] in ROOTS or SCHEME.fullmatch(str(first[0]))):
        return parts
    return [part if i == 0 else cleaned(part, NO_ROOT) for i, part in enumerate(parts)]


NO_ROOT: Final = frozenset(("no-root",))


def _behind_host(parts: list[Value]) -> list[Value]:
    """The parts of a text; if it is an address, those behind its host can't lead anywhere else."""
    before = ""
    found: list[Value] = []
    for part in parts:
        known = part.constants is not None and len(part.constants) == 1
        ended = bool(before) and HOST_ENDS.match(before) is not None
        found.append(cleaned(part, frozenset(("ssrf", "redirect"))) if ended and not known else part)
        before += str(part.constants[0]) if known and part.constants else "\0"
    return found


def joined_text(values: list[Value]) -> Value:
    """Several values written one after another."""
    parts = _behind(_behind_host([text_of(value) for value in values]))
    constants: tuple[str, ...] | None = None
    if all(part.constants is not None and len(part.constants) == 1 for part in parts):
        constants = ("".join(str(part.constants[0]) for part in parts if part.constants),)
    shown = merge((*(flat(p) for p in parts), *(whole(v) for v in values)))
    return Value(shown, TEXT, union(p.about for p in parts), constants)


TEXT: Final = TypeUse("string")
TRUTH: Final = TypeUse("bool")


def truth(*values: Value) -> Value:
    """The answer to a test of these values."""
    return Value(type=TRUTH, about=union(value.everything() for value in values)) if values else UNKNOWN
