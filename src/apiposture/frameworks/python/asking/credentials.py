"""Which values are credentials, and what does a test of one answer where none was sent?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from apiposture.frameworks.python.asking.answers import answer
from apiposture.frameworks.python.asking.rights import HAS_SCOPE
from apiposture.frameworks.python.asking.settled import Settled
from apiposture.frameworks.python.reading.objects import Foreign, Objects
from apiposture.frameworks.python.reading.statements import plain_reads, sent_in
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine, Slot

CARRIERS = frozenset("headers cookies session authorization META auth".split())
"""Members of a request in which a credential is sent."""

CALLER = frozenset(("current_user", "user", "is_authenticated", "is_anonymous", "identity"))
KEPT = CALLER | {"user_id", "username", "account", "auth", "jwt", "payload"}
"""Names under which a middleware keeps the caller in a request."""

SENT_IN = frozenset(("get_header", "get_cookie", "get_secure_cookie", "get_signed_cookie"))
"""Methods of a request that give a header or a cookie."""

TAKEN = ("authorization", "is_authenticated", "user", "identity", "token", "current_user")
"""Members of a request that are nothing where no credential is sent."""

PREFLIGHT = ("OPTIONS", "TRACE")
"""Methods that frameworks answer themselves."""

MAX_DEPTH = 3
MAX_STATEMENTS = 8
"""What only takes something out of a request is short."""


class Credentials:
    """What one function makes of a request in which no credential is sent. `credentials` are the names that hold one, or what came of
    one; `requests` those that hold a request. `reads` says whether a credential was looked at so far.
    """

    def __init__(self, objects: Objects, routine: Routine, credentials: frozenset[str], requests: frozenset[str], depth: int) -> None:
        self.objects = objects
        self.routine = routine
        self.credentials = credentials
        self.requests = requests
        self.depth = depth
        self.reads = bool(credentials)
        self.filled: frozenset[str] = frozenset()
        """The names that hold something though no credential is sent."""
        self.there = False
        """Is `request.user` a user though nobody is logged in?"""
        self.settled = Settled(objects, routine)
        self.plain = frozenset(plain_reads(routine.function))
        """Where a part of the request is read that is no credential."""

    def truth(self, test: ir.Expr, absent: frozenset[str]) -> bool | None:
        """The outcome of a test without credential, where that alone decides it."""
        if isinstance(test, ir.Unary) and test.operator == "!":
            inner = self.truth(test.operand, absent)
            return None if inner is None else not inner
        if self.is_filled(test):
            return True
        known = self.settled.truth(test, absent)
        if known is not None:
            return known
        if isinstance(test, ir.Binary):
            return self._of_binary(test, absent)
        if isinstance(test, ir.Assign):
            return self.truth(test.value, absent)
        if isinstance(test, ir.Member) and test.name == "is_anonymous" and (self.is_carrier(test) or self.gives_none(test, absent)):
            return True
        if self.is_credential(test, absent) or self.gives_none(test, absent):
            return False
        return self._of_call(test, absent) if isinstance(test, ir.Call) else None

    def _of_call(self, call: ir.Call, absent: frozenset[str]) -> bool | None:
        """What a function answers that is asked about the caller, and told nothing: `is_admin()`."""
        if call.args:
            if walk.dotted(call.function) == "bool":
                return self.truth(call.args[0].value, absent)
            return self._of_scopes(call) if walk.called_name(call) == HAS_SCOPE else None
        if self.depth >= MAX_DEPTH:
            return None
        for called in self.objects.of(call.function, self.routine)[:1]:
            if isinstance(called, Routine) and called.function.has_body and called is not self.routine:
                inner = Credentials(self.objects, called, frozenset(), frozenset(), self.depth + 1)
                found = answer(called.function, inner.truth)
                self.reads = self.reads or (inner.reads and found is not None)
                return found if inner.reads else None
        return None

    def _of_scopes(self, call: ir.Call) -> bool | None:
        """Does a request have the scopes that are asked for: none, where nobody is logged in."""
        asked = walk.argument(call, 1, "scopes")
        if asked is None or not any(isinstance(one, Foreign) for one in self.objects.of(call.function, self.routine)):
            return None
        known = self.settled.value(asked)
        self.reads = self.reads or known != ((),)
        return known == ((),)

    def _of_binary(self, test: ir.Binary, absent: frozenset[str]) -> bool | None:
        if test.operator in ("&&", "||"):
            sides = (self.truth(test.left, absent), self.truth(test.right, absent))
            short = test.operator == "||"
            if short in sides:
                return short
            return None if None in sides else not short
        nothing = type(test.right) is ir.Literal and test.right.value is None
        if nothing and self.is_filled(test.left) and test.operator in ("==", "!="):
            return test.operator == "!="
        if test.operator in ("==", "!=") and nothing and (self.is_credential(test.left, absent) or self.gives_none(test.left, absent)):
            return test.operator == "=="
        if test.operator == "in" and self.is_carrier(test.right):
            return False
        if test.operator in ("==", "!=", "in") and self._is_no_request(test):
            return test.operator == "!="
        self.reads_in(test)
        return None

    def is_filled(self, expr: ir.Expr) -> bool:
        """Does it hold something in any case, be it only somebody who isn't logged in?"""
        if isinstance(expr, ir.Name):
            return expr.id in self.filled
        return self.there and isinstance(expr, ir.Member) and expr.name == "user" and self.is_carrier(expr)

    def _is_no_request(self, test: ir.Binary) -> bool:
        """Is it whether the request is by a method that comes to no handler: `request.method == "OPTIONS"`?"""
        if not isinstance(test.left, ir.Member) or test.left.name != "method":
            return False
        if not (self.is_request(test.left.object) or _path_of(test.left.object) == "this.request"):
            return False
        found = self.settled.value(self._behind(test.right))
        asked = found[0] if found is not None and isinstance(found[0], tuple) else found or ()
        return bool(asked) and all(one in PREFLIGHT for one in asked)

    def _behind(self, expr: ir.Expr) -> ir.Expr:
        """What a constant of a module holds."""
        named = self.objects.program.meaning(expr.id, self.routine.module, self.routine.owner) if isinstance(expr, ir.Name) else None
        return named.field.value if isinstance(named, Slot) and named.field.value is not None else expr

    def is_credential(self, expr: ir.Expr, absent: frozenset[str]) -> bool:
        """Does the expression hold nothing, because there is no credential?"""
        if isinstance(expr, ir.Name):
            return expr.id in absent
        if isinstance(expr, ir.Call) and (self._is_taken(expr) or self._is_sent(expr)):
            return True
        if isinstance(expr, ir.Binary) and expr.operator == "??":
            is_nothing = isinstance(expr.right, ir.Literal) and not expr.right.value
            return self.is_credential(expr.left, absent) and (is_nothing or self.is_credential(expr.right, absent))
        if isinstance(expr, ir.Index) and self._is_kept(expr.object, [ir.Argument(key) for key in expr.keys]):
            return True
        if isinstance(expr, ir.Call) and isinstance(expr.function, ir.Member) and expr.function.name == "get" and len(expr.args) < 3:
            default = expr.args[1].value if len(expr.args) > 1 else None
            falsy = default is None or (isinstance(default, ir.Literal) and not default.value)
            return falsy and (self.is_carrier(expr.function.object) or self._is_kept(expr.function.object, expr.args))
        if isinstance(expr, ir.Member) and expr.name in TAKEN:
            return self.is_carrier(expr)
        return isinstance(expr, ir.Member) and self._is_of_session(expr)

    def _is_of_session(self, expr: ir.Member) -> bool:
        """Is it what a session of the program's own type keeps, in that type's own code?"""
        owner = self.routine.owner
        held = owner is not None and isinstance(expr.object, ir.Name) and expr.object.id == "this"
        if held and owner is not None and self.objects.program.is_a(owner, "SessionMixin"):
            self.reads = True
            return True
        return False

    def _is_sent(self, call: ir.Call) -> bool:
        """Does it take what holds a credential: `req.get_header("Authorization")`, `self.get_secure_cookie("user")`?"""
        function = call.function
        if not isinstance(function, ir.Member) or function.name not in SENT_IN or function.span in self.plain:
            return False
        if self.is_request(function.object) or walk.dotted(function.object) == "this":
            self.reads = True
            return True
        return False

    def _is_kept(self, holder: ir.Expr, args: Sequence[ir.Argument]) -> bool:
        """Is it what a middleware keeps in the request under a name for the caller: `request.get("user")`?"""
        key = args[0].value if args else None
        held = self.is_request(holder) or _path_of(holder).removesuffix(".context") in self.requests
        if held and isinstance(key, ir.Literal) and key.value in KEPT:
            self.reads = True
            return True
        return False

    def _is_taken(self, call: ir.Call) -> bool:
        """Does the program's own function only take the credential out of the request: what it gives is that, or nothing?"""
        if call.args or self.depth >= MAX_DEPTH:
            return False
        for called in self.objects.of(call.function, self.routine)[:1]:
            if isinstance(called, Routine) and called.function.body is not None:
                question = ("taken", id(called.function), id(called.owner), self.depth)
                if question not in self.objects.judged:
                    self.objects.judged[question] = False  # a ring of functions takes what its members do
                    self.objects.judged[question] = self._takes(called)
                if self.objects.judged[question]:
                    self.reads = True
                    return True
        return False

    def _takes(self, called: Routine) -> bool:
        inner = Credentials(self.objects, called, frozenset(), frozenset(), self.depth + 1)
        given = [value for value in walk.returned(called.function) if not (isinstance(value, ir.Literal) and value.value is None)]
        if not given or len(called.function.body or ()) > MAX_STATEMENTS:
            return False
        if all(inner.is_credential(value, frozenset()) for value in given):
            return True
        return answer(called.function, inner.truth) is False and inner.reads

    def gives_none(self, expr: ir.Expr, absent: frozenset[str]) -> bool:
        """Is it a member or part of nothing?"""
        return type(expr) is ir.Member and type(expr.object) is ir.Name and expr.object.id in absent

    def is_carrier(self, expr: ir.Expr) -> bool:
        """Is it the part of a request in which credentials are sent, or the caller that the framework has found?"""
        if expr.span in self.plain:
            return False
        path = _path_of(expr)
        first, *rest = path.split(".")
        carried = any(part in CARRIERS or part in CALLER for part in rest) or (rest == ["token"] and first in self.requests)
        if carried and (first in self.requests or path.startswith("this.request.")):
            self.reads = True
            return True
        of_view = first == "self" and self._stands_for_method()
        if of_view and (rest == ["current_user"] or (rest[:1] == ["request"] and carried)):
            self.reads = True
            return True
        if path == "this.current_user" and self._is_inherited("current_user"):
            self.reads = True
            return True
        found = self.objects.program.meaning(path, self.routine.module, self.routine.owner) if path and first != "this" else None
        if isinstance(found, Slot) or (found is None and (first in CALLER | CARRIERS or carried)):
            found = self._proxied(path)
        if isinstance(found, str) and (set(found.split(".")[1:]) & (CARRIERS | CALLER | {"g"})):
            self.reads = True
            return True
        return False

    def _stands_for_method(self) -> bool:
        """Is it a function that a decorator puts in the place of a method, whose object it is given: `def checked(self, *args): ...`?"""
        params = self.routine.function.params
        is_method = self.routine.owner is not None and self.routine.owner.kind != "module"
        return not is_method and bool(params) and params[0].name == "self"

    def _is_inherited(self, name: str) -> bool:
        """Does the object have a member of a library's, and none of the program's own by that name?"""
        owner = self.routine.owner
        return owner is not None and self.objects.program.slot(owner, name) is None and not self.objects.program.methods(owner, name)

    def _proxied(self, path: str) -> str | None:
        """The name behind a variable that stands for something of the request at hand: `current_user = LocalProxy(...)`."""
        first, _, rest = path.partition(".")
        found = self.objects.program.meaning(first, self.routine.module, self.routine.owner)
        value = found.field.value if isinstance(found, Slot) else None
        if not isinstance(found, Slot) or not isinstance(value, ir.Call):
            return None
        is_proxy = walk.called_name(value) == "LocalProxy" or _is_retyped(found, value)
        return f"proxy.{first}.{rest}" if is_proxy else None

    def is_read(self, call: ir.Call) -> bool:
        """Does the call only take the credential out of the request?"""
        return type(call.function) is ir.Member and self.is_carrier(call.function.object)

    def is_request(self, expr: ir.Expr) -> bool:
        """Is it the request itself, by its name or by its place among the arguments?"""
        expr = expr.object if _is_by_place(expr) and isinstance(expr, ir.Index) else expr
        if not isinstance(expr, ir.Name):
            return False
        return expr.id in self.requests or self.objects.program.meaning(expr.id, self.routine.module) in ("flask.request", "quart.request")

    def mentions(self, expr: ir.Expr) -> bool:
        """Does the expression hold a credential, or the request that may?"""
        sent = sent_in(expr)
        for node in walk.nodes(expr):
            if isinstance(node, ir.Name) and id(node) not in sent and (node.id in self.credentials or self.is_request(node)):
                return True
            if type(node) in (ir.Member, ir.Name) and self.is_carrier(node):
                return True
            if type(node) is ir.Call and self._is_sent(node):
                return True
        return False

    def reads_in(self, code: ir.Expr | Sequence[ir.Stmt]) -> None:
        """Note whether a credential is looked at."""
        for node in walk.nodes(code):
            if type(node) in (ir.Member, ir.Name):
                self.is_carrier(node)
            elif type(node) is ir.Call:
                self._is_sent(node)

    def is_about_the_rest(self, test: ir.Expr) -> bool:
        """Does it ask the project's own code about the request, which looks at no credential in it: `is_for_machines(request)`?"""
        if isinstance(test, ir.Unary) and test.operator == "!":
            return self.is_about_the_rest(test.operand)
        if not isinstance(test, ir.Call) or not test.args or not all(self.is_request(arg.value) for arg in test.args):
            return False
        found = self.objects.of(test.function, self.routine)[:2]
        asked = [one for one in found if isinstance(one, Routine) and given_names(one, test, self.is_request)]
        return bool(asked) and len(asked) == len(found) and not any(self._is_looked_at(one, test) for one in asked)

    def _is_looked_at(self, called: Routine, call: ir.Call) -> bool:
        """May a function that is called look at a credential, wherever in its code, or hand the request to somebody who may?"""
        requests = given_names(called, call, self.is_request)
        if called.function.body is None or self.depth >= MAX_DEPTH:
            return bool(requests)
        inner = Credentials(self.objects, called, frozenset(), requests, self.depth + 1)
        inner.reads_in(called.function.body)
        calls = list(walk.calls(called.function.body))
        members = {id(node.object) for node in walk.nodes(called.function.body) if isinstance(node, ir.Member)}
        members |= {id(arg.value) for one in calls if inner.is_about_the_rest(one) for arg in one.args}
        names = (node for node in walk.nodes(called.function.body) if isinstance(node, ir.Name) and id(node) not in members)
        return inner.reads or any(map(inner.is_request, names)) or any(map(inner._asks_on, calls))

    def _asks_on(self, call: ir.Call) -> bool:
        """Does it call other code of the project, which may look at a credential?"""
        found = [one for one in self.objects.of(call.function, self.routine)[:2] if isinstance(one, Routine) and one is not self.routine]
        return any(self._is_looked_at(one, call) for one in found)


def _is_retyped(slot: Slot, value: ir.Call) -> bool:
    """Is it what Flask keeps of the request under that name, seen as another type: `session = cast(OwnSession, session)`?"""
    given = walk.argument(value, 1, "val") if walk.called_name(value) == "cast" else None
    name = walk.dotted(given)
    return bool(name) and any(one.target in (f"flask.{name}", f"quart.{name}") for one in slot.module.imports)


def given_names(called: Routine, call: ir.Call, fits: Callable[[ir.Expr], bool]) -> frozenset[str]:
    """The parameters that are given something of a kind."""
    params = [param.name for param in called.function.params]
    given = ((arg.name or (params[i] if i < len(params) else ""), arg.value) for i, arg in enumerate(call.args))
    return frozenset(name for name, value in given if name and fits(value))


def _path_of(expr: ir.Expr) -> str:
    """The names that an expression goes through; a request that is kept in a mapping (`info.context["request"].user`) or stands among
    arguments that have no names (`args[0].user`) is one of them.
    """
    if isinstance(expr, ir.Member):
        holder = _path_of(expr.object)
        return f"{holder}.{expr.name}" if holder else ""
    if isinstance(expr, ir.Index) and (_is_by_place(expr) or _key_of(expr) == "request"):
        return _path_of(expr.object)
    return expr.id if isinstance(expr, ir.Name) else ""


def _is_by_place(expr: ir.Expr) -> bool:
    """Is it one of several by its place: `args[0]`?"""
    return isinstance(expr, ir.Index) and isinstance(expr.object, ir.Name) and type(_key_of(expr)) is int


def _key_of(expr: ir.Index) -> object:
    """The constant that a part is taken by."""
    key = expr.keys[0] if len(expr.keys) == 1 else None
    return key.value if isinstance(key, ir.Literal) else None
