"""What does a function do that is handed other functions, or a message that somebody else handles?

`found_or_404(Order.by_id, id)` is whatever `Order.by_id(id)` is: such a function is run where it is called, with what it is given there.
"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.analysis.flow.asking import conditions, written_out
from apiposture.analysis.flow.binding import MAP
from apiposture.analysis.flow.conjuncts import item_tested
from apiposture.analysis.flow.endings import ensured, leaves, told_apart, when
from apiposture.analysis.flow.filling import held_at_end
from apiposture.analysis.flow.frame import Frame, tells
from apiposture.analysis.flow.lambdas import MAX_DEPTH
from apiposture.analysis.flow.outcome import Outcome, Told
from apiposture.analysis.flow.positions import Given
from apiposture.analysis.flow.queries import Query
from apiposture.analysis.flow.tables import looks_up
from apiposture.analysis.flow.told_by_use import is_stored_type
from apiposture.analysis.flow.values import Value
from apiposture.model import ir
from apiposture.program.types import Routine, Type, TypeUse, substitute


def takes_functions(given: Sequence[Value]) -> bool:
    """Is one of the values a function?"""
    return any(value.handed is not None for value in given)


def with_tests(frame: Frame, args: Given) -> Given:
    """The arguments of a call, those that are conditions with what they ask: `one(Order.id == id)`, `asked.append(Order.id == id)`."""
    if not frame.module.explicit_names:
        return args
    return [(arg, as_test(frame, arg.value, value) if arg.name is None else value) for arg, value in args]


def as_test(frame: Frame, written: ir.Expr, value: Value) -> Value:
    """The value of an expression, with what it asks where it is a condition of a query: `Order.id == id`."""
    is_written = type(written) in (ir.Binary, ir.Unary, ir.Call) and value.code is None and value.query is None
    if not is_written or not frame.module.explicit_names or not any(x.kind == "row" for x in value.everything()):
        return value
    asked = Query(None, tuple(written_out(frame, [(ir.Argument(written), value)])))
    return Value(value.labels, value.type, value.about, value.constants, value.fields, asked, items=value.items)


def as_conditions(frame: Frame, routine: Routine, given: Sequence[Value], bound: dict[str, TypeUse]) -> list[Value]:
    """The values for a function's parameters, those that are tests of an item with what they ask: `First(o => o.Id == id)`."""
    if all(value.code is None for value in given):
        return list(given)
    pairs = zip(routine.function.params, given, strict=True)
    return [as_condition(frame, frame.summaries.param_type(routine, param), value, bound) for param, value in pairs]


def as_condition(frame: Frame, kind: TypeUse | None, value: Value, bound: dict[str, TypeUse] | None = None) -> Value:
    """A function that is put where one of this type is expected: with what it asks, where that is a test of an item."""
    item = item_tested(kind) if value.code is not None else None
    if item is None:
        return value
    asked = Query(None, conditions(frame, Value(type=TypeUse("List", (substitute(item, bound or {}),))), [value]))
    return Value(value.labels, value.type, value.about, fields=value.fields, query=asked, code=value.code)


def run_handed(
    frame: Frame, routine: Routine, receiver: Value, given: Sequence[Value], bound: dict[str, TypeUse]
) -> Outcome | None:
    """Run a function that is handed functions, messages or queries; None where it is handed none of them, or can't be run here."""
    is_run = takes_functions(given) or takes_messages(frame, routine, given) or takes_queries(frame, routine, receiver, given)
    is_run = is_run or _says_no_types(routine) or takes_types(frame, routine, receiver, given) or looks_up(frame, routine, given)
    return run_here(frame, routine, receiver, given, bound) if is_run else None


def _says_no_types(routine: Routine) -> bool:
    """Is it a function without a name, of which only the caller knows what it is given?"""
    return not routine.function.name and any(param.type is None for param in routine.function.params)


def takes_types(frame: Frame, routine: Routine, receiver: Value, given: Sequence[Value]) -> bool:
    """Is a stored type handed over, or held by the object: `fetch(db, Order, id)`, `Orders(Order).get(id)`? What is loaded is told here."""
    if not routine.module.explicit_names:
        return False
    return any(is_stored_type(frame, value) for value in (*given, *(receiver.fields or {}).values()))


def takes_queries(frame: Frame, routine: Routine, receiver: Value, given: Sequence[Value]) -> bool:
    """Is a query that is still being built handed to a function that says nothing of what it is given, or kept in its object? It goes on
    with that query, which is known here alone: `def newest(found): return found.order_by("-made")`.
    """
    if any(map(_is_built, (receiver.fields or {}).values())):
        return True
    pairs = zip(routine.function.params, given, strict=False)
    return any(param.type is None and (_is_built(value) or _is_begun(frame, value)) for param, value in pairs)


def _is_begun(frame: Frame, value: Value) -> bool:
    """Is it a query of a type that nothing was asked of yet: `db.query(Order)`?"""
    kind = value.type
    if kind is None or kind.decl is not None or not kind.args or value.static is not None:
        return False
    return not frame.knowledge.stores.isdisjoint(frame.knowledge.lineage(kind.name))


def _is_built(value: Value) -> bool:
    return value.query is not None and value.query.entity is not None


def takes_messages(frame: Frame, routine: Routine, given: Sequence[Value]) -> bool:
    """Is a message handed to a function that takes many kinds of them? Who handles it is told by the kind, which is known here alone.

    `ExecuteAsync(ICommand command) => mediator.Send(command)`; so is one that holds another, which its handler sends on, or something of
    any kind that a message is made about: `Added<T>(T one) => mediator.Publish(new Added<T>(one))`.
    """
    libraries, own = frame.summaries.messages(frame.module)
    variables = {param.name for param in routine.function.type_params}
    sends = bool(variables) and _sends(frame, routine)
    for param, value in zip(routine.function.params, given, strict=False):
        kind = value.type.decl if value.type is not None else None
        if kind is not None and (sends or kind in own) and param.type is not None and param.type.name in variables:
            return True
        if kind in libraries:
            taken = frame.summaries.param_type(routine, param)
            holds_one = value.type is not None and any(one.decl in libraries for one in value.type.args if one.decl is not None)
            return taken is not None and (taken.decl is not kind or holds_one)
    return False


def _sends(frame: Frame, routine: Routine) -> bool:
    """Does a function call anything that hands messages to those who handle them?"""
    mentioned = frame.summaries.program.mentions(routine)
    return any(row.call.rpartition(".")[2] in mentioned for row in frame.knowledge.library.dispatch)


def run_here(
    frame: Frame, routine: Routine, receiver: Value, given: Sequence[Value], bound: dict[str, TypeUse]
) -> Outcome | None:
    """Run a function of the program here and now; None where it leads back to itself, or too deep."""
    function = routine.function
    if frame.depth >= MAX_DEPTH or not function.body or id(function) in frame.inside:
        return None
    frame.summaries.of(routine)  # whoever is worked out of it is worked out anew with it
    env = {} if routine.owner is None else {"this": _as_member_of(frame, receiver, routine.owner)}
    for param, value in zip(function.params, given, strict=False):
        env[param.name] = value if value.handed is not None else value.typed(value.type or frame.summaries.param_type(routine, param))
    inner = Frame(frame.summaries, routine, env, frame.effects, frame.facts)
    inner.conditions, inner.depth, inner.inside = frame.conditions, frame.depth + 1, (*frame.inside, id(function))
    inner.taken = frame.taken
    inner.bound = bound
    inner.tells = tells(frame.summaries.return_type(routine), routine.module)
    goes_on = inner.run(function.body)
    if goes_on and inner.tells:
        inner.told.append((None, inner.facts))
    frame.summaries.hold(inner)
    frame.refuses |= inner.refuses
    ends = [facts for _, facts in inner.returned] + ([inner.facts] if goes_on else [])
    ensures = ensured(ends, inner) if ends else frame.facts
    frame.facts |= ensures
    answer = told_apart(inner.result(), inner.apart, ensures)
    answer = answer.typed(frame.summaries.return_type(routine)) if answer.type is None else answer
    return Outcome(answer, leaves(inner, ends), Told(routine, when(inner, ensures)), held_at_end(inner, function))


def _as_member_of(frame: Frame, receiver: Value, owner: Type) -> Value:
    """The object as its own code sees it, which the caller may know by an interface alone."""
    program, kind = frame.summaries.program, receiver.type.decl if receiver.type is not None else None
    is_known = kind is not None and any(one is owner for one in program.lineage(kind))
    return receiver if is_known else receiver.typed(program.as_use(owner))


def spread_out(args: Given) -> Given:
    """The arguments, with those of a list or a dictionary that is spread out one by one, and without what spreads nothing."""
    if not any(arg.mode.startswith("spread") for arg, _ in args):
        return args
    found: list[tuple[ir.Argument, Value]] = []
    for arg, value in args:
        if arg.mode == "spread" and value.items is not None:
            found += ((ir.Argument(arg.value), item) for item in value.items)
        elif arg.mode == "spread-map" and value.type == MAP and value.fields and not value.labels:
            found += ((ir.Argument(arg.value, name), member) for name, member in value.fields.items())
        elif arg.mode != "spread-map" or value.labels or value.fields:
            found.append((arg, value))
    return found
