"""What does a Django project's middleware ask of the callers of one endpoint?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from msgspec import Struct

from apiposture.frameworks.python.asking.bodies import judge
from apiposture.frameworks.python.asking.guards import Guard
from apiposture.frameworks.python.asking.middleware import WHERE
from apiposture.frameworks.python.of_django.views import Served
from apiposture.frameworks.python.reading.django_settings import Settings
from apiposture.frameworks.python.reading.objects import Foreign, Object, Objects, as_expr, nested
from apiposture.frameworks.python.walks.asked_of_views import OfViews, held_by_permission
from apiposture.frameworks.python.walks.outcomes import answered, outcome
from apiposture.frameworks.python.walks.seen import Seen
from apiposture.frameworks.python.walks.visits import Held as Argument
from apiposture.frameworks.python.walks.visits import Outcome, Site, Visit
from apiposture.frameworks.python.walks.wrappers import held_before
from apiposture.frameworks.routing import Held
from apiposture.model import ir
from apiposture.model.facts import Binding, Need
from apiposture.model.source import Place
from apiposture.program import walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

LOOKS_AT = WHERE | {"path_info", "resolver_match", "get_full_path"}
LIBRARY = "django.contrib.auth.middleware.LoginRequiredMiddleware"
ELSEWHERE = Visit("/-/", "GET", "-", (), frozenset(), frozenset())
"""A request to nowhere that anybody has thought of."""

_ARGUMENT = re.compile(r"[<{](?:(?P<converter>\w+):)?(?P<name>\w+)[>}]")
SAMPLES = {"uuid": "00000000-0000-4000-8000-000000000001"}


class Wall(Struct, frozen=True, eq=False):
    """A function of the project's middleware that refuses callers. `everywhere`: whatever they ask for."""

    hook: Routine
    name: str
    place: Place
    everywhere: bool
    by_default: bool
    needs: tuple[Need, ...] = ()


class Middleware:
    """Answers for one program."""

    def __init__(self, objects: Objects, settings: Settings, routes: Mapping[str, str]) -> None:
        self.objects = objects
        self.settings = settings
        self.site = Site(objects, settings, {name: visited(route) for name, route in routes.items()})
        self._modules = {module.path: module for module in objects.program.modules}
        self._walls: list[Wall | Guard] | None = None
        self._outcomes: dict[tuple[int, Visit], Outcome] = {}

    def walls(self, visit: Visit) -> Iterator[Guard]:
        """What all of it asks of the callers of one endpoint."""
        for wall in self._found():
            if isinstance(wall, Guard):
                yield wall
            elif wall.everywhere:
                yield Guard("asks", "application", "MIDDLEWARE", wall.place, wall.name, "it runs before every view", wall.needs)
            else:
                yield from self._of_wall(wall, visit)

    def held(self, visit: Visit) -> Iterator[Held]:
        """The arguments of the URL that it holds against the caller."""
        for wall in self._found():
            if isinstance(wall, Wall) and not wall.everywhere:
                yield from self._told(self._outcome(wall, visit).held)

    def held_by(
        self, decorator: Routine, args: Sequence[ir.Argument], around: Routine, visit: Visit, of_object: bool = False
    ) -> Iterator[Held]:
        """The arguments of the URL that a decorator of the project's own holds against the caller."""
        yield from self._told(held_before(self.site, decorator, args, around, visit, of_object))

    def held_by_permission(self, asked: Routine, view: Type, visit: Visit) -> Iterator[Held]:
        """The arguments of the URL that a permission class of the project's own holds against the caller."""
        yield from self._told(held_by_permission(self.site, asked, view, visit))

    def _told(self, held: Iterable[Argument]) -> Iterator[Held]:
        for one in sorted(held):
            if one.argument:
                yield Held(Binding(one.argument, "route"), self._modules[one.path], one.span)

    def _of_wall(self, wall: Wall, visit: Visit) -> Iterator[Guard]:
        found = self._outcome(wall, visit)
        if found.closes:
            why = "it refuses callers without a login here"
            yield Guard("asks", "application", "MIDDLEWARE", wall.place, wall.name, why, rights_asked(found))
        elif found.opens and wall.by_default:
            yield Guard("opens", "application", "MIDDLEWARE", wall.place, wall.name)
        elif not found.opens:
            why = f"the middleware '{wall.name}' refuses callers, depending on the request"
            yield Guard("unknown", "application", "MIDDLEWARE", wall.place, wall.name, why)

    def _outcome(self, wall: Wall, visit: Visit) -> Outcome:
        key = (id(wall), visit)
        if key not in self._outcomes:
            self._outcomes[key] = outcome(self.site, wall.hook, visit)
        return self._outcomes[key]

    def comes_through(self, hook: Routine, view: Type, visit: Visit) -> Outcome:
        """Who comes through a function of a view that runs before its method."""
        return outcome(self.site, hook, visit, partial(OfViews, view=view))

    def answered(self, hook: Routine, view: Type, visit: Visit, until: int) -> frozenset[Seen]:
        """What a function of a view answers to a guest, where nobody is let through who comes to the class at a place."""
        return answered(self.site, hook, visit, partial(OfViews, view=view, until=until))

    def visit(self, served: Served) -> Visit:
        """A request to one method of a view."""
        pattern = served.pattern
        arguments = frozenset(match["name"] for match in _ARGUMENT.finditer(served.route))
        return Visit(visited(served.route), served.method, pattern.name, pattern.spaces, arguments, frozenset(self._flags(served)))

    def _flags(self, served: Served) -> Iterator[str]:
        """The marks that decorators of the project's own set on a view: `view.login_exempt = True`."""
        names = [(around.name, around.routine) for around in served.pattern.view.around]
        if served.handler is not None and served.owner is None:
            main = self.objects.main(served.handler.module)
            names += [(annotation.name, main) for annotation in served.handler.function.annotations]
        if served.owner is not None:
            names += [(annotation.name, self.objects.main(module)) for annotation, module in served.owner.annotations]
            yield from (name for one in self.objects.program.lineage(served.owner) for name in one.fields)
        for name, routine in names:
            for one in self.objects.of(as_expr(name, served.pattern.span), routine) if name else ():
                if isinstance(one, Routine):
                    yield from _marks_set(one)

    # -- which there are -----------------------------------------------------------------------------------------------

    def _found(self) -> list[Wall | Guard]:
        if self._walls is None:
            self._walls = list(self._listed())
        return self._walls

    def _listed(self) -> Iterator[Wall | Guard]:
        seen: set[str] = set()
        for setting in ("MIDDLEWARE", "MIDDLEWARE_CLASSES"):
            for text, routine, span in self.settings.texts(setting):
                one = self.settings.spelled(text, routine) if "." in text and text not in seen else None
                seen.add(text)
                where = place(routine.module, span)
                if isinstance(one, Foreign) and one.name == LIBRARY:
                    yield Guard("asks", "application", "MIDDLEWARE", where, "LoginRequiredMiddleware", "it runs before every view")
                for hook in self._runs(one):
                    yield from self._wall(hook, text.rpartition(".")[2], where)

    def _runs(self, one: Object | None) -> Iterator[Routine]:
        if isinstance(one, Type):
            for name in ("Invoke", "process_request", "process_view"):
                yield from (r for r in self.objects.program.methods(one, name)[:1] if r.function.has_body)
        elif isinstance(one, Routine):
            yield from nested(one)

    def _wall(self, hook: Routine, name: str, where: Place) -> Iterator[Wall]:
        verdict = judge(self.objects, hook, frozenset(), frozenset(p.name for p in hook.function.params[:1]))
        if not (verdict.refuses and verdict.reads):
            return
        words = {node.name for node in walk.nodes(hook.function.body or ()) if isinstance(node, ir.Member)}
        elsewhere = outcome(self.site, hook, ELSEWHERE)
        everywhere = verdict.authenticates and not elsewhere.opens and not words & LOOKS_AT and len(hook.function.params) < 3
        yield Wall(hook, name, where, everywhere, elsewhere.closes, verdict.needs)


def rights_asked(found: Outcome) -> tuple[Need, ...]:
    """The rights that were asked of whoever comes through."""
    return tuple(dict.fromkeys(Need("permission", one.right) for one in sorted(found.held) if one.right))


def visited(route: str) -> str:
    """A path that leads to a route: `orders/<int:pk>/` is `/orders/1/`."""
    return "/" + _ARGUMENT.sub(lambda match: SAMPLES.get(match["converter"] or "", "1"), route).lstrip("/")


def _marks_set(routine: Routine) -> Iterator[str]:
    for node in walk.nodes(routine.function.body or ()):
        value = node.value if isinstance(node, ir.Assign) and isinstance(node.target, ir.Member) else None
        if isinstance(value, ir.Literal) and value.value is True:
            yield node.target.name
