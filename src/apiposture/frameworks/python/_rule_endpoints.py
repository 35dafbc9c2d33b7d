"""What is an endpoint of an application made of rules and blueprints: its path, its posture, its parameters?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from apiposture.frameworks.python.asking.guards import Guard, posture_of, shared_key
from apiposture.frameworks.python.asking.handlers import Handlers
from apiposture.frameworks.python.reading.objects import Objects, as_own
from apiposture.frameworks.python.routes.above import handed_on_to
from apiposture.frameworks.python.routes.blueprints import Blueprints, Holder, Mapped
from apiposture.frameworks.python.routes.class_views import Around, Route
from apiposture.frameworks.python.routes.mapped import once_each
from apiposture.frameworks.python.routes.webargs import parsed
from apiposture.frameworks.python.walks.decorated import Decorated
from apiposture.frameworks.routing import Entry, Supply
from apiposture.model.facts import Binding, Endpoint
from apiposture.model.scan import Problem
from apiposture.program.places import place
from apiposture.program.types import Routine

CHANGES = frozenset(("POST", "PUT", "PATCH", "DELETE"))


class RuleEndpoints:
    """The endpoints of one program's applications, which the framework calls `name`. `parameter` is how a rule writes one (`name` and
    `converter`), `types` what converters make of it.
    """

    def __init__(
        self, objects: Objects, blueprints: Blueprints, name: str, parameter: re.Pattern[str], types: Mapping[str, str]
    ) -> None:
        self.objects = objects
        self.blueprints = blueprints
        self.name = name
        self.parameter = parameter
        self.types = types
        self.handlers = Handlers(self.objects)
        self.decorated = Decorated(self.objects)
        self._hooks: dict[int, list[Guard]] = {}
        mapped = list(self.blueprints.mapped())
        self._grouped = {_application(m) for m in mapped if any(guard.effect == "asks" for guard in self.guards(m))}
        """The applications in which anything asks for a caller."""

    def all(self) -> Iterator[Entry | Problem]:
        """All endpoints, from the applications down, and what is known of those whose code can't be found."""
        for mapped, method in once_each(self.blueprints.mapped()):
            yield self.entry(mapped, method)
        for rule, call, caller in self.blueprints.unserved:
            at = place(caller.module, call.span)
            what = f"function serves the rule '{rule}'" if rule else "rules are added here, and for which functions,"
            yield Problem("unserved-rule", f"Which {what} could not be told.", at.path, at.line)

    def entry(self, mapped: Mapped, method: str) -> Entry:
        """One endpoint with its posture."""
        handler = mapped.route.handler
        typed = {m["name"]: self.types.get(m["converter"] or "", "") for m in self.parameter.finditer(mapped.path)}
        path = "/" + self.parameter.sub(r"{\g<name>}", mapped.path).strip("/")
        guards = list(self.guards(mapped))
        posture = posture_of(guards)
        if posture.level == "public":
            posture = posture_of([*guards, *self.handlers.own(as_own(handler, mapped.route.view), _requests(handler))])
        bindings = _bindings(handler, typed)
        supplies = tuple(
            Supply(p.name, None, (Binding(p.name, "route"),), type=typed[p.name]) for p in handler.function.params if typed.get(p.name)
        )
        name = handler.name if mapped.route.view is None else f"{mapped.route.view.simple}.{handler.function.name}"
        where = place(handler.module, handler.function.name_span)
        grouped = _application(mapped) in self._grouped
        changes = method in CHANGES
        proof = shared_key(guards)
        endpoint = Endpoint(method, path, self.name, name, where, posture, bindings, "function", changes, grouped=grouped, proof=proof)
        hooks = tuple(hook for holder in mapped.holders for hook in holder.hooks)
        before = tuple(Supply("", one, _bindings(one, {}), own=True) for one in mapped.route.before)
        wrapped = tuple(one for around in reversed(mapped.route.around) for one in self.decorated.before(around, typed))
        held = tuple(one for around in mapped.route.around for one in self.decorated.unseen(around, typed))
        return Entry(endpoint, handler, hooks, (*before, *wrapped, *supplies), held)

    def guards(self, mapped: Mapped) -> Iterator[Guard]:
        """The decorators of the handler and its class, and what runs before each request, nearest first."""
        for around in mapped.route.around:
            yield from self.handlers.around(around)
        yield from self._above(mapped.route)
        for one in mapped.route.before:
            yield from self.handlers.step(one)
        for holder in mapped.holders:
            yield from self.of_holder(holder)
            if holder.loose:
                where = place(holder.made.routine.module, holder.made.call.span)
                yield Guard(
                    "unknown", "application", "", where, holder.made.routine.function.name, "nobody is seen to pass the application in"
                )

    def _above(self, route: Route) -> Iterator[Guard]:
        """The decorators of what the handler hands on to."""
        for above in handed_on_to(self.objects.program, route.view, route.handler) if route.view is not None else ():
            main = self.objects.main(above.module)
            for said in above.function.annotations:
                yield from self.handlers.around(Around(said.name, said.args, said.span, main, "base", above.name))

    def of_holder(self, holder: Holder) -> list[Guard]:
        """What an application or blueprint asks of every caller."""
        found = self._hooks.get(id(holder))
        if found is None:
            found = [guard for around in holder.around for guard in self.handlers.around(around)]
            level = "application" if holder.is_app else "group"
            for hook in holder.hooks:
                found += self._of_hook(hook, level)
            self._hooks[id(holder)] = found
        return found

    def _of_hook(self, hook: Routine, level: str) -> Iterator[Guard]:
        where = place(hook.module, hook.function.name_span)
        name = hook.function.name
        for one in hook.function.annotations:
            told = self.handlers.decorators.told(one.name, one.args, one.span, self.objects.main(hook.module))
            if told.effect == "asks":
                yield Guard("asks", level, name, where, name, "it runs before every request", told.needs)
                return
        yield from self.handlers.before(hook, level, _requests(hook))


UNSEEN = -1
"""The application of all blueprints that nobody is seen to register."""


def _application(mapped: Mapped) -> int:
    outermost = mapped.holders[-1]
    return id(outermost) if outermost.is_app else UNSEEN


def _requests(routine: Routine) -> frozenset[str]:
    """The parameter that holds the request, where the framework hands it in."""
    return frozenset(param.name for param in routine.function.params[:1] if param.name in ("request", "req"))


def _bindings(routine: Routine, typed: Mapping[str, str]) -> tuple[Binding, ...]:
    """Where a function's parameters come from: the rule, whose parameters are `typed`, or what parses the request for it."""
    handed = parsed(routine.function)
    return tuple(Binding(p.name, handed.get(p.name) or _source(p.name, typed)) for p in routine.function.params)


def _source(name: str, typed: Mapping[str, str]) -> str:
    return "route" if name in typed else "service" if name == "request" else "unknown"
