"""Which of the program's own code does a call reach, and what catches what is thrown there?"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.frameworks.python.asking.refusals import ENDS
from apiposture.frameworks.python.reading.objects import Made, Object, Objects, functions_of
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine, Type

ALL = ("Exception", "BaseException")
OF_HTTP = "HTTPException"
"""What FastAPI's, Starlette's and Werkzeug's answers by an exception extend, those of `abort(401)` among them."""


def reached(objects: Objects, routine: Routine, call: ir.Call) -> list[Object]:
    """What a call reaches; of an object of the program's own, what it does when it is called."""
    own = _of_same_object(objects, routine, call)
    if own is not None:
        return [own]
    found: list[Object] = []
    for one in objects.of(call.function, routine)[:2]:
        invoked = functions_of(objects.program, one.declared, "Invoke") if isinstance(one, Made) and one.declared is not None else []
        found.append(invoked[0] if invoked else one)
    return found


def _of_same_object(objects: Objects, routine: Routine, call: ir.Call) -> Routine | None:
    """A method of the same object, as its class has it: `self.check()`, and `super().check()` behind the one at hand."""
    owner = routine.owner
    holder, _, name = walk.dotted(call.function).partition(".")
    if owner is None or holder not in ("this", "super") or not name or "." in name:
        return None
    versions = [one for one in objects.program.methods(owner, name) if one.function.body is not None]
    if holder == "super":
        at = next((i for i, one in enumerate(versions) if one.function is routine.function), len(versions))
        versions = versions[at + 1 :]
    return Routine(versions[0].function, owner, versions[0].module) if versions else None


def catches(objects: Objects, handler: ir.Handler, thrown: ir.Expr | None, routine: Routine) -> bool:
    """Does a handler catch what an expression throws; None stands for what a function that is called throws to refuse a caller."""
    if handler.type is None:
        return True
    kinds = handler.type.args if handler.type.name == "()" else (handler.type,)
    names = [kind.name.rpartition(".")[2] for kind in kinds]
    if any(name in ALL for name in names) or thrown is None:
        return any(name in (*ALL, OF_HTTP) for name in names)
    return any(name in names for name in _kinds_of(objects, thrown, routine))


def _kinds_of(objects: Objects, thrown: ir.Expr, routine: Routine) -> Iterator[str]:
    """The simple names of what is thrown, and of what it extends."""
    path = walk.dotted(thrown.function if isinstance(thrown, ir.Call) else thrown)
    last = path.rpartition(".")[2]
    declared = objects.program.meaning(path, routine.module, routine.owner) if path else None
    yield last
    if isinstance(declared, Type):
        yield from (one.simple for one in objects.program.lineage(declared))
        yield from (use.name.rpartition(".")[2] for base, use in objects.program.ancestors(declared) if base is None)
    elif last in ENDS or (isinstance(declared, str) and declared.startswith("werkzeug.")):
        yield OF_HTTP
