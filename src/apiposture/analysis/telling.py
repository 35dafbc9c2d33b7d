"""Which functions are worth a look for their own sake, wherever they are called from?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

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
    found: dict[Routine, None] = {}
    seen: frozenset[str] = frozenset()
    for _ in range(MAX_WRAPPERS):
        using = list(_using(program, names))
        found.update(dict.fromkeys(using))
        seen |= names
        names = frozenset(routine.function.name for routine in using if _passes_on(routine, seen)) - seen
        if not names:
            break
    return list(found)


def _using(program: Program, names: frozenset[str]) -> Iterator[Routine]:
    """The functions that themselves use something of one of these names."""
    for routine in program.routines:
        if not names.isdisjoint(routine.module.calls) and not names.isdisjoint(program.mentions(routine)):
            yield routine


def _passes_on(routine: Routine, names: frozenset[str]) -> bool:
    """Does a function hand one of its parameters to something of one of these names?"""
    params = {param.name for param in routine.function.params}
    if not params:
        return False
    return any(
        type(node) is ir.Name and node.id in params
        for call in walk.calls(routine.function.body or ())
        if walk.called_name(call) in names
        for arg in call.args
        for node in walk.nodes(arg.value)
    )
