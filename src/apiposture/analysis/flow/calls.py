"""What does a call give, and what does it do?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from apiposture.analysis.flow import called_back, lambdas, meanings, outs, own_queries, stored
from apiposture.analysis.flow.begun import as_begun
from apiposture.analysis.flow.binding import harmless, shared, taking_up, text_of
from apiposture.analysis.flow.callee import INVOKES, Callee, callee_of
from apiposture.analysis.flow.cleaning import taken_out
from apiposture.analysis.flow.composition import apply
from apiposture.analysis.flow.conditions import found_by
from apiposture.analysis.flow.containers import kept
from apiposture.analysis.flow.converting import as_parameters
from apiposture.analysis.flow.filling import is_container, is_entry_of_variable, keep
from apiposture.analysis.flow.frame import EXPRESSIONS, Frame, tells
from apiposture.analysis.flow.gone_through import all_of, gone_through
from apiposture.analysis.flow.handing import as_conditions, run_handed, spread_out, with_tests
from apiposture.analysis.flow.labels import FITS, GIVEN, SAME_TIME
from apiposture.analysis.flow.lambdas import answers
from apiposture.analysis.flow.making import as_asked_for, made_of, new
from apiposture.analysis.flow.members import member, part
from apiposture.analysis.flow.named import class_kept
from apiposture.analysis.flow.outcome import Told
from apiposture.analysis.flow.passing import just_saved, kept_inside, one_of, passed_through
from apiposture.analysis.flow.positions import Given
from apiposture.analysis.flow.running import run_given
from apiposture.analysis.flow.sent import parted
from apiposture.analysis.flow.sifting import sifted
from apiposture.analysis.flow.targets import Target, above, arranged, as_declared, targets
from apiposture.analysis.flow.told_by_use import as_told
from apiposture.analysis.flow.values import UNKNOWN, Value, cleaned, flat, hidden, join, merge, union, unmarked
from apiposture.analysis.flow.wrapped import method_bindings, with_answers
from apiposture.analysis.flow.written import take_out, written_apart
from apiposture.analysis.knowledge import Knowledge
from apiposture.analysis.sensitive import makes_safe, shows_what_it_holds
from apiposture.model import ir
from apiposture.program.types import Routine, Type, TypeUse, substitute
from apiposture.program.variables import bindings_of


def _call(frame: Frame, call: ir.Call) -> Value:
    around, frame.answered = frame.answered, []
    value = _called(frame, call)
    frame.answered = around
    frame.results[id(call)] = value
    return value


def _called(frame: Frame, call: ir.Call) -> Value:
    if (own := _own_class(frame, call.function)) is not None:
        return made_of(frame, ir.New(None, call.args, (), call.span), frame.summaries.program.as_use(own))
    callee = callee_of(frame, call)
    if callee.made is not None:
        return new(frame, ir.New(callee.made, call.args, (), call.span))
    args = spread_out(with_tests(frame, [(arg, frame.value(arg.value) if arg.mode != "out" else UNKNOWN) for arg in call.args]))
    if callee.local is not None:
        came = lambdas.call(frame, callee.local, [value for _, value in args])
        frame.gone |= {id(call)} if came.leaves else set()
        here = Target(Routine(callee.local.function, frame.owner, frame.module))
        outs.hand_back(frame, call, args, [outs.by_argument(here, args, came.outs)], UNKNOWN)
        return came.value
    if callee.name == INVOKES:
        called_back.note(frame, callee.receiver, [value for _, value in args], frame.facts)
    if _is_unbound(frame, call, callee, args):
        above_it = targets(frame, callee.receiver, callee.name, args[1:], False)
        return composed(frame, call, callee.on(args[0][1]), args[1:], above_it)
    if frame.knowledge.does(callee.name, "saves") and not _tells_what_it_saves(frame, callee, args):
        frame.note_saved()
    callee = as_begun(frame, as_told(frame, call, callee, args), call.span)
    if args and frame.knowledge.does(callee.name, "made-for-key"):
        answers(frame, callee.receiver, [value for _, value in args], args[0][1])
    said = meanings.read(frame, call, callee.receiver, callee.name, callee.written, args)
    if (held := kept(frame, call, callee.receiver, callee.name, args)) is not None:
        return held
    _note_linked(frame, call, callee, args)
    found: Sequence[Target] = targets(frame, callee.receiver, callee.name, args, callee.written == "", len(call.type_args))
    if callee.written == "super":
        found = above(frame, callee.name, args, found)
    if said is not None and (said.decisive or not found):
        value = said.value
    elif found:
        _note_handed(frame, call, [value for _, value in args], found)
        value = composed(frame, call, callee, args, found)
        value = own_queries.asked(frame, call, callee.receiver, args, found, value) or value
    elif (ran := run_given(frame, call, callee.name, args)) is not None:
        value = ran
    else:
        callee = callee.on(gone_through(frame, call, callee.receiver))
        values = [value for _, value in all_of(frame, args)]
        given = [*values, *answers(frame, callee.receiver, values)]
        known = _named_part(frame, call, callee, values) or _gone_through(frame, callee, values, given)
        known = known or _chosen(frame, callee, args) or _put_in(frame, callee, args)
        unknown = passed_through(callee.receiver, given, _does(frame.knowledge, callee.name))
        value = known or one_of(frame, callee.receiver, callee.name, unknown)
        value = as_declared(frame, callee.written, callee.name, kept_inside(frame.module, value, callee.receiver, callee.name))
        value = just_saved(frame, callee.name, args, written_apart(frame, callee.name, callee.receiver, args, value))
        if frame.knowledge.does(callee.name, "takes-out") and args and type(call.function) is ir.Member:
            take_out(frame, call.function.object, args[0][0].value)
    if args and frame.knowledge.does(callee.name, "insists"):
        frame.facts |= found_by(frame, call, callee.receiver, answers(frame, callee.receiver, [v for _, v in args]))
    if found or said is None:
        _hand_on(frame, args)
    if not found:
        _mutated(frame, call, args)
        _written_to(frame, args, value)
    if not found and frame.knowledge.does(callee.name, "verifies"):
        timed = {SAME_TIME} if frame.knowledge.does(callee.name, "same-time") else set()
        value = Value(value.labels, value.type, value.about | {GIVEN, FITS} | timed)
    if not found or (said is not None and said.decisive):
        outs.bound_by_library(frame, args, value, _handed_back(frame, callee, value), call.span)
    return hidden(value) if makes_safe(callee.name) else _picked(frame, callee, args, value)


def _handed_back(frame: Frame, callee: Callee, value: Value) -> TypeUse | None:
    """The type of what a library hands back: of a table, that of its items; else that of what it gives, if it is more than a yes."""
    receiver = callee.receiver.type
    if receiver is not None and receiver.args and frame.knowledge.does(callee.name, "by-key"):
        return receiver.args[-1]
    return value.type if value.type is not None and value.type.name != "bool" else None


def _picked(frame: Frame, callee: Callee, args: Given, value: Value) -> Value:
    """What was picked by a test of several that only together show what they show: `claims.First(c => c.Type == "sub")`."""
    kind = value.type.args[-1] if value.type is not None and value.type.args else value.type
    if not frame.knowledge.tells(kind) or not any(type(arg.value) is ir.Lambda for arg, _ in args):
        return value
    return Value(unmarked(value.labels), value.type, value.about, value.constants, value.fields, value.query)


def _hand_on(frame: Frame, args: Sequence[tuple[ir.Argument, Value]]) -> None:
    """Whoever is given a list may change it."""
    for arg, value in args:
        if value.items is not None and type(arg.value) is ir.Name and frame.env.get(arg.value.id) is value:
            shared(frame, arg.value, value)


def _is_unbound(frame: Frame, call: ir.Call, callee: Callee, args: Sequence[tuple[ir.Argument, Value]]) -> bool:
    """`Base.check(self)`, `User.shown(user)`: is it a method of a type, called with its object as its first argument?"""
    holder, first = callee.receiver.static, args[0] if args else None
    if type(holder) is not Type or holder.kind == "module" or first is None or first[0].name or first[0].mode:
        return False
    own = type(first[0].value) is ir.Name and first[0].value.id == "this"
    if not own and not (frame.module.explicit_names and _may_be_one(frame, first[1], holder)):
        return False
    return any("static" not in one.function.modifiers for one in frame.summaries.program.methods(holder, callee.name)[:1])


def _may_be_one(frame: Frame, value: Value, holder: Type) -> bool:
    """May the value be an object of the type? Of one of unknown type, nothing says otherwise."""
    return value.static is None and (value.type is None or frame.knowledge.is_a(value.type, holder.simple))


def _note_handed(frame: Frame, call: ir.Call, values: Sequence[Value], found: Sequence[Target]) -> None:
    """What was taken from a collection in memory is handed on, unless it is only asked about."""
    if any(access.kept for access in frame.effects.accesses.values()) and not all(_only_tells(frame, one.routine) for one in found):
        for value in values:
            frame.note_use("handed", value, call.span)


def _note_linked(frame: Frame, call: ir.Call, callee: Callee, args: Sequence[tuple[ir.Argument, Value]]) -> None:
    """What a store makes something new of is linked to it: `Comment.objects.create(order=order)`."""
    if callee.receiver.type is not None and callee.receiver.type.args and frame.knowledge.does(callee.name, "links"):
        stored.note_links(frame, {arg.name: value for arg, value in args if arg.name}, call.span)


def _only_tells(frame: Frame, routine: Routine) -> bool:
    answer = frame.summaries.return_type(routine)
    return answer is not None and answer.name in ("bool", "Boolean")


def _named_part(frame: Frame, call: ir.Call, callee: Callee, values: Sequence[Value]) -> Value | None:
    takes = frame.knowledge.does(callee.name, "takes-out")
    if not values or callee.receiver.static is not None or not (takes or frame.knowledge.does(callee.name, "looks-up")):
        return None
    name = values[0].constants[0] if values[0].constants else None
    instead = [flat(value) for value in values[1:]]  # what is given for what is not there
    if name is None and (takes or frame.knowledge.does(callee.name, "by-key")):
        held = merge((parted(callee.receiver.labels), *instead))
        return Value(held, None, union(v.everything() for v in (callee.receiver, *values)))
    if not isinstance(name, str):
        return None
    if callee.receiver.fields and name in callee.receiver.fields:
        return callee.receiver.fields[name]
    labels = part(frame, callee.receiver, name, call.span)
    return Value(merge((labels, *instead)) if takes else labels, None, callee.receiver.everything())


def _gone_through(frame: Frame, callee: Callee, values: Sequence[Value], given: Sequence[Value]) -> Value | None:
    """What is left of a collection whose items a lambda chooses, or what the lambda makes of them; None where it does neither."""
    if len(values) != 1 or values[0].code is None or callee.receiver.static is not None:
        return None
    about = union((callee.receiver.about, *(value.everything() for value in given)))
    if frame.knowledge.does(callee.name, "narrows"):
        return sifted(frame, callee.receiver, Value(callee.receiver.labels, callee.receiver.type, about), values)
    if frame.knowledge.does(callee.name, "projects"):
        made = harmless(join(given[1:]))
        if made.fields and made.type is not None and made.type.decl is not None:
            return Value(made.labels, TypeUse("List", (made.type,)), about, fields=made.fields)  # each has the members that one has
        items = (made,) if made.query is not None else None  # it stands for each of them
        return Value(flat(made), TypeUse("List", (made.type,) if made.type is not None else ()), about, items=items)
    return None


def _chosen(frame: Frame, callee: Callee, args: Sequence[tuple[ir.Argument, Value]]) -> Value | None:
    """What is left of a collection whose items are chosen by named arguments; None where they are not."""
    receiver = callee.receiver
    if receiver.static is not None or not args or not frame.knowledge.does(callee.name, "selects") or any(not arg.name for arg, _ in args):
        return None
    return Value(receiver.labels, receiver.type, union((receiver.about, *(value.everything() for _, value in args))))


def _put_in(frame: Frame, callee: Callee, args: Sequence[tuple[ir.Argument, Value]]) -> Value | None:
    """What a store makes of the members that it is given by their names; None where it is told something else, or is none."""
    store = callee.receiver.type
    members = {arg.name: value for arg, value in args if arg.name}
    if store is None or not store.args or not members or len(members) < len(args) or not frame.knowledge.does(callee.name, "makes"):
        return None
    return Value(merge(flat(value) for value in members.values()), store.args[-1], callee.receiver.about, fields=members)


def _tells_what_it_saves(frame: Frame, callee: Callee, args: Given) -> bool:
    """Is it a function of the project's own that saves by what it calls? Then what holds there is known, and the name says no more."""
    found = targets(frame, callee.receiver, callee.name, args, callee.written == "") if callee.written != "super" else ()
    return bool(found) and all(frame.summaries.of(target.routine).saves for target in found)


def composed(
    frame: Frame, call: ir.Call, callee: Callee, args: Sequence[tuple[ir.Argument, Value]], found: Sequence[Target]
) -> Value:
    """What the functions that a call may reach give together; their effects are noted."""
    results: list[Value] = []
    before = frame.facts
    kept = None
    tellers: list[Told] = []
    ways: list[Mapping[int, Value]] = []
    ran: set[int] = set()
    come_back = 0
    for target in found:
        frame.facts = before
        meanings.note_generated(frame, call, target.routine, args)
        receiver, given = arranged(frame, target, callee.receiver, args)
        given = as_parameters(frame, target.routine, as_asked_for(frame, target.routine, args, given), call.span)
        given = with_answers(frame, target.routine, callee.receiver, given)
        bound = dict(bindings_of(frame.summaries.program, callee.receiver.type, target.routine.owner))
        bound.update(method_bindings(frame, call, target.routine.function, given))
        given = as_conditions(frame, target.routine, given, bound)
        came = run_handed(frame, target.routine, receiver, given, bound) or apply(frame, target.routine, receiver, given, call.span, bound)
        come_back += not came.leaves
        if answered := called_back.run(frame, came.called_back, given):
            ran.update(id(given[param].code) for param in answered)
            came = called_back.with_answers(came, frame.summaries.of(target.routine), answered)
        declared = frame.summaries.return_type(target.routine)
        if came.told is not None and tells(declared, target.routine.module):
            tellers.append(came.told)
        value = cleaned(_typed_by_signature(came.value, declared, bound), taken_out(frame, target.routine))
        ways.append(outs.by_argument(target, args, came.outs) if came.outs else {})
        results.append(value)
        kept = frame.facts if kept is None else kept & frame.facts
    frame.facts = kept if kept is not None else before
    if found and not come_back:
        frame.gone.add(id(call))
    outs.hand_back(frame, call, args, ways, passed_through(UNKNOWN, [value for _, value in args]))
    answers(frame, callee.receiver, [value for _, value in args if id(value.code) not in ran])
    if not tellers:
        return join(results)
    frame.told_by[id(call)] = tellers
    yes, no = (frozenset.intersection(*(teller.when[i] for teller in tellers)) for i in (0, 1))
    return join(results).proven((yes, no) if yes or no else None)


def _typed_by_signature(value: Value, declared: TypeUse | None, bound: dict[str, TypeUse]) -> Value:
    if declared is None or not (value.type is None or value.type.variable):
        return value
    return value.typed(substitute(declared, bound))


def _does(knowledge: Knowledge, name: str) -> str:
    """`writes` or `looks-up` where a method of this name does one of these; an error shows what it is made of (`ValueError(text)`)."""
    if name[:1].isupper() and shows_what_it_holds(name):
        return "writes"
    return "looks-up" if knowledge.does(name, "looks-up") else "writes" if knowledge.does(name, "writes") else ""


def _mutated(frame: Frame, call: ir.Call, args: Sequence[tuple[ir.Argument, Value]]) -> None:
    """A library's object that a variable holds, or a member that only holds things, has taken up what it was given."""
    function = call.function
    if type(function) is not ir.Member or not frame.knowledge.does(function.name, "fills"):
        return
    holder = function.object
    while type(holder) is ir.Call and type(holder.function) is ir.Member:
        holder = holder.function.object
    is_variable = type(holder) is ir.Name and holder.id in frame.env
    known = frame.env[holder.id] if is_variable else frame.seen(holder)  # type: ignore[union-attr]
    is_variable = is_variable or is_entry_of_variable(frame, holder)
    if known.static is not None or (known.type is not None and known.type.decl is not None):
        return
    if is_variable or is_container(frame, known.type):
        keep(frame, holder, taking_up(known, args), call.span)


def _written_to(frame: Frame, args: Sequence[tuple[ir.Argument, Value]], given: Value) -> None:
    """A library's function that is given something to write to writes there what it would give."""
    for arg, value in args:
        if type(arg.value) is ir.Name and arg.value.id in frame.env and _is_written_to(frame.knowledge, value.type):
            labels = merge((value.labels, flat(text_of(given))))
            frame.env[arg.value.id] = Value(labels, value.type, union((value.about, given.everything())), fields=value.fields)


def _is_written_to(knowledge: Knowledge, kind: TypeUse | None) -> bool:
    """Is it a library's writer?"""
    if kind is None or kind.decl is not None:
        return False
    return any(knowledge.is_by_nature(name, "written-to") for name in knowledge.lineage(kind.name))


def _own_class(frame: Frame, function: ir.Expr) -> Type | None:
    """The class that a member of the own object names, which is called to make one: `self.serializer_class(order)`."""
    if type(function) is not ir.Member or type(function.object) is not ir.Name or function.object.id != "this":
        return None
    this = frame.env.get("this", UNKNOWN).type
    slot = frame.summaries.program.slot(this.decl, function.name) if this is not None and this.decl is not None else None
    return class_kept(frame, slot) if slot is not None else None


EXPRESSIONS[ir.Call] = _call

__all__ = ["member", "passed_through"]
