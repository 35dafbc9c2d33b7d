"""How are many files examined at once, so that none of them can take the scan down?

A pool of our own, since the standard ones can say neither which task killed a worker nor end one that hangs.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Raw

from apiposture.files import Entry
from apiposture.model.scan import Problem
from apiposture.scan.examine import ALL, examine_entry
from apiposture.scan.examined import Examined, Wanted, failed

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

FEW_FILES = 150
"""Below this many files, and this many bytes, starting processes costs more than it saves."""

FEW_BYTES = 1_500_000

SECONDS_A_FILE = 60.0
"""A file of the largest size that is read takes some 5 seconds; one that takes this long would not end."""

_AHEAD = 2
"""So many handfuls wait for a worker, so that it need not."""

HANDFUL = 32_000
"""Files of so many bytes together are asked for and answered at once: to be woken for each file cost more than most of them."""

MOST = 24
"""No more files than this are a handful."""

Found = tuple[Examined | None, bool]


def examined_by_workers(
    entries: Sequence[Entry], jobs: int, progress: Callable[[int, int], None] | None, asked: Wanted = ALL
) -> list[Found]:
    """What is found in each file, and whether it would be found again, in the order of the entries."""
    wanted = min(jobs or usable_processors(), max(1, len(entries)))
    if wanted > 1 and (len(entries) > FEW_FILES or sum(entry.size for entry in entries) > FEW_BYTES):
        found = _Pool(entries, wanted, asked).results()
    else:
        found = ((index, _encoded(entry, asked)) for index, entry in enumerate(entries))
    decode = msgspec.msgpack.Decoder(Examined | None).decode
    told: list[Found | None] = [None] * len(entries)
    for done, (index, answer) in enumerate(found, 1):
        if isinstance(answer, Problem):
            told[index] = (failed(entries[index], answer), False)
        else:
            told[index] = (decode(answer), True)
        if progress:
            progress(done, len(entries))
    return [item for item in told if item is not None]


def usable_processors() -> int:
    """How many processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


Answer = bytes | Raw | Problem


def _encoded(entry: Entry, asked: Wanted) -> Answer:
    try:
        return msgspec.msgpack.encode(examine_entry(entry, asked))
    except RecursionError:
        return Problem("too-deep", f"File '{entry.path}' is nested too deeply to be read.", entry.path)


Handful = Sequence[int]


def handfuls(sizes: Sequence[int]) -> list[Handful]:
    """The files, by their numbers and in order, in handfuls; `sizes` are their bytes."""
    found: list[list[int]] = []
    held = 0
    for index, size in enumerate(sizes):
        if not found or held + size > HANDFUL or len(found[-1]) == MOST:
            found.append([])
            held = 0
        found[-1].append(index)
        held += size
    return list(found)


class _Worker:
    """A process, and the handfuls that it was given and has not answered, in order."""

    def __init__(self, process: Any, orders: Connection, answers: Connection) -> None:
        self.process = process
        self.orders = orders
        self.answers = answers
        self.pending: deque[Handful] = deque()
        self.since = monotonic()

    def end(self) -> None:
        self.orders.close()
        self.answers.close()
        self.process.kill()
        self.process.join()


class _Pool:
    def __init__(self, entries: Sequence[Entry], jobs: int, asked: Wanted) -> None:
        import multiprocessing  # a few files are examined without it

        self._entries = entries
        self._jobs = jobs
        self._asked = asked
        # Forking is quick and safe while there are no other threads; elsewhere a fresh interpreter is started.
        forks = sys.platform == "linux" and threading.active_count() == 1
        self._context: Any = multiprocessing.get_context("fork" if forks else "spawn")
        self._forks = forks
        self._workers: list[_Worker] = []
        self._waiting = deque(handfuls([entry.size for entry in entries]))

    def results(self) -> Iterator[tuple[int, Answer]]:
        """Every file's answer, as they come."""
        from multiprocessing.connection import wait

        try:
            for _ in range(self._jobs):
                self._hire()
            while self._workers:
                yield from self._next_results(lambda: wait([worker.answers for worker in self._workers], timeout=1.0))
        finally:
            for worker in self._workers:
                worker.end()

    def _next_results(self, answered: Callable[[], Sequence[object]]) -> Iterator[tuple[int, Answer]]:
        for worker in list(self._workers):
            if not self._feed(worker):
                worker.end()
                self._workers.remove(worker)
        ready = answered() if self._workers else []
        for worker in list(self._workers):
            if worker.answers in ready:
                yield from self._received(worker)
            elif monotonic() - worker.since > SECONDS_A_FILE:
                yield from self._replaced(worker, "limit", f"took longer than {SECONDS_A_FILE:.0f} seconds and was given up")

    def _feed(self, worker: _Worker) -> bool:
        """Keep the worker busy; false where it has nothing left to do."""
        if not worker.pending:
            worker.since = monotonic()
        with suppress(OSError):
            while self._waiting and len(worker.pending) < _AHEAD:
                worker.pending.append(self._waiting.popleft())
                worker.orders.send_bytes(msgspec.msgpack.encode(worker.pending[-1]))
        return bool(worker.pending)

    def _received(self, worker: _Worker) -> Iterator[tuple[int, Answer]]:
        try:
            raw = worker.answers.recv_bytes()
        except (EOFError, OSError):
            yield from self._replaced(worker, "worker-crashed", "made the process that read it stop")
            return
        worker.since = monotonic()
        yield from zip(worker.pending.popleft(), _answers(raw), strict=True)

    def _replaced(self, worker: _Worker, kind: str, what: str) -> Iterator[tuple[int, Answer]]:
        """Blame the file that the worker was at, give the others back, and go on with a new worker. Where it was at a handful, nobody knows
        which of them it was: they are asked for once more, each by itself.
        """
        worker.end()
        self._workers.remove(worker)
        culprits = worker.pending.popleft()
        self._waiting.extendleft(reversed(worker.pending))
        if len(culprits) > 1:
            self._waiting.extendleft((index,) for index in reversed(culprits))
        self._hire()
        if len(culprits) == 1:
            path = self._entries[culprits[0]].path
            yield culprits[0], Problem(kind, f"File '{path}' {what}.", path)

    def _hire(self) -> None:
        """Start a worker. One-way pipes, since a two-way one is a socket, and no scan ever asks for one."""
        their_orders, orders = self._context.Pipe(duplex=False)
        answers, their_answers = self._context.Pipe(duplex=False)
        ours = [end for worker in self._workers for end in (worker.orders, worker.answers)] + [orders, answers]
        inherited = ours if self._forks else []
        work = (their_orders, their_answers, self._entries, self._asked, inherited)
        process = self._context.Process(target=_work, args=work, daemon=True)
        process.start()
        their_orders.close()
        their_answers.close()
        self._workers.append(_Worker(process, orders, answers))


def _work(
    orders: Connection, answers: Connection, entries: Sequence[Entry], asked: Wanted, inherited: Sequence[Connection]
) -> None:
    """A worker's life: a handful of files in, what was found out, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in inherited:
        other.close()
    decode = msgspec.msgpack.Decoder(list[int]).decode
    with suppress(EOFError, OSError):
        while True:
            found = [_encoded(entries[index], asked) for index in decode(orders.recv_bytes())]
            answers.send_bytes(msgspec.msgpack.encode([(isinstance(one, Problem), Raw(_raw(one))) for one in found]))


def _raw(answer: Answer) -> bytes:
    return msgspec.msgpack.encode(answer) if isinstance(answer, Problem) else answer


def _answers(raw: bytes) -> Iterator[Answer]:
    """What a worker sent: for each file of the handful, whether it is a problem, and what was found out."""
    for is_problem, answer in msgspec.msgpack.decode(raw, type=list[tuple[bool, Raw]]):
        yield msgspec.msgpack.decode(answer, type=Problem) if is_problem else answer
