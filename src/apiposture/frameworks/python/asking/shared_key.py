"""Does code ask its caller for a key that is the same for all who may come, and find out nothing else about them?

`if not hmac.compare_digest(request.headers["X-Key"], settings.key): abort(403)`: nobody in particular calls then, and nothing is theirs.
"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.frameworks.python.reading.objects import Objects
from apiposture.frameworks.python.reading.statements import PLAIN
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine

CARRIERS = frozenset(("headers", "cookies", "authorization", "args", "form"))
"""Members of a request in which a key is sent."""

COMPARES = frozenset(("compare_digest", "constant_time_compare", "safe_str_cmp"))
"""https://docs.python.org/3/library/hmac.html#hmac.compare_digest"""

LOOKS = frozenset(("len", "str", "bytes", "encode", "isinstance", "bool", "debug", "info", "warning", "warn", "error", "abort"))
"""Calls that find out nobody by what they are given."""


def asks_for_key(objects: Objects, routine: Routine, given: frozenset[str] = frozenset()) -> bool:
    """Is what was sent, or what the parameters in `given` hold of it, held against something fixed, and handed to nobody?"""
    return _Reading(objects, routine, given).asks()


class _Reading:
    """One function. `sent` are the names of what the caller sent, `own` all names that it sets or is given."""

    def __init__(self, objects: Objects, routine: Routine, given: frozenset[str]) -> None:
        bindings = objects.bindings(routine)
        self.function = routine.function
        self.body = routine.function.body or ()
        self.own = frozenset((*bindings, *(param.name for param in routine.function.params)))
        self.sent = set(given)
        for _ in range(2):
            self.sent |= {name for name, values in bindings.items() if any(self.is_sent(value) for value, _ in values)}

    def asks(self) -> bool:
        if any(isinstance(node, ir.Assign) and not isinstance(node.target, ir.Name) for node in walk.nodes(self.body)):
            return False  # somebody is kept for others to look at
        if any(self._hands_on(call) for call in walk.calls(self.body)):
            return False
        keys = [one if self.is_sent(one) else other for one, other in self._compared() if self._is_key(one, other)]
        named = {node.id for key in keys for node in walk.nodes(key) if isinstance(node, ir.Name)}
        return bool(keys) and not any(self._names_else(value, named) for value in walk.returned(self.function))

    def _is_key(self, one: ir.Expr, other: ir.Expr) -> bool:
        return self.is_sent(one) != self.is_sent(other) and self._is_fixed(one, other)

    def _names_else(self, value: ir.Expr, named: set[str]) -> bool:
        """Is something else that was sent given to others, who may take it for the caller?"""
        return any(isinstance(node, ir.Name) and node.id in self.sent - named for node in walk.nodes(value)) or any(
            map(_carries, walk.nodes(value))
        )

    def _compared(self) -> Iterator[tuple[ir.Expr, ir.Expr]]:
        for node in walk.nodes(self.body):
            if isinstance(node, ir.Binary) and node.operator in ("==", "!="):
                yield node.left, node.right
            elif isinstance(node, ir.Call) and walk.called_name(node) in COMPARES and len(node.args) == 2:
                yield node.args[0].value, node.args[1].value

    def _is_fixed(self, one: ir.Expr, other: ir.Expr) -> bool:
        """Is the side that was not sent something that the program has from elsewhere?"""
        kept = other if self.is_sent(one) else one
        names = {node.id for node in walk.nodes(kept) if isinstance(node, ir.Name)}
        return not isinstance(kept, ir.Literal) and bool(names) and names.isdisjoint(self.own)

    def _hands_on(self, call: ir.Call) -> bool:
        name = walk.called_name(call)
        return name not in COMPARES | LOOKS and not name[:1].isupper() and any(self.is_sent(arg.value) for arg in call.args)

    def is_sent(self, expr: ir.Expr) -> bool:
        """Does an expression hold what was sent, beside what every client sends?"""
        plain = {id(part) for node in walk.nodes(expr) if self._is_plain(node) for part in walk.nodes(node)}
        for node in walk.nodes(expr):
            if id(node) not in plain and ((isinstance(node, ir.Name) and node.id in self.sent) or _carries(node)):
                return True
        return False

    def _is_plain(self, node: object) -> bool:
        """`request.headers.get("X-Real-IP", request.remote_addr)`"""
        if not isinstance(node, ir.Call) or walk.called_name(node) != "get" or not node.args:
            return False
        key = node.args[0].value
        return isinstance(key, ir.Literal) and str(key.value).lower() in PLAIN


def _carries(node: object) -> bool:
    return isinstance(node, ir.Member) and node.name in CARRIERS and walk.dotted(node.object).rpartition(".")[2] in ("request", "req")
