"""What of a file did an edit leave as it was, and where does that stand now?

Asked of two texts of a file that declare the same. The code of a function is the same where it says the same, however far it was moved.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from apiposture.analysis.moving import declared_places
from apiposture.model.ir import Module, Stmt
from apiposture.model.source import Place, Span, end_of, span, start_of
from apiposture.program.places import place
from apiposture.program.surface import POSITIONS
from apiposture.program.types import function_key
from apiposture.program.walk import declared

_FAR = 1 << 32
"""Beyond any offset."""


class LostError(Exception):
    """Nobody can tell where something is now."""


class Edit:
    """One edited file. `changed` are the numbers of the functions whose code is another, in the order in which the file declares them, and
    `pairs` what they were and are; `names` are the keys of functions that have another one now.

    Raises ValueError where the two texts do not declare the same, or code that stands outside of functions is another.
    """

    def __init__(self, old: Module, new: Module) -> None:
        self._old = old
        self._new = new
        self._declared = dict(zip(declared_places(old), declared_places(new), strict=True))
        outside = [_Move.of((then,), (now,)) for then, now in zip(old.body, new.body, strict=True)]
        functions = list(zip(declared(old), declared(new), strict=True))
        inside = [_Move.of(then.body or (), now.body or ()) for then, now in functions]
        if any(move is None for move in outside):
            raise ValueError(f"{new.path}: code that stands outside of functions")
        self.changed = frozenset(number for number, move in enumerate(inside) if move is None)
        self.pairs = [pair for move, pair in zip(inside, functions, strict=True) if move is None]
        keys = ((function_key(old.path, then), function_key(new.path, now)) for then, now in functions)
        self.names = {was: now for was, now in keys if was != now}
        self._moves = sorted((move.start, move.end, move.by) for move in (*outside, *inside) if move is not None)

    def place(self, old: Place) -> Place:
        """Where something stands now. Raises LostError where it stood in code that changed."""
        return self._declared.get(old) or self._in_code(old)

    def _in_code(self, old: Place) -> Place:
        lines = self._old.lines
        if not 0 < old.end_line <= len(lines):
            raise LostError(str(old))
        start, end = lines[old.line - 1] + old.column - 1, lines[old.end_line - 1] + old.end_column - 1
        at = bisect_right(self._moves, (start, _FAR, 0)) - 1
        if at < 0 or end > self._moves[at][1]:
            raise LostError(str(old))
        by = self._moves[at][2]
        return place(self._new, span(start + by, end + by))


class _Move(Struct, frozen=True):
    """A stretch of the old text, and how far it was moved."""

    start: int
    end: int
    by: int

    @staticmethod
    def of(then: Sequence[Stmt], now: Sequence[Stmt]) -> _Move | None:
        """The move that makes the one code of the other; None where none does."""
        if not then or not now:
            return None if then or now else _Move(0, 0, 0)
        by = start_of(now[0].span) - start_of(then[0].span)
        return _Move(start_of(then[0].span), end_of(then[-1].span), by) if _is_moved(then, now, by) else None


def _is_moved(then: Any, now: Any, by: int) -> bool:
    """Do both say the same, and stands all of it so far from where it stood?"""
    far: Span = by * (_FAR + 1)
    pending = [(then, now)]
    while pending:
        one, other = pending.pop()
        kind = type(one)
        if kind is not type(other):
            return False
        if kind is tuple:
            if len(one) != len(other):
                return False
            pending += zip(one, other, strict=True)
        elif isinstance(one, Struct):
            for name in kind.__struct_fields__:
                was, now_is = getattr(one, name), getattr(other, name)
                if name not in POSITIONS:
                    pending.append((was, now_is))
                elif was + far != now_is and (was or now_is):
                    return False
        elif one != other:
            return False
    return True


class Edits:
    """All edited files of a program, by their paths."""

    def __init__(self, edits: Mapping[str, Edit]) -> None:
        self._edits = edits
        self._names = {key: name for edit in edits.values() for key, name in edit.names.items()}

    def __bool__(self) -> bool:
        return bool(self._edits)

    def __iter__(self) -> Iterator[tuple[str, Edit]]:
        return iter(self._edits.items())

    def of(self, path: str) -> Edit | None:
        """What became of a file, if that is known."""
        return self._edits.get(path)

    def name(self, key: str) -> str:
        """What the function of this key is called by now."""
        return self._names.get(key, key)

    def place(self, old: Place) -> Place:
        """Where something stands now. Raises LostError where nobody can tell."""
        edit = self._edits.get(old.path)
        return edit.place(old) if edit is not None else old


def edited(pairs: Iterable[tuple[Module, Module]]) -> tuple[Edits, Edits]:
    """What became of the files of which the old and the new text are known, and the way back: where what stands there now stood then."""
    there: dict[str, Edit] = {}
    back: dict[str, Edit] = {}
    for old, new in pairs:
        try:
            there[new.path], back[new.path] = Edit(old, new), Edit(new, old)
        except ValueError:
            there.pop(new.path, None)
    return Edits(there), Edits(back)
