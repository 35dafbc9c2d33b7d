"""Which of the program's functions may a call reach?"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final, NamedTuple

from apiposture.analysis.flow.binding import MAP
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.handled import is_about, message_of
from apiposture.analysis.flow.inheriting import behind, does_otherwise
from apiposture.analysis.flow.labels import PRINCIPAL
from apiposture.analysis.flow.members import is_fixed
from apiposture.analysis.flow.named import at_first
from apiposture.analysis.flow.positions import Given
from apiposture.analysis.flow.sent import parted
from apiposture.analysis.flow.values import LEFT_OUT, UNKNOWN, Value, constant, extend, join, union
from apiposture.analysis.scalars import is_scalar
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type, TypeUse

MAX_TARGETS: Final = 4
"""An interface with more implementations than this is followed into the first ones only."""


class Target(NamedTuple):
    """A function that may be reached; `extension` ones take the receiver as their first argument."""

    routine: Routine
    extension: bool = False


def targets(frame: Frame, receiver: Value, name: str, args: Given, own: bool, generic: int = 0) -> list[Target]:
    """The functions behind `receiver.name(args)`, or behind a bare `name(args)` where `own` is set; `generic` type arguments are given."""
    if not name:
        return []
    if receiver.static is not None:
        if isinstance(receiver.static, str):
            return []
        found = _fitting(frame, _meant(frame, receiver.static, name, args, generic), args, 0, generic)[:1]
        return [Target(_as_member_of(frame, routine, receiver.static)) for routine in found] or _held(frame, receiver.static, name)
    declared = receiver.type.decl if receiver.type is not None else None
    if own:
        owner = declared or frame.owner
        reached = _own(frame, owner, name, args, generic) if owner is not None else _opened(frame, name, args)
        if reached:
            return reached
    if declared is not None and not own:
        reached = [Target(routine) for routine in _dispatched(frame, declared, name, args, generic, receiver.type)]
        if reached:
            return reached
    return extensions(frame, receiver, name, args) or _handlers(frame, receiver, name, args)


def as_declared(frame: Frame, written: str, name: str, value: Value) -> Value:
    """What a function of the object at hand gives whose code the compiler writes, where nothing is `written` before its name."""
    if written or value.type is not None or frame.owner is None or frame.module.explicit_names:
        return value
    own = frame.summaries.program.methods(frame.owner, name)[:1]
    return value.typed(frame.summaries.return_type(own[0])) if own and not own[0].function.has_body else value


def _held(frame: Frame, holder: Type, name: str) -> list[Target]:
    """A function that a fixed member holds: `static readonly Func<Shop, int, Order> ById = (shop, id) => ...`."""
    slot = frame.summaries.program.slot(holder, name)
    if slot is None or slot.field.value is None or not is_fixed(slot):
        return []
    function = _function_in(frame, slot.field.value)
    return [Target(frame.summaries.accessor(slot, function))] if function is not None else []


def _function_in(frame: Frame, expr: ir.Expr) -> ir.Function | None:
    """A function as it is written, or as a library hands it back: `EF.CompileQuery((Shop shop, int id) => ...)`."""
    if type(expr) is ir.Lambda:
        return expr.function
    if type(expr) is not ir.Call or type(expr.function) is not ir.Member or not expr.args:
        return None
    rows = frame.knowledge.rows(expr.function.name, None, walk.dotted(expr.function.object).rpartition(".")[2])
    hands_back = any(kind == "returns" and row.type == "arg:0" for kind, row, _ in rows)
    return _function_in(frame, expr.args[0].value) if hands_back else None


def _handlers(frame: Frame, receiver: Value, name: str, args: Given) -> list[Target]:
    """What a message bus hands the message to: the handlers that declare its type."""
    message = args[0][1].type if args else None
    if message is None or message.decl is None:
        return []
    for kind, row, sure in frame.knowledge.rows(name, receiver.type, receiver.static):
        if kind == "dispatch" and sure:
            handlers = frame.summaries.handlers(row.handler).get(message.decl, ())
            found = [r for handler in handlers for r in frame.summaries.program.methods(handler, row.method) if r.function.has_body]
            its_own = [r for r in found if message_of(frame.summaries.program, r) is message.decl]
            found = its_own or (found if not row.handler.startswith("*") else [])
            found = [r for r in found if is_about(frame.summaries.program, r, message)]
            if found:
                return [Target(r, True) for r in found][:MAX_TARGETS]
    return []


def _own(frame: Frame, declared: Type, name: str, args: Given, generic: int) -> list[Target]:
    found = [Target(routine) for routine in _dispatched(frame, declared, name, args, generic)]
    owner = frame.owner
    while not found and owner is not None:
        outer = owner.name.rpartition(".")[0]
        owner = frame.summaries.program.find_type(outer, frame.module) if outer else None
        if owner is not None:
            found = [Target(r) for r in _fitting(frame, frame.summaries.program.methods(owner, name), args, 0)[:1]]
    return found or _opened(frame, name, args)


def _opened(frame: Frame, name: str, args: Given) -> list[Target]:
    """A function of a type whose members the file names without it."""
    for holder in frame.summaries.program.opened(frame.module):
        if not isinstance(holder, str) and (found := _fitting(frame, frame.summaries.program.methods(holder, name), args, 0)[:1]):
            return [Target(found[0])]
    return []


def _dispatched(frame: Frame, declared: Type, name: str, args: Given, generic: int, use: TypeUse | None = None) -> list[Routine]:
    program = frame.summaries.program
    kinds = tuple((v.type.name, v.type.decl) if v.type is not None else "" for _, v in args)
    of = use.args if use is not None else ()
    key = (declared, name, kinds, tuple(a.name for a, _ in args if a.name), generic, of)
    cached = frame.summaries.dispatch.get(key)
    if cached is not None:
        return cached
    found = [r for r in _fitting(frame, _meant(frame, declared, name, args, generic), args, 0, generic)[:1] if r.function.has_body]
    if not found and declared.is_abstract:
        fitting = (heir for heir in program.implementations(declared) if _is_of(program, heir, declared, of))
        for heir in itertools.islice(fitting, MAX_TARGETS):
            for routine in _fitting(frame, _meant(frame, heir, name, args, generic), args, 0, generic)[:1]:
                if routine.function.has_body and routine not in found:
                    found.append(routine)
    found = [_as_member_of(frame, routine, declared) for routine in found]
    frame.summaries.dispatch[key] = found
    return found


def _meant(frame: Frame, declared: Type, name: str, args: Given, generic: int) -> Sequence[Routine]:
    """The functions that a call of this name may mean. Constructors are inherited where a type has none of its own, and where a name is all
    that tells functions apart, so is any other; else what a nearer type declares anew, and takes these arguments, hides what is behind it.
    """
    found = frame.summaries.program.methods(declared, name)
    if len(found) < 2 or name == CONSTRUCTOR or found[0].module.explicit_names:
        return _of_nearest(found)
    for position, routine in enumerate(found):
        if "override" not in routine.function.modifiers and _unlike(frame, routine, args, 0, generic) == 0:
            return [*found[:position], *(one for one in found[position:] if one.owner is routine.owner)]
    return found


CONSTRUCTOR: Final = ".ctor"


def _of_nearest(found: Sequence[Routine]) -> Sequence[Routine]:
    """Those of the nearest type that has any."""
    return [one for one in found if one.owner is found[0].owner]


def _is_of(program: Program, heir: Type, declared: Type, wanted: Sequence[TypeUse]) -> bool:
    """Does a type implement an interface for these types: `IHandles<Closing>`, and not `IHandles<Opening>`?"""
    if not any(one.decl is not None for one in wanted):
        return True
    for base, use in program.ancestors(heir):
        if base is declared:
            pairs = zip(use.args, wanted, strict=False)
            return all(mine.decl is None or theirs.decl is None or mine.decl is theirs.decl for mine, theirs in pairs)
    return True


def above(frame: Frame, name: str, args: Given, found: Sequence[Target]) -> Sequence[Target]:
    """What a call of the parent's function reaches: where the first of several parents has none, the next one's."""
    owner, own = frame.owner, frame.routine.function
    if owner is None:
        return found
    versions = behind(frame.summaries.program.methods(owner, name), frame.routine) if frame.module.explicit_names else None
    if versions is not None:
        found = [Target(routine) for routine in _fitting(frame, _of_nearest(versions), args, 0)[:1]]
    elif not found:
        inherited = [r for r in frame.summaries.program.methods(owner, name) if r.function is not own and r.function.has_body]
        found = [Target(routine) for routine in _fitting(frame, inherited, args, 0)[:1]]
    return [Target(_as_member_of(frame, one.routine, owner), one.extension) for one in found]


def _as_member_of(frame: Frame, routine: Routine, declared: Type) -> Routine:
    """A function that asks which members its object has, that is one of its type, or that does otherwise there, is worked out for each type
    that inherits it.
    """
    if routine.owner is declared or routine.owner is None or declared.is_abstract:
        return routine
    if routine.module.explicit_names:
        frame.summaries.look_around(module for one in frame.summaries.program.lineage(declared) for _, module in one.decls)
    known = frame.summaries.inherited.get((routine, declared))
    if known is None:
        as_own = _hangs_on_type(frame, routine) or does_otherwise(frame.summaries.program, routine, declared)
        known = Routine(routine.function, declared, routine.module) if as_own else routine
        frame.summaries.inherited[(routine, declared)] = known
    return known


def _hangs_on_type(frame: Frame, routine: Routine) -> bool:
    """Does a function ask which members its object has, or is it one of its type?"""
    mentioned = frame.summaries.program.mentions(routine)
    of_type = "this" in mentioned and "static" in routine.function.modifiers
    return "super" not in mentioned and (of_type or not mentioned.isdisjoint(frame.knowledge.idioms("has-member")))


def extensions(frame: Frame, receiver: Value, name: str, args: Given) -> list[Target]:
    """The function that may be called as if it were the object's: the extension that fits best, if there is any."""
    return _taking(frame, receiver, _fitting(frame, frame.summaries.program.extensions(name), args, 1))


def added(frame: Frame, receiver: Value, name: str) -> list[Target]:
    """The function that works out a member which the program adds to the type of an object, if that has none of its own.

    Of an object of unknown type, any member is its own.
    """
    kind, knowledge = receiver.type, frame.knowledge
    if kind is None or receiver.static is not None or (receiver.fields and name in receiver.fields):
        return []
    if kind.decl is not None and frame.summaries.program.slot(kind.decl, name) is not None:
        return []
    if knowledge.member_type(kind, name) is not None or any(knowledge.member_rows(name, kind, None)):
        return []
    return _taking(frame, receiver, frame.summaries.program.added[name])


def _taking(frame: Frame, receiver: Value, candidates: Sequence[Routine]) -> list[Target]:
    """The first of these functions that may have the object as its first argument."""
    for routine in candidates:
        kind = frame.summaries.param_type(routine, routine.function.params[0])
        if receiver.type is None or kind is None or kind.variable:
            return [Target(routine, True)]
        if frame.knowledge.is_a(receiver.type, kind.name) and _items_fit(frame, receiver.type, kind):
            return [Target(routine, True)]
    return []


def _items_fit(frame: Frame, given: TypeUse, wanted: TypeUse) -> bool:
    """May a collection of these items be passed for one of those? Overloads of an extension differ in nothing else."""
    knowledge = frame.knowledge
    pairs = zip(given.args, wanted.args, strict=False)
    return all(b.decl is None or a.decl is None or b.variable or knowledge.is_a(a, b.name) for a, b in pairs)


def _fitting(frame: Frame, routines: Sequence[Routine], args: Given, skip: int, generic: int = 0) -> list[Routine]:
    found: list[tuple[int, Routine]] = []
    for position, routine in enumerate(routines):
        unlike = _unlike(frame, routine, args, skip, generic)
        if unlike >= 0:
            params = routine.function.params[skip:]
            if len(routines) == 1:
                return [] if _means_inherited(frame, routine, params, args) else [routine]
            behind = position + 30 * ("explicit" in routine.function.modifiers)  # an interface's own, which is not the one that is meant
            found.append((abs(len(params) - len(args)) * 100 + unlike * 40 + behind, routine))
    return [routine for _, routine in sorted(found, key=lambda pair: pair[0])]


def _unlike(frame: Frame, routine: Routine, args: Given, skip: int, generic: int) -> int:
    """How many of the arguments are not of the types that a function asks for; less than none where it takes other ones altogether."""
    params = routine.function.params[skip:]
    rest = any(param.mode.startswith("rest") for param in params)
    takes_all = any(param.mode == "rest-map" for param in params)
    least = sum(1 for p in params if p.default is None and not p.mode.startswith("rest"))
    if not (least <= len(args) and (len(args) <= len(params) or rest)):
        return -1
    if not takes_all and not {arg.name for arg, _ in args if arg.name} <= {p.name for p in params}:
        return -1
    unlike = sum(not _may_be(frame, value, routine, param) for (_, value), param in zip(args, params, strict=False))
    return unlike + 3 * (generic != len(routine.function.type_params) and (generic > 0 or not _is_inferred(routine)))


def _is_inferred(routine: Routine) -> bool:
    """Do the arguments tell what a function's type parameters are? A call that names none can mean no other one."""
    function = routine.function
    pending = [param.type for param in function.params if param.type is not None]
    named: set[str] = set()
    while pending if function.type_params and not routine.module.explicit_names else ():
        ref = pending.pop()
        named.add(ref.name)
        pending += ref.args
    return routine.module.explicit_names or all(one.name in named for one in function.type_params)


def _means_inherited(frame: Frame, routine: Routine, params: Sequence[ir.Param], args: Given) -> bool:
    """Is one of the program's objects passed where a number or an identifier is asked for? Then a library's type that it inherits has
    a function of that name too, which is the one that is called.
    """
    program = frame.summaries.program
    if routine.owner is None or all(base is not None for base, _ in program.ancestors(routine.owner)):
        return False
    for (arg, value), param in zip(args, params, strict=False):
        if not arg.name and _holds_objects(program, value.type):
            wanted = frame.summaries.param_type(routine, param)
            if wanted is not None and is_scalar(wanted):
                return True
    return False


CONVERTS: Final = "operator implicit"
"""What a conversion is called that happens where another type is expected."""

CONVERTS_IF_ASKED: Final = "operator explicit"
"""What one is called that happens where it is written."""


def _holds_objects(program: Program, kind: TypeUse | None) -> bool:
    """Is it an object of a type of the program's that turns into nothing else by itself, or a collection of such?"""
    while kind is not None and kind.decl is None and kind.args:
        kind = kind.args[-1]
    declared = kind.decl if kind is not None else None
    return declared is not None and declared.kind in ("class", "record") and not program.methods(declared, CONVERTS)


def _may_be(frame: Frame, value: Value, routine: Routine, param: ir.Param) -> bool:
    """May the value be passed for the parameter, as far as their types are known? Overloads of one length differ in that."""
    if value.type is None or param.type is None or value.type.variable or frame.knowledge.is_by_nature(param.type.name, "anything"):
        return True
    wanted = frame.summaries.param_type(routine, param)
    if wanted is None or wanted.variable or wanted.name == value.type.name or (is_scalar(wanted) and is_scalar(value.type)):
        return True
    return frame.knowledge.is_a(value.type, wanted.name)


NOTHING_MORE: Final = Value(items=())


def _not_given(frame: Frame, routine: Routine, param: ir.Param) -> Value:
    """What a parameter holds for which nothing is given: a switch, or the caller (`user=current_user`)."""
    if param.mode == "rest":
        return NOTHING_MORE
    default = param.default
    if type(default) is ir.Literal and isinstance(default.value, bool):
        return constant(default.value)
    if type(default) is ir.Literal:
        return LEFT_OUT
    if default is None or type(default) not in (ir.Name, ir.Member) or not routine.module.explicit_names:
        return UNKNOWN
    known = at_first(frame, routine, default)
    return known if PRINCIPAL in known.labels else UNKNOWN


def arranged(frame: Frame, target: Target, receiver: Value, args: Given) -> tuple[Value, list[Value]]:
    """The receiver and the values for the target's parameters, in their order; what is not given is what it is by default."""
    params = target.routine.function.params
    given: list[Value] = [_not_given(frame, target.routine, param) for param in params]
    position = 0
    if target.extension and params and params[0].mode == "this":
        given[0] = receiver
        position = 1
    names = {param.name: i for i, param in enumerate(params) if not param.mode.startswith("rest")}
    named = frozenset(arg.name for arg, _ in args if arg.name)
    by_name: dict[str, Value] = {}
    several: list[Value] = []
    for arg, value in args:
        if arg.name:
            by_name[arg.name] = value
        elif arg.mode == "spread-map":
            open_ones = [param.name for param in params[position:] if not param.mode and param.name not in named]
            by_name.update(_spread(value, open_ones))
        elif position < len(params) and params[position].mode == "rest":
            several.append(value)
            given[position] = value if len(several) == 1 else join(several).with_items(tuple(several))
        elif position < len(params) and not params[position].mode.startswith("rest"):
            given[position] = value
            position += 1
    for name, value in by_name.items():
        if name in names:
            given[names[name]] = value
    others = {name: value for name, value in by_name.items() if name not in names}
    for i, param in enumerate(params):
        if param.mode == "rest-map" and others:
            given[i] = Value({}, MAP, union(value.about for value in others.values()), fields=others)
    return receiver, given


def _spread(value: Value, names: Sequence[str]) -> dict[str, Value]:
    """What a dictionary gives that is spread out: under the keys that are known of it, or else for every parameter that is still open."""
    if value.fields:
        return dict(value.fields)
    labels = parted(value.labels)
    return {name: Value(extend(labels, name), None, value.about) for name in names}
