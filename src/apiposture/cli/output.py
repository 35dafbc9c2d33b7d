"""Where does a report go, and what can the place show?"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from apiposture.model.error import PostureError

HEAD = 8_192
"""Bytes in which a report is recognised."""


class Target(NamedTuple):
    """A report and the file it goes to; None is standard output."""

    format: str
    file: Path | None


def targets(formats: Sequence[str], output: Path | None, roots: Sequence[Path] = ()) -> list[Target]:
    """What `--format NAME[:FILE]` (repeated) and `-o FILE` ask for; `roots` are the trees that are read."""
    found = [_target(each) for each in formats] or [Target("terminal", None)]
    open_ones = [target for target in found if target.file is None]
    if len(open_ones) > 1:
        names = " and ".join(f"'{target.format}'" for target in open_ones)
        raise PostureError(f"Formats {names} would all go to standard output; give all but one a file (NAME:FILE).")
    if output is not None and not open_ones:
        raise PostureError(f"Every format has its file already; '-o {output}' has nothing to hold.")
    placed = [target._replace(file=target.file or output) for target in found]
    for target in placed:
        check_file(target.file, roots)
    check_shared(placed)
    return placed


def check_shared(placed: Sequence[Target]) -> None:
    """Refuse two reports in one file: the second would take the place of the first."""
    known: dict[Path, Target] = {}
    for target in placed:
        other = known.setdefault(target.file.resolve(), target) if target.file is not None else target
        if other is not target:
            both = f"'{other.format}' and '{target.format}'"
            raise PostureError(f"Formats {both} would both go to '{target.file}'; give each a file of its own.")


def _target(written: str) -> Target:
    name, colon, file = written.partition(":")
    if colon and not file.strip():
        raise PostureError(f"Format '{written}' names no file; write '{name}:FILE', or '{name}' for standard output.")
    return Target(name, Path(file) if file else None)


def check_file(file: Path | None, roots: Sequence[Path] = (), sign: str = "") -> None:
    """Refuse, before any work, a place where no report can be written: a folder, a file in a folder that is not there, a closed output, and
    a file of a tree that is read (`roots`) which this tool did not write: it begins neither as a report does, nor with the `sign`.
    """
    if file is None:
        if sys.stdout is None:
            raise PostureError("The report can't be written to standard output: it is closed; name a file with -o.")
        return
    if file.is_dir():
        raise PostureError(f"The report can't be written to '{file}': it is a folder; name a file in it.")
    if not file.parent.is_dir():
        raise PostureError(f"The report can't be written to '{file}': there is no folder '{file.parent}'; create it first.")
    if is_inside(file, roots) and not is_ours(file, sign):
        raise PostureError(f"The report can't be written to '{file}': this tool did not write what is there; name another file.")


def is_inside(file: Path, roots: Sequence[Path]) -> bool:
    """Is the file in one of these trees, or in the repository of one?"""
    place = file.resolve()
    return any(place == top or top in place.parents for root in roots for top in (root.resolve(), repository_of(root)))


def is_ours(file: Path, sign: str) -> bool:
    """May the file be written over: because it is not there, is empty or no file (a pipe), or was written by this tool?"""
    from apiposture.reports import is_report

    try:
        if not file.is_file() or file.stat().st_size == 0:
            return True
        with file.open("rb") as stream:
            text = stream.read(HEAD).decode("utf-8", "replace")
    except OSError:
        return False
    return is_report(text) or bool(sign and re.match(sign, text, re.DOTALL))


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
    return screen(file) or 80


def screen(file: Path | None) -> int | None:
    """The columns of the terminal that shows it; None where it goes elsewhere, and no line need be broken."""
    if file is not None or sys.stdout is None or not sys.stdout.isatty():
        return None
    from shutil import get_terminal_size

    return get_terminal_size().columns


def way_from_repository(root: Path) -> str:
    """How the scanned folder is called from its repository's root (`src/`): services that show a report count from there."""
    top, above = root.resolve(), repository_of(root)
    return "" if above == top else f"{top.relative_to(above).as_posix()}/"


def way_from_project(root: Path) -> str:
    """The same from the root of the project: that of its repository, else the folder that the user stands in."""
    top, here = root.resolve(), Path.cwd()
    below = here in top.parents and repository_of(root) == top
    return f"{top.relative_to(here).as_posix()}/" if below else way_from_repository(root)


def repository_of(root: Path) -> Path:
    """The root of the folder's repository; the folder itself where it is in none."""
    top = root.resolve()
    return next((folder for folder in (top, *top.parents) if (folder / ".git").exists()), top)
