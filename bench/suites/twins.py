"""Applications that were written with flaws and sound twins of them: tom-val's vulnerable API, and VAmPI (whose switch `vuln` has both).

`bench/twins.jsonl` names functions (or branches of them), the rule that could see the flaw, and whether it is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.cases import Case, Tree
from bench.labels import POSTURE, lines_of

CORPUS = ""
LANGUAGES = {".cs": "C#", ".py": "Python", ".json": "settings"}


def trees(corpus: Path, scratch: Path, twins: Path = Path(__file__).parent.parent / "twins.jsonl") -> Iterator[Tree]:
    """One tree for each application that is checked out."""
    for twin in lines_of(twins):
        if (corpus / twin["tree"]).is_dir():
            yield Tree(corpus / twin["tree"], tuple(case_of(target) for target in twin["targets"]))


def case_of(target: dict[str, Any]) -> Case:
    """One labelled function."""
    rules = POSTURE if target["rule"] in POSTURE else (target["rule"],)
    first, last = target["lines"]
    language = LANGUAGES[Path(target["file"]).suffix]
    return Case(rules, language, target["flawed"], target["file"], (first, last), name=target["symbol"])
