"""How deep is a chain of operators or cases nested?

Short chains nest as the language says. Longer ones, which people write by the thousand only for associative operators and for cases,
are split in halves, so that what reads the IR needs no deep stack.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from apiposture.model.ir import Binary, Expr, Stmt

_LONGEST: Final = 64

_T = TypeVar("_T", bound="Expr | tuple[Stmt, ...]")


def balanced(first: Expr, links: Sequence[tuple[str, Expr]]) -> Expr:
    """The operands `first operator operand ...`."""
    start = first.span >> 32
    if len(links) <= _LONGEST:
        for operator, operand in links:
            first = Binary(operator, first, operand, start << 32 | operand.span & 0xFFFFFFFF)
        return first
    middle = len(links) // 2
    operator, operand = links[middle]
    left = balanced(first, links[:middle])
    right = balanced(operand, links[middle + 1 :])
    return Binary(operator, left, right, start << 32 | links[-1][1].span & 0xFFFFFFFF)


def chain(cases: Sequence[tuple[Expr, _T, int]], otherwise: _T, make: Callable[[Expr, _T, _T, int], _T]) -> _T:
    """Cases (condition, result, span) tried in order."""
    if len(cases) <= _LONGEST:
        for condition, result, place in reversed(cases):
            otherwise = make(condition, result, otherwise, place)
        return otherwise
    middle = len(cases) // 2
    return make(
        any_of([condition for condition, _, _ in cases[:middle]]),
        chain(cases[: middle - 1], cases[middle - 1][1], make),
        chain(cases[middle:], otherwise, make),
        cases[0][2],
    )


def any_of(conditions: Sequence[Expr]) -> Expr:
    """The conditions joined by `||`."""
    return balanced(conditions[0], [("||", condition) for condition in conditions[1:]])


def all_of(conditions: Sequence[Expr]) -> Expr:
    """The conditions joined by `&&`."""
    return balanced(conditions[0], [("&&", condition) for condition in conditions[1:]])
