"""Which commit were the scanned files of, and which files of it were not scanned?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from apiposture.files import common_root
from apiposture.files.kinds import is_worth_reading
from apiposture.languages import language_of
from apiposture.model.record import Origin
from apiposture.model.scan import FileRecord
from apiposture.repository import Blob, Repository, blob_id, files_below, find, modules_below


def origin_of(roots: Sequence[Path], scanned: Sequence[FileRecord]) -> Origin:
    """What Git says of a scan of its work tree; an empty origin outside Git."""
    folder = common_root(roots)
    repository = find(folder)
    if repository is None:
        return Origin()
    branch, head = repository.head()
    root = prefix_of(repository, folder)
    held = {blob.path: blob for blob in files_below(repository.objects, repository.commit(head).tree, root)}
    read = [file.path for file in scanned]
    gone = {path for path in held if _is_source(path) and not (folder / path).is_file()}
    changed = {path for path in read if not _is_as_committed(folder / path, held.get(path), repository.objects.width)}
    return _origin(repository, head, branch, root, held, set(read) | gone, sorted(gone | changed))


def origin_at(repository: Repository, commit: str, branch: str, root: str, scanned: Sequence[FileRecord]) -> Origin:
    """What Git says of a scan of a commit's own files."""
    held = {blob.path: blob for blob in files_below(repository.objects, repository.commit(commit).tree, root)}
    return _origin(repository, commit, branch, root, held, {file.path for file in scanned}, [])


def prefix_of(repository: Repository, folder: Path) -> str:
    """A folder of the work tree as the repository calls it: `services/orders/`, empty for its top."""
    way = folder.resolve().relative_to(repository.top.resolve()).as_posix()
    return "" if way == "." else f"{way}/"


def _origin(
    repository: Repository, commit: str, branch: str, root: str, held: dict[str, Blob], read: Collection[str], dirty: Sequence[str]
) -> Origin:
    """A submodule may hold any source, and none of it is this commit's own: it counts as source that was not read."""
    tree = repository.commit(commit).tree
    left = [(path, blob.id, "source" if _is_source(path) else "other") for path, blob in held.items() if path not in read]
    left += [(f"{module.path}/", module.id, "source") for module in modules_below(repository.objects, tree, root)]
    return Origin(commit, tree, branch, root, tuple(dirty), tuple(left))


def _is_source(path: str) -> bool:
    language = language_of(path)
    return bool(language) and is_worth_reading(path.rpartition("/")[2], language)


def _is_as_committed(file: Path, blob: Blob | None, width: int) -> bool:
    """Has the file the content that the commit has, whichever line ends the work tree was given?"""
    if blob is None:
        return False
    try:
        content = file.read_bytes()
    except OSError:
        return False
    return blob.id in (blob_id(content, width), blob_id(content.replace(b"\r\n", b"\n"), width))
