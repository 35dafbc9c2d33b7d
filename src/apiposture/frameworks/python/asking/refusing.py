"""Which statements of one function refuse a caller, and for want of which right?"""

from __future__ import annotations

from apiposture.frameworks.python.asking.outcomes import Outcomes
from apiposture.frameworks.python.asking.refusals import REDIRECTS, is_end, is_refusal
from apiposture.frameworks.python.asking.rights import required
from apiposture.frameworks.python.reading.objects import Objects
from apiposture.model import ir
from apiposture.model.facts import Need
from apiposture.program import walk
from apiposture.program.types import Routine


class Refusing(Outcomes):
    """What one function's statements say to a caller without credential."""

    def __init__(self, objects: Objects, routine: Routine, credentials: frozenset[str], requests: frozenset[str], depth: int) -> None:
        super().__init__(objects, routine, credentials, requests, depth)
        self.by_any = False
        """Does an exception of any kind refuse?"""
        self.heeded = True
        """Is what the function returns an answer to the caller?"""
        self.needs: dict[Need, None] = {}
        self.sent_off: dict[int, ir.Stmt] = {}
        """The answers that send callers elsewhere who lack a right."""

    def sends_away(self, statement: ir.If) -> bool:
        """`if current_user.is_authenticated: return redirect("/")`: what follows is for those who are not logged in."""
        last = statement.then[-1] if statement.then else None
        if not isinstance(last, ir.Return) or not isinstance(last.value, ir.Call):
            return False
        return walk.called_name(last.value) in ("redirect", "RedirectResponse") and not self.refuses(last)

    def send_off(self, statement: ir.If) -> None:
        """`if not user.is_superuser: return redirect("/")`: wherever it leads, who lacks the right comes no further."""
        last = statement.then[-1] if statement.then else None
        is_redirect = isinstance(last, ir.Return) and isinstance(last.value, ir.Call) and walk.called_name(last.value) in REDIRECTS
        if last is not None and is_redirect and self.mentions(statement.condition) and required(statement.condition, False):
            self.sent_off[id(last)] = last  # kept alive: of what is made on the way, the id would be given again

    def rights(self, statement: ir.If) -> None:
        """`if not user.is_superuser: raise Forbidden()` asks for a right."""
        if not self.sends_some_off(statement):
            return
        self.needs.update(dict.fromkeys(self.rights_of(statement)))

    def sends_some_off(self, statement: ir.If) -> bool:
        """Does one side of a test refuse?"""
        return any(self.refuses(one) for one in (*statement.then[-1:], *statement.other[-1:]))

    def rights_of(self, statement: ir.If) -> tuple[Need, ...]:
        """The rights that callers must have to get past a test that one side leaves at."""
        refuses = bool(statement.then) and self.refuses(statement.then[-1])
        return required(self.settled.rest_of(statement.condition), not refuses)

    def refuses(self, statement: ir.Stmt) -> bool:
        """Does a statement turn the caller away?"""
        if self.sent_off.get(id(statement)) is statement:
            return True
        if isinstance(statement, ir.If):  # `abort(403)` for a program, a redirect for a browser
            return all(side and self.refuses(side[-1]) for side in (statement.then, statement.other))
        value = statement.value if isinstance(statement, ir.Return | ir.Throw | ir.Eval) else None
        if self.by_any and isinstance(statement, ir.Throw):
            return True
        if value is None or (isinstance(statement, ir.Return) and not self.heeded):
            return False
        refuses = is_end if type(statement) is ir.Eval else is_refusal
        return refuses(self.objects, value, self.routine)
