"""Who is it where somebody else may stand in for the caller: `sent.get("user") or me`, `who = me`, `if (user != null) who = user`?

Whom a function is given is known only where it is called. What may be the caller is marked with what may stand in for it, and with what
that hangs on: where this turns out to be asked of the caller, somebody may be meant to choose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from apiposture.analysis.flow.digging import dig
from apiposture.analysis.flow.effects import NOTHING, Facts
from apiposture.analysis.flow.labels import EMPTY, NO_KINDS, SAYINGS, Label
from apiposture.analysis.flow.values import MAX_PATH, SOME, Value

CHOSEN: Final = ("request", "object")
"""Kinds of labels of what may be somebody else."""
BESIDE: Final = "beside:"
"""How a mark among what a label is clean for begins: `beside:0/owner|1/admin`, a member of the first parameter may stand in for it, where
one of the second says so."""
MAX_ASKED: Final = 4
"""What hangs on more than that hangs on too much to be told in a mark."""


def one_of_two(value: Value, sides: Sequence[Value], asked: frozenset[Label] = EMPTY) -> Value:
    """A value that is one of these; it ties nobody where one is the caller, and another what the caller chose. `asked` is what was
    looked at to decide which of them it is.
    """
    marks = _marks_by_label(sides, asked)
    if not marks:
        return value
    labels = {_marked(x, marks): trail for x, trail in value.labels.items()}
    about = frozenset(_marked(x, marks) for x in value.about)
    made = Value(labels, value.type, about, value.constants, value.fields, value.query, value.code, value.static, value.items)
    made.handed = value.handed
    return made


def whoever(value: Value, sides: Sequence[tuple[Value, Facts]], known: Facts = NOTHING) -> Value:
    """What a name holds behind several ways, each with what is known there."""
    if not any(_may_be_caller(x) for side, _ in sides for x in side.labels):
        return value
    asked = frozenset(x for _, held in sides for guard in held - known for labels in guard.alternatives for x in labels)
    return one_of_two(value, [side for side, _ in sides], asked)


def _marks_by_label(sides: Sequence[Value], asked: frozenset[Label]) -> dict[Origin, frozenset[str]]:
    """For what may be the caller on one side, what to mark it with for what the others may be."""
    callers = [side for side in sides if _is_caller(side)]
    if callers:
        marks = _marks([side for side in sides if not _is_caller(side)], asked)
        return {("principal", "", ()): marks} if marks else {}
    found: dict[Origin, frozenset[str]] = {}
    for side in sides:
        if len(side.labels) == 1 and _may_be_caller(one := next(iter(side.labels))):
            others = [x for x in sides if x is not side and not any(y.key == one.key != -1 for y in x.labels)]
            if marks := _marks(others, asked):
                found[_origin(one)] = marks
    return found


Origin = tuple[str, object, tuple[str, ...]]


def _origin(label: Label) -> Origin:
    return ("principal", label.key, ()) if label.kind == "principal" else (label.kind, label.key, label.path)


def _is_caller(side: Value) -> bool:
    return any(x.kind == "principal" and not x.key and not _is_marked(x) for x in side.labels)


def _may_be_caller(label: Label) -> bool:
    """Is it the caller, or what a function is given, which may be?"""
    return (label.kind == "param" or (label.kind == "principal" and not label.key)) and not _is_marked(label)


def _is_marked(label: Label) -> bool:
    return not SOME.isdisjoint(label.clean) or any(mark.startswith(BESIDE) for mark in label.clean)


def _marked(label: Label, marks: dict[Origin, frozenset[str]]) -> Label:
    found = marks.get(_origin(label)) if _may_be_caller(label) else None
    return label.with_clean(label.clean | found) if found else label


def _marks(others: Sequence[Value], asked: frozenset[Label]) -> frozenset[str]:
    """What to mark the caller with: that it is not certain, or what that hangs on."""
    # An object of which members are known was made here, or set: what it holds names nobody.
    strange = (side for side in others if not side.fields and not any(x.kind == "principal" for x in side.everything()))
    chosen = [x for side in strange for x in side.labels if "key" not in x.clean]
    if any(x.kind in ("principal", "object") for x in asked - SAYINGS) or not chosen:
        return NO_KINDS
    if any(x.kind in CHOSEN for x in chosen):
        return SOME
    refs = sorted({_ref(x.key, x.path) for x in chosen if x.kind == "param"})
    hangs_on = {_ref(x.key, x.path) for x in asked if x.kind == "param"} - set(refs)
    if len(hangs_on) > MAX_ASKED:
        return NO_KINDS
    return frozenset("|".join((f"{BESIDE}{ref}", *sorted(hangs_on))) for ref in refs)


def _ref(key: int, path: tuple[str, ...]) -> str:
    return "/".join((str(key), *path))


def settled_beside(clean: frozenset[str], given: Callable[[int], Value]) -> frozenset[str]:
    """The marks that stay in a caller's terms, where the function's parameters are given these."""
    for mark in [mark for mark in clean if mark.startswith(BESIDE)]:
        ref, *hangs_on = mark.removeprefix(BESIDE).split("|")
        asked = [_given(one, given) for one in hangs_on]
        clean = clean - {mark}
        if all(map(_is_told, asked)):
            labels = (x for value, rest in asked for x in (_deeper(x, rest) for x in value.labels))
            clean |= _marks([_whole(*_given(ref, given))], frozenset(labels))
    return clean


def _given(ref: str, given: Callable[[int], Value]) -> tuple[Value, tuple[str, ...]]:
    key, *path = ref.split("/")
    return dig(given(int(key)), tuple(path))


def _is_told(asked: tuple[Value, tuple[str, ...]]) -> bool:
    """Is it known what that is, so that it is none of the caller's?"""
    value, _ = asked
    return bool(value.labels) or value.constants is not None


def _whole(value: Value, rest: tuple[str, ...]) -> Value:
    return Value({_deeper(x, rest): trail for x, trail in value.labels.items()}, about=value.about) if rest else value


def _deeper(label: Label, rest: Iterable[str]) -> Label:
    return label if label.kind == "principal" else Label.of(label.kind, label.key, (*label.path, *rest)[:MAX_PATH], label.clean)
