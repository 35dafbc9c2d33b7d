"""Real fixes of authorization: a finding is expected in the function before, and silence after.

`pairs.jsonl` (with the corpora, in `pairs/`; APIPOSTURE_PAIRS names another) has a line for each fix. Its level says what it takes: H the
handler alone shows the flaw, A no authorization is declared at all; R (a login where a permission is needed), S (the check belongs into
a service) and P (a check that is too weak) are beyond what the rules assert, and are shown as rows of their own. `bench/labels.py`
tells the same function by function.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.cases import Case, Tree
from bench.labels import POSTURE, RULES, lines_of

CORPUS = "pairs"
LANGUAGES = ("C#", "Python")
"""Those that are read; the list has pairs of others."""


def trees(corpus: Path, scratch: Path) -> Iterator[Tree]:
    """Two trees for each fix that is checked out."""
    listed = Path(os.environ.get("APIPOSTURE_PAIRS") or corpus / "pairs.jsonl")
    if not listed.is_file():
        print(f"bench: pairs are skipped, their list '{listed.name}' is not here; APIPOSTURE_PAIRS names it.", file=sys.stderr)
        return
    for pair in lines_of(listed):
        folder = corpus / pair["id"]
        if pair["lang"] in LANGUAGES and (folder / "before").is_dir() and (folder / "after").is_dir():
            yield Tree(folder / "before", tuple(cases(pair, "before")))
            yield Tree(folder / "after", tuple(cases(pair, "after")))


def cases(pair: dict[str, Any], when: str) -> Iterator[Case]:
    """The functions of one fix as they were then. One that was sound all along is labelled so in both."""
    rules = POSTURE if pair["level"] == "A" else RULES[pair["rule"]]
    for target in pair["targets"]:
        flawed = when == "before" and target.get("expect") != "silent in both"
        first, last = target[when]
        name = f"{pair['id']}/{when} {target['symbol']}"
        yield Case(rules, pair["lang"], flawed, target["file"], (first, last), group=f"level {pair['level']}", name=name)
