"""Which endpoints does a Flask application have?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from apiposture.frameworks.python._blueprints import Blueprints, Holder, Mapped
from apiposture.frameworks.python._guards import Guard, posture_of
from apiposture.frameworks.python._handlers import Handlers
from apiposture.frameworks.python._mapped import once_each
from apiposture.frameworks.python._objects import Objects
from apiposture.frameworks.routing import Entry, Supply
from apiposture.model.facts import Binding, Endpoint
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program
from apiposture.program.places import place
from apiposture.program.types import Routine

NAME = "Flask"

CHANGES = frozenset(("POST", "PUT", "PATCH", "DELETE"))
_RULE = re.compile(r"<(?:(?P<converter>\w+)(?:\([^<>]*\))?:)?(?P<name>\w+)>")
CONVERTERS = {"int": "int", "float": "double", "uuid": "UUID", "": "segment", "string": "segment", "any": "segment"}
"""https://flask.palletsprojects.com/en/stable/api/#url-route-registrations"""


def recognised(program: Program) -> bool:
    """Does any file import the framework?"""
    return any(
        i.target.partition(".")[0] in ("flask", "flask_restful", "flask_restx")
        for m in program.modules
        if m.explicit_names
        for i in m.imports
    )


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The endpoints of all applications and blueprints."""
    reader = _Reader(program)
    for mapped, method in once_each(reader.blueprints.mapped()):
        yield reader.entry(mapped, method)


class _Reader:
    """What is known of one program's applications."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.objects = Objects(program)
        self.blueprints = Blueprints(self.objects)
        self.handlers = Handlers(self.objects)
        self._hooks: dict[int, list[Guard]] = {}
        mapped = list(self.blueprints.mapped())
        self._grouped = {id(m.holders[-1]) for m in mapped if any(guard.effect == "asks" for guard in self.guards(m))}
        """The applications in which anything asks for a caller."""

    def entry(self, mapped: Mapped, method: str) -> Entry:
        """One endpoint with its posture."""
        handler = mapped.route.handler
        typed = {m["name"]: CONVERTERS.get(m["converter"] or "", "") for m in _RULE.finditer(mapped.path)}
        path = "/" + _RULE.sub(r"{\g<name>}", mapped.path).strip("/")
        guards = list(self.guards(mapped))
        posture = posture_of(guards)
        if posture.level == "public":
            posture = posture_of([*guards, *self.handlers.own(handler)])
        bindings = tuple(Binding(p.name, "route" if p.name in typed else "unknown") for p in handler.function.params)
        supplies = tuple(
            Supply(p.name, None, (Binding(p.name, "route"),), type=typed[p.name]) for p in handler.function.params if typed.get(p.name)
        )
        name = handler.name if mapped.route.view is None else f"{mapped.route.view.simple}.{handler.function.name}"
        where = place(handler.module, handler.function.name_span)
        grouped = id(mapped.holders[-1]) in self._grouped
        endpoint = Endpoint(method, path, NAME, name, where, posture, bindings, "function", method in CHANGES, grouped=grouped)
        hooks = tuple(hook for holder in mapped.holders for hook in holder.hooks)
        return Entry(endpoint, handler, hooks, supplies)

    def guards(self, mapped: Mapped) -> Iterator[Guard]:
        """The decorators of the handler and its class, and what runs before each request, nearest first."""
        for around in mapped.route.around:
            yield from self.handlers.around(around)
        for holder in mapped.holders:
            yield from self.of_holder(holder)
            if holder.loose:
                where = place(holder.made.routine.module, holder.made.call.span)
                yield Guard(
                    "unknown", "application", "", where, holder.made.routine.function.name, "nobody is seen to pass the application in"
                )

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
        yield from self.handlers.before(hook, level)
