"""What becomes of the ways through a body on which something is thrown?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from apiposture.frameworks.python.asking.following import catches
from apiposture.frameworks.python.asking.refusing import Refusing
from apiposture.frameworks.python.reading.objects import Objects
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine


class Way(NamedTuple):
    """A point on one way through the body: the names that hold no credential, whether only that decided the way so far, whether
    anything was asked about the caller on it, and whether a test without a credential led here.
    """

    absent: frozenset[str]
    decided: bool
    asked: bool = False
    met: bool = False


class Tried(NamedTuple):
    """A body whose exceptions are caught, and the ways on which one was thrown that refuses the caller: by an expression, or (None) by a
    function that was called.
    """

    handlers: tuple[ir.Handler, ...]
    thrown: list[tuple[ir.Expr | None, Way]]


SILENT = ir.Handler(None, None, None, ())
"""What catches everything, and does nothing."""


class Trying(Refusing):
    """One walk through one body, as far as exceptions go."""

    def __init__(self, objects: Objects, routine: Routine, credentials: frozenset[str], requests: frozenset[str], depth: int) -> None:
        super().__init__(objects, routine, credentials, requests, depth)
        self.tested = depth > 0
        """Has anything been asked on the way?"""
        self.about: list[bool] = []
        """Of each test around the statement at hand, whether it looks at a credential or at what came of one."""
        self.tried: list[Tried] = []
        self.handling = False
        """Is an exception at hand that refuses the caller?"""
        self.excused = 0
        """The handlers around the statement at hand of what a credential may have thrown, whose answers are the caller's."""

    def run(self, statements: Sequence[ir.Stmt], ways: list[Way]) -> list[Way]:
        """Go on through statements."""
        raise NotImplementedError

    def try_(self, statement: ir.Try, ways: list[Way]) -> list[Way]:
        """Go on through a body and what handles its exceptions; who is refused by one that is caught goes on there."""
        self.tested = True
        last = statement.final[-1] if statement.final else None
        silent = (SILENT,) if isinstance(last, ir.Return) else ()  # an answer in the end takes back whatever was thrown
        handlers = (*statement.handlers, *silent)
        self.tried.append(Tried(handlers, []))
        found = self.run(statement.body, ways)
        left, around = self.tried.pop().thrown, self.handling
        mentioned = any(self.mentions(node) for node in walk.nodes(statement.body) if isinstance(node, ir.Name | ir.Member))
        self.about.append(mentioned)
        self.excused += mentioned and self.heeded
        for handler in handlers:
            refused = [one for one in left if catches(self.objects, handler, one[0], self.routine)]
            left = [one for one in left if one not in refused]
            self.handling = bool(refused)
            found += self.run(handler.body, [*(way for _, way in refused), *(way._replace(decided=False) for way in ways)])
        self.excused -= mentioned and self.heeded
        self.handling = around
        self.about.pop()
        return self.run(statement.final, found) if statement.final else found

    def caught(self, thrown: ir.Expr | None, ways: list[Way]) -> bool:
        """Is a refusal caught by the function itself, which goes on with what handles it?"""
        for tried in reversed(self.tried):
            if any(catches(self.objects, handler, thrown, self.routine) for handler in tried.handlers):
                tried.thrown.extend((thrown, way) for way in ways)
                return True
        return False
