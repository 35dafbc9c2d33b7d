"""Which functions are worth a look for their own sake, wherever they are called from?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from apiposture.analysis.flow.meanings import is_generated
from apiposture.analysis.knowledge import Knowledge
from apiposture.frameworks.library import Library
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine

MAX_WRAPPERS = 3
"""A project's own logging function may call another one; more layers than this were not met."""


def telling(program: Program, known: Callable[[str], Library]) -> Sequence[Routine]:
    """The functions that log or use what is unsafe in itself, and those that call the project's own logging functions."""
    knowledge = {language: Knowledge(program, known(language)) for language in sorted({m.language for m in program.modules})}
    names = frozenset(name for each in knowledge.values() for name in each.telling_names)
    names |= {r.function.name for r in program.routines if is_generated(r.function, knowledge[r.module.language])}
    called = frozenset(name for module in program.modules for name in module.calls)
    found: dict[Routine, None] = {}
    seen: frozenset[str] = frozenset()
    for _ in range(MAX_WRAPPERS):
        using = _using(program, names)
        found.update(dict.fromkeys(using))
        seen |= names
        names = _passing_on(using, called - seen, seen)
        if not names:
            break
    return list(found)


def _using(program: Program, names: frozenset[str]) -> list[Routine]:
    """The functions that themselves use something of one of these names, or take something of such a type."""
    there = {module.path for module in program.modules if not names.isdisjoint(module.calls)}
    return [routine for routine in program.routines if routine.module.path in there and _mentions(routine.function, names)]


def _mentions(function: ir.Function, names: frozenset[str]) -> bool:
    return not names.isdisjoint(walk.uses(function)) or any(one.type is not None and one.type.name in names for one in function.params)


def _passing_on(using: Sequence[Routine], called: frozenset[str], names: frozenset[str]) -> frozenset[str]:
    """Which of the names that are called somewhere are those of functions that hand a parameter to something of one of these names?"""
    found: set[str] = set()
    for routine in using:
        name = routine.function.name
        if name in called and name not in found and _passes_on(routine, names):
            found.add(name)
    return frozenset(found)


def _passes_on(routine: Routine, names: frozenset[str]) -> bool:
    params = {param.name for param in routine.function.params}
    if params.isdisjoint(walk.uses(routine.function)):
        return False
    return any(
        type(node) is ir.Name and node.id in params
        for call in walk.calls(routine.function.body or ())
        if walk.called_name(call) in names
        for arg in call.args
        for node in walk.nodes(arg.value)
    )
