"""What does one read from a member of an object or type?"""

from __future__ import annotations

from typing import Final

from apiposture.analysis.flow.binding import whole
from apiposture.analysis.flow.composition import ALL_KINDS, apply
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import BY_NAME, NONE, PRINCIPAL, Label, Labels, Trail, Way
from apiposture.analysis.flow.named import checked_for, class_kept, first_type, made_once, own_type, stood_for, told_types
from apiposture.analysis.flow.referring import referring
from apiposture.analysis.flow.sent import sent
from apiposture.analysis.flow.values import UNKNOWN, Handed, Value, cleaned, constant, extend, hidden, merge, unmarked
from apiposture.analysis.scalars import is_scalar
from apiposture.analysis.sensitive import kinds_of_member
from apiposture.model.source import Span
from apiposture.program import Program, constants
from apiposture.program.names import Meaning
from apiposture.program.types import Routine, Slot, Type, TypeUse, substitute
from apiposture.program.variables import bindings_of

TRUE_SECRETS: Final = frozenset(("credential", "token"))
"""Kinds that a literal in the code may be as well; an address or a name in a constant is nobody's."""


def own_member(frame: Frame, name: str, span: Span) -> Value | None:
    """A bare name that means a member of the enclosing type, or None where there is no such member."""
    owner = frame.owner
    while owner is not None:
        if frame.summaries.program.slot(owner, name) is not None:
            holder = frame.env.get("this")
            return member(frame, holder if holder is not None and owner is frame.owner else Value(static=owner), name, span)
        outer = owner.name.rpartition(".")[0]
        owner = frame.summaries.program.find_type(outer, frame.module) if outer else None
    knowledge = frame.knowledge
    if (name in knowledge.members or knowledge.types) and "this" in frame.env:
        holder = frame.env["this"]
        if any(knowledge.member_rows(name, holder.type, None)) or knowledge.member_type(holder.type, name) is not None:
            return member(frame, holder, name, span)
    return None


def member(frame: Frame, holder: Value, name: str, span: Span) -> Value:
    """The value of `holder.name`."""
    if holder.fields and name in holder.fields:
        return holder.fields[name]
    if holder.static is not None:
        return _static(frame, holder.static, name, span)
    program = frame.summaries.program
    knowledge = frame.knowledge
    slot = program.slot(holder.type.decl, name) if holder.type is not None and holder.type.decl is not None else None
    if slot is not None and is_fixed(slot):
        return _static(frame, slot.owner, name, span)
    special = _special(frame, holder, name, span)
    if slot is None:
        if name in knowledge.carried and special is None:
            return holder
        if special is None and (those := referring(frame, holder, name, span)) is not None:
            return those
        kind = knowledge.unwrap(knowledge.member_type(holder.type, name) or _element_of_tuple(holder.type, name))
        labels = _read(frame, holder.labels, name, _is_form(frame, holder.type, name))
        if knowledge.gives_apart(holder.type, name):
            labels = merge((labels, whole(holder, True)))
        value = Value(labels, kind, holder.about)
        value.handed = _function(frame, holder, holder.type.decl if holder.type is not None else None, name)
        if kind is not None and is_scalar(kind):
            value = hidden(value)
    elif slot.field.getter is not None and slot.field.getter.body and special is None:
        value = _computed(frame, holder, slot, span)
    elif (held := class_kept(frame, slot)) is not None and special is None:
        return Value(static=held)
    else:
        bound = bindings_of(program, holder.type, slot.owner)
        written = program.type_of(slot)
        kind = knowledge.unwrap(substitute(written, bound)) if written is not None else None
        kind = first_type(frame, slot) if kind is None else kind
        value = Value(NONE if is_contract(kind) else _read(frame, holder.labels, name), kind, holder.about)
        if slot.module.explicit_names and (kinds := checked_for(frame, slot)):
            value = cleaned(value, kinds)
    if special is not None:
        labels = special if PRINCIPAL in special else merge((special, value.labels))
        value = Value(labels, value.type, value.about)
    for says, row in frame.knowledge.member_rows(name, holder.type, None):
        if says == "clean":
            value = cleaned(value, frozenset(row.kinds))
    if holder.type is not None and holder.type.decl is not None and holder.type.decl.kind == "enum":
        value = cleaned(value, ALL_KINDS)  # whatever is read of a choice, the program wrote it
    return _marked(frame, value, holder, name, span)


def _function(frame: Frame, holder: Value, declared: Type | None, name: str) -> Handed | None:
    """The function of that name, handed on as a value; a call of it names it and hands on nothing."""
    known = declared is not None and frame.module.explicit_names and frame.summaries.program.methods(declared, name)
    return (holder, name) if known else None


def _element_of_tuple(kind: TypeUse | None, name: str) -> TypeUse | None:
    """The type of a tuple's element, by its own name or its number; None where it is no tuple or has no such element."""
    if kind is None or not kind.name.startswith("("):
        return None
    names = kind.name[1:-1].split(",")
    at = names.index(name) if name in names else int(name[4:]) - 1 if name[:4] == "Item" and name[4:].isdigit() else -1
    return kind.args[at] if 0 <= at < len(kind.args) else None


def is_fixed(slot: Slot) -> bool:
    """Is the member a constant of its type?"""
    modifiers = slot.field.modifiers
    return "const" in modifiers or ("static" in modifiers and "readonly" in modifiers)


def _read(frame: Frame, labels: Labels, name: str, is_form: bool = False) -> Labels:
    """The labels of a member: it is sensitive for its own sake, not for its holder's, unless it is another form of the whole."""
    if is_form and frame.module.explicit_names:
        return labels  # what a field of a form holds goes by the field's name
    return extend(labels if is_form or frame.knowledge.does(name, "form") else unmarked(labels), name)


def _is_form(frame: Frame, kind: TypeUse | None, name: str) -> bool:
    """Is it the text that an exception was made of, or what all objects of the type show together?"""
    return _is_of_exception(kind, name) or (frame.knowledge.tells(kind) == name and name != "")


def _is_of_exception(kind: TypeUse | None, name: str) -> bool:
    """Is it the text that an exception was made of?"""
    return name in ("Message", "InnerException") and kind is not None and kind.name.endswith("Exception")


def part(frame: Frame, holder: Value, name: str, span: Span) -> Labels:
    """The labels of what a collection holds under a fixed name: it is sensitive if that name says so."""
    return _marked(frame, Value(_read(frame, holder.labels, name)), holder, name, span).labels


def is_contract(kind: TypeUse | None) -> bool:
    """Is the type an interface of behaviour? What a member of such a type holds is called, and is no data."""
    if kind is None or kind.args:
        return False
    return kind.decl.is_interface if kind.decl is not None else kind.name[:1] == "I" and kind.name[1:2].isupper()


def _special(frame: Frame, holder: Value, name: str, span: Span) -> Labels | None:
    """Request data and the caller's identity, where library rows or the program itself say that they are read here."""
    for kind, row in frame.knowledge.member_rows(name, holder.type, None):
        if kind == "clean":
            continue
        trail = Trail(frame.module, span, f"'{name}' is read")
        if kind == "principal":
            return {PRINCIPAL: trail}
        return sent(row, _of_request(row.kind, name), trail)
    if holder.type is not None and holder.type.decl is not None and frame.summaries.is_principal(holder.type.decl, name):
        return {PRINCIPAL: Trail(frame.module, span, f"'{holder.type.name}.{name}' holds the caller's identity")}
    return None


def _of_request(kind: str, name: str) -> Label:
    """What a member of a request holds."""
    return Label.of("request", kind, (name,), frozenset((BY_NAME,)) if kind == "route" else frozenset())


def _computed(frame: Frame, holder: Value, slot: Slot, span: Span) -> Value:
    getter = slot.field.getter
    assert getter is not None
    routine = _for_heir(frame, frame.summaries.accessor(slot, getter), holder.type.decl if holder.type is not None else None)
    value = apply(frame, routine, holder, [], span, bindings_of(frame.summaries.program, holder.type, slot.owner)).value
    kind = frame.knowledge.unwrap(frame.summaries.program.type_of(slot))
    return value.typed(kind) if value.type is None else value


def _for_heir(frame: Frame, routine: Routine, declared: Type | None) -> Routine:
    """What is worked out of members that a type of its own kind has otherwise (`self.repos` of `self.group`) is so for that type."""
    base, program = routine.owner, frame.summaries.program
    if declared is None or base is None or declared is base:
        return routine
    found = frame.summaries.inherited.get((routine, declared))
    if found is None:
        own = any(_has_otherwise(program, declared, base, name) for name in program.mentions(routine))
        found = Routine(routine.function, declared, routine.module) if own else routine
        frame.summaries.inherited[(routine, declared)] = found
    return found


def _has_otherwise(program: Program, declared: Type, base: Type, name: str) -> bool:
    """Does a type work out a member otherwise than its base does?"""
    slot, inherited = program.slot(declared, name), program.slot(base, name)
    return slot is not None and inherited is not None and slot.owner is not inherited.owner and slot.field.getter is not None


def _marked(frame: Frame, value: Value, holder: Value, name: str, span: Span) -> Value:
    kind = value.type
    owner = holder.type.name if holder.type is not None else ""
    declared, program = holder.type.decl if holder.type is not None else None, frame.summaries.program
    kinds = kinds_of_member(name, kind.name if kind is not None else "", owner, lambda: program.slots(declared) if declared else ())
    if kind is not None and kinds and frame.knowledge.is_by_nature(kind.name, "empty"):
        return value
    if not kinds or (kind is not None and kind.decl is not None and kind.decl.kind in ("enum", "interface")):
        return value
    if value.constants is not None and not value.labels and not TRUE_SECRETS.intersection(kinds):
        return value
    trail = Trail(frame.module, span, f"'{name}' is read")
    marked: dict[Label, Way] = dict(value.labels)
    for one in kinds:
        marked.setdefault(Label.of("sensitive", one, (f"{owner}.{name}" if owner else name,)), trail)
    return Value(marked, kind, value.about, value.constants, value.fields, value.query, value.code)


def meant(frame: Frame, found: Meaning | None, name: str, span: Span) -> Value:
    """The value of a name that stands for this: a type itself, a variable, a function, or something of a library."""
    if isinstance(found, Slot):
        return _fixed(frame, found, name, span)
    if isinstance(found, Type):
        return Value(static=found)
    if isinstance(found, str):
        holder = found.rpartition(".")[0].rpartition(".")[2]
        return _static(frame, holder, found.rpartition(".")[2], span) if holder else Value(static=found)
    return Value(handed=(Value(static=found.owner), found.function.name)) if isinstance(found, Routine) else Value(static=name)


def _static(frame: Frame, static: Type | str, name: str, span: Span) -> Value:
    if isinstance(static, Type) and static.kind == "module":
        found = frame.summaries.program.member(static, name)
        return meant(frame, found, name, span) if found is not None else UNKNOWN
    if isinstance(static, str):
        for says, row in frame.knowledge.member_rows(name, None, static):
            if says == "clean":
                continue
            if says == "principal":
                return Value({PRINCIPAL: Trail(frame.module, span, f"'{name}' is read")})
            return Value(sent(row, _of_request(row.kind, name), Trail(frame.module, span, f"'{name}' is read")))
        kind = frame.knowledge.member_type(TypeUse(static), name)
        if kind is not None:
            return Value(type=kind)
        if (spelled := frame.knowledge.spelled(static, name)) is not None:
            return constant(spelled)
        found = frame.summaries.program.find_type(f"{static}.{name}", frame.module, frame.owner)
        return Value(static=found or name)
    slot = frame.summaries.program.slot(static, name)
    if slot is not None and (store := _store(frame, static, slot, name)) is not None:
        return Value(type=store)
    if slot is None and (given := frame.knowledge.member_type(frame.summaries.program.as_use(static), name)) is not None:
        return Value(type=given)
    if slot is None:
        nested = frame.summaries.program.find_type(f"{static.name}.{name}", frame.module, static)
        return Value(static=nested, handed=_function(frame, Value(static=static), static, name) if nested is None else None)
    return _fixed(frame, slot, name, span)


def _store(frame: Frame, static: Type, slot: Slot, name: str) -> TypeUse | None:
    """What a type names as the way to its stored objects: of the project's own kind, or under a name of its own, it holds objects of this
    type."""
    use = frame.summaries.program.as_use(static)
    given = frame.knowledge.member_type(use, name)
    kind = own_type(frame, slot)
    if given is None and kind is not None and slot.module.explicit_names:
        given = next((one for one in frame.knowledge.stores_of(use) if _is_of_kind(frame, kind, one)), None)
    if given is None or kind is None:
        return given
    return TypeUse(kind.name, given.args, kind.decl) if not kind.args and _is_of_kind(frame, kind, given) else None


def _is_of_kind(frame: Frame, kind: TypeUse, given: TypeUse) -> bool:
    """Is a type what a library says is there, or the project's own set of queries in the place of a manager?"""
    above = frame.summaries.program.ancestors(kind.decl) if kind.decl is not None else ()
    bases = (name for _, base in above for name in frame.knowledge.lineage(base.name))
    return frame.knowledge.is_a(kind, given.name) or any(frame.knowledge.is_a(given, name) for name in bases)


def _fixed(frame: Frame, slot: Slot, name: str, span: Span) -> Value:
    """What a member of a type itself, or a variable outside of all types, holds."""
    static = slot.owner
    program = frame.summaries.program
    kind = first_type(frame, slot)
    if slot.field.kind == "member":
        return constant(name, program.as_use(static))
    if kind is not None and frame.knowledge.is_by_nature(kind.name, "stands-in"):
        return stood_for(frame, slot)
    if kind is not None and frame.knowledge.is_by_nature(kind.name, "unchanging"):
        return made_once(frame, slot)
    if slot.field.getter is not None and slot.field.getter.body:
        return _computed(frame, Value(type=program.as_use(static)), slot, span)
    known = constants.constant(program, slot.field.value, slot.module, slot.owner)
    if known is None and slot.module.explicit_names and static.kind == "class" and "static" not in slot.field.modifiers:
        return Value({Label.of("row", static.simple, (name,)): None}, kind)  # a member of no object in particular: `Order.id`
    return Value(type=kind, fields=told_types(frame, slot, kind)) if known is None else constant(known, kind)


