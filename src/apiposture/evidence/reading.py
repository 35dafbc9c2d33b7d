"""What does a history say, once it is known to hold?"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.evidence.verifier.canonical import BrokenError, Json
from apiposture.evidence.verifier.chain import details_of, entries_of
from apiposture.model.error import PostureError
from apiposture.model.record import Entry


def files_of(entries: Sequence[Entry]) -> tuple[bytes, bytes]:
    """The chain and its details as a pack holds them."""
    return "".join(entry.line for entry in entries).encode("ascii"), "".join(entry.detail for entry in entries).encode("ascii")


def links_of(entries: Sequence[Entry]) -> list[Json]:
    """The links with their details as `who`. Raises PostureError for a history that was changed."""
    chain, details = files_of(entries)
    try:
        found = entries_of(chain)
        return [{**entry, "who": who} for entry, who in zip(found, details_of(details, found), strict=True)]
    except BrokenError as error:
        raise PostureError(f"The history can't be relied on: {error} Restore it from a backup.") from None


def link_named(links: Sequence[Json], name: str) -> Json:
    """The scan of this number, or the last one of this commit. Raises PostureError where there is none."""
    scans = [link for link in links if link["kind"] == "scan"]
    if name in ("last", "HEAD") and scans:
        return scans[-1]
    for link in reversed(scans):
        if name == str(link["number"]) or (len(name) >= 7 and link["commit"].startswith(name)):
            return link
    raise PostureError(f"No scan '{name}' is recorded; `apiposture history` lists them by number and commit.")
