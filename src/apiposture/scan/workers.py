"""How are many files examined at once, so that none of them can take the scan down?

A pool of our own, since the standard ones can say neither which task killed a worker nor end one that hangs.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from time import monotonic
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Raw

from apiposture.files import Entry
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.scan.examine import examine_entry, searched
from apiposture.scan.examined import ALL, Examined, Found, Searched, Wanted, failed, with_search

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

FEW_FILES = 150
"""Below this many files, and this many bytes, starting processes costs more than it saves."""

FEW_BYTES = 1_500_000

SECONDS_A_FILE = 60.0
"""A file of the largest size that is read takes some 5 seconds; one that takes this long would not end."""

_AHEAD = 2
"""So many handfuls wait for a worker, so that it need not."""

_MEANWHILE = 8
"""So many wait while something else is done, which takes some tenths of a second."""

HANDFUL = 32_000
"""Files of so many bytes together are asked for and answered at once: to be woken for each file cost more than most of them."""

MOST = 24
"""No more files than this are a handful."""

_SEARCH = msgspec.msgpack.encode([])
"""The last order of all: no file is left to read."""

_NICE = 10
"""How much a search that nobody waits for yet gives way."""


class Examination:
    """What is found in files, in the order of the entries; it is found while this is made.

    `progress` is told of each file, and `meanwhile` is called once workers are busy. Where secrets are wanted later, `found` is without
    them, and the workers search while others look at the code.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        jobs: int,
        asked: Wanted = ALL,
        progress: Callable[[int, int], None] | None = None,
        meanwhile: Callable[[], object] | None = None,
    ) -> None:
        self._entries = entries
        workers = min(jobs or usable_processors(), max(1, len(entries)))
        is_much = len(entries) > FEW_FILES or sum(entry.size for entry in entries) > FEW_BYTES
        self._pool = _Pool(entries, workers, asked) if workers > 1 and is_much else None
        self.found = _in_order(entries, self._answers(asked, meanwhile), progress)

    def _answers(self, asked: Wanted, meanwhile: Callable[[], object] | None) -> Iterator[tuple[int, Answer]]:
        if self._pool is not None:
            return self._pool.results(meanwhile)
        at_once = msgspec.structs.replace(asked, later=False)
        return ((index, _encoded(entry, at_once)) for index, entry in enumerate(self._entries))

    def whole(self) -> Sequence[Found]:
        """What is found in the end, with what was wanted later."""
        if self._pool is not None:
            found = list(self.found)
            for index, searched in self._pool.searched():
                one, is_certain = found[index]
                found[index] = (with_search(one, searched) if one is not None else None, is_certain)
            lost = self._pool.lost
            for index, again in zip(lost, self._once_more(lost), strict=True):
                found[index] = again
            self.found, self._pool = found, None
        return self.found

    def _once_more(self, lost: Sequence[int]) -> Sequence[Found]:
        """Files of which the search took its process down: now it is seen which of them does."""
        entries = [self._entries[index] for index in lost]
        return _in_order(entries, _Pool(entries, 1, ALL).results(), None) if entries else ()


def _in_order(
    entries: Sequence[Entry], answers: Iterable[tuple[int, Answer]], progress: Callable[[int, int], None] | None
) -> Sequence[Found]:
    decode = msgspec.msgpack.Decoder(Examined | None).decode
    told: list[Found | None] = [None] * len(entries)
    for done, (index, answer) in enumerate(answers, 1):
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


def _encoded(entry: Entry, *how: Any) -> Answer:
    try:
        return msgspec.msgpack.encode(examine_entry(entry, *how))
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
    """A process, and the handfuls that it was given and has not answered, in order; and those that it has yet to search."""

    def __init__(self, process: Any, orders: Connection, answers: Connection) -> None:
        self.process = process
        self.orders = orders
        self.answers = answers
        self.pending: deque[Handful] = deque()
        self.unsearched: deque[Handful] = deque()
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
        self._searching: list[_Worker] = []
        self._waiting = deque(handfuls([entry.size for entry in entries]))
        self.lost: list[int] = []

    def results(self, meanwhile: Callable[[], object] | None = None) -> Iterator[tuple[int, Answer]]:
        """Every file's answer, as they come. `meanwhile` is called once all workers are busy."""
        from multiprocessing.connection import wait

        try:
            for _ in range(self._jobs):
                self._hire()
            if meanwhile is not None:
                for worker in self._workers:
                    self._feed(worker, _MEANWHILE)
                meanwhile()
            while self._workers:
                yield from self._next_results(lambda: wait([worker.answers for worker in self._workers], timeout=1.0))
        finally:
            for worker in self._workers:
                worker.end()

    def _next_results(self, answered: Callable[[], Sequence[object]]) -> Iterator[tuple[int, Answer]]:
        for worker in list(self._workers):
            if not self._feed(worker):
                self._workers.remove(worker)
                self._dismiss(worker)
        ready = answered() if self._workers else []
        for worker in list(self._workers):
            if worker.answers in ready:
                yield from self._received(worker)
            elif monotonic() - worker.since > SECONDS_A_FILE:
                yield from self._replaced(worker, "limit", f"took longer than {SECONDS_A_FILE:.0f} seconds and was given up")

    def searched(self) -> Iterator[tuple[int, Searched]]:
        """What the search of files brought that was wanted later, where it brought anything. Those that no answer came for are `lost`."""
        decode = msgspec.msgpack.Decoder(list[tuple[int, Searched]]).decode
        for worker in self._searching:
            with suppress(EOFError, OSError):
                while worker.unsearched and worker.answers.poll(SECONDS_A_FILE):
                    yield from decode(worker.answers.recv_bytes())
                    worker.unsearched.popleft()
            worker.end()
            self.lost += chain.from_iterable(worker.unsearched)
        self._searching.clear()

    def _dismiss(self, worker: _Worker) -> None:
        """There is nothing left to read; if there is something to search, the worker does so and ends by itself."""
        if not worker.unsearched:
            worker.end()
            return
        with suppress(OSError):
            worker.orders.send_bytes(_SEARCH)
        self._searching.append(worker)

    def _feed(self, worker: _Worker, ahead: int = _AHEAD) -> bool:
        """Keep the worker busy; false where it has nothing left to do."""
        if not worker.pending:
            worker.since = monotonic()
        with suppress(OSError):
            while self._waiting and len(worker.pending) < ahead:
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
        handful = worker.pending.popleft()
        if self._asked.secrets and self._asked.later:
            worker.unsearched.append(handful)
        yield from zip(handful, _answers(raw), strict=True)

    def _replaced(self, worker: _Worker, kind: str, what: str) -> Iterator[tuple[int, Answer]]:
        """Blame the file that the worker was at, give the others back, and go on with a new worker. Where it was at a handful, nobody knows
        which of them it was: they are asked for once more, each by itself.
        """
        worker.end()
        self._workers.remove(worker)
        self.lost += chain.from_iterable(worker.unsearched)
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
    """A worker's life: a handful of files in, what was found out, until nobody asks any more; then the search of what was read."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in inherited:
        other.close()
    decode = msgspec.msgpack.Decoder(list[int]).decode
    handed: list[Handful] = []
    held: dict[int, SourceFile] = {}
    with suppress(EOFError, OSError):
        while handful := decode(orders.recv_bytes()):
            handed.append(handful)
            found = [_encoded(entries[index], asked, partial(held.__setitem__, index)) for index in handful]
            answers.send_bytes(msgspec.msgpack.encode([(isinstance(one, Problem), Raw(_raw(one))) for one in found]))
        _search(answers, handed, held)


def _search(answers: Connection, handed: Sequence[Handful], held: dict[int, SourceFile]) -> None:
    """Search what is held, and answer for each handful; whoever goes on with the code meanwhile is waited for, and goes first."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    for handful in handed:
        found = ((index, searched(held.pop(index))) for index in handful if index in held)
        answers.send_bytes(msgspec.msgpack.encode([(index, one) for index, one in found if one.secrets or one.problems]))


def _raw(answer: Answer) -> bytes:
    return msgspec.msgpack.encode(answer) if isinstance(answer, Problem) else answer


def _answers(raw: bytes) -> Iterator[Answer]:
    """What a worker sent: for each file of the handful, whether it is a problem, and what was found out."""
    for is_problem, answer in msgspec.msgpack.decode(raw, type=list[tuple[bool, Raw]]):
        yield msgspec.msgpack.decode(answer, type=Problem) if is_problem else answer
