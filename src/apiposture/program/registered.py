"""Which implementation does a container give for which service?"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from apiposture.model import ir
from apiposture.model.ir import TypeRef
from apiposture.program import walk
from apiposture.program.types import Routine


def registrations(calls: Iterable[tuple[Routine, ir.Call]], name_of: Callable[[TypeRef, Routine], str]) -> frozenset[tuple[str, str]]:
    """Pairs of (service, implementation) that these calls tell a container, each with the function that it stands in. `name_of` gives the
    simple name of a type that is written in a function.
    """
    found: set[tuple[str, str]] = set()
    for routine, call in calls:
        names = [name_of(ref, routine) for ref in call.type_args]
        if not names:
            names = [n for a in call.args if (n := _type_argument(a.value))]
        if len(names) == 1:
            made = next((n.type for a in call.args for n in walk.nodes(a.value) if type(n) is ir.New and n.type), None)
            names += [made.name.rpartition(".")[2]] if made else []
        if len(names) >= 2:
            found.add((names[0], names[1]))
    return frozenset(found)


def _type_argument(expr: ir.Expr) -> str:
    if type(expr) is ir.Call and walk.called_name(expr) == "typeof" and expr.args:
        return walk.dotted(expr.args[0].value).rpartition(".")[2]
    return ""
