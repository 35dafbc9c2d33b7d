"""What goes into a pack, as the command line, the history and the repository say?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apiposture.model.error import PostureError

if TYPE_CHECKING:
    from apiposture.evidence.pack import Material
    from apiposture.repository import Commit, Repository
    from apiposture.store import History

Json = dict[str, Any]


class Wanted:
    """What the user asks for."""

    def __init__(
        self,
        period: str,
        scope: str,
        standards: Sequence[str],
        branch: str | None,
        out_of_scope: Sequence[str],
        signoff: str,
        by: str,
        at: str,
    ) -> None:
        self.start, self.end = period_from(period) if period else ("", "")
        self.scope = scope_from(scope)
        self.standards = standards_from(standards)
        self.branch = branch
        self.out_of_scope = [declared(each) for each in out_of_scope]
        self.signoff = signoff.replace(":", "").strip().lower()
        self.by = by
        self.at = at


def material(wanted: Wanted, history: History, project: str, repository: Repository | None) -> Material:
    """Everything that the pack is made from."""
    from apiposture.evidence.pack import Material
    from apiposture.evidence.reading import files_of, links_of
    from apiposture.evidence.rebuilding import builder
    from apiposture.evidence.standards import load
    from apiposture.evidence.verifier.checks import USUAL
    from apiposture.scan.version import content_digests

    entries = history.entries(project)
    links = links_of(entries)
    scans = [link for link in links if link["kind"] == "scan"]
    if not scans:
        raise PostureError(f"Nothing is recorded for project '{project}'; `apiposture record` makes the first scan.")
    start, end = (wanted.start, wanted.end) if wanted.start else (scans[0]["at"][:10], scans[-1]["at"][:10])
    branch, commits = _population(repository, wanted.branch, start)
    chain, details = files_of(entries)
    bodies: dict[str, bytes] = {}

    def body(digest: str) -> bytes:
        if digest not in bodies:
            bodies[digest] = history.body(digest)
        return bodies[digest]

    last = next((scan for scan in reversed(scans) if scan["commit"] in {commit.id for commit in commits}), scans[-1])
    about = {
        "schema": 1,
        "project": project,
        "period": {"start": start, "end": end},
        "scope": wanted.scope,
        "standards": wanted.standards,
        "branch": branch,
        "commit": commits[0].id if commits else "",
        "root": last["who"]["root"],
        "head": {"number": entries[-1].number, "hash": entries[-1].hash},
        "prepared_at": wanted.at,
        "prepared_by": wanted.by,
        "as_of": min(wanted.at, f"{end}T23:59:59Z"),
        "rules": USUAL,
        "out_of_scope": wanted.out_of_scope,
        "signoff": wanted.signoff,
        "tool": last["digests"],
        "builder": builder(content_digests()[0]),
    }
    return Material(about, chain, details, [commit.raw for commit in commits], [load(name) for name in wanted.standards], body, guides())


def guides() -> dict[str, str]:
    """The rules' pages, by id."""
    from apiposture.rules import catalogue, guide

    return {rule.id: guide(rule.id) for rule in catalogue()}


def _population(repository: Repository | None, branch: str | None, start: str) -> tuple[str, list[Commit]]:
    """The branch and its commits, from its head back to the last one before the period."""
    from apiposture.evidence.verifier.commits import seconds
    from apiposture.repository import first_parents

    if repository is None:
        return "", []
    name, head = (branch, repository.resolve(branch)) if branch else repository.head()
    found = list(first_parents(repository, head))
    first = seconds(f"{start}T00:00:00Z")
    inside = [at for at, commit in enumerate(found) if commit.time >= first]
    return name, found[: (inside[-1] if inside else 0) + 2]


def period_from(said: str) -> tuple[str, str]:
    """`2026-07-01..2026-09-30`, `2026-Q3`, `2026-07` or `2026` as its first and last day."""
    try:
        start, dots, end = said.partition("..")
        if dots:
            first, last = date.fromisoformat(start), date.fromisoformat(end)
        elif "-Q" in said:
            year, quarter = said.split("-Q")
            first = date(int(year), int(quarter) * 3 - 2, 1)
            last = _before_month(int(year), int(quarter) * 3 + 1)
        elif "-" in said:
            year, month = said.split("-")
            first, last = date(int(year), int(month), 1), _before_month(int(year), int(month) + 1)
        else:
            first, last = date(int(said), 1, 1), date(int(said), 12, 31)
    except ValueError:
        raise PostureError(f"'{said}' is no period; write 2026-07-01..2026-09-30, 2026-Q3, 2026-07 or 2026.") from None
    if first > last:
        raise PostureError(f"The period '{said}' ends before it starts.")
    return first.isoformat(), last.isoformat()


def _before_month(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1) - timedelta(days=1)


def scope_from(said: str) -> list[str]:
    """The categories that were declared; Security always is."""
    from apiposture.evidence.standards import SCOPES

    found = [each.strip().upper() for each in said.split(",") if each.strip()]
    for each in found:
        if each not in SCOPES:
            told = ", ".join(f"{key} ({name})" for key, name in SCOPES.items())
            raise PostureError(f"Category '{each}' does not exist; there are {told}.")
    return [key for key in SCOPES if key == "S" or key in found]


def standards_from(said: Sequence[str]) -> list[str]:
    """The standards of the pack, SOC 2 where none is named."""
    from apiposture.evidence.standards import names

    for each in said:
        if each != "all" and each not in names():
            raise PostureError(f"Standard '{each}' does not exist; there are {', '.join(names())}, and all.")
    return [name for name in names() if name in said or "all" in said or (not said and name == "soc2")]


def declared(said: str) -> Json:
    """`tests/*=tests are not shipped`: files that are out of scope, and why."""
    files, equals, reason = said.partition("=")
    if not equals or not files.strip() or not reason.strip():
        raise PostureError(f"'{said}' gives no reason; write --out-of-scope 'GLOB=REASON'.")
    return {"files": files.strip(), "reason": reason.strip()}


def key_at(file: Path | None, top: Path) -> tuple[Path, bool]:
    """The key to sign with, and whether it was made just now."""
    from apiposture.evidence.signing import make_key

    place = file or top / ".apiposture" / "signing-key.pem"
    if file is None and not place.exists():
        place.parent.mkdir(exist_ok=True)
        make_key(place)
        ignored = place.parent / ".gitignore"
        if not ignored.exists():
            ignored.write_text(f"{place.name}\n", encoding="utf-8")
        return place, True
    return place, False
