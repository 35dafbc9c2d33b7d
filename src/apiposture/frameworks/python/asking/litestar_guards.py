"""What do the layers around a Litestar handler ask of the caller: guards, authentication, dependencies?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from apiposture.frameworks.python.asking.bodies import judge
from apiposture.frameworks.python.asking.guards import Guard
from apiposture.frameworks.python.asking.handlers import Handlers
from apiposture.frameworks.python.reading.lists import Written, items
from apiposture.frameworks.python.reading.objects import Code, Made, Objects, as_own, functions_of
from apiposture.frameworks.python.routes.layers import Layer, Layers, Mapped
from apiposture.model import ir
from apiposture.model.facts import Need
from apiposture.model.source import Place
from apiposture.program import constants, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

BACKENDS = ("JWTAuth", "JWTCookieAuth", "OAuth2PasswordBearerAuth", "SessionAuth")
"""https://docs.litestar.dev/latest/usage/security/security-backends.html"""

MIDDLEWARE = "AbstractAuthenticationMiddleware"
CONNECTIONS = frozenset(("Request", "ASGIConnection", "WebSocket", "HTTPConnection"))
CARRIED = {"header": "header", "cookie": "cookie"}
MAX_DEPTH = 6
_PLAIN = re.compile(r"(\^?)([\w/.~{}-]*?)(?:/?\.?\*)?(\$?)")
"""A pattern that is only the beginning, the end or a part of a path; any other is not run: it comes from the scanned code."""


class Asked(Struct, frozen=True):
    """What a guard or a dependency asks; `identity`: its value is the caller."""

    effect: str
    why: str = ""
    needs: tuple[Need, ...] = ()
    identity: bool = False


class LitestarGuards:
    """Answers for one program."""

    def __init__(self, objects: Objects, layers: Layers) -> None:
        self.objects = objects
        self.program = objects.program
        self.layers = layers
        self.handlers = Handlers(objects)

    def of(self, mapped: Mapped) -> Iterator[Guard]:
        """All that stands before a handler, nearest first."""
        handler = mapped.route.handler
        for param in handler.function.params:
            provided = self.provided(param.name, mapped.layers)
            if provided is not None:
                asked = self.asked(provided, mapped.layers)
                yield from _guard(asked, "endpoint", handler.name, place(handler.module, param.span), f"{param.name} of {provided.name}")
        for layer in mapped.layers:
            yield from self._listed(layer)
            yield from self._authenticated(layer, mapped)

    def _listed(self, layer: Layer) -> Iterator[Guard]:
        """`guards=[...]`."""
        for expr, routine in self.layers.listed(layer, "guards"):
            text = walk.called_name(expr) if isinstance(expr, ir.Call) else walk.dotted(expr) or "guard"
            yield from _guard(self._of_guard(expr, routine), layer.level, layer.scope, place(routine.module, expr.span), text)

    def before(self, mapped: Mapped) -> Iterator[Routine]:
        """The guards that run before a handler."""
        for layer in mapped.layers:
            for expr, routine in self.layers.listed(layer, "guards"):
                one, _ = self._guard_of(expr, routine)
                if one is not None:
                    yield one

    def _guard_of(self, expr: ir.Expr, routine: Routine) -> tuple[Routine | None, Type | None]:
        """The function that a guard is, or that an object of the program's own is called by, with the type of that."""
        one = next(iter(self.objects.of(expr, routine)), None)
        if isinstance(one, Code):
            return one.routine, None
        if isinstance(one, Made | Type):
            declared = one.declared if isinstance(one, Made) else one
            return (next(iter(self.program.methods(declared, "Invoke")), None) if declared is not None else None), declared
        return (one if isinstance(one, Routine) else None), None

    def _of_guard(self, expr: ir.Expr, routine: Routine) -> Asked:
        found, declared = self._guard_of(expr, routine)
        one = as_own(found, declared) if found is not None else None
        if one is None:
            return Asked("unknown", f"the guard '{walk.dotted(expr) or 'of a call'}' isn't declared in the scanned source")
        verdict = judge(self.objects, one, frozenset(), frozenset(param.name for param in one.function.params[:1]))
        if verdict.authenticates:
            return Asked("asks", f"'{one.function.name}' refuses callers without a login", verdict.needs)
        if verdict.refuses and verdict.reads:
            return Asked("unknown", f"'{one.function.name}' refuses some callers, and lets guests through at times")
        return Asked("nothing")

    # -- authentication ------------------------------------------------------------------------------------------------

    def _authenticated(self, layer: Layer, mapped: Mapped) -> Iterator[Guard]:
        """Security backends and authentication middleware, but for the handlers and paths that they leave out."""
        for expr, routine in (*self.layers.listed(layer, "on_app_init"), *self.layers.listed(layer, "middleware")):
            found = self._middleware(expr, routine)
            if found is None:
                continue
            args, at, text, needs = found
            where = place(routine.module, expr.span)
            excepted = self._excepted(args, at, mapped)
            if excepted is None:
                yield Guard("asks", layer.level, layer.scope, where, text, "it runs before every request", needs)
            else:
                yield Guard(excepted.effect, excepted.level, excepted.scope, excepted.place, excepted.text, excepted.why)

    def _middleware(self, expr: ir.Expr, routine: Routine) -> tuple[tuple[ir.Argument, ...], Routine, str, tuple[Need, ...]] | None:
        """The arguments of what authenticates, where they are written, its name, and what it asks for; None where it does not."""
        if isinstance(expr, ir.Member) and expr.name in ("on_app_init", "middleware"):
            for one in self.objects.of(expr.object, routine):
                if isinstance(one, Made) and self.objects.is_a(one, *BACKENDS):
                    return one.call.args, one.routine, walk.dotted(expr), ()
            return None
        args: tuple[ir.Argument, ...] = ()
        inner = expr
        if isinstance(expr, ir.Call) and walk.called_name(expr) == "DefineMiddleware" and expr.args:
            args, inner = expr.args, expr.args[0].value
        for one in self.objects.of(inner, routine):
            if isinstance(one, Type) and self.program.is_a(one, MIDDLEWARE):
                for method in functions_of(self.program, one, "authenticate_request")[:1]:
                    verdict = judge(self.objects, method, frozenset(), frozenset(param.name for param in method.function.params[:1]))
                    if verdict.authenticates:
                        return args, routine, one.simple, verdict.needs
        return None

    def _excepted(self, args: Sequence[ir.Argument], at: Routine, mapped: Mapped) -> Guard | None:
        """What leaves the handler out: `exclude_from_auth=True` at a layer, or a pattern for its path."""
        named = {arg.name: arg.value for arg in args if arg.name}
        given = named.get("exclude_opt_key") or named.get("exclude_from_auth_key")
        key = (self.layers.text(given, at) if given is not None else "") or "exclude_from_auth"
        for layer in mapped.layers:
            options = [*layer.said.get(key, ()), *(w for name, w in self.layers.entries(layer, "opt").items() if name == key)]
            for expr, routine in options:
                if constants.constant(self.program, expr, routine.module, routine.owner):
                    return Guard("opens", layer.level, layer.scope, layer.place, key)
        for text, where in self._patterns(named.get("exclude"), at):
            fits = _fits(text, mapped.path) if text is not None else None
            if fits is None:
                why = f"the pattern '{text}' may leave it out" if text is not None else "what it leaves out isn't known"
                return Guard("unknown", "application", "", where, "exclude", why)
            if fits:
                return Guard("opens", "application", "", where, f"exclude: {text}")
        return None

    def _patterns(self, expr: ir.Expr | None, at: Routine) -> Iterator[tuple[str | None, Place]]:
        if expr is None or (isinstance(expr, ir.Literal) and expr.value is None):
            return
        single = constants.text(self.program, expr, at.module, at.owner)
        if single is not None:
            yield single, place(at.module, expr.span)
            return
        listed = list(items(self.objects, expr, at))
        for item, routine in listed:
            yield constants.text(self.program, item, routine.module, routine.owner), place(routine.module, item.span)
        if not listed and not (isinstance(expr, ir.Collection) and not expr.items):
            yield None, place(at.module, expr.span)

    # -- dependencies --------------------------------------------------------------------------------------------------

    def provided(self, name: str, layers: Sequence[Layer]) -> Routine | None:
        """The function that the nearest layer has for a parameter of this name."""
        for layer in layers:
            written = self.layers.entries(layer, "dependencies").get(name)
            if written is not None:
                return self._provider(written)
        return None

    def _provider(self, written: Written) -> Routine | None:
        expr, routine = written
        if isinstance(expr, ir.Call) and walk.called_name(expr) == "Provide" and expr.args:
            expr = expr.args[0].value
        for one in self.objects.of(expr, routine):
            if isinstance(one, Routine | Code):
                return one.routine if isinstance(one, Code) else one
            if isinstance(one, Type):
                return next(iter(self.program.methods(one, ".ctor")), None)
        return None

    def asked(self, routine: Routine, layers: Sequence[Layer], depth: int = 0) -> Asked:
        """What a dependency asks: its own code, or what it depends on itself."""
        credentials: set[str] = set()
        below: list[Asked] = []
        for param in routine.function.params:
            provided = self.provided(param.name, layers) if depth < MAX_DEPTH else None
            if provided is not None and provided is not routine:
                below.append(self.asked(provided, layers, depth + 1))
                credentials |= {param.name} if below[-1].identity else set()
            elif source_of(param) in CARRIED.values():
                credentials.add(param.name)
        verdict = judge(self.objects, routine, frozenset(credentials), connections(routine))
        identity = verdict.authenticates or (verdict.reads and not verdict.refuses)
        needs = tuple(dict.fromkeys((*verdict.needs, *(need for one in below for need in one.needs))))
        if verdict.authenticates:
            return Asked("asks", f"'{routine.function.name}' refuses callers without a login", needs, True)
        asking = next((one for one in below if one.effect == "asks"), None)
        if asking is not None:
            return Asked("asks", asking.why, needs, bool(credentials) and identity)
        if verdict.depends:
            return Asked("unknown", f"'{routine.function.name}' refuses some callers, depending on more than the login", identity=identity)
        return Asked("nothing", identity=identity)


def source_of(param: ir.Param) -> str:
    """Where `Parameter(header=...)` says that a parameter comes from; empty where nothing says so."""
    given = [arg.name for one in param.annotations if one.name.rpartition(".")[2] == "Parameter" for arg in one.args]
    if isinstance(param.default, ir.Call) and walk.called_name(param.default) == "Parameter":
        given += [arg.name for arg in param.default.args]
    return next((name for name in given if name in ("header", "cookie", "query")), "")


def connections(routine: Routine) -> frozenset[str]:
    """The parameters that hold the request or the connection."""
    return frozenset(
        param.name
        for param in routine.function.params
        if param.name in ("request", "socket", "connection")
        or (param.type is not None and param.type.name.rpartition(".")[2] in CONNECTIONS)
    )


def _guard(asked: Asked, level: str, scope: str, where: Place, text: str) -> Iterator[Guard]:
    if asked.effect != "nothing":
        yield Guard(asked.effect, level, scope, where, text, asked.why, asked.needs)


def _fits(pattern: str, path: str) -> bool | None:
    """Does a pattern speak of a path? None where it is more than a plain piece of one."""
    found = _PLAIN.fullmatch(pattern)
    if found is None:
        return None
    start, text, end = found.groups()
    whole = path or "/"
    if start and end:
        return whole == text
    return whole.startswith(text) if start else whole.endswith(text) if end else text in whole


