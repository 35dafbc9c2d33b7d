"""How is the work on a program's endpoints split, and how is it put together again with what is known from before?"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial

import msgspec

from apiposture.analysis.flow.labels import forget
from apiposture.analysis.flow.summaries import Summaries
from apiposture.analysis.keys import entry_key, routine_key
from apiposture.analysis.share import Piece, Task, summaries_for, worked_out
from apiposture.analysis.telling import telling
from apiposture.analysis.turns import Turns
from apiposture.analysis.units import Noted, Units, of_both
from apiposture.frameworks.library import Library
from apiposture.frameworks.routing import Entry
from apiposture.program import Program
from apiposture.program.types import Routine

SMALL = 40
"""So many endpoints are worth a process of their own: what is common to the shares is worked out in each of them."""


def evaluated(
    program: Program,
    known: Callable[[str], Library],
    entries: Sequence[Entry],
    keys: Sequence[str],
    destinations: tuple[str, ...],
    jobs: int,
    past: Units,
    summaries: Summaries | None = None,
    is_wanted: Callable[[], bool] | None = None,
    kept: bool = True,
) -> Units:
    """What each endpoint does, by the key that it has, and what is certain of functions; in processes of their own where `jobs` allows it
    and the system can fork. `kept`: from which files an answer was worked out is kept with it.

    Neither the split nor what is taken from the `past`, or from `summaries` that are true already, changes anything about the answer.
    Raises AbandonedError (in one process) once `is_wanted` says no.
    """
    todo = [(index, entry) for index, (key, entry) in enumerate(zip(keys, entries, strict=True)) if key not in past.entered]
    found = past.telling or telling(program, known)
    told = {routine_key(routine): routine for routine in map(program.routines.__getitem__, found.routines)}
    routines = [routine for key, routine in told.items() if key not in past.noted]
    task = Task(program, known, destinations, routines, past.noted, kept)
    if summaries is None:
        forget()
        program.holds = summaries = summaries_for(program, known)
    count = max(1, min(jobs, len(todo) // SMALL)) if hasattr(os, "fork") else 1
    if count == 1:
        parts = [past, worked_out(task, [Piece(todo, routines)], summaries, is_wanted)]
    else:
        parts = [past, *_shared(task, todo, routines, count, summaries)]
        lost = _lost(parts, todo, routines)
        parts += [worked_out(task, [lost], summaries)] if lost.entries or lost.alone else []
    return msgspec.structs.replace(_together(parts, keys, told), telling=found)


def _shared(
    task: Task, todo: Sequence[tuple[int, Entry]], routines: Sequence[Routine], count: int, summaries: Summaries
) -> list[Units]:
    """What so many processes find out, this one among them. Functions come last, since endpoints lead to many of them: only what no process
    has come to by then is looked at for its own sake.
    """
    entries, functions = Turns(len(todo), count), Turns(len(routines), count)
    share = partial(_share, task, todo, routines, (entries, functions), summaries)
    others = [_forked(partial(share, number), len(routines)) for number in range(1, count)]

    def met(mine: int) -> int:
        """The functions that anybody has come to, which all others are told."""
        for other in others:
            mine |= other.met()
        for other in others:
            other.tell(mine)
        return mine

    mine = share(0, met)
    entries.close()
    functions.close()
    return [mine, *(other.answer() for other in others)]


def _share(
    task: Task,
    todo: Sequence[tuple[int, Entry]],
    routines: Sequence[Routine],
    turns: tuple[Turns, Turns],
    summaries: Summaries,
    number: int,
    met: Callable[[int], int],
) -> Units:
    """What one process finds out. `met` takes which functions it has come to, a bit for each, and says to which anybody has."""
    entries, functions = turns

    def pieces() -> Iterator[Piece]:
        yield from (Piece(some, ()) for some in entries.of(number, todo))
        known = met(sum(1 << index for index, routine in enumerate(routines) if summaries.knows(routine)))
        for some in functions.of(number, range(len(routines))):
            yield Piece((), [routines[index] for index in some if not known >> index & 1])

    return worked_out(task, pieces(), summaries)


def _lost(parts: Sequence[Units], entries: Sequence[tuple[int, Entry]], alone: Sequence[Routine]) -> Piece:
    """The work of a process that died."""
    entered = {key for part in parts for key in part.entered}
    noted = {key for part in parts for key in part.noted}
    return Piece(
        [(index, entry) for index, entry in entries if entry_key(entry) not in entered],
        [routine for routine in alone if routine_key(routine) not in noted],
    )


def _together(parts: Sequence[Units], endpoints: Iterable[str], told: Iterable[str]) -> Units:
    """All units that are asked for, and those of the functions behind them."""
    entered = {key: unit for part in parts for key, unit in part.entered.items()}
    noted: dict[str, Noted] = {}
    for part in parts:
        for key, unit in part.noted.items():
            noted[key] = of_both(noted[key], unit) if key in noted else unit
    entered = {key: entered[key] for key in endpoints}
    behind = set(told) | {key for unit in entered.values() for key in unit.noted}
    behind |= {key for one in told for key in noted[one].noted}
    return Units(entered=entered, noted={key: noted[key] for key in sorted(behind)})


class _Other:
    """A child process, with which one speaks through two pipes. One that died has met nothing, and has no answer."""

    def __init__(self, child: int, answers: int, orders: int, functions: int) -> None:
        self._child = child
        self._answers = os.fdopen(answers, "rb")
        self._orders = orders
        self._size = _bytes(functions)

    def met(self) -> int:
        """The functions that it has come to."""
        return int.from_bytes(self._answers.read(self._size), "little")

    def tell(self, met: int) -> None:
        """Tell it to which functions anybody has come."""
        with suppress(BrokenPipeError):
            os.write(self._orders, met.to_bytes(self._size, "little"))
        os.close(self._orders)

    def answer(self) -> Units:
        """All that it found out."""
        with self._answers:
            data = self._answers.read()
        _, status = os.waitpid(self._child, 0)
        return msgspec.msgpack.decode(data, type=Units) if status == 0 else Units()


def _bytes(functions: int) -> int:
    return (functions + 7) // 8


def _forked(share: Callable[[Callable[[int], int]], Units], functions: int) -> _Other:
    """Start a child process that does a share of the work."""
    answers, telling = os.pipe()
    hearing, orders = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(answers)
            os.close(orders)
            with os.fdopen(telling, "wb") as pipe, os.fdopen(hearing, "rb") as told:

                def met(mine: int) -> int:
                    pipe.write(mine.to_bytes(_bytes(functions), "little"))
                    pipe.flush()
                    return int.from_bytes(told.read(_bytes(functions)), "little")

                pipe.write(msgspec.msgpack.encode(share(met)))
            os._exit(0)
        finally:
            os._exit(1)
    os.close(telling)
    os.close(hearing)
    return _Other(child, answers, orders, functions)
