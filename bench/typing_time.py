"""How long does an editor wait for what is said of a file that is being typed? Run by `bench/speed.py`, in a process of its own.

    PYTHONPATH=src python bench/typing_time.py TREE [FILES]

A session looks at the tree once; then a statement is typed into a function of so many files, spread over the tree, twice each. Two numbers:
seconds (medians over all edits) until the edited file's findings are there, and until those of everything else are.
"""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from apiposture.editor.session import Session

FUNCTION = re.compile(r"\)\r?\n\s*\{(?=\r?\n)")
DAY = "2026-01-01"


def main(tree: Path, count: int) -> None:
    gc.disable()
    session = Session(tree)
    session.scan(DAY)
    glances, looks = [], []
    for path in chosen(tree, count):
        for text in typed((tree / path).read_text("utf-8-sig")):
            started = perf_counter()
            session.changed(path, text)
            told = session.glance(DAY)
            glanced = perf_counter()
            session.scan(DAY)
            looks.append(perf_counter() - glanced)
            glances.append(glanced - started if told is not None else perf_counter() - started)
    print(median(glances), median(looks))


def chosen(tree: Path, count: int) -> list[str]:
    """Files with a function, from the largest to the smallest at even steps."""
    files = sorted(tree.rglob("*.cs"), key=lambda file: (-file.stat().st_size, str(file)))
    telling = [file for file in files if FUNCTION.search(file.read_text("utf-8", "replace"))]
    return [file.relative_to(tree).as_posix() for file in telling[:: max(1, len(telling) // count)]][:count]


def typed(text: str) -> Iterator[str]:
    """The text with a statement, and then another one, in the first function that has a body."""
    opening = FUNCTION.search(text)
    at = opening.end() if opening else 0
    yield f"{text[:at]}\nvar typed = 1;\n{text[at:]}"
    yield f"{text[:at]}\nvar typed = 12;\n{text[at:]}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 20)
