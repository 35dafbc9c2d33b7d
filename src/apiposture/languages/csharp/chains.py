"""How deep is a chain of operators or cases nested?

Short chains nest as the language says. Longer ones, which people write by the thousand only for associative operators
and for cases, are split in halves, so that what reads the IR needs no deep stack.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from apiposture.model.ir import Binary, Expr, Stmt

_LONGEST: Final = 64

_PRECEDENCE: Final = {
    operator: i
    for i, operators in enumerate(("??", "||", "&&", "|", "^", "&", "== !=", "< > <= >=", "<< >> >>>", "+ -", "* / %"))
    for operator in operators.split()
}
"""From what applies last to what applies first. https://learn.microsoft.com/dotnet/csharp/language-reference/operators/"""

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


def nested(operands: Sequence[tuple[Expr, int, int]], operators: Sequence[str]) -> Expr:
    """The operands (expression, start, end) with the operators between them, nested by precedence."""
    if not operators:
        return operands[0][0]
    loosest = min(_PRECEDENCE.get(operator, 99) for operator in operators)
    groups: list[tuple[Expr, int, int]] = []
    between: list[str] = []
    at = 0
    for i, operator in enumerate((*operators, None)):
        if operator is None or _PRECEDENCE.get(operator, 99) == loosest:
            inner = operands[at : i + 1]
            groups.append((nested(inner, operators[at:i]), inner[0][1], inner[-1][2]))
            at = i + 1
            between += [operator] if operator is not None else []
    if between[0] == "??" and len(between) <= _LONGEST:
        return _right_to_left(groups)
    start = groups[0][1]
    links = [(operator, value, end) for operator, (value, _, end) in zip(between, groups[1:], strict=True)]
    return balanced(start, groups[0][0], links)


def _right_to_left(groups: Sequence[tuple[Expr, int, int]]) -> Expr:
    """`a ?? b ?? c` is `a ?? (b ?? c)`."""
    value, _, end = groups[-1]
    for left, start, _ in reversed(groups[:-1]):
        value = Binary("??", left, value, start << 32 | end)
    return value
