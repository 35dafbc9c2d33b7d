"""What does an application's middleware ask of every caller?"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.frameworks.python.asking.bodies import judge
from apiposture.frameworks.python.asking.guards import Guard
from apiposture.frameworks.python.asking.situations import Situation
from apiposture.frameworks.python.asking.verdicts import Verdict
from apiposture.frameworks.python.reading.objects import Made, Objects, as_expr, functions_of
from apiposture.frameworks.python.routes.routers import Router
from apiposture.model import ir
from apiposture.model.ir import Module
from apiposture.program import walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

WHERE = frozenset(("path", "url", "method", "startswith", "endpoint", "blueprint"))
"""What a middleware looks at that lets some requests through."""


def walls(objects: Objects, app: Router) -> Iterator[Guard]:
    """The project's own middleware that refuses; where it looks at the path, nobody knows for which."""
    for routine, module, span in _of(objects, app):
        names = [param.name for param in routine.function.params]
        onward = frozenset(names[1:2])
        verdict = judge(objects, routine, frozenset(), frozenset(names[:1]), Situation(onward=onward, view=onward))
        if verdict.refuses and verdict.reads:
            yield _wall(routine, verdict, module, span)


def _wall(routine: Routine, verdict: Verdict, module: Module, span: int) -> Guard:
    words = {node.name for node in walk.nodes(routine.function.body or ()) if type(node) is ir.Member}
    name = routine.function.name
    if words & WHERE or verdict.unasked:
        return Guard(
            "unknown", "application", name, place(module, span), name, f"the middleware '{name}' refuses callers, depending on the request"
        )
    return Guard("asks", "application", name, place(module, span), name, "it runs before every endpoint", verdict.needs)


def _of(objects: Objects, app: Router) -> Iterator[tuple[Routine, Module, int]]:
    """The functions that run before every endpoint of an application."""
    for routine in objects.program.routines:
        for annotation in routine.function.annotations if routine.module.explicit_names else ():
            holder, _, last = annotation.name.rpartition(".")
            if last == "middleware" and _is(objects, holder, annotation.span, routine, app):
                yield routine, routine.module, annotation.span
    for caller, call in objects.program.calling("add_middleware"):
        if type(call.function) is ir.Member and any(
            isinstance(o, Made) and o.key == app.made.key for o in objects.of(call.function.object, caller)
        ):
            for one in objects.of(walk.argument(call, 0, "middleware_class"), caller):
                if isinstance(one, Type):
                    for name in ("dispatch", "Invoke"):
                        for method in functions_of(objects.program, one, name)[:1]:
                            yield method, caller.module, call.span


def _is(objects: Objects, holder: str, span: int, routine: Routine, app: Router) -> bool:
    found = objects.of(as_expr(holder, span), objects.main(routine.module))
    return any(isinstance(one, Made) and one.key == app.made.key for one in found)
