"""Are the numbers and words that a page shows those of the figures and statuses?

On a page every figure stands in `<data class="figure" data-fig="NAME" value="N">N</data>`, every status in `<data class="status"
data-of="STANDARD ID" value="WORD">WORD</data>`.
"""

from __future__ import annotations

import re

from apiposture.evidence.verifier.canonical import BrokenError, Json
from apiposture.evidence.verifier.statuses import words_of

FIGURE = re.compile(r'<data class="figure" data-fig="([^"]*)" value="([^"]*)">([^<]*)</data>')
STATUS = re.compile(r'<data class="status" data-of="([^"]*)" value="([^"]*)">([^<]*)</data>')
FIRST, REPORT = "00-READ-ME-FIRST.html", "01-report.html"


def figure(name: str, figures: Json) -> str:
    """A figure as a page shows it."""
    value = figures[name]["value"]
    return f'<data class="figure" data-fig="{name}" value="{value}">{value:,}</data>'


def status(standard: str, criterion: str, word: str) -> str:
    """A status as a page shows it."""
    return f'<data class="status" data-of="{standard} {criterion}" value="{word}">{word}</data>'


def check_page(name: str, page: str, figures: Json, statuses: Json, whole: bool) -> int:
    """Hold a page against figures and statuses, and say how many it shows; a `whole` page shows them all."""
    told = words_of(statuses)
    shown = set()
    for key, value, text in FIGURE.findall(page):
        if key not in figures or str(figures[key]["value"]) != value or f"{figures[key]['value']:,}" != text:
            raise BrokenError(f"'{name}' shows {text!r} for the figure '{key}', which is another.")
        shown.add(key)
    for key, value, text in STATUS.findall(page):
        if told.get(key) != value or value != text:
            raise BrokenError(f"'{name}' shows {text!r} for '{key}', whose status is {told.get(key)!r}.")
        shown.add(key)
    lacking = {*figures, *told} - shown if whole else set()
    if lacking:
        raise BrokenError(f"'{name}' does not show {', '.join(sorted(lacking)[:3])}.")
    if page.count("<data ") != len(FIGURE.findall(page)) + len(STATUS.findall(page)):
        raise BrokenError(f"'{name}' holds a figure in a form that can't be checked.")
    return len(shown)
