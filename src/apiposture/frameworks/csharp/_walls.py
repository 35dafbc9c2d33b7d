"""Which middleware refuses callers of one endpoint?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from apiposture.frameworks.csharp._judge import Verdict
from apiposture.frameworks.csharp._passing import Passage, passage
from apiposture.frameworks.csharp._requested import Requested, requested
from apiposture.frameworks.csharp._statements import Statement
from apiposture.frameworks.csharp._visiting import Visitor
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine

BRANCHES: Final = ("UseWhen", "MapWhen")
MAX_CALLERS: Final = 3


class Wall(Struct, frozen=True, eq=False):
    """Middleware that refuses, with what it says where nothing is known of the endpoint.

    `branch` is the call that makes the branch of the pipeline in which it stands, in `routine`; `routed`: is the endpoint chosen before it?
    """

    statement: Statement
    verdict: Verdict
    branch: ir.Call | None
    routine: Routine | None
    routed: bool


def is_branch(call: ir.Call) -> bool:
    """Is a branch of the pipeline made here: `app.UseWhen(context => ..., branch => ...)`, `app.Map("/x", branch => ...)`?"""
    name = walk.called_name(call)
    made = call.args[-1].value if call.args else None
    if name == "Map" and isinstance(made, ir.Lambda) and len(made.function.params) == 1:
        own = made.function.params[0].name
        return any(walk.called_name(one).startswith("Use") and _root(one) == own for one in walk.calls(made.function.body or ()))
    return name in BRANCHES


def _root(call: ir.Call) -> str:
    on: ir.Expr = call
    while isinstance(on, ir.Call | ir.Member):
        on = on.function if isinstance(on, ir.Call) else on.object
    return on.id if isinstance(on, ir.Name) else ""


class Walls:
    """The middleware of one application that refuses."""

    def __init__(self, program: Program, walls: Iterable[tuple[Wall, bool]]) -> None:
        """Each with whether it is known to stand there, whatever is configured."""
        self.program = program
        self.all = [(self._placed(wall), surely) for wall, surely in walls]
        self._known: dict[tuple[int, Requested], Statement | None] = {}

    def _placed(self, wall: Wall) -> Wall:
        """With the branch in which the function is called that it stands in; which one can't be told where it is called elsewhere too."""
        branch, routine = wall.branch, wall.routine
        for _ in range(MAX_CALLERS):
            calling = list(self.program.calling(routine.function.name)) if branch is None and routine is not None else []
            found = [(_around(caller, call), caller) for caller, call in calling if caller is not routine]
            branch = next((one for one, _ in found if one is not None), None) if found else branch
            if not found or (len(found) > 1 and branch is None):
                break
            routine = found[0][1] if len(found) == 1 else None
        return wall if branch is wall.branch else replace(wall, branch=branch, routine=routine)

    def before(self, said: Sequence[Statement], method: str, route: str, nested: bool) -> Statement | None:
        """What stands before an endpoint of which this is said: what refuses all first, else what refuses some."""
        if not self.all:
            return None
        loose = any(s.effect == "unknown" for s in said)
        effects = {s.effect for s in said}
        opens = True if "anonymous" in effects else None if loose else False
        asks = True if "authorize" in effects else None if loose else False
        request = replace(requested(method, route, nested), opens=opens, asks=asks)
        found = [one for wall, surely in self.all if (one := self._before(wall, surely, request)) is not None]
        return next((one for one in found if one.effect == "middleware"), found[0] if found else None)

    def _before(self, wall: Wall, surely: bool, request: Requested) -> Statement | None:
        request = replace(request, routed=wall.routed)
        key = (id(wall), request)
        if key not in self._known:
            self._known[key] = self._tried(wall, request)
        said = self._known[key]
        return said if surely or said is None else replace(said, effect="unknown")

    def _tried(self, wall: Wall, request: Requested) -> Statement | None:
        said, hook = wall.statement, wall.verdict.routine
        inside = self._is_inside(wall, request)
        if inside is False:
            return None
        if said.effect == "unknown" and hook is not None and wall.verdict.reads_caller:
            own = Routine(hook.function, wall.verdict.declared or hook.owner, hook.module)
            needed = passage(self.program, own, {}, request)
            if needed is Passage.NOTHING:
                return None
            closes = needed >= Passage.MORE and not request.opens  # what is declared open was meant to be
            said = replace(said, effect="middleware", why=said.why.replace("some callers", "callers")) if closes else said
        return said if inside else replace(said, effect="unknown")

    def _is_inside(self, wall: Wall, request: Requested) -> bool | None:
        """Do requests for the endpoint come to the branch in which a wall stands?"""
        if wall.branch is None:
            return True
        asked = wall.branch.args[0].value if wall.branch.args else None
        if wall.routine is None or not isinstance(asked, ir.Lambda) or walk.called_name(wall.branch) != "UseWhen":
            return None
        if len(asked.function.params) != 1:
            return None
        routine = Routine(asked.function, wall.routine.owner, wall.routine.module)
        told = Visitor(self.program, request).answer(routine, {asked.function.params[0].name: "request"})
        return {"true": True, "false": False}.get(told or "")


def _around(caller: Routine, call: ir.Call) -> ir.Call | None:
    """The branch in which a call stands."""
    branches = (one for one in walk.calls(caller.function.body or ()) if is_branch(one))
    return next((one for one in branches if any(inner is call for arg in one.args for inner in walk.calls(arg.value))), None)
