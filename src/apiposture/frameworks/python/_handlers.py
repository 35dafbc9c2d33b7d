"""What do a handler's decorators, its own code, and what runs before it ask of the caller?"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from apiposture.frameworks.python._blueprints import Around
from apiposture.frameworks.python._bodies import judge
from apiposture.frameworks.python._decorators import Decorators
from apiposture.frameworks.python._guards import Guard
from apiposture.frameworks.python._middleware import WHERE
from apiposture.frameworks.python._objects import Objects
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.places import place
from apiposture.program.types import Routine

NOBODY: frozenset[str] = frozenset()


class Handlers:
    """Answers for one program."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.decorators = Decorators(objects)

    def above(self, handler: Routine, routing: Collection[str] = ()) -> Iterator[Guard]:
        """What the decorators of a handler ask, but for those that only say its route."""
        outside = self.objects.outside(handler)
        for one in handler.function.annotations:
            if one.name.rpartition(".")[2] not in routing:
                yield from self.around(Around(one.name, one.args, one.span, outside, "endpoint", handler.name))

    def around(self, around: Around) -> Iterator[Guard]:
        """What one decorator asks, wherever it is put around a handler."""
        told = self.decorators.told(around.name, around.args, around.span, around.routine)
        if told.effect != "nothing":
            where = place(around.routine.module, around.span)
            yield Guard(told.effect, around.level, around.scope, where, f"@{around.name}", told.why, told.needs)

    def own(self, handler: Routine, requests: frozenset[str] = NOBODY) -> Iterator[Guard]:
        """A handler that reads a credential itself, and refuses without. `requests` are parameters that hold the request."""
        verdict = judge(self.objects, handler, NOBODY, requests)
        if verdict.authenticates and verdict.at is not None:
            module, span = verdict.at
            if verdict.answers:
                why = f"'{handler.function.name}' refuses callers without a login for some requests only"
                yield Guard("unknown", "handler", handler.name, place(module, span), handler.function.name, why)
                return
            why = "its own code refuses callers without a login"
            yield Guard("asks", "handler", handler.name, place(module, span), handler.function.name, why, verdict.needs)

    def step(self, routine: Routine) -> Iterator[Guard]:
        """A method of the view's own object that runs before the handler, and refuses who shows no credential."""
        verdict = judge(self.objects, routine, NOBODY, NOBODY)
        if verdict.authenticates and verdict.at is not None and routine.owner is not None:
            module, span = verdict.at
            own = any(one.function is routine.function for one in routine.owner.functions.get(routine.function.name, ()))
            why = "it runs before the handler, and refuses callers without a login"
            where = place(module, span)
            yield Guard("asks", "type" if own else "base", routine.owner.simple, where, routine.function.name, why, verdict.needs)

    def before(self, hook: Routine, level: str, requests: frozenset[str] = NOBODY) -> Iterator[Guard]:
        """What runs before each request, where it refuses who shows no credential."""
        verdict = judge(self.objects, hook, NOBODY, requests)
        if not (verdict.refuses and verdict.reads):
            return
        name = hook.function.name
        where = place(hook.module, hook.function.name_span)
        looked_at = {node.name for node in walk.nodes(hook.function.body or ()) if isinstance(node, ir.Member)}
        if verdict.opens or looked_at & WHERE:
            yield Guard("unknown", level, name, where, name, f"'{name}' refuses callers before the request, depending on it")
        else:
            yield Guard("asks", level, name, where, name, "it runs before every request", verdict.needs)
