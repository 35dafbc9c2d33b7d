"""What does a condition of several alternatives hold a row against, and which of them does the row meet by itself?

`note.owner == me || note.owner == null` finds the caller's own and what is nobody's. `note.owner == me || note.public` finds what the
caller may read, and no more than that: what is public is not everybody's to change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from apiposture.analysis.flow.conjuncts import conjuncts
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import PRINCIPAL, Label
from apiposture.analysis.flow.queries import Predicate
from apiposture.analysis.flow.sparing import in_some
from apiposture.analysis.flow.values import FLAGGED, OPENLY, SOME, Value
from apiposture.analysis.words import pattern
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import TypeUse

HELD_AGAINST: Final = ("principal", "param", "request", "object")
"""Kinds of labels of what a row may be held against."""
TRUTHS: Final = ("bool", "Boolean")
"""Types of members that hold a truth value, beside those of which rows say so."""


def in_alternatives(frame: Frame, condition: ir.Binary, found: Predicate) -> Predicate:
    """What a condition asks of every row, of which `found` says all that its alternatives hold something against.

    One way round the caller's own is enough: `o.Id == id || o.UserId == me` finds everybody's.
    """
    alternatives = _alternatives(condition)
    asking = [one for one in alternatives if _is_held(frame, one)]
    if not asking:
        return found
    owners = {member for one in asking for member in _members(frame, one)}
    own_word = [one for one in alternatives if one not in asking and owners.isdisjoint(_asked_to_be_nothing(frame, one))]
    mine = _in_all(frame, asking)
    common = _in_all(frame, [*asking, *own_word])
    if PRINCIPAL in common:
        return found
    shut = [one for one in own_word if not says_open(frame, one)]
    openly = OPENLY if not shut else FLAGGED if all(_asks_flag(frame, one) for one in shut) else SOME
    readable = mine if openly is not SOME else common
    against = {kept: t for x, t in found.against.items() if (kept := _as_asked(x, common, readable, openly)) is not None}
    about = frozenset(kept for x in found.about if (kept := _as_asked(x, common, readable, openly)) is not None)
    return found.held(against, about)


def _as_asked(label: Label, common: frozenset[Label], readable: frozenset[Label], openly: frozenset[str]) -> Label | None:
    """What was named in a condition, as what it ties: every row, those that are not open to be read, or none."""
    if label in readable and label not in common and label.kind in ("principal", "param"):
        return label.with_clean(label.clean | openly)
    return None if label.kind == "principal" else in_some(label, common)


def _alternatives(expr: ir.Expr) -> list[ir.Expr]:
    if type(expr) is ir.Binary and expr.operator == "||":
        return [*_alternatives(expr.left), *_alternatives(expr.right)]
    return [expr]


def _in_all(frame: Frame, alternatives: Iterable[ir.Expr]) -> frozenset[Label]:
    return frozenset.intersection(*(frame.value(one).everything() for one in alternatives))


def _is_held(frame: Frame, alternative: ir.Expr) -> bool:
    """Does it hold the row against anything? What else must be so for a row's own word to count holds no row against anything."""
    tests = conjuncts(alternative)
    by_itself = len(tests) > 1 and any(_is_own_word(frame, one) for one in tests)
    return any(_holds(frame, one) for one in tests if not (by_itself and _is_switch(frame, one)))


def _is_switch(frame: Frame, test: ir.Expr) -> bool:
    """`shared_too && note.shared`: does it look at nothing of the row, nor of the caller?"""
    return type(test) in (ir.Name, ir.Member) and not any(x.kind in ("row", "principal") for x in frame.value(test).everything())


def _holds(frame: Frame, test: ir.Expr) -> bool:
    sides = [frame.value(side) for side in _sides(test)]
    against = (value.everything() for value in sides if not any(label.kind == "row" for label in value.everything()))
    return any(label.kind in HELD_AGAINST for labels in against for label in labels)


def _sides(test: ir.Expr) -> Sequence[ir.Expr]:
    """What a test holds against each other: `owner == me`, `Owner.in_(mine)`."""
    if type(test) is ir.Binary:
        return (test.left, test.right)
    if type(test) is ir.Call and type(test.function) is ir.Member and all(arg.name is None for arg in test.args):
        return (test.function.object, *(arg.value for arg in test.args))
    return (test,)


def _members(frame: Frame, alternative: ir.Expr) -> Iterator[str]:
    """The members of the row that it holds against something."""
    for one in conjuncts(alternative):
        if _holds(frame, one):
            value = frame.value(one)
            yield from (_plain(".".join(label.path)) for label in value.everything() if label.kind == "row" and label.path)
            named = value.query.predicates if value.query is not None and value.query.entity is None else ()
            yield from (_plain(member) for predicate in named for member in predicate.members)


def _plain(member: str) -> str:
    """A member's name, whether it holds an object or what tells one: `owner`, `owner_id`."""
    return member.lower().removesuffix("id").removesuffix("_").replace("__", ".")


def _asked_to_be_nothing(frame: Frame, alternative: ir.Expr) -> set[str]:
    """The members of the row that an alternative asks to be nothing: `owner == null`, `Owner.is_(None)`, `owner__isnull=True`."""
    found: set[str] = set()
    for one in conjuncts(alternative):
        if type(one) is ir.Binary and one.operator == "==":
            found.update(_compared_with_nothing(frame, one.left, one.right))
            found.update(_compared_with_nothing(frame, one.right, one.left))
        elif type(one) is ir.Call and type(one.function) is ir.Member and frame.knowledge.does(one.function.name, "equals") and one.args:
            found.update(_compared_with_nothing(frame, one.function.object, one.args[0].value))
        elif type(one) is ir.Call:
            found.update(_named_nothing(frame, one))
    return found


def _compared_with_nothing(frame: Frame, member: ir.Expr, other: ir.Expr) -> Iterator[str]:
    if type(other) is ir.Literal and other.value is None:
        yield from (_plain(".".join(x.path)) for x in frame.value(member).everything() if x.kind == "row" and x.path)


def _named_nothing(frame: Frame, call: ir.Call) -> Iterator[str]:
    for arg in call.args:
        member, sign, ending = (arg.name or "").rpartition("__")
        if sign and frame.knowledge.does(ending, "is-nothing") and type(arg.value) is ir.Literal and arg.value.value is True:
            yield _plain(member)
        elif arg.name and type(arg.value) is ir.Literal and arg.value.value is None:
            yield _plain(arg.name)


def says_open(frame: Frame, alternative: ir.Expr) -> bool:
    """Does the row itself say that it is for others, by the name of what is asked of it: `note.public`, `Q(shared=True)`?"""
    opens = pattern("open")
    return any(opens.search(name) for one in conjuncts(alternative) if not _is_turned(one) for name in _asked_of_row(frame, one))


def _asks_flag(frame: Frame, alternative: ir.Expr) -> bool:
    """Does the row itself say so, by a truth value that it holds: `note.featured`, `Q(featured=True)`? Who may read it is written there,
    though nobody knows what the flag means."""
    return any(_is_flag(frame, one) for one in conjuncts(alternative))


def _is_flag(frame: Frame, test: ir.Expr) -> bool:
    if _is_turned(test):
        return False
    value = frame.value(test)
    if type(test) is ir.Member:
        return _is_truth(frame, value.type) and _is_of_row(value)
    if type(test) is ir.Binary:
        return any(_is_true(one) and _is_of_row(frame.value(other)) for one, other in ((test.left, test.right), (test.right, test.left)))
    if type(test) is not ir.Call:
        return False
    named = [arg.name for arg in test.args if arg.name and _is_true(arg.value)]  # `Q(title__isnull=True)` asks something else of it
    return any("__" not in name for name in named) or (any(_is_true(arg.value) for arg in test.args if not arg.name) and _is_of_row(value))


def _is_truth(frame: Frame, kind: TypeUse | None) -> bool:
    if kind is None:
        return not frame.module.explicit_names
    return kind.name in TRUTHS or frame.knowledge.is_by_nature(kind.name, "truth")


def _is_true(expr: ir.Expr) -> bool:
    return type(expr) is ir.Literal and expr.value is True


def _is_of_row(value: Value) -> bool:
    """Is it a member of the row itself, and not of what the row leads to?"""
    return any(x.kind == "row" and len(x.path) == 1 for x in value.everything())


def _is_own_word(frame: Frame, test: ir.Expr) -> bool:
    return says_open(frame, test) or _is_flag(frame, test)


def _is_turned(expr: ir.Expr) -> bool:
    """`!note.private`, `note.public == false`: it asks whether it is not so."""
    if type(expr) is ir.Binary:
        return expr.operator == "!=" or any(type(side) is ir.Literal and side.value in (False, None) for side in (expr.left, expr.right))
    if type(expr) is ir.Call:
        return any(type(arg.value) is ir.Literal and arg.value.value in (False, None) for arg in expr.args)
    return type(expr) is ir.Unary


def _word(expr: ir.Expr) -> str:
    """A literal that is one word, as constants are that say what a row is for."""
    return expr.value if type(expr) is ir.Literal and isinstance(expr.value, str) and expr.value.isidentifier() else ""


def _asked_of_row(frame: Frame, expr: ir.Expr) -> Iterator[str]:
    """The names of the members, and of the constants and words that they are held against: `note.visibility == Visibility.PUBLIC`,
    `Q(visibility="public")`.
    """
    yield from (label.path[-1] for label in frame.value(expr).everything() if label.kind == "row" and label.path)
    if type(expr) is ir.Call:
        yield from (arg.name for arg in expr.args if arg.name)
        yield from (word for arg in expr.args if (word := _word(arg.value)))
    elif type(expr) is ir.Binary and expr.operator == "==":
        yield from (word for side in (expr.left, expr.right) if (word := _word(side)))
    yield from (node.name for node in walk.nodes(expr) if type(node) is ir.Member)
