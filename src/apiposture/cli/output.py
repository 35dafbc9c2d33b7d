"""Where does a report go, and what can the place show?"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from apiposture.model.error import PostureError


class Target(NamedTuple):
    """A report and the file it goes to; None is standard output."""

    format: str
    file: Path | None


def targets(formats: Sequence[str], output: Path | None) -> list[Target]:
    """What `--format NAME[:FILE]` (repeated) and `-o FILE` ask for."""
    found = [Target(name, Path(file) if file else None) for name, _, file in (each.partition(":") for each in formats)]
    found = found or [Target("terminal", None)]
    open_ones = [target for target in found if target.file is None]
    if len(open_ones) > 1:
        names = " and ".join(f"'{target.format}'" for target in open_ones)
        raise PostureError(f"Formats {names} would all go to standard output; give all but one a file (NAME:FILE).")
    if output is not None and not open_ones:
        raise PostureError(f"Every format has its file already; '-o {output}' has nothing to hold.")
    return [target._replace(file=target.file or output) for target in found]


def write(text: str, file: Path | None) -> None:
    """Put a report where it belongs: in UTF-8, but on a terminal in what the terminal can show."""
    if file is None:
        encoding = (sys.stdout.encoding or "utf-8") if sys.stdout.isatty() else "utf-8"
        stream = sys.stdout.buffer
        stream.write(text.encode(encoding, "replace"))
        stream.flush()
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8", "replace"))
    except OSError as error:
        raise PostureError(f"The report could not be written to '{file}': {(error.strerror or 'unknown reason').lower()}.") from None


def has_color(file: Path | None) -> bool:
    """Colour is for terminals, and not for those who said no (https://no-color.org)."""
    if file is not None or os.environ.get("NO_COLOR"):
        return False
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def width(file: Path | None) -> int:
    """Columns to draw in: the terminal's, or 80."""
    return shutil.get_terminal_size().columns if file is None and sys.stdout.isatty() else 80
