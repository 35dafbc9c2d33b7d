"""By which names does a handler know its caller, and the request that holds the caller?"""

from __future__ import annotations

from msgspec import Struct

from apiposture.frameworks.csharp._nobody import Answer
from apiposture.model import ir
from apiposture.program import walk

CALLER = frozenset(("User", "Principal"))
CONTEXT = frozenset(("HttpContext", "Context", "context", "httpContext", "ctx"))
"""The framework's own names."""
PRINCIPALS = frozenset(("ClaimsPrincipal", "IPrincipal"))
REQUESTS = frozenset(("HttpContext", "HttpRequest", "HubCallerContext", "HttpContextBase", "ServerCallContext"))
"""What the framework hands a handler that asks for it by the type of a parameter, whatever its name is."""


class Holders(Struct, frozen=True):
    """The names of one handler: those of the caller, and those of what holds the caller."""

    callers: frozenset[str]
    contexts: frozenset[str]

    def speaks(self, expr: ir.Expr) -> bool:
        """`User`, `HttpContext.User`, `User.Identity`: the caller, and no member of a model that is called so."""
        path = walk.dotted(expr).removeprefix("this.").split(".")
        at = next((i for i, name in enumerate(path) if name in CALLER or (i == 0 and name in self.callers)), None)
        return at is not None and (path[at - 1 : at] == ["HttpContext"] or all(name in self.contexts for name in path[:at]))

    def reaches(self, expr: ir.Expr) -> bool:
        """Is it the caller, or the request that holds it?"""
        path = walk.dotted(expr).removeprefix("this.").split(".")
        return path[0] in self.contexts or self.speaks(expr)

    def asked_by(self, call: ir.Call) -> bool:
        """Is the caller's identity asked, or among what is passed?"""
        return any(self.speaks(one) for one in (call.function, *(arg.value for arg in call.args)))

    @property
    def known(self) -> dict[str, Answer]:
        """What these names are, of a caller who is not logged in."""
        found: dict[str, Answer] = {"this": "request"}
        for name in self.contexts:
            found[name] = "request"
        for name in self.callers:
            found[name] = "caller"
        return found


def holders_of(function: ir.Function) -> Holders:
    """The names that a function knows its caller by."""
    typed = [(param.name, param.type.name.rpartition(".")[2]) for param in function.params if param.type is not None]
    callers = CALLER.union(name for name, kind in typed if kind in PRINCIPALS)
    return Holders(callers, CONTEXT.union(name for name, kind in typed if kind in REQUESTS))
