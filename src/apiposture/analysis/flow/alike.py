"""Which tests say no less than another one because they found two values equal?

`path == root || path.StartsWith(root + "/")`: what a test of two values clears is cleared as well where they are equal.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from apiposture.analysis.flow.effects import NOTHING, Facts
from apiposture.analysis.flow.labels import Guard, Label
from apiposture.analysis.knowledge import Knowledge
from apiposture.model import ir
from apiposture.program import walk


def is_equality(expr: ir.Expr) -> bool:
    """Does it hold two values against each other for being the same?"""
    return (type(expr) is ir.Binary and expr.operator == "==") or (type(expr) is ir.Call and walk.called_name(expr) == "Equals")


AT_HOST: Final = frozenset(("ssrf", "redirect"))
"""The kinds of sink that an address is harmless for whose host is known."""


def is_host_of(call: ir.Call, knowledge: Knowledge) -> bool:
    """Does a lambda among the arguments ask whether a host is an item, or below it: `uri.Host == it || uri.Host.EndsWith("." + it)`?"""
    bodies = [body for arg in call.args if type(arg.value) is ir.Lambda for body in walk.returned(arg.value.function)]
    return bool(bodies) and all(_is_it_or_below(body, knowledge) for body in bodies)


def _is_it_or_below(expr: ir.Expr, knowledge: Knowledge) -> bool:
    if type(expr) is ir.Binary and expr.operator == "||":
        return _is_it_or_below(expr.left, knowledge) and _is_it_or_below(expr.right, knowledge)
    return is_equality(expr) or _is_below(expr, knowledge)


def _is_below(expr: ir.Expr, knowledge: Knowledge) -> bool:
    if type(expr) is not ir.Call or type(expr.function) is not ir.Member or not knowledge.does(expr.function.name, "asks-end"):
        return False
    holder, end = expr.function.object, expr.args[0].value if expr.args else None
    begins = end.left if type(end) is ir.Binary and end.operator == "+" else None
    if type(end) is ir.Template and end.parts:
        begins = end.parts[0]
    is_dot = type(begins) is ir.Literal and str(begins.value).startswith(".")
    return is_dot and type(holder) is ir.Member and knowledge.does(holder.name, "host")


def says_no_less(equality: Sequence[Guard], other: Sequence[Guard]) -> bool:
    """Does an equality, which clears nothing itself, hold the same two values against each other as a test that clears one of them?"""
    if any(guard.clears for guard in equality):
        return False
    return any(_of_same(mine, guard) for mine in equality for guard in other if guard.clears)


def on_all(ways: Sequence[Facts], equal: Collection[Guard]) -> Facts:
    """What holds on all ways; on one that found two values `equal`, so does what another way's test of them clears."""
    if not ways:
        return NOTHING
    held = frozenset.intersection(*ways)
    if not equal or len(ways) < 2:
        return held
    told = {guard for way in ways for guard in way if guard.clears and guard not in held}
    return held | {guard for guard in told if all(guard in way or _is_implied(guard, way, equal) for way in ways)}


def _is_implied(guard: Guard, way: Facts, equal: Collection[Guard]) -> bool:
    return any(one in equal and _of_same(one, guard) for one in way)


def _of_same(one: Guard, other: Guard) -> bool:
    """Do two tests look at the same values, and at two of them?"""
    if len(one.alternatives) != 1 or len(other.alternatives) != 1:
        return False
    mine, theirs = _values(one.alternatives[0]), _values(other.alternatives[0])
    return mine == theirs and len(mine) > 1


def _values(labels: Collection[Label]) -> frozenset[tuple[str, object, tuple[str, ...]]]:
    return frozenset((x.kind, x.key, x.path) for x in labels if x.kind in ("param", "request", "object"))
