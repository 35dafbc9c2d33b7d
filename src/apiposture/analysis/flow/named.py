"""What does a name mean that no local variable has, in a file that declares or imports all its names?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from apiposture.analysis.flow.frame import Effects, Frame
from apiposture.analysis.flow.lambdas import invoke
from apiposture.analysis.flow.patterns import ALL_KINDS, by_default, refuses_by_pattern
from apiposture.analysis.flow.values import UNKNOWN, Value
from apiposture.analysis.scalars import is_scalar
from apiposture.model import ir
from apiposture.model.ir import Module
from apiposture.program import walk
from apiposture.program.types import Routine, Slot, Type, TypeUse


class Whom(NamedTuple):
    """Who is called: a function of a module or library (`holder`, `name`), or a type, of which an object is made."""

    holder: Value
    name: str
    made: ir.TypeRef | None = None


def path_of(frame: Frame, expr: ir.Expr) -> str:
    """A dotted name that begins with none of the local variables; empty for everything else."""
    path = walk.dotted(expr)
    first = path.partition(".")[0]
    return "" if first in frame.env or first in ("this", "super") else path


def whom(frame: Frame, function: ir.Expr) -> Whom | None:
    """The function or type that a call names; None where it names a member of a value, or a variable."""
    path = path_of(frame, function)
    if not path:
        return None
    found = frame.summaries.program.meaning(path, frame.module, frame.owner)
    if isinstance(found, Routine):
        return Whom(Value(static=found.owner), found.function.name)
    if isinstance(found, Type):
        return None if found.kind == "module" else Whom(UNKNOWN, path, ir.TypeRef(path))
    if isinstance(found, str):
        holder, _, name = found.rpartition(".")
        if type(function) is ir.Member and (known := frame.value(function.object)).static is None and (known.type or known.labels):
            return None  # a member of a library's object, of which rows tell
        if frame.knowledge.is_made(name):
            return Whom(UNKNOWN, name, ir.TypeRef(path))
        return Whom(Value(static=holder.rpartition(".")[2] or name), name)
    return Whom(UNKNOWN, path) if found is None and "." not in path else None


def ends(frame: Frame, expr: ir.Expr) -> bool:
    """Is it a call that never comes back?"""
    if type(expr) is not ir.Call or walk.called_name(expr) not in frame.knowledge.ends:
        return False
    called = whom(frame, expr.function)
    return called is not None and any(kind == "end" for kind, _, _ in frame.knowledge.rows(called.name, None, called.holder.static))


def given_type(frame: Frame, function: ir.Expr) -> TypeUse | None:
    """The type of what a function gives that is passed by its name."""
    path = path_of(frame, function)
    program = frame.summaries.program
    found = program.meaning(path, frame.module, frame.owner) if path else None
    if isinstance(found, Routine):
        declared = frame.summaries.return_type(found)
        return declared if declared is not None else frame.summaries.of(found).returns.type
    if isinstance(found, str):
        path = found.rpartition(".")[2]
    if (found is None or isinstance(found, str)) and is_scalar(TypeUse(path)):
        return TypeUse(path)
    return program.as_use(found) if isinstance(found, Type) else None


def default_type(frame: Frame, param: ir.Param) -> TypeUse | None:
    """The type of a parameter that has none, by the call that gives it a value where the caller does not."""
    if not frame.module.explicit_names or type(param.default) is not ir.Call:
        return None
    return frame.knowledge.unwrap(_outside(frame, frame.owner, frame.module).value(param.default).type)


def at_first(frame: Frame, routine: Routine, expr: ir.Expr) -> Value:
    """What an expression is that stands outside of a function's body, as a parameter's default does."""
    return _outside(frame, routine.owner, routine.module).value(expr)


CHECKED: Final = frozenset(("checked",))


def checked_for(frame: Frame, slot: Slot) -> frozenset[str]:
    """The kinds of sink that a member is harmless for, because its type refuses all other values when an object is made; `checked` where
    it refuses some, nobody knows which.
    """
    known = frame.summaries.checked
    found = known.get(id(slot.field))
    if found is None:
        among = _are_checked(frame, slot.owner)
        known[id(slot.field)] = (frozenset(), among)  # a check that leads back to its own member says nothing
        kinds = _by_pattern(frame, slot).union(*(_refuses_for(frame, routine) for routine in _checks_of(frame, slot)))
        found = known[id(slot.field)] = (kinds, among)
    if found[1]:
        frame.summaries.look_around((slot.module,))
    return found[0]


def _are_checked(frame: Frame, owner: Type) -> bool:
    """Has a type functions that are given its members' values before an object is made?"""
    return any(frame.knowledge.marked(one.function.annotations, "checks") for routines in owner.functions.values() for one in routines)


def _by_pattern(frame: Frame, slot: Slot) -> frozenset[str]:
    said = (*slot.field.annotations, *by_default(slot.field.value))
    return ALL_KINDS if refuses_by_pattern(frame.summaries.program, frame.knowledge, said, slot.module, slot.owner) else frozenset()


def _checks_of(frame: Frame, slot: Slot) -> Iterator[Routine]:
    """The functions that are given the member's value before an object is made, and may refuse it."""
    for routines in slot.owner.functions.values():
        for routine in routines:
            about = [one for one in routine.function.annotations if frame.knowledge.marked((one,), "checks")]
            named = {a.value.value for one in about for a in one.args if type(a.value) is ir.Literal}
            if slot.field.name in named and any(type(node) is ir.Throw for node in walk.nodes(routine.function.body or ())):
                yield routine


def _refuses_for(frame: Frame, routine: Routine) -> frozenset[str]:
    ensured = frame.summaries.of(routine).ensures
    plain = (g for g in ensured if len(g.alternatives) == 1 and any(x.kind == "param" and x.key >= 0 for x in g.alternatives[0]))
    return CHECKED.union(*(guard.clears for guard in plain))


def first_type(frame: Frame, slot: Slot) -> TypeUse | None:
    """The type of a member or variable: the declared one, that of its first value, or that of the value which a function gives it."""
    program = frame.summaries.program
    if slot.field.type is not None:
        return frame.knowledge.unwrap(program.type_of(slot))
    if slot.field.value is None or not slot.module.explicit_names:
        return None
    known = frame.summaries.first_types
    key = id(slot.field)
    if key not in known:
        known[key] = None  # a value that leads back to its own name has no type
        known[key] = _type_of_value(frame, slot, slot.field.value) or _set_later(frame, slot)
    return known[key]


def own_type(frame: Frame, slot: Slot) -> TypeUse | None:
    """As `first_type`; where the declared type is a library's (`objects: Manager["Plan"]`), the project's own one that its value is of."""
    declared = first_type(frame, slot)
    is_told = slot.field.type is None or (declared is not None and declared.decl is not None)
    if is_told or slot.field.value is None or not slot.module.explicit_names:
        return declared
    known = frame.summaries.first_types
    key = id(slot.field.value)
    if key not in known:
        known[key] = None
        known[key] = _type_of_value(frame, slot, slot.field.value)
    found = known[key]
    return found if found is not None and found.decl is not None else declared


def class_kept(frame: Frame, slot: Slot) -> Type | None:
    """The class that a member of a class names: `serializer_class = OrderSerializer`."""
    if not slot.module.explicit_names or slot.owner.kind != "class" or type(slot.field.value) not in (ir.Name, ir.Member):
        return None
    path = walk.dotted(slot.field.value)
    found = frame.summaries.program.meaning(path, slot.module, slot.owner) if path else None
    return found if isinstance(found, Type) and found.kind in ("class", "record") else None


def _type_of_value(frame: Frame, slot: Slot, value: ir.Expr) -> TypeUse | None:
    return frame.knowledge.unwrap(_outside(frame, slot.owner, slot.module).value(value).type)


def _outside(frame: Frame, owner: Type | None, module: Module) -> Frame:
    """Where the first values of members and variables are worked out: in no function."""
    nowhere = Routine(ir.Function("", (), None, (), (), (), (), 0, 0), owner, module)
    return Frame(frame.summaries, nowhere, {}, Effects())


def made_once(frame: Frame, slot: Slot) -> Value:
    """What a variable holds whose value never changes."""
    return _outside(frame, slot.owner, slot.module).value(slot.field.value) if slot.field.value is not None else UNKNOWN


def told_types(frame: Frame, slot: Slot, kind: TypeUse | None) -> dict[str, Value] | None:
    """The types that the one object of the program's was made with which a module's variable holds: `orders = Repository(Order)`."""
    value = slot.field.value
    if slot.owner.kind != "module" or kind is None or kind.decl is None or type(value) is not ir.Call or not value.args:
        return None
    program, known = frame.summaries.program, frame.summaries.being_made
    paths = [walk.dotted(arg.value) for arg in value.args]
    is_told = any(type(program.meaning(path, slot.module, slot.owner)) is Type for path in paths if path)
    if not is_told or id(slot.field) in known:
        return None
    known.add(id(slot.field))
    fields = made_once(frame, slot).fields or {}
    known.discard(id(slot.field))
    return {name: field for name, field in fields.items() if type(field.static) is Type} or None


def stood_for(frame: Frame, slot: Slot) -> Value:
    """What a variable stands for that asks a function each time it is used."""
    made = slot.field.value
    if type(made) is not ir.Call or not made.args:
        return UNKNOWN
    asked = made.args[0].value
    outside = _outside(frame, slot.owner, slot.module)
    return invoke(outside, outside.value(asked), ()) if type(asked) is ir.Lambda else outside.value(ir.Call(asked, (), made.span))


def _set_later(frame: Frame, slot: Slot) -> TypeUse | None:
    """The type that the first function which sets a variable outside of it leaves there."""
    for routines in slot.owner.functions.values() if slot.owner.kind == "module" else ():
        for routine in routines:
            if slot.field.name in routine.function.rebinds:
                inside = Frame(frame.summaries, routine, {}, Effects())
                inside.run(routine.function.body or ())
                left = inside.env.get(slot.field.name)
                if left is not None and left.type is not None:
                    return frame.knowledge.unwrap(left.type)
    return None
