"""Which functions are worth a look for their own sake, wherever they are called from?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from apiposture.analysis.flow.meanings import is_generated
from apiposture.analysis.knowledge import Knowledge
from apiposture.analysis.units import Telling
from apiposture.frameworks.library import Library
from apiposture.model import ir
from apiposture.model.ir import Function
from apiposture.program import Program, walk
from apiposture.program.types import Routine

MAX_WRAPPERS: Final = 3
"""A project's own logging function may call another one; more layers than this were not met."""


def telling(program: Program, known: Callable[[str], Library]) -> Telling:
    """The functions that log or use what is unsafe in itself, and those that call the project's own logging functions."""
    knowledge = {language: Knowledge(program, known(language)) for language in sorted({m.language for m in program.modules})}
    names = frozenset(name for each in knowledge.values() for name in each.telling_names)
    names |= {r.function.name for r in program.routines if is_generated(r.function, knowledge[r.module.language])}
    called = frozenset(name for module in program.modules for name in module.calls)
    rounds: list[frozenset[str]] = []
    found: dict[int, None] = {}
    while names and len(rounds) < MAX_WRAPPERS:
        rounds.append(names)
        using = _using(program, names)
        found.update(dict.fromkeys(using))
        seen = frozenset[str]().union(*rounds)
        names = _passing_on([program.routines[number] for number in using], called - seen, seen)
    return Telling(tuple([tuple(sorted(names)) for names in rounds]), tuple(found))


def tells_alike(found: Telling, pairs: Iterable[tuple[Function, Function]]) -> bool:
    """Would the same functions be found where each first one became the second one, and files call functions of the same names?"""
    rounds = [frozenset(names) for names in found.names]
    seen = [frozenset[str]().union(*rounds[: number + 1]) for number in range(len(rounds))]
    return all(
        _mentions(then, names) == _mentions(now, names) and _passes_on(then, passed) == _passes_on(now, passed)
        for then, now in pairs
        for names, passed in zip(rounds, seen, strict=True)
    )


def _using(program: Program, names: frozenset[str]) -> list[int]:
    """The functions that themselves use something of one of these names, or take something of such a type; by their numbers."""
    there = {module.path for module in program.modules if not names.isdisjoint(module.calls)}
    numbered = enumerate(program.routines)
    return [number for number, one in numbered if one.module.path in there and _mentions(one.function, names)]


def _mentions(function: Function, names: frozenset[str]) -> bool:
    return not names.isdisjoint(walk.uses(function)) or any(one.type is not None and one.type.name in names for one in function.params)


def _passing_on(using: Sequence[Routine], called: frozenset[str], names: frozenset[str]) -> frozenset[str]:
    """Which of the names that are called somewhere are those of functions that hand a parameter to something of one of these names?"""
    found: set[str] = set()
    for routine in using:
        name = routine.function.name
        if name in called and name not in found and _passes_on(routine.function, names):
            found.add(name)
    return frozenset(found)


def _passes_on(function: Function, names: frozenset[str]) -> bool:
    params = {param.name for param in function.params}
    if params.isdisjoint(walk.uses(function)):
        return False
    return any(
        type(node) is ir.Name and node.id in params
        for call in walk.calls(function.body or ())
        if walk.called_name(call) in names
        for arg in call.args
        for node in walk.nodes(arg.value)
    )
