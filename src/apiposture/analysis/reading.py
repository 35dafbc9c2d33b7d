"""Does the code behind an endpoint only look things up, and is that certain?

It is where every call in it is one of the program's own that is known, or of a library's that is known to change nothing. A call of which
nothing is known may do anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from apiposture.analysis.flow.called_on import ASKED, ASKS, DATA, LIBRARY, OWN
from apiposture.analysis.flow.frame import MAX_EFFECTS, Frame
from apiposture.analysis.flow.summaries import Summaries
from apiposture.analysis.knowledge import Knowledge
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine

PURE: Final = (
    *("answers", "writes", "looks-up", "by-key", "seeks", "looks"),
    *("projects", "narrows", "selects", "counts", "converts", "has-member"),
)
"""What functions do to data, or those of a library that is known, that changes nothing but what they give."""

MAX_ROUTINES: Final = 60


def only_reads(summaries: Summaries, frame: Frame, routines: Iterable[Routine]) -> bool:
    """Is something looked up, and nothing else done, by these functions and all that they call?"""
    effects = frame.effects
    operations = {access.operation for access in effects.accesses.values()}
    if not operations or not operations <= ASKS or effects.saves or effects.sinks or len(effects.accesses) >= MAX_EFFECTS:
        return False
    looked_up = {(access.spot.routine, access.spot.span) for access in effects.accesses.values() if access.entity is not None}
    seen: dict[Routine, None] = {}
    pending = list(routines)
    while pending:
        one = pending.pop()
        if one not in seen:
            seen[one] = None
            callees = summaries.callees.get(one, {})
            if len(seen) > MAX_ROUTINES or not _Reading(summaries, one, callees, looked_up).is_certain():
                return False
            pending += callees
    return True


class _Reading:
    """One function, with those that it calls; `looked_up` is where stored objects are read."""

    def __init__(self, summaries: Summaries, routine: Routine, callees: Iterable[Routine], looked_up: set[tuple[Routine, int]]) -> None:
        self.knowledge = summaries.knowledge(routine.module)
        self.routine = routine
        self.called_on = summaries.called_on.get(routine, {})
        self.own = {callee.owner.simple if callee.function.name == ".ctor" and callee.owner else callee.function.name for callee in callees}
        self.nodes = list(walk.nodes(routine.function.body or ()))
        calls = [node for node in self.nodes if type(node) is ir.Call and (routine, node.span) in looked_up]
        self.looking_up = {id(one) for node in calls for one in walk.chain(node)}
        self.set_to = _set_to(self.nodes)
        self.here = {name for name, values in self.set_to.items() if all(_is_new(self.knowledge, value) for value in values)}
        """The variables that hold lists and mappings which nobody else has."""

    def is_certain(self) -> bool:
        """Is nothing set that others see, and is all that is called known to change nothing?"""
        return not self.routine.function.rebinds and all(self._is_harmless(node) for node in self.nodes)

    def _is_harmless(self, node: object) -> bool:
        match node:
            case ir.Call():
                return id(node) in self.looking_up or self._only_answers(node)
            case ir.Assign(target=target, operator="="):
                return all(self._is_local(one) for one in _targets(target))
            case ir.Assign(target=target) | ir.Unary(operator="++" | "--", operand=target):
                return self._is_local(target) and self._is_counted_here(target)
            case ir.Loop(target=target) if target is not None:
                return all(self._is_local(one) for one in _targets(target))
            case ir.Lambda(function=function):
                return not function.rebinds
            case ir.Opaque(kind="del"):
                return False
        return True

    def _is_local(self, target: ir.Expr) -> bool:
        """Is it a variable, or what one holds under a key? A member may be one of something that is stored."""
        if type(target) is ir.Index:
            return type(target.object) is ir.Name and target.object.id in self.here
        return type(target) is ir.Name and not self._is_member(target.id)

    def _is_member(self, name: str) -> bool:
        """Is it a member of the object or its type, by its name alone?"""
        owner = self.routine.owner
        if not self.routine.module.implicit_this or owner is None or self.knowledge.program.slot(owner, name) is None:
            return False
        declared = any(type(node) is ir.Declare and node.name == name for node in self.nodes)
        return not declared and all(param.name != name for param in self.routine.function.params)

    def _is_counted_here(self, target: ir.Expr) -> bool:
        """Is what is added to something that began in this function?"""
        if type(target) is not ir.Name:
            return True
        return target.id in self.here or (target.id in self.set_to and all(_is_plain(value) for value in self.set_to[target.id]))

    def _only_answers(self, call: ir.Call) -> bool:
        name = walk.called_name(call)
        on = call.function.object if type(call.function) is ir.Member else None
        kind = self.called_on.get(call.span)
        if kind is None:
            return name in self.own or (on is None and self.knowledge.is_made(name))
        if kind == OWN:
            return name in self.own or self.knowledge.does(name, "takes-apart") or (on is None and self.knowledge.does(name, "writes"))
        if kind == DATA and self.knowledge.does(name, "fills"):
            return type(on) is ir.Name and on.id in self.here
        return kind == ASKED or (kind in (DATA, LIBRARY) and any(self.knowledge.does(name, says) for says in PURE))


def _set_to(nodes: Iterable[object]) -> dict[str, list[ir.Expr | None]]:
    """All that each variable is set to; None for what is not written there."""
    found: dict[str, list[ir.Expr | None]] = {}
    for node in nodes:
        match node:
            case ir.Declare(name=name, value=value):
                found.setdefault(name, []).append(value)
            case ir.Assign(target=ir.Name(id=name), operator="=", value=value):
                found.setdefault(name, []).append(value)
            case ir.Assign(target=ir.Collection() as target, operator="=") | ir.Loop(target=target) if target is not None:
                for one in _targets(target):
                    if type(one) is ir.Name:
                        found.setdefault(one.id, []).append(None)
            case ir.Lambda(function=function):
                for param in function.params:
                    found.setdefault(param.name, []).append(None)
    return found


def _is_new(knowledge: Knowledge, value: ir.Expr | None) -> bool:
    """Is it a list or mapping that nobody else has?"""
    if type(value) is ir.Call and type(value.function) is ir.Name and not value.args:
        return knowledge.does(value.function.id, "answers")
    return type(value) is ir.Collection


def _is_plain(value: ir.Expr | None) -> bool:
    """Is it a text or a number?"""
    return type(value) in (ir.Literal, ir.Template)


def _targets(target: ir.Expr) -> Iterator[ir.Expr]:
    if type(target) is ir.Collection:
        for item in target.items:
            yield from _targets(item)
    else:
        yield target
