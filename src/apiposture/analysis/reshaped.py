"""Does what is put on a function make something else of what that answers: `@validate_schema(None, orders_output)`?

What is shown then is what a schema, or a function of the project's own, picks of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine


def decorators_of(program: Program, routine: Routine) -> list[Routine]:
    """The project's own functions that are put on a function."""
    annotations = routine.function.annotations if routine.module.explicit_names else ()
    found = (program.meaning(annotation.name, routine.module, routine.owner) for annotation in annotations)
    return [one for one in found if isinstance(one, Routine)]


def reshapes(program: Program, decorator: Routine) -> bool:
    """Is the answer of what a decorator is put on handed to something else?"""
    return any(_makes_another(program, decorator, one, around) for one, around in _inside(decorator.function, ()))


def _inside(function: ir.Function, around: tuple[str, ...]) -> Iterator[tuple[ir.Function, tuple[str, ...]]]:
    """The functions that a function defines and those inside of them, each with the parameters around it."""
    names = (*around, *(param.name for param in function.params))
    for statement in function.body or ():
        if isinstance(statement, ir.Declare) and isinstance(statement.value, ir.Lambda):
            yield statement.value.function, names
            yield from _inside(statement.value.function, names)


def _makes_another(program: Program, decorator: Routine, function: ir.Function, around: tuple[str, ...]) -> bool:
    """Does it call what came in from around, and hand the answer to a function of the project's, or to an object that came in as well?"""
    held = {name for name, value in _set(function) if isinstance(value, ir.Call) and walk.dotted(value.function) in around}
    for answer in walk.returned(function) if held else ():
        for call in walk.calls((answer,)):
            given = [walk.dotted(arg.value) for arg in call.args]
            path = walk.dotted(call.function)
            is_own = isinstance(program.meaning(path, decorator.module, decorator.owner), Routine) or path.partition(".")[0] in around
            if is_own and not held.isdisjoint(given):
                return True
    return False


def _set(function: ir.Function) -> Iterator[tuple[str, ir.Expr]]:
    """The variables that a function sets, each with what it is set to."""
    for node in walk.nodes(function.body or ()):
        if isinstance(node, ir.Declare) and node.value is not None:
            yield node.name, node.value
        elif isinstance(node, ir.Assign) and isinstance(node.target, ir.Name):
            yield node.target.id, node.value
