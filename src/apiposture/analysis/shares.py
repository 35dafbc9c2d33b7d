"""How is the work on a program's endpoints split, and how is it put together again with what is known from before?"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from apiposture.analysis.flow.labels import forget
from apiposture.analysis.flow.summaries import Summaries
from apiposture.analysis.share import Piece, Task, worked_out
from apiposture.analysis.telling import telling
from apiposture.analysis.units import Units, endpoint_key, routine_key
from apiposture.frameworks.library import Library
from apiposture.frameworks.routing import Entry
from apiposture.program import Program
from apiposture.program.types import Routine

SMALL = 75
"""So many endpoints are worth a process of their own: what is common to the shares is worked out in each of them."""

PIECE = 30
"""So many neighbouring endpoints are taken at a time: fewer share less of what they lead to, more leave a process waiting at the end."""

MAX_PIECES = 120


def evaluated(
    program: Program,
    known: Callable[[str], Library],
    entries: Sequence[Entry],
    destinations: tuple[str, ...],
    jobs: int,
    past: Units,
    summaries: Summaries | None = None,
    is_wanted: Callable[[], bool] | None = None,
) -> Units:
    """What each endpoint does, and what is certain of functions; in processes of their own where `jobs` allows and the system can fork.

    Neither the split nor what is taken from the `past`, or from `summaries` that are true already, changes anything about the answer.
    Raises AbandonedError (in one process) once `is_wanted` says no.
    """
    keys = [endpoint_key(entry.endpoint) for entry in entries]
    todo = [(index, entry) for index, (key, entry) in enumerate(zip(keys, entries, strict=True)) if key not in past.entered]
    told = {routine_key(routine): routine for routine in telling(program, known)}
    routines = [routine for key, routine in told.items() if key not in past.noted]
    task = Task(program, known, destinations, routines, past.noted)
    count = max(1, min(jobs, len(todo) // SMALL)) if hasattr(os, "fork") else 1
    if count == 1:
        parts = [past, worked_out(task, [Piece(todo, routines)], summaries, is_wanted)]
    else:
        parts = [past, *_shared(task, _pieces(todo, routines), count)]
        lost = _lost(parts, todo, routines)
        parts += [worked_out(task, [lost])] if lost.entries or lost.alone else []
    forget()
    return _together(parts, keys, told)


def _pieces(entries: Sequence[tuple[int, Entry]], alone: Sequence[Routine]) -> list[Piece]:
    """The work in stretches: neighbours lead to the same code. Functions come last, since endpoints lead to many of them."""
    size = max(PIECE, -(-max(len(entries), len(alone)) // MAX_PIECES))
    found = [Piece(entries[at : at + size], ()) for at in range(0, len(entries), size)]
    return found + [Piece((), alone[at : at + size]) for at in range(0, len(alone), size)]


def _shared(task: Task, pieces: Sequence[Piece], count: int) -> list[Units]:
    """What so many processes find out, this one among them; each takes the next piece when it is done with one."""
    numbers, writer = os.pipe()
    os.write(writer, bytes(range(len(pieces))))
    os.close(writer)
    others = [_forked(task, _taken(numbers, pieces)) for _ in range(count - 1)]
    mine = worked_out(task, _taken(numbers, pieces))
    os.close(numbers)
    return [mine, *(answer() for answer in others)]


def _taken(numbers: int, pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces that this process gets hold of: a byte is read from the pipe by one process alone."""
    while number := os.read(numbers, 1):
        yield pieces[number[0]]


def _lost(parts: Sequence[Units], entries: Sequence[tuple[int, Entry]], alone: Sequence[Routine]) -> Piece:
    """The work of a process that died."""
    entered = {key for part in parts for key in part.entered}
    noted = {key for part in parts for key in part.noted}
    return Piece(
        [(index, entry) for index, entry in entries if endpoint_key(entry.endpoint) not in entered],
        [routine for routine in alone if routine_key(routine) not in noted],
    )


def _together(parts: Sequence[Units], endpoints: Iterable[str], told: Iterable[str]) -> Units:
    """All units that are asked for, and those of the functions behind them."""
    entered = {key: unit for part in parts for key, unit in part.entered.items()}
    noted = {key: unit for part in parts for key, unit in part.noted.items()}
    entered = {key: entered[key] for key in endpoints}
    behind = set(told) | {key for unit in entered.values() for key in unit.noted}
    behind |= {key for one in told for key in noted[one].noted}
    return Units(entered=entered, noted={key: noted[key] for key in sorted(behind)})


def _forked(task: Task, pieces: Iterable[Piece]) -> Callable[[], Units]:
    """Start a child process; the answer waits for it, and is empty if the child died."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            with os.fdopen(writer, "wb") as pipe:
                pipe.write(msgspec.msgpack.encode(worked_out(task, pieces)))
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writer)

    def answer() -> Units:
        with os.fdopen(reader, "rb") as pipe:
            data = pipe.read()
        _, status = os.waitpid(child, 0)
        return msgspec.msgpack.decode(data, type=Units) if status == 0 else Units()

    return answer
