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
    found = [_target(each) for each in formats] or [Target("terminal", None)]
    open_ones = [target for target in found if target.file is None]
    if len(open_ones) > 1:
        names = " and ".join(f"'{target.format}'" for target in open_ones)
        raise PostureError(f"Formats {names} would all go to standard output; give all but one a file (NAME:FILE).")
    if output is not None and not open_ones:
        raise PostureError(f"Every format has its file already; '-o {output}' has nothing to hold.")
    placed = [target._replace(file=target.file or output) for target in found]
    for target in placed:
        check_file(target.file)
    return placed


def _target(written: str) -> Target:
    name, colon, file = written.partition(":")
    if colon and not file.strip():
        raise PostureError(f"Format '{written}' names no file; write '{name}:FILE', or '{name}' for standard output.")
    return Target(name, Path(file) if file else None)


def check_file(file: Path | None) -> None:
    """Refuse, before any work, a place where no report can be written: a folder, a file in a folder that is not there, a closed output."""
    if file is None:
        if sys.stdout is None:
            raise PostureError("The report can't be written to standard output: it is closed; name a file with -o.")
        return
    if file.is_dir():
        raise PostureError(f"The report can't be written to '{file}': it is a folder; name a file in it.")
    if not file.parent.is_dir():
        raise PostureError(f"The report can't be written to '{file}': there is no folder '{file.parent}'; create it first.")


def write(text: str, file: Path | None) -> None:
    """Put a report where it belongs: in UTF-8, but on a terminal in what the terminal can show."""
    check_file(file)
    try:
        if file is None:
            encoding = (sys.stdout.encoding or "utf-8") if sys.stdout.isatty() else "utf-8"
            sys.stdout.buffer.write(text.encode(encoding, "replace"))
            sys.stdout.buffer.flush()
        else:
            file.write_bytes(text.encode("utf-8", "replace"))
    except BrokenPipeError:
        raise
    except OSError as error:
        place = "standard output" if file is None else f"'{file}'"
        raise PostureError(f"The report could not be written to {place}: {(error.strerror or 'unknown reason').lower()}.") from None


def has_color(file: Path | None) -> bool:
    """Colour is for terminals, and not for those who said no (https://no-color.org)."""
    if file is not None or sys.stdout is None or os.environ.get("NO_COLOR"):
        return False
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def width(file: Path | None) -> int:
    """Columns to draw in: the terminal's, or 80."""
    return shutil.get_terminal_size().columns if file is None and sys.stdout is not None and sys.stdout.isatty() else 80


def way_from_repository(root: Path) -> str:
    """How the scanned folder is called from its repository's root (`src/`): services that show a report count from there."""
    top = root.resolve()
    above = next((folder for folder in (top, *top.parents) if (folder / ".git").exists()), top)
    return "" if above == top else f"{top.relative_to(above).as_posix()}/"
