"""Does a test ask for what some may and others may not?"""

from __future__ import annotations

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import SAID
from apiposture.analysis.flow.values import Value
from apiposture.analysis.words import names_right
from apiposture.model import ir


def asks_for_right(frame: Frame, condition: ir.Expr) -> bool:
    """Does the truth of a test say that somebody has a right?"""
    return names_it(condition) or _is_among(frame, condition)


def names_it(condition: ir.Expr) -> bool:
    """Does a test ask for a right by its name: `user.IsAdmin`, `current_user.role_edit()`?"""
    asked = condition.function if type(condition) is ir.Call and all(type(arg.value) is ir.Literal for arg in condition.args) else condition
    return type(asked) is ir.Member and names_right(asked.name)


def asks_whether_has(name: str) -> bool:
    """Does a function's name ask whether somebody has a right: `has_perm`, `HasPermission`? If not, nothing is held against them."""
    return name.lower().startswith("has") and names_right(name)


def says_right(value: Value) -> bool:
    """Does a value say what somebody may: the caller, or one whose record was loaded or handed over?"""
    return any(x is SAID or (x.kind in ("object", "param") and any(map(names_right, x.path))) for x in value.labels)


def are_rights(one: Value, other: Value) -> bool:
    """Is one of two that are held against each other fixed, and does the other one say what somebody may?"""
    return (says_right(one) and not other.everything()) or (says_right(other) and not one.everything())


def _is_among(frame: Frame, condition: ir.Expr) -> bool:
    """`allowed.Contains(user.Role)`: is what somebody may one of a fixed list, or something fixed among all that somebody may?"""
    if type(condition) is not ir.Call or type(condition.function) is not ir.Member or len(condition.args) != 1:
        return False
    held = frame.knowledge.does(condition.function.name, "member-of")
    return held and are_rights(frame.seen(condition.function.object), frame.seen(condition.args[0].value))
