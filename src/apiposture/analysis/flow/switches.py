"""What does a switch among a function's parameters decide: `clean ? Tidy(name) : name`?

A value that one side of it gives carries a mark; where the function is called with a constant, only the side that is taken counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import Label
from apiposture.analysis.flow.values import Value
from apiposture.model import ir
from apiposture.program import walk

MARK = "if:"
"""How a mark among what a label is clean for begins: `if:2:1` holds where the third parameter is true, `if:2:0` where it is not."""


def switch(frame: Frame, condition: ir.Expr) -> tuple[int, bool] | None:
    """The position of the parameter that the condition is, and whether as it is; None where it asks for more than that."""
    straight = True
    while type(condition) is ir.Unary and condition.operator == "!":
        condition, straight = condition.operand, not straight
    value = frame.env.get(condition.id) if type(condition) is ir.Name else None
    if value is None or value.type is None or value.type.name not in ("bool", "Boolean") or len(value.labels) != 1:
        return None
    label = next(iter(value.labels))
    return (label.key, straight) if label.kind == "param" and not label.path and not label.clean and label.key >= 0 else None


def on_side(decided: tuple[int, bool], truth: bool) -> str:
    """The mark of what is so where the condition is true, or false."""
    index, straight = decided
    return f"{MARK}{index}:{int(truth == straight)}"


def under(value: Value, mark: str) -> Value:
    """The value, known to be this one only on that side."""
    if not value.labels and not value.fields:
        return value
    labels = {_under(label, mark): trail for label, trail in value.labels.items()}
    fields = {name: under(field, mark) for name, field in value.fields.items()} if value.fields else None
    return Value(labels, value.type, value.about, value.constants, fields, value.query, value.code, value.static)


def _under(label: Label, mark: str) -> Label:
    return label.with_clean(label.clean | {mark}) if label.kind in ("param", "request") else label


def assigned_in(body: Sequence[ir.Stmt]) -> set[str]:
    """The names that are set somewhere in these statements."""
    return {n.target.id for n in walk.nodes(tuple(body)) if type(n) is ir.Assign and type(n.target) is ir.Name}


def settled(clean: frozenset[str], args: Sequence[Value]) -> frozenset[str] | None:
    """The marks that stay in a caller's terms; None where a constant argument says that this side is not taken."""
    marks = [one for one in clean if one.startswith(MARK)]
    if not marks:
        return clean
    for one in marks:
        _, index, truth = one.split(":")
        known = args[int(index)].constants if int(index) < len(args) else None
        if known and all(value is (truth == "0") for value in known):
            return None
    return clean.difference(marks)
