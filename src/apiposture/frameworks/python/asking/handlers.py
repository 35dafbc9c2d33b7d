"""What do a handler's decorators, its own code, and what runs before it ask of the caller?"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from apiposture.frameworks.python.asking.bodies import judge
from apiposture.frameworks.python.asking.decorators import Decorators
from apiposture.frameworks.python.asking.guards import Guard
from apiposture.frameworks.python.asking.middleware import WHERE
from apiposture.frameworks.python.reading.objects import Objects
from apiposture.frameworks.python.routes.class_views import Around
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.places import place
from apiposture.program.types import Routine

NOBODY: frozenset[str] = frozenset()


def _acts(statement: ir.Stmt) -> bool:
    """Does a statement do anything, and not only hold words?"""
    return not (isinstance(statement, ir.Eval) and isinstance(statement.value, ir.Literal))


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
            yield Guard(told.effect, around.level, around.scope, where, f"@{around.name}", told.why, told.needs, told.key)

    def own(self, handler: Routine, requests: frozenset[str] = NOBODY) -> Iterator[Guard]:
        """A handler that reads a credential itself, and refuses without. `requests` are parameters that hold the request."""
        verdict = judge(self.objects, handler, NOBODY, requests)
        if verdict.closes and verdict.at is not None:
            module, span = verdict.at
            if verdict.unasked:
                why = f"'{handler.function.name}' refuses callers without a login for some requests only"
                yield Guard("unknown", "handler", handler.name, place(module, span), handler.function.name, why)
                return
            why = "its own code refuses callers without a login"
            yield Guard("asks", "handler", handler.name, place(module, span), handler.function.name, why, verdict.needs)

    def step(self, routine: Routine) -> Iterator[Guard]:
        """A method of the view's own object that runs before the handler, and refuses who shows no credential; or does nothing any more."""
        owner, name = routine.owner, routine.function.name
        if owner is None:
            return
        level = "type" if any(one.function is routine.function for one in owner.functions.get(name, ())) else "base"
        if self._gives_up(routine):
            why = "it overrides a method that refuses callers by one that does nothing"
            yield Guard("opens", level, owner.simple, place(routine.module, routine.function.name_span), name, why)
            return
        verdict = judge(self.objects, routine, NOBODY, NOBODY)
        if verdict.depends and verdict.at is not None:
            why = f"'{name}' refuses callers before the handler, depending on more than the login"
            yield Guard("unknown", level, owner.simple, place(*verdict.at), name, why)
        elif verdict.authenticates and verdict.at is not None:
            module, span = verdict.at
            why = "it runs before the handler, and refuses callers without a login"
            yield Guard("asks", level, owner.simple, place(module, span), name, why, verdict.needs)

    def _gives_up(self, routine: Routine) -> bool:
        """Does a method do nothing, though the one that it overrides refuses callers? Then somebody meant everybody to come in."""
        if routine.owner is None or any(_acts(statement) for statement in routine.function.body or ()):
            return False
        versions = self.objects.program.methods(routine.owner, routine.function.name)
        at = next((i for i, one in enumerate(versions) if one.function is routine.function), len(versions))
        return any(judge(self.objects, one, NOBODY, NOBODY).refuses for one in versions[at + 1 :])

    def before(self, hook: Routine, level: str, requests: frozenset[str] = NOBODY) -> Iterator[Guard]:
        """What runs before each request, where it refuses who shows no credential."""
        verdict = judge(self.objects, hook, NOBODY, requests)
        if not (verdict.refuses and verdict.reads):
            return
        name = hook.function.name
        where = place(hook.module, hook.function.name_span)
        looked_at = {node.name for node in walk.nodes(hook.function.body or ()) if isinstance(node, ir.Member)}
        if verdict.opens or verdict.unasked or looked_at & WHERE:
            yield Guard("unknown", level, name, where, name, f"'{name}' refuses callers before the request, depending on it")
        else:
            yield Guard("asks", level, name, where, name, "it runs before every request", verdict.needs)
