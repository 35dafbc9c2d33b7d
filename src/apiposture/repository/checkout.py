"""How do the files of one commit after another stand in a folder, without Git?"""

from __future__ import annotations

from pathlib import Path

from apiposture.repository.objects import Objects
from apiposture.repository.trees import files_below


class Checkout:
    """A folder that holds the files of one tree at a time; only what differs from the tree before is written.

    A name that would leave the folder, or that some system cannot have, is not written.
    """

    def __init__(self, objects: Objects, folder: Path) -> None:
        self._objects = objects
        self._folder = folder
        self._held: dict[str, str] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def hold(self, tree: str) -> int:
        """Make the folder hold this tree, and say how many files that are."""
        wanted = {blob.path: blob.id for blob in files_below(self._objects, tree) if _is_safe(blob.path)}
        for path in sorted(self._held.keys() - wanted.keys(), reverse=True):
            self._remove(path)
        for path, name in wanted.items():
            if self._held.get(path) != name:
                place = self._folder / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(self._objects.read(name)[1])
        self._held = wanted
        return len(wanted)

    def _remove(self, path: str) -> None:
        """Take a file away, and the folders that it leaves empty."""
        place = self._folder / path
        place.unlink()
        for folder in place.parents:
            if folder == self._folder or any(folder.iterdir()):
                return
            folder.rmdir()


def _is_safe(path: str) -> bool:
    return not any(part in ("", ".", "..") or part.lower() == ".git" or "\\" in part or ":" in part for part in path.split("/"))
