"""What does a statement do to what is known?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from apiposture.analysis.flow.binding import TRUTH, bound
from apiposture.analysis.flow.called_so import taken_at_its_word
from apiposture.analysis.flow.certain import certain
from apiposture.analysis.flow.conditions import as_check, assume, told
from apiposture.analysis.flow.converting import as_type
from apiposture.analysis.flow.effects import NOTHING, Facts
from apiposture.analysis.flow.endings import parts
from apiposture.analysis.flow.frame import STATEMENTS, Frame, branch
from apiposture.analysis.flow.handing import as_condition
from apiposture.analysis.flow.insisting import only_asked, tells_whether
from apiposture.analysis.flow.kinds import asks_kind
from apiposture.analysis.flow.labels import EMPTY
from apiposture.analysis.flow.loops import jump, loop
from apiposture.analysis.flow.named import ends
from apiposture.analysis.flow.queries import Query
from apiposture.analysis.flow.sparing import of_last_kind, of_one
from apiposture.analysis.flow.switches import asked_on_sides, assigned_in, on_side, sides_of, switch, under
from apiposture.analysis.flow.values import UNKNOWN, Value, checked, flat, merge, union
from apiposture.analysis.flow.whether_found import overridden
from apiposture.model import ir
from apiposture.model.source import Span
from apiposture.program import walk
from apiposture.program.types import TypeUse


def _leaves(frame: Frame, value: ir.Expr) -> bool:
    """Does control leave where the expression is evaluated?"""
    leaves = (type(value) is ir.Opaque and value.kind == "throw") or ends(frame, value) or id(value) in frame.gone
    frame.refuses |= leaves
    return leaves


def _eval(frame: Frame, statement: ir.Eval) -> bool:
    value = statement.value
    frame.value(value)
    return not _leaves(frame, value)


def _declare(frame: Frame, statement: ir.Declare) -> bool:
    value = frame.value(statement.value) if statement.value is not None else UNKNOWN
    value = as_check(frame, statement.value, taken_at_its_word(frame, statement.name, value, statement.value, statement.span))
    declared = frame.type(statement.type)
    kept = bound(frame, statement.name, as_type(frame, value, declared, statement.span), declared, statement.span)
    if type(statement.value) is ir.Call and kept.proof is None and _is_test(frame, statement.value, kept):
        yes, no = told(frame, statement.value)  # a test that is kept says the same when it is asked for
        kept = kept.typed(TRUTH).proven((yes or NOTHING, no or NOTHING))
    frame.env[statement.name] = kept
    return True


def _is_test(frame: Frame, call: ir.Call, given: Value) -> bool:
    """Does a call answer whether something is so? Whatever holds the items, `Any` and `All` do."""
    if given.type is not None or frame.module.explicit_names:
        return given.type is not None and given.type.name == "bool"
    return any(frame.knowledge.does(walk.called_name(call), one) for one in ("some-of", "all-of"))


def _return(frame: Frame, statement: ir.Return) -> bool:
    if type(statement.value) is ir.Choice:
        return _return_either(frame, statement.value, statement.span)
    value = frame.value(statement.value) if statement.value is not None else UNKNOWN
    if statement.value is not None and _leaves(frame, statement.value):
        return False
    if value.code is not None:
        value = as_condition(frame, frame.summaries.return_type(frame.routine), value)
    if value.constants is not None and not value.labels:
        # A literal answer tells what was decided on the way to it.
        facts = (labels for guard in frame.facts for labels in guard.alternatives)
        value = Value(value.labels, value.type, union((value.about, frame.conditions, *facts)), value.constants)
    frame.returned.append((checked(value, frame.facts), frame.facts))
    frame.ends.append(statement.value)
    frame.apart.append((parts(frame, value, statement.value), frame.facts))
    if frame.tells:
        frame.told.append(told(frame, statement.value) if statement.value is not None else (None, frame.facts))
    return False


def _return_either(frame: Frame, choice: ir.Choice, span: Span) -> bool:
    """`return mine ? Ok(order) : NotFound()`: each answer is given under what its side of the condition says."""
    known = certain(frame, choice.condition)
    if known is not None:
        return _return(frame, ir.Return(choice.then if known else choice.other, span))
    condition = frame.value(choice.condition)
    conditions = union((frame.conditions, condition.everything()))
    decided = switch(frame, choice.condition)

    def go(truth: bool, side: ir.Expr) -> bool:
        assume(frame, choice.condition, truth)
        frame.conditions = conditions
        before = len(frame.returned)
        goes_on = _return(frame, ir.Return(side, span))
        if decided is not None:
            _mark_returned(frame, before, on_side(decided, truth))
        return goes_on

    return branch(frame, (partial(go, True, choice.then), partial(go, False, choice.other)))


def _mark_returned(frame: Frame, since: int, mark: str) -> None:
    frame.returned[since:] = [(under(value, mark), facts) for value, facts in frame.returned[since:]]


def _yield(frame: Frame, statement: ir.Yield) -> bool:
    frame.yielded.append(frame.value(statement.value))
    return True


def _throw(frame: Frame, statement: ir.Throw) -> bool:
    if statement.value is not None:
        frame.thrown.append(frame.value(statement.value))
    frame.refuses = True
    return False


def _if(frame: Frame, statement: ir.If) -> bool:
    condition = frame.value(statement.condition)
    frame_conditions = union((frame.conditions, condition.everything()))
    decided = switch(frame, statement.condition)
    changed = assigned_in((*statement.then, *statement.other)) if decided is not None else ()
    there = _asked_to_be_there(statement.condition) if not statement.other else None
    asked = frame.value(there) if there is not None else UNKNOWN
    around = frame.env
    narrowed: dict[str, Value] = {}
    sides: dict[str, dict[bool, Query]] = {}
    kind = of_one(condition) if asks_kind(frame, statement.condition) else EMPTY
    last = kind if kind and not statement.other and frame.kinds.get(id(statement)) == {(x.kind, x.key) for x in kind} else EMPTY
    if kind and len(statement.other) == 1:
        frame.kinds[id(statement.other[0])] = {(x.kind, x.key) for x in kind}

    outcomes: list[Facts] = []
    on = [sides_of(frame, statement.condition, False), sides_of(frame, statement.condition, True)]
    left: list[bool] = []

    def go(truth: bool, body: tuple[ir.Stmt, ...]) -> bool:
        known = frame.facts
        assume(frame, statement.condition, truth)
        outcomes.append(frame.facts - known)
        frame.conditions = frame_conditions
        before = len(frame.returned)
        frame.taken |= on[truth]
        goes_on = frame.run(body)
        if goes_on:
            left.append(truth)
        if truth and there is not None:
            narrowed.update(_narrowed_by(asked, around, frame.env))
        if truth and last:
            narrowed.update(of_last_kind(last, around, frame.env))
        frame.env.update(narrowed)
        if decided is not None:
            mark = on_side(decided, truth)
            for name in changed:
                asks = frame.env[name].query if name in frame.env else None
                if goes_on and asks is not None:
                    sides.setdefault(name, {})[truth] = asks
            _mark_returned(frame, before, mark)
            frame.env.update((name, under(frame.env[name], mark)) for name in changed if name in frame.env)
        return goes_on

    known = certain(frame, statement.condition)
    if known is not None:
        return frame.run(statement.then if known else statement.other)
    goes_on = branch(frame, (partial(go, True, statement.then), partial(go, False, statement.other)), outcomes)
    if goes_on and decided is not None:
        frame.env.update((name, asked_on_sides(frame.env[name], of_sides, decided)) for name, of_sides in sides.items())
    if len(left) == 1:
        frame.taken |= on[left[0]]
    for name, truth in _settings(statement) if goes_on else ():
        if name in frame.env:
            frame.env[name] = overridden(condition, around.get(name), frame.env[name], truth)
    if goes_on and not statement.other:
        # One branch left early: what decided still colours what is returned from here on.
        frame.conditions = frame_conditions
    return goes_on


def _settings(statement: ir.If) -> Iterator[tuple[str, bool]]:
    """The variables that one side of a test sets to be true or false, whatever they were."""
    for one in (*statement.then, *statement.other) if not (statement.then and statement.other) else ():
        done = one.value if type(one) is ir.Eval else None
        given = done.value if type(done) is ir.Assign and type(done.target) is ir.Name else None
        if type(given) is ir.Literal and isinstance(given.value, bool):
            yield done.target.id, given.value  # type: ignore[union-attr]


def _asked_to_be_there(condition: ir.Expr) -> ir.Expr | None:
    """Of what a test asks nothing but whether it is there: `if owner`, `if (criteria != null)`."""
    if type(condition) in (ir.Name, ir.Member):
        return condition
    if type(condition) is ir.Unary and condition.operator == "!" and type(condition.operand) is ir.Binary:
        return _held_to_nothing(condition.operand, ("is", "=="))
    return _held_to_nothing(condition, ("!=",)) if type(condition) is ir.Binary else None


def _held_to_nothing(test: ir.Binary, operators: tuple[str, ...]) -> ir.Expr | None:
    """Of what a test asks whether it is nothing."""
    for one, other in ((test.left, test.right), (test.right, test.left)) if test.operator in operators else ():
        if type(one) in (ir.Name, ir.Member) and type(other) is ir.Literal and other.value is None:
            return one
    return None


def _narrowed_by(value: Value, before: dict[str, Value], after: dict[str, Value]) -> Iterator[tuple[str, Value]]:
    """The queries that only ask more for a value where it is there: `if owner: query = query.filter(Order.owner == owner)`. Without it
    there is nothing to ask for. (A question about the caller is no such test: `if (me.IsAdmin)`, `if user.is_authenticated`.)
    """
    if any(label.kind == "principal" for label in value.labels):
        return
    for name, known in after.items():
        was = before.get(name)
        if was is not None and was is not known and known.query is not None:
            more = known.query.predicates[len(was.query.predicates) if was.query is not None else 0 :]
            if more and all(one.against and one.against.keys() <= value.labels.keys() for one in more):
                yield name, known


def _try(frame: Frame, statement: ir.Try) -> bool:
    before, asked = frame.facts, frozenset(frame.effects.accesses)
    around, frame.thrown = frame.thrown, []

    def handle(handler: ir.Handler) -> bool:
        frame.facts = before
        caught, frame.thrown = frame.thrown, around
        if handler.name:
            frame.env[handler.name] = _caught(frame, handler, caught)
        goes_on = frame.run(handler.body)
        frame.thrown = caught
        return goes_on

    ways = [partial(frame.run, statement.body), *(partial(handle, handler) for handler in statement.handlers)]
    goes_on = branch(frame, ways)
    if tells_whether(statement):
        only_asked(frame, asked)
    frame.thrown = around if statement.handlers else around + frame.thrown
    return _finally(frame, statement, before) and goes_on


def _finally(frame: Frame, statement: ir.Try, before: Facts) -> bool:
    """What runs at the end runs wherever the body was left: nothing that was learnt in it holds there yet."""
    if not statement.final:
        return True
    learnt, frame.facts = frame.facts, before
    goes_on = frame.run(statement.final)
    frame.facts |= learnt
    return goes_on


def _caught(frame: Frame, handler: ir.Handler, thrown: list[Value]) -> Value:
    """The exception of a handler: what is known of those that the body itself throws and that fit, and of no others."""
    several = handler.type.args if handler.type is not None and handler.type.name == "()" else ()
    kinds = [kind for kind in map(frame.type, several or (handler.type,)) if kind is not None]
    fits = [v for v in thrown if not kinds or v.type is None or any(_is_caught(frame, v.type, kind) for kind in kinds)]
    return Value(merge(flat(v) for v in fits), kinds[0] if len(kinds) == 1 else None, union(v.about for v in fits))


def _is_caught(frame: Frame, thrown: TypeUse, kind: TypeUse) -> bool:
    return kind.name == "Exception" or frame.knowledge.is_a(thrown, kind.name)


def _block(frame: Frame, statement: ir.Block) -> bool:
    return frame.run(statement.body)


STATEMENTS.update(
    {
        ir.Eval: _eval,
        ir.Declare: _declare,
        ir.Return: _return,
        ir.Yield: _yield,
        ir.Throw: _throw,
        ir.If: _if,
        ir.Loop: loop,
        ir.Try: _try,
        ir.Block: _block,
        ir.Jump: jump,
    }
)
