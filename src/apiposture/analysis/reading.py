"""Does the code behind an endpoint only look things up, and is that certain?

It is where every call in it is one of the program's own that is known, or of a library's that is known to change nothing. A call of which
nothing is known may do anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apiposture.analysis.flow.frame import MAX_EFFECTS, Frame
from apiposture.analysis.flow.summaries import Summaries
from apiposture.analysis.knowledge import Knowledge
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine

ASKS = frozenset(("read", "list", "exists"))
PURE = ("answers", "writes", "looks-up", "by-key", "seeks", "looks", "projects", "narrows", "selects", "counts", "converts", "has-member")
"""What methods do, whatever they are called on, that changes nothing but what they give."""

STEPS = frozenset(("filter", "project", "join", "union", "order", "pass", "narrow", "all", "any"))
"""What steps of a query do that runs nothing itself."""

HARMLESS = frozenset(("clean", "principal", "source", "authorization", "end", "log"))
"""Kinds of row that say of a call all that it does, none of which outlives the request."""

MAY_CHANGE = frozenset(("sink", "dispatch", "cell"))

MAX_ROUTINES = 60


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
            if len(seen) > MAX_ROUTINES or not _is_certain(summaries.knowledge(one.module), one, callees, looked_up):
                return False
            pending += callees
    return True


def _is_certain(knowledge: Knowledge, routine: Routine, callees: Iterable[Routine], looked_up: set[tuple[Routine, int]]) -> bool:
    """Does one function set nothing that others see, and is all that it calls known? `looked_up` is where stored objects are read."""
    own = {callee.owner.simple if callee.function.name == ".ctor" and callee.owner else callee.function.name for callee in callees}
    nodes = list(walk.nodes(routine.function.body or ()))
    here = {node.target.id for node in nodes if type(node) is ir.Assign and type(node.target) is ir.Name and _is_new(knowledge, node.value)}
    here.update(node.name for node in nodes if type(node) is ir.Declare and node.value is not None and _is_new(knowledge, node.value))
    known = {id(one) for node in nodes if type(node) is ir.Call and (routine, node.span) in looked_up for one in walk.chain(node)}
    return not routine.function.rebinds and all(id(node) in known or _is_harmless(knowledge, node, own, here) for node in nodes)


def _is_harmless(knowledge: Knowledge, node: object, own: set[str], here: set[str]) -> bool:
    if type(node) is ir.Assign:
        return all(type(one) is ir.Name or _is_local_part(one, here) for one in _targets(node.target))
    if type(node) is not ir.Call:
        return not (type(node) is ir.Opaque and node.kind == "del")
    name = walk.called_name(node)
    on = node.function.object if type(node.function) is ir.Member else None
    told = [(kind, row) for kind, owner, row in knowledge.calls.get(name, ()) if on is not None or not owner[:1].isupper()]
    if name in own or any(knowledge.does(name, says) for says in PURE) or any(kind == "query" and row.does in STEPS for kind, row in told):
        return True
    if knowledge.does(name, "fills"):
        return type(on) is ir.Name and on.id in here
    if any(kind in MAY_CHANGE or (kind == "access" and row.operation not in ASKS) for kind, row in told):
        return False
    return (on is None and knowledge.is_made(name)) or any(kind in HARMLESS or kind == "access" for kind, _ in told)


def _is_new(knowledge: Knowledge, value: ir.Expr) -> bool:
    """Is it a list or mapping that nobody else has?"""
    return type(value) is ir.Collection or (type(value) is ir.Call and knowledge.does(walk.called_name(value), "answers"))


def _targets(target: ir.Expr) -> Iterator[ir.Expr]:
    if type(target) is ir.Collection:
        for item in target.items:
            yield from _targets(item)
    else:
        yield target


def _is_local_part(target: ir.Expr, here: set[str]) -> bool:
    """Is it what a variable of the function holds under a key? A member may be one of something that is stored."""
    return type(target) is ir.Index and type(target.object) is ir.Name and target.object.id in here
