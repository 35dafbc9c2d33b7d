"""What holds once a condition has turned out true, or false?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from apiposture.analysis.flow.absence import is_absence, is_no_text, is_nothing
from apiposture.analysis.flow.alike import AT_HOST, is_equality, is_host_of, says_no_less
from apiposture.analysis.flow.binding import TRUTH
from apiposture.analysis.flow.certain import certain
from apiposture.analysis.flow.effects import NOTHING, Facts
from apiposture.analysis.flow.endings import is_something
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.hosts import held_to, names_host, without_host
from apiposture.analysis.flow.labels import APART, FITS, GIVEN, PRINCIPAL, RIGHT, SAYINGS, THERE, Guard, Label, are_apart
from apiposture.analysis.flow.named import whom
from apiposture.analysis.flow.patterns import cleaned_by
from apiposture.analysis.flow.positions import texts_of
from apiposture.analysis.flow.quantified import of_some_only
from apiposture.analysis.flow.rights import are_rights, asks_for_right, asks_whether_has, names_it, says_right
from apiposture.analysis.flow.settled import conjuncts_of, without_what_is_settled
from apiposture.analysis.flow.values import Value
from apiposture.analysis.flow.whether_found import counted, identifier, sought, tied
from apiposture.analysis.scalars import is_scalar
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine

Alternatives = tuple[frozenset[Label], ...]
ALL_KINDS: Final = frozenset(("*",))


def assume(frame: Frame, condition: ir.Expr, truth: bool) -> None:
    """Add to the frame's facts what the condition's truth says. The condition was evaluated before (its effects are noted)."""
    frame.facts = frame.facts.union(guards(frame, condition, truth), shown(frame, condition, truth))


def shown(frame: Frame, condition: ir.Expr, truth: bool) -> Facts:
    """What the outcome of a test shows of how a variable came to hold what it holds: `if found is None: raise`."""
    kind = type(condition)
    if kind is ir.Name:
        value = frame.env.get(condition.id)  # type: ignore[union-attr]
        return NOTHING if value is None or value.proof is None else value.proof[0 if truth else 1]
    if kind is ir.Member:
        proof = frame.seen(condition).proof
        return NOTHING if proof is None else proof[0 if truth else 1]
    if kind is ir.Unary and condition.operator == "!":  # type: ignore[union-attr]
        return shown(frame, condition.operand, not truth)  # type: ignore[union-attr]
    if kind is ir.Assign:
        return shown(frame, condition.target, truth)  # type: ignore[union-attr]
    if kind is not ir.Binary:
        return NOTHING
    left, right, operator = condition.left, condition.right, condition.operator  # type: ignore[union-attr]
    if operator in ("&&", "||"):
        if (operator == "&&") == truth:
            return shown(frame, left, truth) | shown(frame, right, truth)
        left_alone = [one for one, other in ((left, right), (right, left)) if certain(frame, other) is (operator == "&&")]
        return shown(frame, left_alone[0], truth) if left_alone else NOTHING
    if operator in ("==", "!=", "is") and type(right) is ir.Literal and (right.value is None or isinstance(right.value, bool)):
        return shown(frame, left, ((operator != "!=") == truth) == bool(right.value))
    return NOTHING


def guards(frame: Frame, condition: ir.Expr, truth: bool) -> list[Guard]:
    """The facts behind a condition: conjuncts each give one, alternatives give one together."""
    kind = type(condition)
    if kind is ir.Unary and condition.operator == "!":  # type: ignore[union-attr]
        return guards(frame, condition.operand, not truth)  # type: ignore[union-attr]
    if kind is ir.Binary:
        operator = condition.operator  # type: ignore[union-attr]
        if operator in ("&&", "||"):
            both = (condition.left, condition.right)  # type: ignore[union-attr]
            if (operator == "&&") == truth:
                parts = conjuncts_of(condition, truth)
                return [guard for part in parts for guard in guards(frame, *without_what_is_settled(part, parts))]
            return _either(frame, condition, [guards(frame, side, truth) for side in both], both, truth)
        if operator == "??" and frame.module.explicit_names and type(condition.right) is not ir.Literal:  # type: ignore[union-attr]
            return guards(frame, ir.Binary("||", condition.left, condition.right, condition.span), truth)  # type: ignore[union-attr]
        if (asked := sought(frame, condition)) is not None:  # type: ignore[arg-type]
            call, is_there = asked
            return [_guard(frame, call, frame.seen(call), is_there == truth)]
        if (told_of := counted(frame, condition)) is not None:  # type: ignore[arg-type]
            counts, some = told_of
            return guards(frame, counts, some == truth)
        if operator in ("==", "!=", "is"):
            return _compared(frame, condition, (operator != "!=") == truth, truth)  # type: ignore[arg-type]
        if operator in ("<", "<=", ">", ">=", "in"):
            return _within(frame, condition, truth) if operator == "in" else []  # type: ignore[arg-type]
    if kind is ir.Literal:
        return []
    if kind is ir.Assign:
        return guards(frame, condition.target, truth)  # type: ignore[union-attr]
    if kind is ir.Call and len(condition.args) == 1 and frame.knowledge.does(walk.called_name(condition), "counts"):  # type: ignore
        return guards(frame, condition.args[0].value, truth)  # type: ignore[union-attr]
    if kind is ir.Call and not truth and asks_whether_has(walk.called_name(condition)):  # type: ignore[arg-type]
        return []
    found = [_guard(frame, condition, frame.seen(condition), truth)]
    if truth and is_equality(condition):
        frame.equal.update(found)
    return _with_answer(frame, condition, found, truth)


def as_check(frame: Frame, written: ir.Expr | None, value: Value) -> Value:
    """A check of which rows tell says the same when it was kept and is asked for later: `ok = is_local(url)`."""
    if type(written) is not ir.Call or walk.called_name(written) not in frame.knowledge.checking:
        return value
    if value.type is not None or value.proof is not None or not harmless_by(frame, written, True):
        return value
    yes, no = told(frame, written)
    return value.typed(TRUTH).proven((yes or NOTHING, no or NOTHING))


def told(frame: Frame, answer: ir.Expr) -> tuple[Facts | None, Facts | None]:
    """What holds where a function returns this answer and it is true, and where it is false; None where it can't be that."""
    falsy = type(answer) is ir.Literal and not answer.value
    yes = None if falsy else frame.facts.union(guards(frame, answer, True), shown(frame, answer, True))
    no = None if is_something(frame, answer) else frame.facts.union(guards(frame, answer, False), shown(frame, answer, False))
    return yes, no


def _with_answer(frame: Frame, asked: ir.Expr, found: list[Guard], truth: bool) -> list[Guard]:
    """A test by a function of the project's own: what its answer says, or at least that the value was looked at."""
    tellers = frame.told_by.get(id(asked), ())
    if not tellers:
        return found
    learnt = frozenset.intersection(*(one.when[0 if truth else 1] for one in tellers))
    if any(guard.clears for guard in learnt):
        return [*found, *learnt]
    if not learnt and _holds_against_caller(frozenset.intersection(*(one.when[1 if truth else 0] for one in tellers))):
        return []  # it is the other answer that says so
    if any(_takes_apart(guard, one) for guard in learnt for one in found):
        return list(learnt)
    looked = all(_looks(frame, one.routine) for one in tellers)
    return [guard.with_clears(guard.clears | CHECKED) if looked else guard for guard in found] + list(learnt)


def _holds_against_caller(learnt: Facts) -> bool:
    """Does an answer say that something was held against the caller, and is so?"""
    return any(PRINCIPAL in labels and APART in labels and FITS not in labels for guard in learnt for labels in guard.alternatives)


def _takes_apart(learnt: Guard, found: Guard) -> bool:
    """Does an answer say which of several things it is that was looked at, of all that a test of it looked at?"""
    return len(learnt.alternatives) > 1 and frozenset().union(*found.alternatives) - SAYINGS <= frozenset().union(*learnt.alternatives)


UNSEEN: Final = frozenset(("unseen",))
"""Among what a guard clears for: something that nobody knows was told the value, and said yes."""

CHECKED: Final = frozenset(("checked",))
"""Among what a guard clears for: a function of the project's own has looked at the value, nobody knows for what."""


def _looks(frame: Frame, routine: Routine) -> bool:
    """Does a function look at a text closely? Whether there is such a file is another question."""
    mentioned = frame.summaries.program.mentions(routine)
    return not mentioned.isdisjoint(frame.knowledge.idioms("looks")) and mentioned.isdisjoint(frame.knowledge.idioms("goes-out"))


def _guard(frame: Frame, condition: ir.Expr, value: Value, truth: bool, asked: Label | None = None) -> Guard:
    is_call = type(condition) is ir.Call
    clears = harmless_by(frame, condition, truth) if is_call else _known(value) | without_host(frame, condition, truth)
    labels = value.everything()
    if truth and asks_for_right(frame, condition):
        labels |= {RIGHT}
    if type(condition) is ir.Call and frame.knowledge.does(walk.called_name(condition), "has-member"):
        asked = THERE
    if asked is not None or (type(condition) is ir.Name and (_is_object(value) or not any(x.kind == "object" and x.path for x in labels))):
        labels |= {asked or THERE}
    labels = tied(labels, truth)
    if type(condition) is ir.Call:
        labels -= of_some_only(frame, condition, truth, labels)
    if type(condition) is ir.Call and are_apart([frame.seen(one).everything() for one in _operands(condition)]):
        labels |= {APART}
    return Guard.of((labels,), frame.module, condition.span, truth, clears)


def _is_object(value: Value) -> bool:
    """Is it an object, or what was found on one way and not on another? A test can only ask whether it is there."""
    if value.proof is not None and value.type is None:
        return True
    return value.type is not None and value.type.decl is not None and value.type.decl.kind in ("class", "record")


def _operands(call: ir.Call) -> list[ir.Expr]:
    """What a chain of calls begins with, and the arguments of all of them."""
    given = [arg.value for arg in call.args if arg.mode != "out" and type(arg.value) is not ir.Lambda]
    if type(call.function) is not ir.Member:
        return given
    holder = call.function.object
    return [*(_operands(holder) if type(holder) is ir.Call else (holder,)), *given]


def _within(frame: Frame, condition: ir.Binary, truth: bool) -> list[Guard]:
    """`x in known`: in something fixed or stored there is nothing dangerous. `".." in x` refused asks a text what it holds."""
    place = condition.span
    asked = ir.Call(ir.Member(condition.right, "contains", place, place), (ir.Argument(condition.left),), place)
    if truth:
        given = _is_given(frame, frame.seen(condition.right)) and type(condition.right) is not ir.Literal
        clears = held_to(frame, condition.left, ALL_KINDS) if given else _of_text(condition.right) or harmless_by(frame, asked, True)
        labels = frame.seen(condition).everything()
        if are_rights(frame.seen(condition.left), frame.seen(condition.right)):
            labels |= {RIGHT}
        return [Guard.of((labels,), frame.module, condition.span, True, clears)]
    refused = harmless_by(frame, asked, False)
    return [Guard.of((frame.seen(condition.right).everything(),), frame.module, place, False, refused)] if refused else []


NAMES: Final = frozenset(("path", "archive"))


def _of_text(text: ir.Expr) -> frozenset[str]:
    """What the characters of a text that is written out are harmless for: `c in "-_."` leads into no other folder."""
    leads_on = type(text) is not ir.Literal or not isinstance(text.value, str) or any(one in text.value for one in ("/", "\\", ".."))
    return frozenset() if leads_on else NAMES


def _compared(frame: Frame, condition: ir.Binary, same: bool, truth: bool) -> list[Guard]:
    left, right = condition.left, condition.right
    nothing = next((side for side in (left, right) if type(side) is ir.Literal and side.value is None), None)
    if nothing is None and (asked := identifier(frame, left, right)) is not None:
        return [] if same else [_guard(frame, condition, asked, truth, THERE)]
    if nothing is not None:  # `membership == null` refused means that the membership is there
        other = right if nothing is left else left
        if type(other) is ir.Call:
            return guards(frame, other, True) if not same else _with_answer(frame, other, [], False)
        return [] if same else [_guard(frame, condition, frame.seen(other), truth, THERE)]
    truths = next((s for s in (left, right) if type(s) is ir.Literal and isinstance(s.value, bool)), None)
    if truths is not None:
        other = right if truths is left else left
        return guards(frame, other, bool(truths.value) == same)
    if not same:
        return []
    mine, theirs = frame.seen(left), frame.seen(right)
    fixed = condition.operator != "is" and (mine.constants is not None or theirs.constants is not None)
    both = mine.everything() | theirs.everything()
    if are_apart((mine.everything(), theirs.everything())):
        both |= {APART}
    if condition.operator != "is" and not fixed and any(_is_given_here(side, one) for side, one in ((left, mine), (right, theirs))):
        both |= {GIVEN}
    if fixed and (names_it(left) or names_it(right) or says_right(mine) or says_right(theirs)):
        both |= {RIGHT}
    clears = held_to(frame, left, held_to(frame, right, ALL_KINDS)) if fixed else frozenset[str]()
    if not fixed and ((names_host(frame, left) and _is_given(frame, theirs)) or (names_host(frame, right) and _is_given(frame, mine))):
        clears = AT_HOST
    guard = Guard.of((both,), frame.module, condition.span, truth, clears)
    if condition.operator != "is":
        frame.equal.add(guard)
    return [guard]


def _is_given_here(expr: ir.Expr, value: Value) -> bool:
    """Is it what the object at hand keeps, or something of which nothing says that anybody sent it?"""
    return type(expr) in (ir.Name, ir.Member, ir.Call) and all(x.kind == "param" and x.key == -1 and x.path for x in value.everything())


def _either(
    frame: Frame, condition: ir.Expr, sides: list[list[Guard]], exprs: tuple[ir.Expr, ir.Expr], truth: bool
) -> list[Guard]:
    alternatives: list[frozenset[Label]] = []
    held: list[list[Guard]] = []
    clears = ALL_KINDS
    for found, expr in zip(sides, exprs, strict=True):
        if type(expr) is ir.Assign and not truth:
            continue  # a pattern's variable is always set
        known = certain(frame, expr) if type(expr) in (ir.Name, ir.Unary) else None
        if known is truth:
            return []
        others = [one for one in sides if one is not found]
        if known is not None or is_nothing(frame, expr, truth) or is_no_text(frame, expr, truth, others):
            continue
        if not found:
            if is_absence(expr, truth):
                continue
            if type(expr) is not ir.Binary or expr.operator not in ORDERS:
                return []
            alternatives.append(frame.seen(expr).everything())
            held.append([])
            clears = frozenset()
            continue
        if truth and is_equality(expr) and any(says_no_less(found, other) for other in sides if other is not found):
            continue
        alternatives += [labels for guard in found[:1] for labels in guard.alternatives] if len(found) == 1 else [
            frozenset(label for guard in found for labels in guard.alternatives for label in labels)
        ]
        held.append(found)
        clears = _both_clear(clears, frozenset(kind for guard in found for kind in guard.clears))
    if len(held) == 1 and held[0]:
        return held[0]  # the other one says that there is nothing
    return [Guard.of(tuple(alternatives), frame.module, condition.span, truth, clears)] if alternatives else []


def _both_clear(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    return other if one == ALL_KINDS else one if other == ALL_KINDS else one & other


ORDERS: Final = frozenset(("<", "<=", ">", ">="))
"""Tests that tie nothing by themselves; as one of two alternatives they say what was looked at."""


def _known(value: Value) -> frozenset[str]:
    """Kinds that all of the value's data is harmless for, now that the value is there."""
    kinds = [frozenset(one[7:] for one in x.clean if one.startswith("exists:")) for x in value.labels if x.kind in ("param", "request")]
    return frozenset.intersection(*kinds) if kinds else frozenset()


def texts_behind(frame: Frame, call: ir.Call) -> set[str]:
    """The texts of a call, and those of the own type's members that it names: a list of characters is often kept in one, or in a variable
    that says by what it was made.
    """
    texts = texts_of(call)
    held = [n for n in walk.nodes(frame.routine.function.body or ()) if type(n) is ir.Declare and n.name in texts]
    texts = texts.union(walk.called_name(each.value) for each in held if type(each.value) is ir.Call)
    return texts | frame.summaries.texts_of_members(frame.owner, texts) if frame.owner is not None else texts


def names_one(call: ir.Call) -> bool:
    """Does a lambda among the arguments ask for an item by its name or key: `x => x.Key == key`?"""
    bodies = [b for arg in call.args if type(arg.value) is ir.Lambda for b in walk.returned(arg.value.function)]
    return bool(bodies) and all(any(is_equality(one) for one in _conjuncts(body)) for body in bodies)


def _conjuncts(expr: ir.Expr) -> list[ir.Expr]:
    if type(expr) is ir.Binary and expr.operator == "&&":
        return [*_conjuncts(expr.left), *_conjuncts(expr.right)]
    return [expr]


def found_by(frame: Frame, call: ir.Call, receiver: Value, answer: Sequence[Value]) -> Facts:
    """Behind `stores.First(s => s.Key == key)` the key is one of those that there are."""
    if not frame.knowledge.does(walk.called_name(call), "insists") or not names_one(call) or not _is_given(frame, receiver):
        return NOTHING
    labels = frozenset(x for value in answer for x in value.everything() if x.kind in ("param", "request"))
    return frozenset((Guard.of((labels - frame.own_labels(receiver),), frame.module, call.span, True, ALL_KINDS),))


def _is_given(frame: Frame, holder: Value) -> bool:
    """Is what a collection holds fixed or stored, and not what the caller sent?"""
    if any(x.kind == "object" for x in holder.labels):
        return not any(x.kind == "request" for x in holder.labels)
    return not holder.everything() - frame.own_labels(holder)


def harmless_by(frame: Frame, condition: ir.Expr, truth: bool) -> frozenset[str]:
    """Kinds of sink that the values in a true test are harmless for: membership in something fixed, or a known validator."""
    if type(condition) is not ir.Call:
        return frozenset()
    named = whom(frame, condition.function) if frame.module.explicit_names else None
    if named is not None and named.made is None:
        receiver, name = named.holder, named.name
    elif type(condition.function) is ir.Member:
        receiver, name = frame.seen(condition.function.object), condition.function.name
    else:
        return frozenset()
    held = frame.knowledge.does(name, "member-of") or (frame.knowledge.does(name, "any-of") and names_one(condition))
    if truth and held and _is_given(frame, receiver):
        return held_to(frame, condition.args[0].value, ALL_KINDS) if condition.args else ALL_KINDS
    if truth and frame.knowledge.does(name, "any-of") and is_host_of(condition, frame.knowledge) and _is_given(frame, receiver):
        return AT_HOST
    kinds: set[str] = set()
    given = [frame.value(arg.value) for arg in condition.args] if truth else []
    for kind, row, sure in frame.knowledge.rows(name, receiver.type, receiver.static):
        if kind != "clean" or (row.exists and not sure):
            continue
        if not truth:
            refused = row.refuses and ("*" in row.refuses or not texts_behind(frame, condition).isdisjoint(row.refuses))
            kinds.update(row.kinds if refused else ())
        elif row.says and texts_of(condition).isdisjoint(row.says):
            continue
        elif row.guard and all(need in x.clean for need in row.needs for x in receiver.labels):
            kinds.update(cleaned_by(row, receiver, given))
    if truth and given and not kinds and _is_unseen(frame, receiver, name):
        return UNSEEN
    return frozenset(kinds)


def _is_unseen(frame: Frame, receiver: Value, name: str) -> bool:
    """Is it asked of an object of a type that neither the program nor any row tells of, or not that it answers to this?"""
    kind, program = receiver.type, frame.summaries.program
    if kind is None or kind.variable or is_scalar(kind) or frame.knowledge.rows(name, kind, None):
        return False
    if receiver.everything() - frame.own_labels(receiver):
        return False
    if kind.decl is not None:
        return not program.methods(kind.decl, name) and not program.extensions(name) and program.slot(kind.decl, name) is None
    return not frame.knowledge.is_made(kind.name)
