"""Which types handle which messages?"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.program import Program
from apiposture.program.types import Routine, Type, TypeUse


def handled(program: Program, handler: str) -> Iterator[tuple[Type, Type]]:
    """The handlers, each with a message: the types that implement a library's generic interface `handler` for it, or (`*Handler`) those of
    such a name with a function that takes it first.
    """
    for declared in program.types:
        if not handler.startswith("*"):
            for base, use in program.ancestors(declared):
                if base is None and use.name == handler and use.args and use.args[0].decl is not None:
                    yield declared, use.args[0].decl
        elif declared.simple.endswith(handler[1:]) and not declared.is_interface:
            taken = (message_of(program, one) for routines in declared.functions.values() for one in routines)
            yield from ((declared, message) for message in dict.fromkeys(taken) if message is not None)


def message_of(program: Program, routine: Routine) -> Type | None:
    """The type of what a function takes first, where the program declares it."""
    taken = _taken(program, routine)
    return taken.decl if taken is not None else None


def is_about(program: Program, routine: Routine, message: TypeUse) -> bool:
    """Does a function take messages about these types: `Added<Order>`, and not `Added<Address>`? What isn't known may be any."""
    taken = _taken(program, routine)
    pairs = zip(taken.args, message.args, strict=False) if taken is not None and taken.decl is message.decl else ()
    return all(mine.decl is None or theirs.decl is None or mine.decl is theirs.decl for mine, theirs in pairs)


def _taken(program: Program, routine: Routine) -> TypeUse | None:
    first = routine.function.params[0].type if routine.function.params else None
    return program.use(first, routine.module, routine.owner) if first is not None else None


def takes_its_own(interface: Type) -> bool:
    """Has a generic interface one function, which is given what the interface is for: `IHandles<T> { void Handle(T order); }`?"""
    functions = [routine.function for routines in interface.functions.values() for routine in routines]
    first = functions[0].params[0].type if len(functions) == 1 and functions[0].params else None
    return first is not None and bool(interface.type_params) and first.name == interface.type_params[0].name
