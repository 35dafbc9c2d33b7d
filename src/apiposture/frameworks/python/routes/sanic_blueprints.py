"""Which routes do Sanic applications, blueprints and their groups hold?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from apiposture.frameworks.python.reading.lists import items
from apiposture.frameworks.python.reading.objects import Made
from apiposture.frameworks.python.routes.blueprints import Blueprints, Holder, Mapped
from apiposture.frameworks.python.routes.nesting import joined
from apiposture.model import ir
from apiposture.program import constants, walk
from apiposture.program.types import Routine


class SanicBlueprints(Blueprints):
    """The routes of one program, in the words of Sanic."""

    APPS: ClassVar[tuple[str, ...]] = ("Sanic",)
    KINDS: ClassVar[tuple[str, ...]] = ("Blueprint", "group")
    HOOKS: ClassVar[frozenset[str]] = frozenset(("on_request", "middleware"))
    CALLS: ClassVar[tuple[str, ...]] = ("blueprint", "add_route", "register_middleware", "on_request")

    def is_hook(self, annotation: ir.Annotation, routine: Routine) -> bool:
        """`@app.middleware("response")` runs when all is done."""
        return not annotation.args or self.text(annotation.args[0].value, routine) != "response"

    def holder(self, made: Made) -> Holder | None:
        """The application, blueprint or group that a call makes; a group holds what it is made of."""
        is_new = made.key not in self.known
        found = super().holder(made)
        if found is not None and is_new and made.name.rpartition(".")[2] == "group":
            for arg in made.call.args:
                if not arg.name:
                    self._hold(found, arg.value, made.routine, None)
        return found

    def called(self, holder: Holder, call: ir.Call, caller: Routine) -> None:
        """What a method of an application or blueprint adds to it."""
        name = walk.called_name(call)
        if name == "blueprint" and call.args:
            given = next((arg.value for arg in call.args if arg.name == "url_prefix"), None)
            self._hold(holder, call.args[0].value, caller, self.text(given, caller))
        elif name == "add_route" and call.args:
            self.rule(holder, call, self.path(walk.argument(call, 1, "uri"), caller), walk.argument(call, 0, "handler"), caller)
        elif call.args and self.text(walk.argument(call, 1, "attach_to"), caller) != "response":
            holder.hooks += (one for one in self.objects.of(call.args[0].value, caller) if isinstance(one, Routine))

    def _hold(self, holder: Holder, expr: ir.Expr, routine: Routine, prefix: str | None) -> None:
        written = list(items(self.objects, expr, routine)) if isinstance(expr, ir.Collection) else [(expr, routine)]
        for one, at in written:
            for child in self.holders(one, at):
                holder.children.append((child.made.key, prefix))
                child.registered = True

    def mapped(self) -> Iterator[Mapped]:
        """All routes; the nearest version stands before everything else."""
        for one in super().mapped():
            version = next((text for holder in one.holders if (text := self._version(holder.made))), "")
            yield Mapped(joined(version, one.path), one.route, one.holders)

    def _version(self, made: Made) -> str:
        """The version that a blueprint or group is of, as its path says it."""
        given = next((arg.value for arg in made.call.args if arg.name == "version"), None)
        found = constants.constant(self.program, given, made.routine.module, made.routine.owner)
        return f"/v{found}".replace("/vv", "/v") if found is not None else ""


