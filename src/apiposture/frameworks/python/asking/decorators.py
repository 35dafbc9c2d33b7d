"""What does a decorator ask of the caller?

One of the program's own is judged by the function that it puts in the place of the decorated one; of libraries' rows tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from apiposture.frameworks.python.asking.bodies import judge
from apiposture.frameworks.python.asking.checkers import kept
from apiposture.frameworks.python.asking.refusals import GATES
from apiposture.frameworks.python.asking.rights import required
from apiposture.frameworks.python.asking.shared_key import asks_for_key
from apiposture.frameworks.python.asking.situations import Situation
from apiposture.frameworks.python.reading.factories import answers_of, constants_in, fixed_by, handed_on
from apiposture.frameworks.python.reading.objects import Fixed, Foreign, Made, Object, Objects, as_expr, functions_of, nested, texts_of
from apiposture.frameworks.python.reading.statements import uses_of
from apiposture.model import ir
from apiposture.model.facts import Need
from apiposture.program import walk
from apiposture.program.types import Routine, Type

MAX_DEPTH = 3


class Told(Struct, frozen=True):
    """What a decorator says: `effect` is `asks`, `opens`, `nothing` or `unknown`. `key`: it asks for one that all share who may come."""

    effect: str
    why: str = ""
    needs: tuple[Need, ...] = ()
    key: bool = False


NOTHING = Told("nothing")

ASKS = {
    "flask_login": ("login_required", "fresh_login_required"),
    "flask_jwt_extended": ("jwt_required", "fresh_jwt_required", "jwt_refresh_token_required", "verify_jwt_in_request"),
    "flask_jwt": ("jwt_required",),
    "flask_httpauth": ("login_required",),
    "flask_security": ("auth_required", "login_required", "auth_token_required", "http_auth_required", "roles_required", "roles_accepted",
                       "permissions_required", "permissions_accepted"),
    "flask_praetorian": ("auth_required", "roles_required", "roles_accepted"),
    "flask_user": ("login_required", "roles_required"),
    "authlib": ("require_oauth",),
    "graphql_jwt": ("login_required", "staff_member_required", "superuser_required", "permission_required"),
    "tornado": ("authenticated",),
    "aiohttp_security": ("login_required", "has_permission"),
    "aiohttp_jwt": ("login_required", "check_permissions"),
    "starlette": ("requires",),
}  # fmt: skip
"""Decorators of libraries that refuse who is not logged in, by the package and their names."""

OF_NAME: dict[str, tuple[str, ...]] = {"staff_member_required": ("staff",), "superuser_required": ("superuser",)}
"""Decorators that ask for a role of their own."""

OPENS = frozenset((("flask_jwt_extended", "jwt_optional"), ("flask_jwt_extended", "jwt_required_optional")))
"""Decorators by which a function says that it is for guests too."""

KNOWN = frozenset(
    """flask flask_login flask_jwt_extended flask_jwt flask_httpauth flask_security flask_praetorian flask_user flask_caching flask_cache
    flask_limiter flask_cors flask_wtf flasgger functools contextlib werkzeug marshmallow webargs apispec flask_apispec flask_smorest
    flask_restful flask_restx flask_restplus flask_sqlalchemy flask_babel flask_babelex flask_talisman prometheus_client sentry_sdk
    aiohttp aiohttp_jinja2 aiohttp_session aiohttp_security aiohttp_apispec aiohttp_cors aiohttp_swagger aiocache async_lru
    sanic sanic_ext tornado falcon graphene graphene_django graphql_jwt graphql_relay ariadne strawberry strawberry_django
    fastapi starlette slowapi fastapi_cache fastapi_limiter fastapi_versioning fastapi_versionizer fastapi_utils fastapi_utilities
    fastapi_restful fastapi_pagination dependency_injector dishka opentelemetry tenacity ddtrace elasticapm newrelic sqlalchemy pydantic
    typing typing_extensions abc dataclasses asyncio celery click cachetools""".split()
)
"""Packages whose other decorators refuse nobody for lack of a login."""

INFO = "info"
REQUESTS = ("request", "req", INFO)
"""What a function that is given the request calls it; a resolver of GraphQL is given it in `info`, and refuses by any exception."""

BUILT_IN = frozenset(("staticmethod", "classmethod", "property"))


class Decorators:
    """Answers for one program."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects

    def told(self, name: str, args: Sequence[ir.Argument], span: int, around: Routine) -> Told:
        """What a decorator says that is written by its name, with its arguments where it is called."""
        found = self.objects.of(as_expr(name, span), around)
        if not found and name in BUILT_IN:
            return NOTHING
        if not found:
            return Told("unknown", f"'{name}' isn't declared in the scanned source") if name else NOTHING
        return self._object(found[0], args, 0)

    def of_expr(self, expr: ir.Expr, around: Routine) -> Told:
        """The same for a decorator in a list: `decorators = [login_required]`."""
        if isinstance(expr, ir.Call):
            return self.told(walk.dotted(expr.function), expr.args, expr.span, around)
        return self.told(walk.dotted(expr), (), expr.span, around)

    def _object(self, one: Object, args: Sequence[ir.Argument], depth: int) -> Told:
        if isinstance(one, Routine):
            made_of = self._made_of(one, depth)
            told = self._routine(one, args, depth) if made_of.effect != "asks" else made_of
            return told if told.effect != "nothing" else made_of
        if isinstance(one, Foreign):
            return _foreign(one.name, args)
        if isinstance(one, Made):
            if one.declared is None:
                return _foreign(one.name, one.call.args)
            called = functions_of(self.objects.program, one.declared, "Invoke")
            return self._routine(called[0], one.call.args, depth, kept(self.objects.program, one)) if called else NOTHING
        if isinstance(one, Type):
            called = functions_of(self.objects.program, one, "Invoke")
            made = Made(ir.Call(ir.Name(one.simple, 0), tuple(args), 0), self.objects.main(one.decls[0][1]), one.qualified, one)
            return self._routine(called[0], args, depth, kept(self.objects.program, made)) if called else NOTHING
        return NOTHING

    def _made_of(self, routine: Routine, depth: int) -> Told:
        """What a decorator asks that another one made of a function: `@asking` on `def owner(kwargs, key)`, put on views as `@owner("id")`.

        What the function answers decides there, so that the rights in a single answer are asked for.
        """
        for found, written in makers_of(self.objects, routine) if depth < MAX_DEPTH else ():
            told = self._routine(found, (*written.args, ir.Argument(ir.Name(routine.function.name, written.span))), depth + 1)
            if told.effect == "asks" and not told.needs and calls_what_it_is_given(found):
                answers = list(walk.returned(routine.function))
                return replace(told, needs=required(answers[0], True) if len(answers) == 1 else ())
            if told.effect != "nothing":
                return told
        return NOTHING

    def _routine(self, routine: Routine, args: Sequence[ir.Argument], depth: int, members: Fixed | None = None) -> Told:
        """A decorator of the program's own: each function inside it may be the one that runs instead. `members` are those of an object that
        was made with the arguments, and is called with nothing but the decorated function.
        """
        unsure = NOTHING
        called = ir.Call(ir.Name("", 0), tuple(args) if members is None else (), 0)
        given = (*(members or ()), *sorted(fixed_by(routine.function, called).items()))
        gives_back = set(self._gives_back(routine, given))
        if gives_back == {True}:
            return NOTHING
        if True in gives_back:
            return Told("unknown", f"'{routine.function.name}' gives some functions back as they are")
        for inner in (*(one for one in nested(routine) if self._is_put_in_place(one, given)), routine):
            requests = self._requests(inner)
            view = stood_before(self.objects, routine, inner)
            guarded = dict(self._guarded(inner, view, depth))
            by_any = INFO in requests
            situation = Situation(by_any=by_any, view=view, guarded=frozenset(guarded), given=given)
            verdict = judge(self.objects, inner, frozenset(), requests, situation)
            if verdict.authenticates:
                needs = (*verdict.needs, *(need for told in guarded.values() for need in told.needs))
                said, why = _said(tuple(dict.fromkeys(needs)), args), f"'{routine.function.name}' refuses callers without a login"
                return Told("asks", why, said, not (said or guarded) and asks_for_key(self.objects, inner))
            if verdict.depends:
                unsure = Told("unknown", f"'{routine.function.name}' refuses some callers, depending on more than the login")
        found, named = self._delegated(routine, called, depth)
        if unsure.effect != "nothing" and not (found.effect == "asks" and self._always_hands_on(routine, depth)):
            return unsure
        if found.effect == "unknown":
            return found
        why = f"'{routine.function.name}' refuses callers without a login" if found.why else ""
        return Told(found.effect, why, found.needs if named else _said(found.needs, args))

    def _requests(self, inner: Routine) -> frozenset[str]:
        """The parameters that hold the request, and what it is kept in that is taken out of all of them: `request = kwargs["request"]`."""
        params = inner.function.params
        every = frozenset(param.name for param in params if param.mode in ("rest", "rest-map"))
        bound = self.objects.bindings(inner) if every else {}
        taken = (name for name in REQUESTS if name in bound and any(_uses(value, every) for value, _ in bound[name]))
        return frozenset((*(param.name for param in params if param.name in REQUESTS), *taken))

    def _gives_back(self, routine: Routine, given: Fixed) -> Iterator[bool]:
        """Is it the decorated function itself, of each thing that a decorator may put in its place?"""
        first = routine.function.params[0].name if routine.function.params else ""
        for value in answers_of(routine.function.body or (), dict(given)):
            for side in (value.then, value.other) if isinstance(value, ir.Choice) else (value,):
                yield isinstance(side, ir.Name) and side.id == first and first not in self.objects.bindings(routine)

    def _is_put_in_place(self, inner: Routine, given: Fixed) -> bool:
        """Does the function around a function hand it on?"""
        outer = self.objects.around(inner)
        values = list(answers_of(outer.body or (), dict(given))) if outer is not None else []
        return not values or any(isinstance(n, ir.Name) and n.id == inner.function.name for value in values for n in walk.nodes(value))

    def _delegated(self, routine: Routine, given: ir.Call, depth: int) -> tuple[Told, bool]:
        """Does it hand the function to another decorator that asks: `return login_required(view)(*args)`? And does it name the rights?"""
        around = (routine, *(one for one in nested(routine) if next(nested(one), None) is not None))
        handed = {param.name for one in around for param in one.function.params if not param.mode}
        unsure, requests = NOTHING, frozenset(name for one in nested(routine) for name in self._requests(one))
        for call in walk.calls(routine.function.body or ()):
            if any(isinstance(arg.value, ir.Name) and arg.value.id in requests for arg in call.args):
                continue  # it is asked about the request, and not put on anything
            call = replace(call, args=handed_on(call, routine.function, given))
            told = self._handed_on(call, routine, depth)
            if told.effect == "asks":
                return told, bool(constants_in(call.args))
            if told.effect == "unknown" and any(isinstance(arg.value, ir.Name) and arg.value.id in handed for arg in call.args):
                unsure = told
        return unsure, False

    def _always_hands_on(self, routine: Routine, depth: int) -> bool:
        """Is all that it puts in a function's place handed to another decorator that asks: `return login_required(wrapper)`?"""
        makers = [one for one in (routine, *nested(routine)) if next(nested(one), None) is not None]
        put = {one.function.name for one in nested(routine)} - {one.function.name for one in makers}
        answers = [(value, one) for one in makers for value in answers_of(one.function.body or (), {}) if _uses(value, frozenset(put))]
        return bool(answers) and all(isinstance(v, ir.Call) and self._handed_on(v, one, depth).effect == "asks" for v, one in answers)

    def _handed_on(self, call: ir.Call, routine: Routine, depth: int) -> Told:
        """What another decorator says that is called."""
        for one in self.objects.of(call.function, routine)[:1] if depth < MAX_DEPTH else ():
            is_other = one is not routine and isinstance(one, Routine | Foreign | Type)
            if is_other and not (isinstance(one, Foreign) and (one.name in GATES or not _asks(one.name))):
                return self._object(one, call.args, depth + 1)
        return NOTHING

    def _guarded(self, inner: Routine, view: frozenset[str], depth: int) -> Iterator[tuple[int, Told]]:
        """The calls that hand what a function stands before to a decorator that asks, by their places."""
        for call in walk.calls(inner.function.body or ()) if view else ():
            if any(isinstance(arg.value, ir.Name) and arg.value.id in view for arg in call.args):
                told = self._handed_on(call, inner, depth)
                if told.effect == "asks":
                    yield call.span, told



def stood_before(objects: Objects, routine: Routine, inner: Routine) -> frozenset[str]:
    """The names of what is handed to a decorator and used by the function that it puts in its place: of what is called, if any is."""
    if inner is routine:
        return frozenset()
    outer = objects.around(inner)
    called = {call.function.id for call in walk.calls(inner.function.body or ()) if isinstance(call.function, ir.Name)}
    nearest = {param.name for param in outer.params} if outer is not None else set[str]()
    if called & nearest:
        return frozenset(called & nearest)
    around = (one for one in (routine, *nested(routine)) if one.function is not inner.function)
    handed = {param.name for one in around for param in one.function.params}
    return frozenset(name for name in handed if uses_of(inner.function.body or (), frozenset((name,))))


def makers_of(objects: Objects, routine: Routine) -> Iterator[tuple[Routine, ir.Annotation]]:
    """The program's own decorators of a function, each with how it is written there: its name stands for what they make of it."""
    outside = objects.outside(routine)
    for one in routine.function.annotations:
        for found in objects.of(as_expr(one.name, one.span), outside)[:1] if one.name else ():
            if isinstance(found, Routine) and found.function is not routine.function:
                yield found, one


def calls_what_it_is_given(decorator: Routine) -> bool:
    """Does a decorator call the function that it is put on with something of its own: `handler(args, kwargs)`?"""
    given = {param.name for param in decorator.function.params if not param.mode}
    return any(isinstance(call.function, ir.Name) and call.function.id in given for call in walk.calls(decorator.function.body or ()))


def _uses(value: ir.Expr, names: frozenset[str]) -> bool:
    return any(isinstance(node, ir.Name) and node.id in names for node in walk.nodes(value))


def _said(needs: tuple[Need, ...], args: Sequence[ir.Argument]) -> tuple[Need, ...]:
    """The rights by the names that a decorator is given, where it is given any."""
    named = texts_of(args) or (constants_in(tuple(args)) if needs and needs[0].kind == "scope" else [])
    return tuple(Need(needs[0].kind, text) for text in named) or needs if needs else ()


def _asks(name: str) -> bool:
    root, last = name.partition(".")[0], name.rpartition(".")[2]
    return last in ASKS.get(root, ())


def _foreign(name: str, args: Sequence[ir.Argument]) -> Told:
    root, last = name.partition(".")[0], name.rpartition(".")[2]
    if (root, last) in OPENS:
        return Told("opens")
    if not _asks(name):
        return NOTHING if root in KNOWN else Told("unknown", f"'{name}' isn't declared in the scanned source")
    if any(arg.name == "optional" and _is(arg.value, True) for arg in args):
        return Told("opens")
    roles = [text for text in texts_of(args) if last.startswith(("role", "permission"))]
    roles += [text for arg in args if arg.name == "role" for text in texts_of([arg])]
    kind = "permission" if last.startswith("permission") else "role"
    if root == "starlette":
        return _of_scopes(walk.argument(ir.Call(ir.Name(last, 0), tuple(args), 0), 0, "scopes"))
    return Told("asks", "", tuple(Need(kind, text) for text in roles or OF_NAME.get(last, ())))


def _of_scopes(given: ir.Expr | None) -> Told:
    """`@requires(["authenticated", "orders:write"])`: that somebody is logged in is a scope, too; see https://www.starlette.io/authentication/."""
    scopes = constants_in((ir.Argument(given),)) if given is not None else []
    if given is None or (isinstance(given, ir.Collection) and not given.items):
        return NOTHING
    return Told("asks", "", tuple(Need("scope", text) for text in scopes if text != "authenticated"))


def _is(expr: ir.Expr, value: object) -> bool:
    return isinstance(expr, ir.Literal) and expr.value is value
