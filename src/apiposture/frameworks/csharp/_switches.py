"""Which side of a test holds, by the literals that a function is called with: `services.AddShopAuth(enabled: false)`?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine

Switches = Mapping[str, bool]
"""What is known of the names of a function."""

Test = tuple[ir.Expr, bool]
"""A condition, and how it must come out."""


def holds(condition: ir.Expr, known: Switches) -> bool | None:
    """How a condition comes out; None where that is not known."""
    match condition:
        case ir.Literal(value=bool() as said):
            return said
        case ir.Name(id=name):
            return known.get(name)
        case ir.Unary(operator="!", operand=operand):
            inner = holds(operand, known)
            return None if inner is None else not inner
        case ir.Binary(operator="&&" | "||" as operator, left=left, right=right):
            wins = operator == "||"
            sides = (holds(left, known), holds(right, known))
            return wins if wins in sides else None if None in sides else not wins
        case ir.Binary(operator="==" | "!=" as operator, left=left, right=ir.Literal(value=bool() as said)):
            inner = holds(left, known)
            return None if inner is None else (inner == said) == (operator == "==")
    return None


def handed_over(function: ir.Function, call: ir.Call, known: Switches, extends: int = 0) -> dict[str, bool]:
    """What a call tells the function, in literals, by what its caller knows, and by what parameters are left at."""
    found: dict[str, bool] = {}
    for position, param in enumerate(function.params[extends:]):
        given = walk.argument(call, position, param.name) or param.default
        said = holds(given, known) if given is not None else None
        if said is not None:
            found[param.name] = said
    return {name: said for name, said in found.items() if name not in _set_in(function)} if found else found


def _set_in(function: ir.Function) -> set[str]:
    """The names that a function gives another value."""
    return {walk.dotted(node.target) for node in walk.nodes(function.body or ()) if isinstance(node, ir.Assign)}


def handed_to(routine: Routine, call: ir.Call, known: Switches) -> dict[str, bool]:
    """The same of a function that may be an extension, called as one or by its class."""
    params, owner = routine.function.params, routine.owner.simple if routine.owner is not None else ""
    on = call.function.object if isinstance(call.function, ir.Member) else None
    extends = bool(params) and params[0].mode == "this" and on is not None and walk.dotted(on).rpartition(".")[2] != owner
    return handed_over(routine.function, call, known, int(extends))


def fixed(function: ir.Function) -> dict[str, bool]:
    """The variables that a function sets once, to a literal."""
    found: dict[str, bool] = {}
    for node in walk.nodes(function.body or ()):
        if isinstance(node, ir.Declare) and isinstance(node.value, ir.Literal) and isinstance(node.value.value, bool):
            found[node.name] = node.value.value
    return {name: said for name, said in found.items() if name not in _set_in(function)} if found else found


def tests_around(function: ir.Function) -> dict[int, tuple[Test, ...]]:
    """The tests that each part of a function stands behind, by its id; what stands behind none is left out."""
    found: dict[int, tuple[Test, ...]] = {}
    _look(function.body or (), (), found)
    return found


def _look(statements: Sequence[ir.Stmt], outer: tuple[Test, ...], found: dict[int, tuple[Test, ...]]) -> None:
    for statement in statements:
        if outer:
            found.update((id(node), outer) for node in walk.nodes(statement))
        if isinstance(statement, ir.If):
            _look(statement.then, (*outer, (statement.condition, True)), found)
            _look(statement.other, (*outer, (statement.condition, False)), found)
            if _leaves(statement.then):
                outer = (*outer, (statement.condition, False))
        elif isinstance(statement, ir.Block | ir.Try | ir.Loop):
            _look(statement.body, outer, found)
        else:
            for inner in _written_in(statement):
                _look(inner.function.body or (), outer, found)


def _written_in(statement: ir.Stmt) -> Iterator[ir.Lambda]:
    """The functions that stand in a statement, outermost ones."""
    inside: set[int] = set()
    for node in walk.nodes(statement):
        if type(node) is ir.Lambda and id(node) not in inside:
            inside.update(id(inner) for inner in walk.nodes(node.function.body or ()))
            yield node


def _leaves(body: Sequence[ir.Stmt]) -> bool:
    return bool(body) and type(body[-1]) in (ir.Return, ir.Throw)
