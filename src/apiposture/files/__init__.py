"""Which files make up the scanned tree, and what do they say?

The tree is only ever read: nothing in it is executed, imported or trusted. Links are not followed, so that no walk leaves
the tree or goes round in circles.
"""

import os
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from apiposture.files.ignores import Ignores, first_rules, is_fetched, pruned
from apiposture.files.kinds import is_settings, is_worth_reading
from apiposture.files.text import decoded
from apiposture.languages import language_of
from apiposture.model.error import PostureError
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile

__all__ = ["Entry", "common_root", "entries", "is_settings", "read", "unread", "walk"]

CODE_LIMIT = 10_000_000
"""Bytes of a source file beyond which nobody wrote it by hand; 182,000 lines of C# are 8 MB."""

TEXT_LIMIT = 1_000_000
"""Bytes of any other text beyond which it is data, not settings."""


class Entry(Struct, frozen=True, gc=False):
    """A file that is to be read: its `path` as it is shown, where it is, and the `stamp` that changes when it does."""

    path: str
    file: str
    language: str
    size: int
    stamp: tuple[int, int, int]


def common_root(roots: Sequence[Path]) -> Path:
    """The folder that all shown paths start from. A missing root is the user's to mend."""
    if not roots:
        raise PostureError("No path was given to scan; name a folder or a file.")
    for root in roots:
        if not root.exists():
            raise PostureError(f"Path '{root}' does not exist; name a folder or a file to scan.")
    folders = [str(r if r.is_dir() else r.parent) for r in (root.resolve() for root in roots)]
    try:
        return Path(os.path.commonpath(folders))
    except ValueError as error:
        raise PostureError(f"The paths have no folder in common ({error}); scan them one by one.") from None


def walk(roots: Sequence[Path], exclude: Sequence[str] = ()) -> Iterator[SourceFile | Problem]:
    """Every file below the roots that is worth reading, in one order on all machines."""
    for entry in entries(roots, exclude):
        found = entry if isinstance(entry, Problem) else read(entry)
        if found is not None:
            yield found


def entries(
    roots: Sequence[Path], exclude: Sequence[str] = (), configured: Sequence[str] = (), base: str = ""
) -> Iterator[Entry | Problem]:
    """What is to be read, without reading it. The patterns of `exclude` start at the scanned folder, those that are `configured` at the
    configuration's, from which `base` leads to the scanned one.
    """
    top = common_root(roots)
    ignores = Ignores(top, first_rules(top, exclude, configured, base))
    seen: set[str] = set()
    for root in sorted(root.resolve() for root in roots):
        found = _folder(str(root), _relative(root, top), ignores) if root.is_dir() else _named(root, top)
        for item in found:
            if item.path not in seen or isinstance(item, Problem):
                seen.add(item.path)
                yield item


def read(entry: Entry) -> SourceFile | Problem | None:
    """The file's text; None for what is no text and need not be."""
    if entry.size > (CODE_LIMIT if entry.language else TEXT_LIMIT):
        return _too_large(entry)
    try:
        with open(entry.file, "rb", buffering=0) as stream:
            raw = stream.read()
    except OSError as error:
        return unread(entry.path, error, blocks=bool(entry.language))
    text = decoded(raw)
    if text is None:
        if entry.language:
            return Problem("unread", f"File '{entry.path}' is binary, not {entry.language} source.", entry.path)
        return None
    return SourceFile(entry.path, entry.language, text, sha256(raw).hexdigest())


def unread(path: str, error: OSError, blocks: bool = True) -> Problem:
    """The answer for what the operating system would not let us read."""
    reason = (error.strerror or type(error).__name__).lower()
    return Problem("unread", f"'{path or '.'}' could not be read: {reason}.", path, blocks=blocks)


def _too_large(entry: Entry) -> Problem:
    limit = CODE_LIMIT if entry.language else TEXT_LIMIT
    message = f"File '{entry.path}' has {entry.size:,} bytes, more than the {limit:,} that are read."
    return Problem("too-large", message, entry.path, blocks=bool(entry.language))


def _named(root: Path, top: Path) -> Iterator[Entry | Problem]:
    """A file that the user named is read whatever it is called."""
    try:
        yield _entry(str(root), _relative(root, top), language_of(root.name), root.stat())
    except OSError as error:
        yield unread(_relative(root, top), error)


def _folder(folder: str, path: str, ignores: Ignores) -> list[Entry | Problem]:
    """What is to be read below a folder that was asked for, whatever it is called."""
    found: list[Entry | Problem] = []
    _add_folder(folder, path, ignores, found, is_asked_for=True)
    return found


def _add_folder(folder: str, path: str, ignores: Ignores, found: list[Entry | Problem], is_asked_for: bool = False) -> None:
    """Add what is to be read below a folder to one list: handing each file up from folder to folder took longest of a walk."""
    try:
        with os.scandir(folder) as listing:
            children = sorted(listing, key=_name)
    except OSError as error:
        found.append(unread(path, error))
        return
    names = {child.name for child in children}
    if is_fetched(names) and not is_asked_for:
        return
    rules = ignores.inside(path, folder, names)
    for child in children:
        shown = f"{path}/{_printable(child.name)}" if path else _printable(child.name)
        try:
            if child.is_symlink():
                found += _link(child, shown, ignores)
            elif child.is_dir(follow_symlinks=False):
                if not pruned(child, shown) and not rules.ignores(shown, folder=True):
                    _add_folder(child.path, shown, rules, found)
            elif child.is_file(follow_symlinks=False):
                language = language_of(child.name)
                if is_worth_reading(child.name, language) and not rules.ignores(shown, folder=False):
                    found.append(_entry(child.path, shown, language, child.stat(follow_symlinks=False)))
        except OSError as error:
            found.append(unread(shown, error))


def _name(child: os.DirEntry[str]) -> str:
    return child.name


def _link(child: os.DirEntry[str], shown: str, ignores: Ignores) -> Iterator[Problem]:
    """What a link inside the tree leads to is walked where it stands; what lies outside is left alone, and said."""
    target = os.path.realpath(child.path)
    if ignores.is_inside(target) or not os.path.exists(target):
        return
    if os.path.isdir(target) or language_of(child.name):
        yield Problem("unread", f"Link '{shown}' leads out of the scanned folder and was not followed.", shown, blocks=False)


def _entry(file: str, path: str, language: str, stat: os.stat_result) -> Entry:
    return Entry(path, file, language, stat.st_size, (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino))


def _relative(root: Path, top: Path) -> str:
    shown = _printable(root.relative_to(top).as_posix())
    return "" if shown == "." else shown


def _printable(name: str) -> str:
    """Bytes of a name that are no UTF-8 are spelled out, so that every output can show them."""
    return name if name.isascii() else os.fsencode(name).decode("utf-8", "backslashreplace")
