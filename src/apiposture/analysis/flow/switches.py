"""What does a switch among a function's parameters decide: `clean ? Tidy(name) : name`?

A value that one side of it gives carries a mark; where the function is called with a constant, only the side that is taken counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from apiposture.analysis.flow.effects import ASIDE, Sides
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.instead import BESIDE
from apiposture.analysis.flow.labels import NO_KINDS, Label, is_parameter
from apiposture.analysis.flow.queries import Predicate, Query
from apiposture.analysis.flow.settled import conjuncts_of
from apiposture.analysis.flow.sparing import asking
from apiposture.analysis.flow.values import LEFT_OUT, SOME, Value
from apiposture.model import ir
from apiposture.program import walk

MARK: Final = "if:"
"""How a mark among what a label is clean for begins: `if:2:1` holds where the third parameter is true, `if:2:0` where it is not."""


def switch(frame: Frame, condition: ir.Expr) -> tuple[int, bool] | None:
    """The position of the parameter that the condition is, and whether as it is; None where it asks for more than that."""
    straight = True
    while type(condition) is ir.Unary and condition.operator == "!":
        condition, straight = condition.operand, not straight
    value = frame.env.get(condition.id) if type(condition) is ir.Name else None
    if value is None or value.type is None or value.type.name not in ("bool", "Boolean") or len(value.labels) != 1:
        return None
    label = next(iter(value.labels))
    return (label.key, straight) if label.kind == "param" and not label.path and not label.clean and label.key >= 0 else None


def on_side(decided: tuple[int, bool], truth: bool) -> str:
    """The mark of what is so where the condition is true, or false."""
    index, straight = decided
    return f"{MARK}{index}:{int(truth == straight)}"


def sides_of(frame: Frame, condition: ir.Expr, truth: bool) -> Sides:
    """The parameters of which the condition's outcome says what they were given: something, or nothing; true, or false."""
    found = [side for part, outcome in conjuncts_of(condition, truth) if (side := _side(frame, part, outcome)) is not None]
    return frozenset(found) if found else ASIDE


def _side(frame: Frame, part: ir.Expr, truth: bool) -> tuple[int, str] | None:
    decided = switch(frame, part) if type(part) is ir.Name else None
    if decided is not None:
        return decided[0], "true" if truth == decided[1] else "false"
    if type(part) is not ir.Binary or part.operator not in ("==", "!=", "is") or type(part.left) is not ir.Name:
        return None
    if type(part.right) is not ir.Literal or part.right.value is not None:
        return None
    index = _as_passed(frame.env.get(part.left.id))
    return None if index is None else (index, "nothing" if (part.operator != "!=") == truth else "there")


def _as_passed(value: Value | None) -> int | None:
    """The position of the parameter that a value is as it was passed; None for all others."""
    if value is None or len(value.labels) != 1 or value.constants is not None:
        return None
    label, way = next(iter(value.labels.items()))
    return label.key if way is None and is_parameter(label) and label.key >= 0 else None


def still_taken(sides: Sides, given: Sequence[Value]) -> Sides | None:
    """The sides that an effect stands on where the parameters are given these, in the caller's own; None where a constant says that the
    other side is taken: `Find(id, tracked: false)`, `Files(path, endings: null)`.
    """
    if not sides:
        return ASIDE
    found: set[tuple[int, str]] = set()
    for index, outcome in sides:
        value = given[index] if index < len(given) else None
        if value is None:
            continue
        if value.constants and not value.labels:
            if not any(_may_be(one, outcome) for one in value.constants):
                return None
        elif (passed := _as_passed(value)) is not None:
            found.add((passed, outcome))
    return frozenset(found)


def _may_be(constant: object, outcome: str) -> bool:
    if outcome in ("there", "nothing"):
        return (constant is None) == (outcome == "nothing")
    return not isinstance(constant, bool) or constant is (outcome == "true")


def under(value: Value, mark: str) -> Value:
    """The value, known to be this one only on that side."""
    if not value.labels and not value.fields:
        return value
    labels = {_under(label, mark): trail for label, trail in value.labels.items()}
    fields = {name: under(field, mark) for name, field in value.fields.items()} if value.fields else None
    items = tuple([under(item, mark) for item in value.items]) if value.items is not None else None
    return Value(labels, value.type, value.about, value.constants, fields, value.query, value.code, value.static, items, value.handed)


def _under(label: Label, mark: str) -> Label:
    return label.with_clean(label.clean | {mark}) if label.kind in ("param", "request") else label


def assigned_in(body: Sequence[ir.Stmt]) -> set[str]:
    """The names that are set somewhere in these statements."""
    return {n.target.id for n in walk.nodes(tuple(body)) if type(n) is ir.Assign and type(n.target) is ir.Name}


PASSED: Final = "passed:"
"""How a mark begins of what is sensitive for what the parameter of this position is for."""

ONLY: Final = "only:"
"""How a mark begins of what is asked on one side of a switch alone: it ties nobody but where a constant says that this side is taken."""


def asked_on_sides(value: Value, sides: Mapping[bool, Query], decided: tuple[int, bool]) -> Value:
    """The query that is one of two, with what each of them asks beside the other, marked with its side."""
    if value.query is None or len(sides) < 2:
        return value
    asked = {(p.module.path, p.span) for p in value.query.predicates}
    index, straight = decided
    more = [
        _only(predicate, f"{ONLY}{index}:{int(truth == straight)}")
        for truth, query in sides.items()
        for predicate in query.predicates
        if (predicate.module.path, predicate.span) not in asked
    ]
    return asking(value, tuple(more)) if more else value


def _only(predicate: Predicate, mark: str) -> Predicate:
    marks = SOME | {mark}
    against = {x.with_clean(x.clean | marks): t for x, t in predicate.against.items() if _may_tie(x)}
    return predicate.held(against, frozenset(x.with_clean(x.clean | marks) for x in predicate.about if _may_tie(x)))


def _may_tie(label: Label) -> bool:
    return label.kind in ("param", "principal") and SOME.isdisjoint(label.clean)


def is_of_side(label: Label) -> bool:
    """Is it asked for on one side of a switch alone?"""
    return any(mark.startswith(ONLY) for mark in label.clean)


@lru_cache(4096)
def hangs_on_arguments(clean: frozenset[str]) -> bool:
    """Is there a mark among them of which the arguments of a call decide?"""
    return any(mark.startswith((PASSED, MARK, ONLY, BESIDE)) for mark in clean)


def settled(clean: frozenset[str], args: Sequence[Value]) -> frozenset[str] | None:
    """The marks that stay in a caller's terms; None where a constant argument says that this side is not taken, or nothing is passed."""
    for one in [mark for mark in clean if mark.startswith(PASSED)]:
        position = int(one.removeprefix(PASSED))
        value = args[position] if position < len(args) else LEFT_OUT
        if value is LEFT_OUT or (value.constants is not None and not value.labels):
            return None  # a text that stands in the program, or none: what it is for makes no secret of it
        clean = clean - {one} | _passed_on(value)
    for one in [mark for mark in clean if mark.startswith((MARK, ONLY))]:
        _, index, truth = one.split(":")
        known = args[int(index)].constants if int(index) < len(args) else None
        taken = {bool(value) is (truth == "1") for value in known} if known else {True, False}
        if taken == {False} or (one.startswith(ONLY) and taken != {True}):
            return None
        clean = clean - {one} - (SOME if one.startswith(ONLY) else NO_KINDS)
    return clean


def _passed_on(value: Value) -> frozenset[str]:
    """The mark of the parameter that is passed on as it is, if one is."""
    given = {x.key for x in value.labels if x.kind != "sensitive"}
    whole = len(given) == 1 and all(x.kind == "param" and x.key >= 0 and not x.path for x in value.labels if x.kind != "sensitive")
    return frozenset((f"{PASSED}{given.pop()}",)) if whole else NO_KINDS
