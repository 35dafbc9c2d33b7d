"""Which past commits have no scan, and what would it have said?"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from apiposture.model.error import PostureError

if TYPE_CHECKING:
    from apiposture.model.record import Entry
    from apiposture.repository import Commit
    from apiposture.store import History


class Past:
    """The commits of a period on one branch, and the folder of them that is scanned."""

    def __init__(self, path: Path, period: str, branch: str | None) -> None:
        from apiposture.cli.packing import period_from
        from apiposture.repository import find
        from apiposture.scan.origin import prefix_of

        repository = find(path)
        if repository is None:
            raise PostureError(f"'{path}' is in no Git repository; only commits can be scanned later.")
        start, end = period_from(period)
        self.repository = repository
        self.branch, self.head = (branch, repository.resolve(branch)) if branch else repository.head()
        self.root = prefix_of(repository, path)
        self.period = {"start": start, "end": end}

    def commits(self) -> list[Commit]:
        """Those of the period, oldest first."""
        from apiposture.evidence.verifier.commits import in_period
        from apiposture.repository import first_parents

        found = list(first_parents(self.repository, self.head))
        dated = [at for at, commit in enumerate(found) if in_period(commit.time, self.period)]
        return found[dated[0] : dated[-1] + 1][::-1] if dated else []

    def scans(self, history: History, project: str, operator: str | None, run: str | None) -> Iterator[Entry]:
        """Scan and record each commit that has no scan of a clean work tree."""
        from apiposture.repository import Checkout

        known = {said["commit"] for entry in history.entries(project) if _speaks(said := json.loads(entry.line))}
        with tempfile.TemporaryDirectory(prefix="apiposture-") as place:
            folder = Path(place) / self.repository.top.name
            checkout = Checkout(self.repository.objects, folder)
            for commit in self.commits():
                if commit.id not in known:
                    checkout.hold(commit.tree)
                    yield self._scan(folder / self.root, commit, history, project, operator, run)

    def _scan(self, folder: Path, commit: Commit, history: History, project: str, operator: str | None, run: str | None) -> Entry:
        """With the configuration that the commit itself holds."""
        from apiposture.cli.circumstances import circumstances
        from apiposture.cli.options import configured
        from apiposture.cli.recording import kept
        from apiposture.scan import scan
        from apiposture.scan.origin import origin_at

        folder.mkdir(parents=True, exist_ok=True)  # the commit may not have it
        config = configured([folder], None)
        result = scan([folder], config, today=datetime.fromtimestamp(commit.time, UTC).date().isoformat())
        origin = origin_at(self.repository, commit.id, self.branch, self.root, result.files)
        return kept(history, project, result, origin, [folder], config, circumstances(operator, run), "back-filled")


def _speaks(said: dict[str, object]) -> bool:
    return said["kind"] == "scan" and not said["dirty"]
