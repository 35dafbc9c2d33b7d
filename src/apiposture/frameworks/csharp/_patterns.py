"""Which route does a call that maps say?"""

from __future__ import annotations

from apiposture.frameworks.csharp import _values
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine


def pattern_in(program: Program, call: ir.Call, routine: Routine, at: int, named: str = "") -> str | None:
    """The route at a place among the arguments; `named` is the type that `GetType().Name` stands for."""
    value = walk.argument(call, at, "pattern") or walk.argument(call, at, "prefix")
    text = _values.text(program, value, routine.module, routine.owner, {})
    if text is None and type(value) is ir.Template:
        return "".join(_piece(program, part, routine, named) for part in value.parts)
    if text is None and type(value) is ir.Name:
        declared = next((n for n in walk.nodes(routine.function.body) if type(n) is ir.Declare and n.name == value.id), None)
        text = _values.text(program, declared.value, routine.module, routine.owner, {}) if declared else None
    return text


def _piece(program: Program, part: ir.Expr, routine: Routine, named: str) -> str:
    """A piece of a route: its text, the name of the type that was given, or a parameter named after what holds it."""
    text = _values.text(program, part, routine.module, routine.owner, {})
    if text is not None:
        return text
    source = part
    if isinstance(part, ir.Name):
        body = routine.function.body
        source = next((n.value for n in walk.nodes(body) if isinstance(n, ir.Declare) and n.name == part.id and n.value), part)
    if named and any(walk.called_name(c) == "GetType" for c in walk.calls(source)):
        return named
    return "{" + (walk.dotted(part).rpartition(".")[2] or "value") + "}"


def placeholder(call: ir.Call) -> str:
    """A route known only at run time: the name of what holds it, in braces."""
    name = walk.dotted(call.args[0].value).rpartition(".")[2] if call.args else ""
    return "{" + name + "}" if name and name != "this" else ""
