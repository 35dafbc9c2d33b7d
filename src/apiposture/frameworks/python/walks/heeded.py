"""Which calls, and which outcomes of a test, say that what they asked for the caller is so?"""

from __future__ import annotations

from apiposture.model import ir
from apiposture.program import walk

INSISTING = ("get_object_or_404", "get_list_or_404", "aget_object_or_404", "one", "scalar_one", "first_or_404", "one_or_404", "get_or_404")
"""Queries that do not come back without a row."""

FINDING = ("first", "afirst", "last", "alast", "get_or_none", "first_or_none", "one_or_none", "scalar_one_or_none")
"""Queries that give one row, or nothing."""

LOOSE = frozenset(
    """lt lte gt gte ne not isnull contains icontains startswith istartswith endswith iendswith regex iregex range contained_by overlap
    search""".split()
)
"""Ways of looking at a member (`shop_id__gte=`) that other rows pass as well.

https://docs.djangoproject.com/en/stable/ref/models/querysets/#field-lookups
"""


def is_loose(name: str | None) -> bool:
    """Does a condition by that name let through more than what equals the value?"""
    return name is not None and "__" in name and name.rpartition("__")[2] in LOOSE


def insists(expr: ir.Expr | None) -> bool:
    """Is it a query that only comes back with a row? A `get` of anything else is told a key that has no name."""
    if not isinstance(expr, ir.Call):
        return False
    name = walk.called_name(expr)
    return name in INSISTING or (name in ("get", "aget") and all(arg.name for arg in expr.args))


def set_by(statement: ir.Stmt) -> tuple[str | None, ir.Expr | None]:
    """The one name that a statement sets, and what it works out."""
    if isinstance(statement, ir.Declare):
        return statement.name if statement.value is not None else None, statement.value
    value = statement.value if isinstance(statement, ir.Eval) else None
    if isinstance(value, ir.Assign) and value.operator == "=":
        return value.target.id if isinstance(value.target, ir.Name) else None, value.value
    return None, value


def finds(expr: ir.Expr) -> bool:
    """Does it give nothing where there is no row?"""
    return isinstance(expr, ir.Call) and walk.called_name(expr) in FINDING


def parts_of(condition: ir.Expr, when: bool) -> list[tuple[ir.Expr, bool]]:
    """The tests that all came out, and how, if the condition came out as `when`."""
    if isinstance(condition, ir.Unary) and condition.operator == "!":
        return parts_of(condition.operand, not when)
    if isinstance(condition, ir.Binary) and condition.operator == ("&&" if when else "||"):
        return [*parts_of(condition.left, when), *parts_of(condition.right, when)]
    if isinstance(condition, ir.Choice) and isinstance(condition.other, ir.Literal) and bool(condition.other.value) is not when:
        return [*parts_of(condition.condition, True), *parts_of(condition.then, when)]  # `a and b` for its value
    return [(condition, when)]


def against_nothing(test: ir.Expr, when: bool) -> ir.Expr | None:
    """What a test says to be there: `keeper is not None`."""
    if isinstance(test, ir.Binary) and test.operator == ("!=" if when else "==") and isinstance(test.right, ir.Literal):
        return test.left if test.right.value is None else None
    return None


def against_truth(test: ir.Expr, when: bool) -> ir.Expr | None:
    """What a test says to be so, or not to be turned down: `allowed is True`, `allowed is not False`."""
    if isinstance(test, ir.Binary) and test.operator in ("is", "==", "!=") and isinstance(test.right, ir.Literal):
        same = when == (test.operator != "!=")
        return test.left if isinstance(test.right.value, bool) and test.right.value is same else None
    return None
