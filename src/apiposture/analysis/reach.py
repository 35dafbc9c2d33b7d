"""From which parts of the program was the answer about a function worked out?"""

from __future__ import annotations

from collections.abc import Iterable

from apiposture.analysis.flow.summaries import Summaries
from apiposture.analysis.parts import Parts
from apiposture.model.ir import Module
from apiposture.program.types import Routine, Type


class Reach:
    """The parts of the program (see `Parts`) that were looked into for each evaluated function, as a number with a bit for each."""

    def __init__(self, summaries: Summaries, parts: Parts | None = None) -> None:
        self.program = summaries.program
        self.parts = parts or Parts(self.program.modules)
        self._below = Reach(summaries.below, self.parts) if summaries.below is not None else None
        self._asked: dict[tuple[Type, str], int] = {}
        self._masks = self._closed(summaries)

    def of(self, routine: Routine) -> int:
        """The parts behind one function."""
        found = self._masks.get(routine)
        return self._own(routine) if found is None else found

    def encoded(self, mask: int) -> bytes:
        """The number as it is kept."""
        return mask.to_bytes((mask.bit_length() + 7) // 8, "little")

    def _own(self, routine: Routine) -> int:
        return self.parts.function(routine.function, routine.module)

    def _closed(self, summaries: Summaries) -> dict[Routine, int]:
        """What each function looked into itself, and what its callees did; repeated until nothing is added, for calls go in rings."""
        masks = {routine: self._own(routine) for routine in summaries.notes}
        for routine, questions in summaries.asked.items():
            masks[routine] = self._begun(masks, routine) | self._answers(summaries, questions)
        for routine, paths in summaries.looked_around.items():
            masks[routine] = self._begun(masks, routine) | self._files(paths)
        innermost_first = list(summaries.callees.items())[::-1]
        grows = True
        while grows:
            grows = False
            for routine, callees in innermost_first:
                known = mask = self._begun(masks, routine)
                for callee in callees:
                    mask |= self._begun(masks, callee)
                if mask != known or routine not in masks:
                    masks[routine] = mask
                    grows = True
        return masks

    def _begun(self, masks: dict[Routine, int], routine: Routine) -> int:
        found = masks.get(routine)
        return self._own(routine) if found is None else found

    def _files(self, paths: Iterable[str]) -> int:
        mask = 0
        for path in paths:
            mask |= self.parts.file(path)
        return mask

    def _answers(self, summaries: Summaries, questions: dict[tuple[Type, str], None]) -> int:
        mask = 0
        for question in questions:
            found = self._asked.get(question)
            if found is None:
                found = self._asked[question] = self._answer(summaries, question[0], question)
            mask |= found
        return mask

    def _answer(self, summaries: Summaries, declared: Type, question: tuple[Type, str]) -> int:
        """Who holds the caller is read off the functions of the type, and of those that extend it, that set something to the caller."""
        mask = 0
        for path in {module.path for holder in (declared, *self.program.heirs(declared)) for _, module in holder.decls}:
            mask |= self.parts.setters(path)
        if self._below is not None and summaries.below is not None:
            for routine in summaries.below.answered.get(question, ()):
                mask |= self._below.of(routine)
        return mask


def forget(summaries: Summaries, module: Module) -> None:
    """Drop all that was worked out from a module's code, which is about to change."""
    types = [declared for declared in summaries.program.types if any(place is module for _, place in declared.decls)]
    bases = [base for declared in types for base, _ in summaries.program.ancestors(declared) if base is not None]
    _forget(summaries, module, {*types, *bases})
    summaries.drop_code(module, types)


def _forget(summaries: Summaries, module: Module, about: set[Type]) -> set[Routine]:
    """What was worked out of which functions is no longer true? It is dropped, and so are answers about the members of these types."""
    stale_below = _forget(summaries.below, module, about) if summaries.below is not None else set()
    answered = summaries.below.answered if summaries.below is not None else {}
    questions = {question for question in answered if question[0] in about}
    if stale_below:
        questions.update(question for question, routines in answered.items() if not stale_below.isdisjoint(routines))
    stale = {routine for routine in (*summaries.notes, *summaries.callees) if routine.module is module}
    stale.update(routine for routine, paths in summaries.looked_around.items() if module.path in paths)
    if questions:
        stale.update(routine for routine, asked in summaries.asked.items() if not asked.keys().isdisjoint(questions))
    stale |= leading_to(summaries, {*stale, *(one for one in set[Routine]().union(*summaries.callees.values()) if one.module is module)})
    summaries.drop(stale, questions)
    return stale


def leading_to(summaries: Summaries, routines: Iterable[Routine]) -> set[Routine]:
    """These functions and all that lead to them. Callees were come to later than their callers: mostly one pass from the end finds them."""
    found = set(routines)
    innermost_first = list(summaries.callees.items())[::-1]
    grows = True
    while grows:
        grows = False
        for caller, callees in innermost_first:
            if caller not in found and not found.isdisjoint(callees):
                found.add(caller)
                grows = True
    return found
