"""Which refusals leave a function that is gone through, and which of them are caught on the way?"""

from __future__ import annotations

from apiposture.frameworks.python.asking.refusals import is_refusal
from apiposture.frameworks.python.reading.objects import as_expr
from apiposture.frameworks.python.walks.guests import Guests, Walk
from apiposture.frameworks.python.walks.seen import Seen, Way
from apiposture.frameworks.python.walks.visits import REFUSED
from apiposture.model import ir
from apiposture.program.types import Routine


class Catching(Walk):
    """A walk in which exceptions refuse."""

    def __init__(self, guests: Guests, routine: Routine, depth: int) -> None:
        super().__init__(guests, routine, depth)
        self._caught: list[list[Seen]] = []
        """What was thrown so far in each body at hand whose refusals are caught."""
        self._handles_refusal = False

    def raised(self, statement: ir.Throw) -> Seen:
        value = statement.value
        if value is None:
            return Seen("raised", self._handles_refusal)
        return Seen("raised", is_refusal(self.guests.objects, value, self.routine))

    def throws(self, answer: Seen) -> None:
        (self._caught[-1] if self._caught else self.answers).append(answer)

    def tried(self, statement: ir.Try, way: Way) -> list[Way]:
        """Nobody is refused by an exception that is caught, unless what catches it refuses."""
        catching = [self._catches_refusals(handler.type) for handler in statement.handlers]
        if not any(catching):
            return super().tried(statement, way)
        self._caught.append([])
        found = self.run(statement.body, [way.copy()])
        thrown = self._caught.pop()
        for answer in thrown:
            if answer != REFUSED:
                self.throws(answer)
        around = self._handles_refusal
        for handler, catches in zip(statement.handlers, catching, strict=True):
            self._handles_refusal = catches and REFUSED in thrown
            found += self.run(handler.body, [way.copy()])
        self._handles_refusal = around
        return found

    def _catches_refusals(self, kind: ir.TypeRef | None) -> bool:
        kinds = () if kind is None else kind.args if kind.name == "()" else (kind,)
        named = [as_expr(one.name, self.routine.function.span) for one in kinds]
        all_kinds = kind is None or any(one.name.rpartition(".")[2] in ("Exception", "BaseException") for one in kinds)
        return all_kinds or any(is_refusal(self.guests.objects, one, self.routine) for one in named)
