"""How is the work on a program's endpoints split, and how is it put together again with what is known from before?"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence

import msgspec

from apiposture.analysis.share import Task, worked_out
from apiposture.analysis.telling import telling
from apiposture.analysis.units import Units, endpoint_key, routine_key
from apiposture.frameworks.library import Library
from apiposture.frameworks.routing import Entry
from apiposture.program import Program

SMALL = 75
"""So many endpoints are worth a process of their own: what is common to the shares is worked out in each of them."""


def evaluated(
    program: Program,
    known: Callable[[str], Library],
    entries: Sequence[Entry],
    destinations: tuple[str, ...],
    jobs: int,
    past: Units,
) -> Units:
    """What each endpoint does, and what is certain of functions; in processes of their own where `jobs` allows and the system can fork.

    Neither the split nor what is taken from the `past` changes anything about the answer.
    """
    keys = [endpoint_key(entry.endpoint) for entry in entries]
    todo = [(index, entry) for index, (key, entry) in enumerate(zip(keys, entries, strict=True)) if key not in past.entered]
    told = {routine_key(routine): routine for routine in telling(program, known)}
    routines = [routine for key, routine in told.items() if key not in past.noted]
    count = max(1, min(jobs, len(todo) // SMALL)) if hasattr(os, "fork") else 1
    size = -(-len(todo) // count)
    tasks = [Task(program, known, destinations, todo[n * size : (n + 1) * size], routines) for n in range(count)]
    others = [_forked(task) for task in tasks[1:]]
    return _together([past, *worked_out(tasks[0], others)], keys, told)


def _together(parts: Sequence[Units], endpoints: Iterable[str], told: Iterable[str]) -> Units:
    """All units that are asked for, and those of the functions behind them."""
    entered = {key: unit for part in parts for key, unit in part.entered.items()}
    noted = {key: unit for part in parts for key, unit in part.noted.items()}
    entered = {key: entered[key] for key in endpoints}
    behind = set(told) | {key for unit in entered.values() for key in unit.noted}
    behind |= {key for one in told for key in noted[one].noted}
    return Units(entered=entered, noted={key: noted[key] for key in sorted(behind)})


def _forked(task: Task) -> Callable[[], Units]:
    """Start the work in a child process; the answer waits for it. If the child dies, the work is done here."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            with os.fdopen(writer, "wb") as pipe:
                pipe.write(msgspec.msgpack.encode(worked_out(task)[0]))
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writer)

    def answer() -> Units:
        with os.fdopen(reader, "rb") as pipe:
            data = pipe.read()
        _, status = os.waitpid(child, 0)
        return msgspec.msgpack.decode(data, type=Units) if status == 0 else worked_out(task)[0]

    return answer
