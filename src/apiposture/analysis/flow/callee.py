"""Who is called, and on what?"""

from __future__ import annotations

from typing import Final

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.named import whom
from apiposture.analysis.flow.values import UNKNOWN, Value
from apiposture.model import ir
from apiposture.model.acyclic import mypyc_attr


@mypyc_attr(acyclic=True)
class Callee:
    """Who is called: the receiver (or type), the name, what the receiver was written as, and a function that is written here (`local`)."""

    __slots__ = ("local", "made", "name", "receiver", "written")

    def __init__(self, receiver: Value, name: str, written: str, local: ir.Lambda | None = None, made: ir.TypeRef | None = None) -> None:
        self.receiver = receiver
        self.name = name
        self.written = written
        self.local = local
        self.made = made

    def on(self, receiver: Value) -> Callee:
        """The same, called on something else."""
        return Callee(receiver, self.name, self.written, self.local, self.made)


def callee_of(frame: Frame, call: ir.Call) -> Callee:
    """Who is called here."""
    function = call.function
    if frame.module.explicit_names and (called := whom(frame, function)) is not None:
        return Callee(called.holder, called.name, called.name, None, called.made)
    if type(function) is ir.Name and function.id in CHAINED and not frame.module.explicit_names:
        return Callee(frame.value(function), ".ctor", function.id)
    if type(function) is ir.Member:
        return Callee(frame.value(function.object), function.name, written(function.object))
    if type(function) is ir.Name:
        known = frame.env.get(function.id)
        if known is None and (frame.module.explicit_names or _is_held(frame, function.id)):
            known = frame.value(function)
        if known is not None and known.handed is not None:
            return Callee(known.handed[0], known.handed[1], known.handed[1])
        if known is not None:
            return Callee(known, INVOKES, function.id, known.code)
        return _opened(frame, function.id) or Callee(frame.env.get("this", UNKNOWN), function.id, "")
    value = frame.value(function)
    if value.handed is not None:
        return Callee(value.handed[0], value.handed[1], value.handed[1])
    return Callee(value, INVOKES if frame.module.explicit_names else "", "", value.code)


CHAINED: Final = ("super", "this")
"""What a constructor calls that begins with another one: `: base(id)`, `: this(id)`."""

INVOKES: Final = "Invoke"
"""The name under which library rows speak of calling a function that is a value."""


def _is_held(frame: Frame, name: str) -> bool:
    """Is it a member that holds a function, and none that is one?"""
    program = frame.summaries.program
    if frame.owner is None or program.slot(frame.owner, name) is None:
        return False
    return not program.methods(frame.owner, name)


def _opened(frame: Frame, name: str) -> Callee | None:
    """A library's function that the file names without its type; what the types around the code declare goes first."""
    program = frame.summaries.program
    known = [one for one in program.opened(frame.module) if isinstance(one, str) and frame.knowledge.rows(name, None, one)]
    if not known or (frame.owner is not None and program.methods(frame.owner, name)):
        return None
    return Callee(Value(static=known[0]), name, known[0])


def written(expr: ir.Expr) -> str:
    """What a receiver is written as: its last name."""
    if type(expr) is ir.Name:
        return expr.id
    return expr.name if type(expr) is ir.Member else "()"
