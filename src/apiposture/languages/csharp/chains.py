"""How deep is a chain of operators or cases nested?

Short chains nest as the language says. Longer ones, which people write by the thousand only for associative operators
and for cases, are split in halves, so that what reads the IR needs no deep stack.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from apiposture.model.ir import Binary, Expr, Stmt

_LONGEST = 64

_T = TypeVar("_T", bound="Expr | tuple[Stmt, ...]")


def balanced(start: int, first: Expr, links: Sequence[tuple[str, Expr, int]]) -> Expr:
    """The operands `first operator operand ...`; each link ends at the offset that it names."""
    if len(links) <= _LONGEST:
        for operator, operand, end in links:
            first = Binary(operator, first, operand, start << 32 | end)
        return first
    middle = len(links) // 2
    operator, operand, end = links[middle]
    left = balanced(start, first, links[:middle])
    right = balanced(operand.span >> 32, operand, links[middle + 1 :])
    return Binary(operator, left, right, start << 32 | links[-1][2])


def chain(
    cases: Sequence[tuple[Expr, _T, int]], otherwise: _T, make: Callable[[Expr, _T, _T, int], _T]
) -> _T:
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
    links = [("||", condition, condition.span & 0xFFFFFFFF) for condition in conditions[1:]]
    return balanced(conditions[0].span >> 32, conditions[0], links)
