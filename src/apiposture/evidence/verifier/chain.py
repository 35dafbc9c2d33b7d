"""Is the record of all scans whole: nothing left out, nothing changed, nothing put in?"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.evidence.verifier.canonical import BrokenError, Json, lines, read, sha256

GENESIS = "0" * 64
CHAIN, DETAILS = "history/chain.jsonl", "history/details.jsonl"


def entries_of(data: bytes) -> list[Json]:
    """The entries of a chain file, each with its own hash as `hash`; a chain that does not hold is broken."""
    previous, found = GENESIS, []
    for number, line in enumerate(lines(data, CHAIN), 1):
        entry = read(line, CHAIN)
        if entry.get("number") != number or entry.get("previous") != previous:
            raise BrokenError(f"Entry {number} of the history does not follow the one before it.")
        previous = sha256(line)
        found.append({**entry, "hash": previous})
    return found


def details_of(data: bytes, entries: Sequence[Json]) -> list[Json]:
    """Who made each entry, held against the digests in the chain."""
    found = []
    listed = lines(data, DETAILS)
    if len(listed) != len(entries):
        raise BrokenError(f"'{DETAILS}' has {len(listed)} lines for {len(entries)} entries.")
    for line, entry in zip(listed, entries, strict=True):
        if sha256(line) != entry["detail"]:
            raise BrokenError(f"The details of entry {entry['number']} are not those that were recorded.")
        found.append(read(line, DETAILS))
    return found
