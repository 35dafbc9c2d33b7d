"""Does any damaged file crash a scan, or keep it for too long?

    APIPOSTURE_CORPORA=FOLDER PYTHONPATH=src:. python -m bench.mutants [--mutants 10000] [--seed 1] [--language csharp]

Real files (of the corpora; without them, of samples/) of each language, and of settings, are damaged as editors and transfers damage them:
cut off, a stretch of lines lost, or lines doubled. Each mutant is scanned on its own in this process: read, searched for secrets, linked
and judged by all rules. Whatever a scan survives by turning it into a problem counts as a crash here as well. A mutant may take SECONDS and
the process MEGABYTES; the same seed makes the same mutants. A crash is printed with what makes its mutant again, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import process_time
from types import FrameType
from typing import NamedTuple

from apiposture import languages
from apiposture.config import Config
from apiposture.files import is_settings
from apiposture.languages import source_of
from apiposture.scan import gather_sources, judge

TOP = Path(__file__).resolve().parent.parent
CONFIG = Config(cache=False, jobs=1)
SECONDS = 10
MEGABYTES = 2_000
SIZES = range(200, 40_000)
"""Bytes of the files that are damaged: small enough that ten thousand are done in minutes."""
SETTINGS = "settings"
HANDLED = ("stopped with", "rule-crashed")
"""What a problem says, or is, that was an error in our code."""


class Mutant(NamedTuple):
    """A damaged file, and how it came about."""

    path: str
    text: str
    made: str


class TooLong(Exception):  # noqa: N818
    """The time of a mutant is over."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--language", choices=(*languages.names(), SETTINGS))
    chosen = parser.parse_args()
    trees = Path(os.environ.get("APIPOSTURE_CORPORA") or TOP / "samples")
    kinds = [chosen.language] if chosen.language else [*languages.names(), SETTINGS]
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))
    crashes = 0
    for kind in kinds:
        crashes += tried(kind, trees, chosen.mutants // len(kinds), chosen.seed)
    print(f"{crashes} crashes; peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    return 1 if crashes else 0


def tried(kind: str, trees: Path, number: int, seed: int) -> int:
    """All mutants of one kind of file; how many of them crashed."""
    files = files_of(kind, trees)
    outcomes: Counter[str] = Counter()
    slowest = (0.0, "")
    for mutant in mutants(files, trees, number, Random(f"{kind} {seed}")):
        started = process_time()
        said = outcome(mutant)
        slowest = max(slowest, (process_time() - started, f"{mutant.path}, {mutant.made}"))
        outcomes[said.partition(":")[0]] += 1
        if said != "fine":
            print(f"{kind}: {mutant.path}, {mutant.made}: {said}")
    total = sum(outcomes.values())
    print(
        f"{kind}: {total} mutants of {len(files)} files, {dict(outcomes)}; the slowest took {slowest[0]:.2f} s ({slowest[1]})", flush=True
    )
    return total - outcomes["fine"]


def files_of(kind: str, trees: Path) -> list[Path]:
    """The files of a kind, in one order on all machines."""
    suffixes = tuple(languages.suffixes_of(kind))
    named = (file for file in trees.rglob("*") if (file.name.endswith(suffixes) if suffixes else is_settings(file.name)))
    return sorted(file for file in named if file.is_file() and file.stat().st_size in SIZES)


def mutants(files: Sequence[Path], trees: Path, number: int, chance: Random) -> Iterator[Mutant]:
    """So many mutants of files drawn by chance, each kind of damage in turn."""
    for turn in range(number if files else 0):
        file = chance.choice(files)
        text = file.read_text("utf-8", "replace")
        damage = DAMAGES[turn % len(DAMAGES)]
        yield Mutant(file.relative_to(trees).as_posix(), *damage(text, chance))


def cut_off(text: str, chance: Random) -> tuple[str, str]:
    """The file ends in the middle of something."""
    at = chance.randrange(len(text) or 1)
    return text[:at], f"cut off at {at}"


def lines_lost(text: str, chance: Random) -> tuple[str, str]:
    """A line or some of them are not there."""
    lines = text.splitlines(keepends=True)
    at, number = chance.randrange(len(lines) or 1), chance.choice((1, 1, 1, 3, 10))
    return "".join([*lines[:at], *lines[at + number :]]), f"{number} lines lost at {at + 1}"


def lines_doubled(text: str, chance: Random) -> tuple[str, str]:
    """A line or some of them stand twice."""
    lines = text.splitlines(keepends=True)
    at, number = chance.randrange(len(lines) or 1), chance.choice((1, 1, 1, 3, 10))
    return "".join([*lines[: at + number], *lines[at:]]), f"{number} lines doubled at {at + 1}"


DAMAGES = (cut_off, lines_lost, lines_doubled)


def outcome(mutant: Mutant) -> str:
    """`fine`, or what went wrong."""
    try:
        with limited(SECONDS):
            scan = judge(gather_sources([source_of(mutant.path, mutant.text)]), CONFIG)
    except TooLong:
        return f"too long: more than {SECONDS} s"
    except MemoryError:
        return f"too large: more than {MEGABYTES} MB"
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"crash: {type(error).__name__} in {Path(last.filename).name}:{last.lineno}"
    handled = [problem.message for problem in scan.problems if problem.kind in HANDLED or any(word in problem.message for word in HANDLED)]
    return f"crash: {handled[0]}" if handled else "fine"


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raises TooLong after so many seconds of work; what else the machine does is not counted."""

    def over(number: int, frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


if __name__ == "__main__":
    sys.exit(main())
