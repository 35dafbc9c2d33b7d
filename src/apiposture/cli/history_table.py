"""How does a history look in text?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from apiposture.model.finding import SEVERITIES
from apiposture.reports.text import visible

Json = dict[str, Any]
_TITLES = {
    "new": "New findings",
    "fixed": "No longer found",
    "accepted": "Accepted now",
    "reopened": "No longer accepted",
    "added": "New endpoints",
    "removed": "Removed endpoints",
    "changed": "Endpoints that others may call now",
}
WIDTH = 40


def as_table(links: Sequence[Json]) -> str:
    """A line a link."""
    rows: list[tuple[str, ...]] = [("NO", "AT", "COMMIT", "BRANCH", "HOW", "FILES", "ENDPOINTS", "OPEN", "STATE", "BY")]
    rows += [tuple(visible(cell) for cell in _row(link)) for link in links]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", f"{len(links)} entries; the chain holds; its head is {links[-1]['hash']}", ""])


def _row(link: Json) -> tuple[str, ...]:
    commit, by = link["commit"][:12] or "-", link["who"]["operator"]
    if link["kind"] == "gap":
        return str(link["number"]), link["at"], commit, "-", "gap", "-", "-", "-", link["who"]["reason"], by
    state = "complete" if link["complete"] else "incomplete"
    counts = (str(link["files"]), str(link["endpoints"]), str(link["findings"]))
    named = commit + ("+" if link["dirty"] else ""), link["who"]["branch"] or "-", link["how"]
    return str(link["number"]), link["at"], *named, *counts, state, by


def as_difference(before: Json, after: Json, found: Json) -> str:
    """What came, went and changed, under titles."""
    lines = [f"From {_named(before)} to {_named(after)}"]
    for key, title in _TITLES.items():
        if found[key]:
            lines += ["", f"{title} ({len(found[key])})", *(f"  {visible(each)}" for each in found[key])]
    changes = [key for key, value in before["digests"].items() if after["digests"][key] != value]
    if changes:
        lines += ["", f"Changed between the two as well: {', '.join(sorted(changes))}"]
    return "\n".join(lines if len(lines) > 1 else [*lines, "", "Nothing changed."]) + "\n"


def _named(link: Json) -> str:
    return f"{link['number']} ({link['at']}, {link['commit'][:12] or 'no commit'})"


def days_of(links: Sequence[Json], report_of: Callable[[str], Json]) -> list[Json]:
    """The open findings of the last complete scan of each day, by severity; hints are left out."""
    last = {link["at"][:10]: link for link in links if link["kind"] == "scan" and link["complete"]}
    found = []
    for day, link in sorted(last.items()):
        open_ones = [each for each in report_of(link["result"])["findings"] if not each["suppressed"] and each["certainty"] != "low"]
        counts = {severity: sum(each["severity"] == severity for each in open_ones) for severity in SEVERITIES}
        found.append({"day": day, "number": link["number"], **counts})
    return found


def as_trend(days: Sequence[Json]) -> str:
    """A line a day: the counts, and a bar of them."""
    most = max((sum(day[severity] for severity in SEVERITIES) for day in days), default=0) or 1
    lines = [f"{'DAY':<12}{''.join(f'{severity:>10}' for severity in SEVERITIES)}"]
    for day in days:
        total = sum(day[severity] for severity in SEVERITIES)
        lines.append(f"{day['day']:<12}{''.join(f'{day[severity]:>10}' for severity in SEVERITIES)}  {'█' * round(WIDTH * total / most)}")
    return "\n".join(lines) + "\n"
