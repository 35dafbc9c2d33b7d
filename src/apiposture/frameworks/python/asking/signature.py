"""Does a handler verify a signature of its sender, or a secret that both know, and refuse without it?"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from apiposture.frameworks.python.reading.objects import Foreign, Made, Objects
from apiposture.model import ir
from apiposture.model.facts import Posture
from apiposture.model.source import Place
from apiposture.program import walk
from apiposture.program.places import place
from apiposture.program.types import Routine

INSISTS = re.compile(
    r"^django\.core\.signing\.(loads|\w*Signer\.unsign(_object)?)$|^stripe\.(\w+\.)*(Webhook|StripeClient)\.construct_event$"
    r"|^itsdangerous\.(\w+\.)*\w*(Signer|Serializer)\.(loads|unsign)$|^svix\.(\w+\.)*Webhook\.verify$"
)
"""Calls that raise where the signature is not the service's own."""

COMPARES = frozenset(("hmac.compare_digest", "secrets.compare_digest", "django.utils.crypto.constant_time_compare"))
"""Comparisons of secrets and digests, which take the same time whatever they find."""

OPEN = ("public", "anonymous", "unknown")


def check_of(objects: Objects, handler: Routine | None, posture: Posture) -> Place | None:
    """The place of the check, of a handler that nothing else keeps anybody from. It is made whoever calls, and decides what comes next."""
    if handler is None or posture.level not in OPEN:
        return None
    return _Reader(objects, handler).read(handler.function.body or ())


class _Reader:
    def __init__(self, objects: Objects, routine: Routine) -> None:
        self.objects = objects
        self.routine = routine

    def read(self, body: Sequence[ir.Stmt]) -> Place | None:
        for statement in body:
            found = self._at(statement)
            if found is not None:
                return found
            if isinstance(statement, ir.Return | ir.Throw):
                return None
        return None

    def _at(self, statement: ir.Stmt) -> Place | None:
        match statement:
            case ir.If(condition=condition):
                sides = (statement.then, statement.other)
                return self._called(condition, COMPARES.__contains__) if any(map(_leaves, sides)) else None
            case ir.Try(body=body, handlers=handlers):
                return self.read(body) if all(_leaves(one.body) for one in handlers) else None
            case ir.Block(body=body):
                return self.read(body)
            case ir.Eval(value=value) | ir.Declare(value=value) | ir.Return(value=value) if value is not None:
                return self._called(value, lambda name: INSISTS.match(name) is not None)
        return None

    def _called(self, expr: ir.Expr, is_check: Callable[[str], bool]) -> Place | None:
        """Where an expression calls a function of a library of which this is so."""
        for call in walk.calls(expr):
            for one in self.objects.of(call.function, self.routine):
                if isinstance(one, Foreign | Made) and is_check(one.name):
                    return place(self.routine.module, call.span)
        return None


def _leaves(body: Sequence[ir.Stmt]) -> bool:
    last = body[-1] if body else None
    ends = isinstance(last, ir.Eval) and isinstance(last.value, ir.Call) and walk.called_name(last.value) == "abort"
    return ends or isinstance(last, ir.Return | ir.Throw)
