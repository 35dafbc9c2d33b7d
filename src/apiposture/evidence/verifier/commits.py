"""Is every commit of the period there? Ids and links are worked out again from the commits themselves."""

from __future__ import annotations

import calendar
import hashlib
import re
import time

from apiposture.evidence.verifier.canonical import BrokenError, Json

COMMITS = "population/commits.bin"
_COMMITTED = re.compile(rb"> (\d+) [+-]\d{4}$")


def seconds(at: str) -> int:
    """A time such as 2026-11-26T15:40:13Z, in seconds."""
    try:
        return calendar.timegm(time.strptime(at, "%Y-%m-%dT%H:%M:%SZ"))
    except ValueError:
        raise BrokenError(f"{at!r} is no time.") from None


def spelled(moment: int) -> str:
    """The other way round."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def packed(raw: bytes) -> bytes:
    """A commit as Git hashes it."""
    return b"commit %d\0" % len(raw) + raw


def commits_of(data: bytes, head: str) -> list[Json]:
    """The commits from the head back, each the first parent of the one before it; a gap in the links is broken."""
    found: list[Json] = []
    wanted, at = head, 0
    while at < len(data):
        end = data.find(b"\0", at)
        size = re.fullmatch(rb"commit (\d+)", data[at:end])
        if size is None:
            raise BrokenError(f"'{COMMITS}' is not a list of commits.")
        whole = data[at : end + 1 + int(size[1])]
        at += len(whole)
        name = (hashlib.sha256(whole) if len(head) == 64 else hashlib.sha1(whole, usedforsecurity=False)).hexdigest()
        if name != wanted:
            raise BrokenError(f"Commit {wanted[:12]} should follow in the population, but {name[:12]} does: one was left out or changed.")
        commit = _commit(name, whole.partition(b"\0")[2])
        found.append(commit)
        wanted = commit["parent"]
    if not found and head:
        raise BrokenError("The population has no commit.")
    return found


def _commit(name: str, raw: bytes) -> Json:
    parents, moment = [], 0
    for line in raw.partition(b"\n\n")[0].split(b"\n"):
        if line.startswith(b"parent "):
            parents.append(line[7:].decode("ascii"))
        elif line.startswith(b"committer "):
            said = _COMMITTED.search(line)
            moment = int(said[1]) if said else 0
    return {"id": name, "parent": parents[0] if parents else "", "time": moment}


def in_period(moment: int, period: Json) -> bool:
    """Does a time lie in the period, whose days are those of UTC?"""
    return seconds(period["start"] + "T00:00:00Z") <= moment <= seconds(period["end"] + "T23:59:59Z")


def inside(commits: list[Json], period: Json) -> list[Json]:
    """The commits of the period, newest first: from the first to the last whose time lies in it, with all between them.

    Whoever makes a commit chooses its time; its place among the others they can't choose.
    """
    dated = [at for at, commit in enumerate(commits) if in_period(commit["time"], period)]
    return commits[dated[0] : dated[-1] + 1] if dated else []


def is_proved(commits: list[Json], period: Json) -> bool:
    """Do the commits reach back to before the period, or to the very first one?"""
    return bool(commits) and (commits[-1]["time"] < seconds(period["start"] + "T00:00:00Z") or not commits[-1]["parent"])
