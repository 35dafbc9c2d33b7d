"""Which way does a test of a setting go where nobody sets it: `STRICT = int(os.getenv("STRICT", 0))`, `if STRICT:`?"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.analysis.flow.labels import Guard
from apiposture.analysis.flow.summaries import Summaries
from apiposture.model import ir
from apiposture.model.ir import Module
from apiposture.program import walk
from apiposture.program.types import Slot

MAX_DEPTH = 6
"""Settings that are set from each other through more steps than this are not followed."""

Constant = str | int | float | bool


def holds_by_default(summaries: Summaries, guard: Guard) -> bool:
    """Is what the guard says so unless somebody sets the setting that it asks otherwise?"""
    asked = next(_at(summaries, guard), None)
    usual = _usual(summaries, asked, guard.module, 0) if asked is not None else None
    return usual is not None and bool(usual) == guard.truth


def _at(summaries: Summaries, guard: Guard) -> Iterator[ir.Expr]:
    """The test that a guard was learnt from."""
    for routine in summaries.program.routines:
        if routine.module is guard.module:
            named = (node for node in walk.nodes(routine.function.body or ()) if type(node) in (ir.Name, ir.Member))
            yield from (node for node in named if node.span == guard.span)


def _usual(summaries: Summaries, expr: ir.Expr | None, module: Module, depth: int) -> Constant | None:
    """The constant that an expression is where nobody sets anything; None where that is not known."""
    if expr is None or depth > MAX_DEPTH:
        return None
    if type(expr) is ir.Literal:
        return expr.value
    if type(expr) in (ir.Name, ir.Member):
        found = summaries.program.meaning(walk.dotted(expr), module) if walk.dotted(expr) else None
        once = isinstance(found, Slot) and "readonly" in found.field.modifiers
        return _usual(summaries, found.field.value, found.module, depth + 1) if once else None  # type: ignore[union-attr]
    if type(expr) is ir.Binary and expr.operator in ("==", "!="):
        return _compared(summaries, expr, module, depth)
    if type(expr) is not ir.Call or not expr.args:
        return None
    rows = summaries.knowledge(module).defaults.get(walk.called_name(expr), ())
    written = walk.dotted(expr.function)
    row = next((one for one in rows if f".{written}".endswith(f".{one.call}") or one.call.endswith(f".{written}")), None)
    if row is None:
        only = expr.args[0].value if len(expr.args) == 1 and summaries.knowledge(module).does(written, "converts") else None
        return _number(_usual(summaries, only, module, depth + 1))
    position, _, name = row.default.removeprefix("arg:").partition("/")
    return _usual(summaries, walk.argument(expr, int(position), name), module, depth + 1)


def _compared(summaries: Summaries, expr: ir.Binary, module: Module, depth: int) -> bool | None:
    """`os.getenv("STRICT", "false") == "true"`."""
    sides = [_usual(summaries, side, module, depth + 1) for side in (expr.left, expr.right)]
    return None if None in sides else (sides[0] == sides[1]) == (expr.operator == "==")


def _number(value: Constant | None) -> Constant | None:
    """What a text of digits is as a number; anything else as it is."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
