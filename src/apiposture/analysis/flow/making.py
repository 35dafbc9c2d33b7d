"""What is a new object?"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.analysis.flow import sinks
from apiposture.analysis.flow.composition import apply
from apiposture.analysis.flow.converting import as_parameters
from apiposture.analysis.flow.frame import EXPRESSIONS, Frame
from apiposture.analysis.flow.gone_through import given_to
from apiposture.analysis.flow.handing import as_conditions
from apiposture.analysis.flow.lambdas import answers
from apiposture.analysis.flow.operators import with_member
from apiposture.analysis.flow.passing import kept_inside
from apiposture.analysis.flow.positions import Given
from apiposture.analysis.flow.sent import brought
from apiposture.analysis.flow.targets import arranged, targets
from apiposture.analysis.flow.values import UNKNOWN, Value, cleaned, flat, join, merge, union
from apiposture.analysis.flow.written import written_apart
from apiposture.model import ir
from apiposture.program.types import Routine, Type, TypeUse
from apiposture.program.variables import bindings_of


def as_asked_for(frame: Frame, routine: Routine, args: Sequence[tuple[ir.Argument, Value]], given: list[Value]) -> list[Value]:
    """The values for a function's parameters; what was made without naming a type is of the parameter's: `Make(new(name))`."""
    for arg, value in args if frame.unnamed else ():
        if id(arg.value) in frame.unnamed:
            params = routine.function.params
            given = [
                _of_type(frame, arg.value, one, frame.summaries.param_type(routine, param)) if one is value else one
                for param, one in zip(params, given, strict=True)
            ]
    return given


def _of_type(frame: Frame, expr: ir.Expr, value: Value, wanted: TypeUse | None) -> Value:
    """What an expression made without naming a type, where this one is asked for."""
    known = frame.unnamed.get(id(expr))
    is_one = known is not None and wanted is not None and wanted.decl is not None and not wanted.decl.is_abstract
    return _put_together(frame, expr, wanted, *known) if known is not None and is_one and type(expr) is ir.New else value


def new(frame: Frame, expr: ir.New) -> Value:
    """A new object."""
    return made_of(frame, expr, frame.type(expr.type))


def made_of(frame: Frame, expr: ir.New, kind: TypeUse | None) -> Value:
    """The same, of a type that is known otherwise."""
    args = given_to(frame, kind, [(arg, frame.value(arg.value)) for arg in expr.args])
    fields = [(arg, frame.value(arg.value)) for arg in expr.fields]
    if expr.type is None and kind is None:
        frame.unnamed[id(expr)] = (args, fields)
    if expr.type is not None and args and frame.knowledge.carries(expr.type) and _is_library_s(frame, expr.type):
        values = [value for _, value in args]
        return join([*(value for value in values if value.code is None), *answers(frame, UNKNOWN, values)]).typed(kind)
    return _put_together(frame, expr, kind, args, fields)


def _is_library_s(frame: Frame, written: ir.TypeRef) -> bool:
    """Is it a type that the program does not declare itself?"""
    return frame.summaries.program.find_type(written.name, frame.module, frame.owner) is None


def _put_together(frame: Frame, expr: ir.New, kind: TypeUse | None, args: Given, fields: Given) -> Value:
    """A new object of these arguments and members."""
    if kind is not None and kind.decl is not None and frame.unnamed:
        fields = [(arg, _of_type(frame, arg.value, value, _asked_for(frame, kind.decl, arg.name))) for arg, value in fields]
    named = {arg.name: value for arg, value in fields if arg.name}
    if kind is None and expr.type is None and expr.args and expr.args[0].mode == "spread":
        return args[0][1].with_fields(named)
    loose = [value for arg, value in fields if not arg.name]
    reported = sinks.made(frame, expr, kind, args, fields)
    if kind is not None and kind.decl is not None:
        made = Value({}, kind, fields={})
        constructors = targets(frame, made, ".ctor", args, False)[:1]
        if not constructors:  # it takes its members by name, or in their order
            named.update(_members_given(frame, kind.decl, args))
            loose += [value for arg, value in args if arg.mode.startswith("spread")]
        for target in constructors:
            frame.env["new"] = made
            bound = bindings_of(frame.summaries.program, kind, kind.decl)
            arguments = as_asked_for(frame, target.routine, args, arranged(frame, target, made, args)[1])
            given = as_conditions(frame, target.routine, as_parameters(frame, target.routine, arguments, expr.span), bound)
            apply(frame, target.routine, made, given, expr.span, bound)
            made = frame.env.pop("new", made)
        made = Value(merge((brought(frame, kind, expr.span), *map(flat, loose))), kind, union(v.about for v in loose), None, made.fields)
        for name, value in named.items():
            made = with_member(frame, made, name, value, expr.span)
        return made
    values = [value for _, value in args] + loose
    values += answers(frame, UNKNOWN, values)  # `new Lazy<Order>(() => Load(id))`, `new Thread(() => Run(sent))`
    named.update((arg.name, value) for arg, value in args if arg.name and value.constants is not None)
    made = Value(merge(flat(v) for v in values), kind, union(v.everything() for v in values), None, named or None)
    name = kind.name if kind is not None else ""
    return cleaned(kept_inside(frame.module, written_apart(frame, name, made, args, made), UNKNOWN, name), reported)


def _asked_for(frame: Frame, declared: Type, name: str | None) -> TypeUse | None:
    """The type of a member of an object."""
    slot = frame.summaries.program.slot(declared, name) if name else None
    return frame.knowledge.unwrap(frame.summaries.program.type_of(slot)) if slot is not None else None


def _members_given(frame: Frame, declared: Type, args: Sequence[tuple[ir.Argument, Value]]) -> dict[str, Value]:
    """The members of an object whose type has no constructor of its own."""
    found = {arg.name: value for arg, value in args if arg.name}
    loose = [value for arg, value in args if not arg.name and not arg.mode]
    if loose:
        ordered = [name for t in reversed(list(frame.summaries.program.lineage(declared))) for name in t.fields]
        found.update(zip(ordered, loose, strict=False))
    return found


EXPRESSIONS[ir.New] = new
