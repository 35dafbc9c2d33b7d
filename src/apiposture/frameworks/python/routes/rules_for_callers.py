"""Which rules does a function of the project's own add to a blueprint that it is handed: `add_all(blueprint, [("/orders", Orders)])`?

The function is gone through with what each caller gives it, and each rule is told in the caller's words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from apiposture.frameworks.python.reading.lists import items
from apiposture.frameworks.python.reading.objects import Objects
from apiposture.frameworks.python.reading.rounds import Round, Rounds
from apiposture.frameworks.python.routes.prefixed import ADD
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine

MAX_DEPTH = 6
Given = dict[str, ir.Expr]


class ForCaller(NamedTuple):
    """A rule that is added for a caller: to what, by which call in the function, each name of whose loops that the caller's words decide;
    `view` and `args` are written in the caller's words.
    """

    holder: ir.Expr
    caller: Routine
    adding: ir.Call
    routine: Routine
    once: Round
    view: ir.Expr
    args: tuple[ir.Argument, ...]


class RulesForCallers:
    """Answers for one program."""

    def __init__(self, objects: Objects, rounds: Rounds) -> None:
        self.objects = objects
        self.rounds = rounds
        self.within: dict[str, list[tuple[Routine, ir.Call]]] = {}
        """By the name of such a function: it, and the call in it."""
        for routine, call in objects.program.calling(ADD):
            if routine.module.explicit_names and self._adds_what_it_is_given(routine, call):
                self.within.setdefault(routine.function.name, []).append((routine, call))

    def is_inside(self, routine: Routine) -> bool:
        """Is it one of these functions?"""
        return any(one is routine for one, _ in self.within.get(routine.function.name, ()))

    def all(self) -> Iterator[ForCaller]:
        """What is added for each caller."""
        for caller, call in self.objects.program.calling(*self.within):
            for routine, adding in self.within[walk.called_name(call)]:
                if caller is not routine and routine in self.objects.of(call.function, caller):
                    yield from self._for(caller, call, routine, adding)

    def _adds_what_it_is_given(self, routine: Routine, call: ir.Call) -> bool:
        """Is the rule added to one parameter, for a view that another one holds?"""
        params = {param.name for param in routine.function.params}
        holder = _holder(call)
        return holder in params and not (params - {holder}).isdisjoint(self._behind(_view(call), routine))

    def _behind(self, expr: ir.Expr | None, routine: Routine, depth: int = 0) -> set[str]:
        """The names that an expression is made of, and those that these are set to or taken from."""
        named = {node.id for node in walk.nodes((expr,)) if isinstance(node, ir.Name)} if expr is not None and depth < MAX_DEPTH else set()
        found = set(named)
        for name in named:
            for loop in _loops(routine, name):
                found |= self._behind(loop.iterable, routine, depth + 1)
            values = [value for value, _ in self.objects.bindings(routine).get(name, ()) if not isinstance(value, ir.Lambda)]
            for value in values:  # a function that is written there is its own, whatever it uses
                found |= self._behind(value, routine, depth + 1) if name not in _names(value) else set()
        return found

    def _for(self, caller: Routine, call: ir.Call, routine: Routine, adding: ir.Call) -> Iterator[ForCaller]:
        given = {
            param.name: value
            for at, param in enumerate(routine.function.params)
            if not param.mode and (value := walk.argument(call, at, param.name)) is not None
        }
        holder = given.get(_holder(adding))
        if holder is None:
            return
        rest = tuple(arg for arg in call.args if arg.name and arg.name not in {param.name for param in routine.function.params})
        for once in self.rounds.handed(adding, routine, given, caller):
            view = self._view(_view(adding), routine, once.names)
            if view is not None:
                around = self._around(routine, adding, given, caller)
                args = (*(ir.Argument(once.names.get(walk.dotted(a.value), a.value), a.name) for a in adding.args if a.name), *rest)
                yield ForCaller(holder, caller, adding, routine, once, _wrapped(view, around), args)

    def _view(self, expr: ir.Expr | None, routine: Routine, names: Given, depth: int = 0) -> ir.Expr | None:
        """A view in the caller's words: what it handed over, or the view of a class that it handed over."""
        if isinstance(expr, ir.Name) and expr.id in names:
            return names[expr.id]
        if isinstance(expr, ir.Name) and depth < MAX_DEPTH:
            values = (value for value, is_item in self.objects.bindings(routine).get(expr.id, ()) if not is_item)
            return next((found for one in values if (found := self._view(one, routine, names, depth + 1)) is not None), None)
        if isinstance(expr, ir.Call) and isinstance(expr.function, ir.Member) and expr.function.name == "as_view":
            declared = names.get(walk.dotted(expr.function.object))
            if declared is not None:
                member = ir.Member(declared, "as_view", expr.function.span, expr.function.name_span)
                return ir.Call(member, expr.args, expr.span)
        return None

    def _around(self, routine: Routine, adding: ir.Call, given: Given, caller: Routine) -> list[ir.Expr]:
        """The decorators that the function puts around each view before it adds it, of a list that the caller hands over."""
        body, view = routine.function.body or (), walk.dotted(_view(adding))
        found: list[ir.Expr] = []
        loops = {id(loop): loop for loop in (*_before(body, adding), *_behind_making(body, view)) if loop.span < adding.span}
        for loop in loops.values():
            if loop.iterable is not None and _wraps(loop, view):
                lists = [given[name] for name in _names(loop.iterable) if name in given]
                found += (item for one in lists for item, at in items(self.objects, one, caller) if at is caller)
        return found


def _wrapped(view: ir.Expr, around: list[ir.Expr]) -> ir.Expr:
    """The view with decorators that are called on it, the first of them innermost."""
    for one in around:
        view = ir.Call(one, (ir.Argument(view),), one.span)
    return view


def _holder(call: ir.Call) -> str:
    return walk.dotted(call.function.object) if isinstance(call.function, ir.Member) else ""


def _view(call: ir.Call) -> ir.Expr | None:
    return walk.argument(call, 2, "view_func")


def _names(expr: ir.Expr) -> set[str]:
    return {node.id for node in walk.nodes((expr,)) if isinstance(node, ir.Name)}


def _before(body: Sequence[ir.Stmt], adding: ir.Call) -> Iterator[ir.Loop]:
    """The loops that are gone through for certain before a call."""
    for at, statement in enumerate(body):
        if any(call is adding for call in walk.calls(statement)):
            yield from (one for one in body[:at] if isinstance(one, ir.Loop))
            for inner in _inside(statement):
                yield from _before(inner, adding)


def _behind_making(body: Sequence[ir.Stmt], view: str) -> Iterator[ir.Loop]:
    """The loops behind the one place where the view is made: `view = resource.as_view(...)`."""
    if sum(_makes(node, view) for node in walk.nodes(body) if not isinstance(node, ir.Eval)) == 1:
        made = False
        for statement in body:
            if made and isinstance(statement, ir.Loop):
                yield statement
            made = made or _makes(statement, view)
            for inner in _inside(statement):
                yield from _behind_making(inner, view)


def _inside(statement: ir.Stmt) -> tuple[tuple[ir.Stmt, ...], ...]:
    """The bodies that stand in a statement."""
    if isinstance(statement, ir.If):
        return (statement.then, statement.other)
    return (statement.body,) if isinstance(statement, ir.Loop | ir.Block) else ()


def _wraps(loop: ir.Loop, view: str) -> bool:
    """Is each of the things that a loop goes through called on the view, and is the view from then on what that gives?"""
    return isinstance(loop.target, ir.Name) and any(_is_wrapping(one, loop.target.id, view) for one in loop.body)


def _is_wrapping(statement: ir.Stmt, decorator: str, view: str) -> bool:
    """`view = decorator(view)`."""
    call = _set(statement, view)
    return isinstance(call, ir.Call) and walk.dotted(call.function) == decorator and [walk.dotted(arg.value) for arg in call.args] == [view]


def _makes(node: object, view: str) -> bool:
    made = _set(node, view)
    return isinstance(made, ir.Call) and walk.called_name(made) == "as_view"


def _set(node: object, name: str) -> ir.Expr | None:
    """What a name is set to there."""
    if isinstance(node, ir.Eval):
        node = node.value
    if isinstance(node, ir.Assign) and node.operator == "=" and isinstance(node.target, ir.Name):
        return node.value if node.target.id == name else None
    return node.value if isinstance(node, ir.Declare) and node.name == name else None


def _loops(routine: Routine, name: str) -> Iterator[ir.Loop]:
    """The loops that set a name."""
    for node in walk.nodes(routine.function.body or ()):
        if isinstance(node, ir.Loop) and node.target is not None and name in _names(node.target):
            yield node
