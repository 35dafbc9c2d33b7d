"""What do the ways on which a function ends say together?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

from apiposture.analysis.flow.alike import on_all
from apiposture.analysis.flow.effects import CHANGES, NOTHING, Facts, either_asked, labels_of
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import THERE, Label, Labels
from apiposture.analysis.flow.values import UNKNOWN, Proof, Value
from apiposture.model import ir
from apiposture.program import walk


def ensured(ends: Sequence[Facts], frame: Frame) -> Facts:
    """What holds behind a function, whichever way it went through: of one that can do nothing but refuse, one of its tests or another."""
    if len(ends) > 1 and _only_refuses(frame):
        return reduce(either_asked, ends)
    return frozenset.intersection(*ends)


def leaves(frame: Frame, ends: Sequence[Facts]) -> bool:
    """Does a function never come back, as those that only raise? One that is yet to be written, or left to heirs, says nothing of that."""
    function = frame.routine.function
    if ends or frame.yielded or not function.body:
        return False
    made = (node.type.name for node in walk.nodes(function.body) if type(node) is ir.New and node.type is not None)
    return not any(frame.knowledge.is_by_nature(name, "unwritten") for name in (*walk.uses(function), *made))


def _only_refuses(frame: Frame) -> bool:
    """Does a function refuse some, answer nothing, and change nothing? Then whom it lets through is all that it says."""
    effects = frame.effects
    if not frame.refuses or frame.yielded or effects.saves or effects.writes:
        return False
    if any(one.operation in CHANGES or one.uses for one in effects.accesses.values()):
        return False
    return all(not value.labels and value.constants is None and value.type is None for value, _ in frame.returned)


def when(frame: Frame, ensures: Facts) -> tuple[Facts, Facts]:
    """What holds where a function's answer is true, and where it is false: on all ways that may give it."""
    sides = [[facts for facts in side if facts is not None] for side in zip(*frame.told, strict=True)] if frame.told else [[], []]
    yes, no = (on_all(side, frame.equal) - ensures for side in sides)
    return yes, no


Could = tuple[bool, bool]
"""Could something be there or true, and could it be nothing or false?"""


def parts(frame: Frame, value: Value, written: ir.Expr | None) -> dict[str, Could]:
    """What each part of an answer could be, where that is known: `return (null, NotFound())`, `return new Outcome { Done = false }`."""
    told = {name: (field.may_be(True), field.may_be(False)) for name, field in (value.fields or {}).items()}
    if type(written) is ir.Collection and value.items is not None and len(value.items) == len(written.items):
        for place, (item, one) in enumerate(zip(value.items, written.items, strict=True)):
            told[str(place)] = (item.may_be(True), item.may_be(False) and not _is_made(frame, one))
    return told


def _is_made(frame: Frame, written: ir.Expr) -> bool:
    """Is it an object that is made here, or an answer to whoever calls that a library makes?"""
    if type(written) is not ir.Call:
        return type(written) is ir.New
    made = _made_by_library(frame, written)
    return bool(made) and (frame.knowledge.is_by_nature(made, "leads-away") or frame.knowledge.does(walk.called_name(written), "writes"))


def is_something(frame: Frame, answer: ir.Expr) -> bool:
    """Is an answer true in each case, as what holds something is: `return jsonify(error="..."), 403`?"""
    if type(answer) is ir.Literal:
        return bool(answer.value)
    if type(answer) is ir.Collection:
        return frame.module.explicit_names and any(type(item) is not ir.Opaque for item in answer.items)
    return _is_made(frame, answer)


def _made_by_library(frame: Frame, call: ir.Call) -> str:
    """The type of what a library's function makes that is called on the own object, or on a type; empty where it is none."""
    function = call.function
    holder = frame.seen(function.object) if type(function) is ir.Member else frame.env.get("this", UNKNOWN)
    if type(function) is ir.Member and not isinstance(holder.static, str):
        return ""
    rows = frame.knowledge.rows(walk.called_name(call), holder.type, holder.static)
    return next((row.type for kind, row, sure in rows if kind == "returns" and sure), "")


def leads_away(frame: Frame, written: ir.Expr | None) -> bool:
    """Is it an answer that shows nothing: a refusal, or a redirect?"""
    if type(written) is ir.Call:
        return frame.knowledge.is_by_nature(_made_by_library(frame, written) or walk.called_name(written), "leads-away")
    return type(written) is ir.New and written.type is not None and frame.knowledge.is_by_nature(written.type.name, "leads-away")


def told_apart(answer: Value, ways: Sequence[tuple[dict[str, Could], Facts]], ensures: Facts) -> Value:
    """The answer, whose parts show on which ways they were given: who finds one there, or nothing, learns what holds on all of those."""
    if len(ways) < 2 or not any(told for told, _ in ways):
        return answer
    for name, field in (answer.fields or {}).items():
        if (proof := _proof(name, ways, ensures)) is not None:
            answer = answer.with_field(name, field.proven(proof))
    if answer.items:
        decided = _deciding([facts for _, facts in ways])
        items = [_decided(item, decided).proven(_proof(str(place), ways, ensures)) for place, item in enumerate(answer.items)]
        answer = answer.with_items(tuple(items))
    return answer


def _deciding(ways: Sequence[Facts]) -> frozenset[Label]:
    """What was looked at on some of the ways, which decided on them."""
    common = frozenset.intersection(*ways)
    return frozenset(label for facts in ways for guard in facts - common for label in labels_of(guard) if label is not THERE)


def _decided(item: Value, by: frozenset[Label]) -> Value:
    """A part of an answer that is one of some constants, with what decided which: `return False, "It is somebody else's"`."""
    if not by or item.labels or item.constants is None or len(set(item.constants)) < 2:
        return item
    return Value({}, item.type, item.about | by, item.constants)


def _proof(name: str, ways: Sequence[tuple[dict[str, Could], Facts]], ensures: Facts) -> Proof | None:
    sides = [[facts for told, facts in ways if told.get(name, (True, True))[side]] for side in (0, 1)]
    yes, no = (frozenset.intersection(*side) - ensures if side else NOTHING for side in sides)
    return (yes, no) if yes or no else None


def side_by_side(value: Value) -> Iterator[Labels]:
    """What an answer shows side by side, under keys of its own: what is within an object of a type is a part of that."""
    yield value.labels
    if value.type is None or value.type.decl is None:
        for one in (value.fields or {}).values():
            yield from side_by_side(one)
