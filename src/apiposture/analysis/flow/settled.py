"""Which of two alternatives does a condition leave, where another part of it rules one out?

Behind `if ((x.HasOwner && x.Owner != me) || !x.HasOwner) return Forbid();` one of two things holds, that there is no owner or that the
caller is the owner; and there is an owner.
"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.model import ir
from apiposture.program import walk

Part = tuple[ir.Expr, bool]
"""An expression, and what it turned out to be."""


def conjuncts_of(condition: ir.Expr, truth: bool) -> list[Part]:
    """The parts that all turned out so because the condition did."""
    if type(condition) is ir.Unary and condition.operator == "!":
        return conjuncts_of(condition.operand, not truth)
    if type(condition) is ir.Binary and condition.operator in ("&&", "||") and (condition.operator == "&&") == truth:
        return [*conjuncts_of(condition.left, truth), *conjuncts_of(condition.right, truth)]
    return [(condition, truth)]


def without_what_is_settled(part: Part, parts: Sequence[Part]) -> Part:
    """The part; of two alternatives the one that is left, where another part is what the other denies."""
    condition, truth = part
    if type(condition) is not ir.Binary or condition.operator not in ("&&", "||") or (condition.operator == "&&") == truth:
        return part
    known = {walk.dotted(one): outcome for one, outcome in parts}
    for side, other in ((condition.left, condition.right), (condition.right, condition.left)):
        said = [known.get(walk.dotted(one), outcome) != outcome for one, outcome in conjuncts_of(side, truth) if walk.dotted(one)]
        if any(said):
            return without_what_is_settled((other, truth), parts)
    return part
