"""What does a call read from or change in the store, and by which key?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from apiposture.analysis.flow.asking import conditions, held_against, named, of_row, written_out
from apiposture.analysis.flow.binding import element, harmless
from apiposture.analysis.flow.composition import ALL_KINDS, PLAIN
from apiposture.analysis.flow.conjuncts import JOINS, item_tested, orders
from apiposture.analysis.flow.digging import identity, is_told_by_key
from apiposture.analysis.flow.effects import NOTHING, AccessEffect, Use
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.insisting import insisted
from apiposture.analysis.flow.labels import APART, EMPTY, FOUND, NONE, OTHERS, PRINCIPAL, Label, Labels, Trail, are_apart, is_handed_in
from apiposture.analysis.flow.picking import picked
from apiposture.analysis.flow.positions import Given, at
from apiposture.analysis.flow.projecting import is_held, loaded, new_of, of_items, selected
from apiposture.analysis.flow.queries import Predicate, Query
from apiposture.analysis.flow.sifting import sifted
from apiposture.analysis.flow.values import SOME, Value, flat, join, merge, union, unshown
from apiposture.analysis.flow.whether_found import all_but, asks_for_others, with_whether_made
from apiposture.analysis.words import words
from apiposture.frameworks.rows import AccessRow
from apiposture.frameworks.rows import Query as QueryRow
from apiposture.model import ir
from apiposture.model.source import Span
from apiposture.program import walk
from apiposture.program.types import Type, TypeUse

LOADS: Final = re.compile(r"(Find|First|Single|Last)\w*Async$|ToListAsync$")
"""Names that mean a query of the store even where the receiver's type is unknown, if it is called like a set of entities."""


def plausible(frame: Frame, kind: str, receiver: Value, name: str, written: str) -> bool:
    """May a row about a known type hold for a receiver of unknown type? Only where the names leave little doubt."""
    if receiver.static is not None or receiver.type is not None:
        return False
    if kind in ("access", "query"):
        return bool(receiver.query) or (bool(LOADS.search(name)) and written[:1].isupper() and written.endswith("s"))
    return False


def entity_of(frame: Frame, call: ir.Call, row: AccessRow, receiver: Value, args: Given, written: str) -> TypeUse | None:
    """Which entity a call is about; a query of nobody knows what is itself none."""
    if receiver.query is not None and receiver.query.entity is not None:
        return receiver.query.entity
    head, _, rest = row.entity.partition(":")
    if head.startswith("{"):
        return frame.knowledge.type_argument(receiver.type, row.call.rpartition(".")[0], int(head[1:-1]))
    if head == "type-arg" and call.type_args and int(rest) < len(call.type_args):
        return frame.type(call.type_args[int(rest)])
    if head in ("arg", "type-arg") and rest.isdigit() and int(rest) < len(args):
        query = args[int(rest)][1].query
        if query is not None and query.entity is not None:
            return query.entity
        kind = itself(frame, args[int(rest)][1])
        return kind.args[-1] if kind is not None and kind.args else kind if query is None else None
    if receiver.type is not None and receiver.type.args:
        return receiver.type.args[-1]
    if row.key == "entity:receiver" and is_told_by_key(receiver):
        return receiver.type if not any(arg.name and arg.name == row.new_by for arg, _ in args) else None
    return named_after(frame, written) if written[:1].isupper() else None


def itself(frame: Frame, value: Value) -> TypeUse | None:
    """The type that a value is of, or the type that is meant itself."""
    return frame.summaries.program.as_use(value.static) if isinstance(value.static, Type) else value.type


def named_after(frame: Frame, plural: str) -> TypeUse:
    """The entity that a set is called after: `Orders` holds Order."""
    single = plural[:-3] + "y" if plural.endswith("ies") else plural[:-2] if plural.endswith("sses") else plural.removesuffix("s")
    declared = frame.summaries.program.find_type(single, frame.module, frame.owner)
    return TypeUse(single, (), declared)


def is_step(row: QueryRow, receiver: Value, args: Given) -> bool:
    """Does a call add to a query, or take one on: `includes.Aggregate(query, (all, one) => all.Include(one))`?"""
    if row.does == "fold":
        return any(value.query is not None for value in at(row.at, receiver, args)[:1])
    return row.does not in JOINS and row.does not in ("not", "folds")


def query(frame: Frame, call: ir.Call, row: QueryRow, receiver: Value, args: Given, kind: TypeUse | None) -> Value:
    """One more step of a query, or of a chain on a collection in memory."""
    if row.does == "fold":
        return at(row.at, receiver, args)[0]  # what is added for each item is added for none where there are none
    if row.does == "of":
        receiver = next(iter(at(row.at, receiver, args)), receiver)
    begun = kind if row.does == "pass" and kind is not None and kind.args else receiver.type
    asked = receiver.query or Query(begun.args[-1] if begun is not None and begun.args else None)
    predicates = asked.predicates
    found: tuple[Predicate, ...] = ()
    about = receiver.about
    if row.does in ("filter", "without"):
        found = (*conditions(frame, receiver, list(at(row.at, receiver, args))), *written_out(frame, args), *_of_filters(frame, call, args))
        found = found if row.does == "filter" else all_but(found)
        predicates = (*predicates, *found)
        about = union((about, *(p.about.union(p.against) for p in found)))
    elif row.does == "join":
        predicates = (*predicates, *_join_keys(frame, call, receiver, args))
        made = projected(frame, receiver, args[-1:])
        fields = made.fields if made is not None else None
        return Value(NONE, kind, union((about, *(p.about for p in predicates))), fields=fields, query=asked.asking(predicates))
    elif row.does == "project":
        made = projected(frame, receiver, args)
        if made is not None:
            plain = made.type is not None and made.type.name in PLAIN
            mine = {x: t for x, t in receiver.labels.items() if not (plain and x.kind in ("param", "request"))}
            is_new = new_of(args) is not None or (made.type is not None and made.type.decl is not None)
            if receiver.query is None and made.fields and is_new and is_held(receiver):
                return Value(made.labels, kind, union((about, made.about)), fields=made.fields)
            labels = harmless(Value(merge((unshown(mine), flat(made))), made.type)).labels
            shown = selected(args) if made.type is not None and made.type.name in PLAIN else ()
            asked = asked.showing(predicates, shown, new_of(args))
            each = (made,) if made.query is not None and asked.entity is None else None  # what stands for each of them
            return Value(labels, kind, union((about, made.about)), query=asked, items=each)
    elif row.does == "union":
        others = [p for _, value in args if value.query for p in value.query.predicates]
        predicates = tuple(p for p in predicates if any(not p.against.keys().isdisjoint(o.against) for o in others))
    elif row.does == "order":
        conditions(frame, receiver, [value for _, value in args])
    elif row.does == "sql":
        texts = at(row.at, receiver, args)
        against = {x: t for value in (*texts, *(v for _, v in args)) for x, t in flat(value).items()}
        hidden = union(value.everything() for value in texts)
        for label in sorted(hidden - set(against), key=str):
            against[label] = None
        if against:
            predicates = (*predicates, Predicate(frozenset(("sql",)), against, hidden, frame.module, call.span))
    labels, fields = of_items(row, receiver, args)
    if any(PRINCIPAL in predicate.against for predicate in found):
        # Of what was loaded before, only the caller's own goes on.
        labels = {x: t for x, t in labels.items() if x.kind != "object"}
    open_to_all = row.does == "unfilter" or asked.unfiltered
    untracked, empty = row.does == "untrack" or asked.untracked, row.does == "nothing" or asked.empty
    asked = Query(asked.entity, predicates, open_to_all, asked.origin, asked.shown, empty, asked.picked, untracked)
    value = Value(labels, kind or receiver.type, about, fields=fields, query=asked)
    if row.does == "filter":
        value = sifted(frame, receiver, value, list(at(row.at, receiver, args)))
    for label in receiver.labels:
        if label.kind == "param" and label.key == -1 and len(label.path) == 1:
            frame.effects.writes[(-1, label.path[0])] = value  # a specification builds its query in a member
    return value


def _of_filters(frame: Frame, call: ir.Call, args: Given) -> list[Predicate]:
    """What an argument asks by itself: `Eq("OwnerId", me)` and `Eq(o => o.OwnerId, me)` hold a member against something, `And(mine, open)`
    asks what each of them does, and a test that was passed in whatever the caller asks by it.
    """
    names = (args[0][1].constants or selected(args[:1])) if len(args) == 2 else ()
    if len(names) == 1 and isinstance(names[0], str) and names[0].lstrip("_$.").isidentifier():
        return [named(frame, call.span, names[0].lstrip("_$."), args[1][1])]
    asked = [value.query for _, value in args if value.query is not None and value.query.entity is None]
    handed = [_as_used(a, x) for a, v in args if v.code is None and _may_test(frame, a, v) for x in v.labels if is_handed_in(x)]
    told = [Predicate(frozenset(), {label: None}, EMPTY, frame.module, call.span) for label in handed]
    return [predicate for one in asked for predicate in one.predicates] + told


def _as_used(arg: ir.Argument, label: Label) -> Label:
    """A test that was passed in: as it is, or (negated, one of several, joined with others) as something that may ask less."""
    return label if type(arg.value) in (ir.Name, ir.Member) else label.with_clean(label.clean | SOME)


def _may_test(frame: Frame, arg: ir.Argument, value: Value) -> bool:
    """May a value be a test: by its type, or, where none is written, as what a step of a query is given?"""
    if item_tested(value.type) is not None:
        return True
    return frame.module.explicit_names and arg.name is None and arg.mode in ("", "spread") and value.type is None and len(value.labels) == 1


def _join_keys(frame: Frame, call: ir.Call, receiver: Value, args: Given) -> tuple[Predicate, ...]:
    """A join is a condition as well: `on new { UserId = me } equals new { m.UserId }` keeps the caller's rows."""
    if len(args) < 3:
        return ()
    values = [*of_row(frame, receiver, args[1][1]), *of_row(frame, args[0][1], args[2][1])]
    return tuple(p for p in (held_against(frame, call.span, values),) if p.against)


def projected(frame: Frame, receiver: Value, args: Given) -> Value | None:
    """What a selector gives for one row."""
    for _, value in reversed(args):
        if value.code is not None:
            inner = frame.inner(dict(frame.env))
            row = element(receiver)
            for param in value.code.function.params:
                inner.env[param.name] = Value(row.labels, row.type, row.about, fields=receiver.fields)
            inner.run([s for s in value.code.function.body or () if type(s) is not ir.Return])
            made = [inner.value(body) for body in walk.returned(value.code.function)]
            return join(made) if made else None
    return None


def access(
    frame: Frame, call: ir.Call, row: AccessRow, receiver: Value, args: Given, kind: TypeUse | None, sure: bool, written: str
) -> Value:
    """Note the access; the answer is what it loads."""
    entity = entity_of(frame, call, row, receiver, args, written)
    predicates = list(receiver.query.predicates) if receiver.query else []
    key = _key(frame, call, row, receiver, args, predicates)
    if row.operation in ("update", "delete") and any(x.kind == "object" and not x.path for x in key):
        for arg in (receiver, *(value for _, value in args)):
            frame.note_use(row.operation, arg, call.span)
        if all(x.kind in ("object", "sensitive") for x in key):
            return Value(merge(flat(v) for _, v in args), kind)
    elif row.operation == "delete" and (chosen := picked(frame, key, [value for _, value in args], call.span)) is not None:
        key, within = chosen
        predicates.append(within)
    if row.operation == "create":
        for _, value in args:
            note_links(frame, value.fields or {}, call.span)
    number = frame.effects.next_number()
    asked, insists = any(p.against for p in predicates), row.insists or frame.knowledge.does(walk.called_name(call), "insists")
    if (key or asked or row.operation == "list") and frame.effects.has_room(frame.spot(call.span)):
        made = AccessEffect(
            number,
            row.operation,
            entity,
            key,
            tuple(predicates),
            frame.facts,
            NOTHING,
            (Use(row.operation, frame.facts, frame.spot(call.span)),) if row.operation in ("update", "delete") else (),
            frame.spot(call.span),
            walk.called_name(call),
            row.certainty if sure else "low",
            generic=entity is not None and entity.variable,
            unfiltered=receiver.query is not None and receiver.query.unfiltered,
            whole=row.key.startswith("entity"),
            origin=receiver.query.origin if receiver.query is not None else None,
            kept=row.kept,
            insists=insists,
            untracked=receiver.query is not None and receiver.query.untracked,
            taken=frame.taken,
        )
        frame.effects.add_access(made)
    others = row.operation == "exists" and asks_for_others(predicates)
    # That there is one says nothing of the others that were asked for.
    said_of = [p for p in predicates if not p.several or others or row.operation != "exists"]
    about = union((receiver.about, frozenset(key), *(p.about.union(p.against) for p in said_of)))
    if row.operation == "exists":
        asked_of = [flat(receiver).keys() | receiver.about, *(p.about.union(p.against) for p in said_of)]
        says = {FOUND, *((APART,) if are_apart(asked_of) else ()), *((OTHERS,) if others else ())}
        return Value(type=kind or TypeUse("bool"), about=about | says)
    if insists:
        frame.facts |= insisted(frame, call, number, predicates)
    result = kind
    if result is None and entity is not None:
        result = entity if row.operation == "read" else TypeUse("List", (entity,))
    trail = Trail(frame.module, call.span, f"'{walk.called_name(call)}' loads it")
    found = Value(loaded(number, receiver, trail), result, about)
    return with_whether_made(found, number, args) if row.or_made else found


def note_links(frame: Frame, members: Mapping[str, Value], span: Span) -> None:
    """Something new is put beside stored objects: a member of it holds one of them, or what tells one from others."""
    for value in members.values():
        if any(x.kind == "object" and (not x.path or x.path[-1] in words().identifiers) for x in value.labels):
            frame.note_use("link", value, span)


def _key(frame: Frame, call: ir.Call, row: AccessRow, receiver: Value, args: Given, predicates: list[Predicate]) -> Labels:
    found: list[Labels] = []
    left_out = {where.partition(":")[2] for where in row.key.split() if where.startswith("without:")}
    args = [(arg, value) for arg, value in args if arg.name is None or arg.name not in left_out]
    for where in row.key.split():
        head, _, rest = where.partition(":")
        if head in ("predicate", "filter", "specification"):
            values = at(f"arg:{rest}", receiver, [one for one in args if not orders(frame, one[0].name or "")])
            predicates += (*conditions(frame, receiver, values), *(written_out(frame, args) if head == "predicate" else ()))
            for value in values:
                if value.code is None:
                    found.append(flat(value))
                    for holder in (value, *(value.fields or {}).values()):
                        predicates += holder.query.predicates if holder.query else ()
        elif head == "sql":
            found += [_shown(value) for value in ([receiver] if rest == "receiver" else at(f"arg:{rest}", receiver, args))]
        elif head in ("object", "entity"):
            given = [receiver] if rest == "receiver" else at(f"arg:{rest}", receiver, args)
            found += [identity(value) if head == "entity" else flat(value) for value in given]
            if head == "object":
                predicates += [named(frame, call.span, n, v) for o in given for n, v in (o.fields or {}).items()]
        elif head not in ("receiver", "without"):
            found += [flat(value) for value in at(where, receiver, args)]
    labels = merge(found)
    return {x.with_clean(x.clean - ALL_KINDS): t for x, t in labels.items() if x.kind not in ("row", "sensitive")}


def _shown(value: Value) -> Labels:
    """Labels in a text, numbers included: as keys they count."""
    labels = dict(flat(value))
    for label in sorted(value.about, key=str):
        labels.setdefault(label, None)
    return labels or NONE


__all__ = ["access", "conditions", "plausible", "projected", "query", "written_out"]
