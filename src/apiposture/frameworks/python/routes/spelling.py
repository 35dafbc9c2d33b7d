"""What does a path say that is put together, and what stands for the parts of it that are not known?"""

from __future__ import annotations

from collections.abc import Callable

from apiposture.model import ir
from apiposture.program import walk

MAX_DEPTH = 8
"""Names and functions that a part of a path stands behind are followed this far."""


def spelled(expr: ir.Expr | None, text: Callable[[ir.Expr], str | None], brackets: str = "{}") -> str:
    """A path; parts of which there is no `text` are parameters of that name."""
    found = text(expr) if expr is not None else ""
    if found is not None or expr is None:
        return found or ""
    if isinstance(expr, ir.Template):
        return "".join(spelled(part, text, brackets) for part in expr.parts)
    if isinstance(expr, ir.Binary) and expr.operator == "+":
        return spelled(expr.left, text, brackets) + spelled(expr.right, text, brackets)
    return brackets[0] + (walk.dotted(expr).rpartition(".")[2] or "path") + brackets[1]
