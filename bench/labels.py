"""Does a scan flag the functions that are known to be flawed, and leave their mended versions alone?

    PYTHONPATH=src python bench/labels.py --pairs PAIRS.jsonl [--trees FOLDER] [--lang C#] [--show-posture] [ID...]
    PYTHONPATH=src python bench/labels.py --twins bench/twins.jsonl [--trees FOLDER]

`--trees` (or APIPOSTURE_CORPORA) is the folder that holds the checked-out trees: `pairs/<id>/{before,after}` and `<tree>`. What is not
there is skipped, and said so.

A line of PAIRS names a real fix: `id`, `lang`, `rule` (BOLA, AUTHZ, PATH...), `level` and `targets`, each with `file`, `symbol` and the
lines it covers `before` and `after`; a finding is expected before and silence after, unless `expect` says `silent in both`. A line of
the twins names a tree and functions in it with their `lines`, the `rule`, and whether they are `flawed`.

A function is flagged by a finding whose place or trace touches its lines (other endpoints named for comparison don't count).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

POSTURE = tuple(f"AP{number:03}" for number in range(1, 9))
RULES = {"BOLA": ("AP101",), "AUTHZ": (*POSTURE, "AP101", "AP110"), "PATH": ("AP103",), "SSRF+PATH": ("AP103",), "LOG": ("AP102",)}
"""Which of our rules could see each kind of flaw; where nothing at all was declared (level A), the posture rules alone must."""

VERDICTS = {(True, False): "caught", (False, False): "missed", (True, True): "flagged in both", (False, True): "flagged when mended"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--twins", type=Path)
    parser.add_argument("--trees", type=Path, default=os.environ.get("APIPOSTURE_CORPORA"))
    parser.add_argument("--lang", default="C#")
    parser.add_argument("--show-posture", action="store_true", help="say how many endpoints of each posture stand in the function")
    parser.add_argument("ids", nargs="*")
    chosen = parser.parse_args()
    if not chosen.trees or not Path(chosen.trees).is_dir():
        print("labels: no trees here; name their folder with --trees or APIPOSTURE_CORPORA.")
        return 0
    trees = Path(chosen.trees)
    if chosen.pairs:
        wanted = [pair for pair in lines_of(chosen.pairs) if pair["lang"] == chosen.lang and (not chosen.ids or pair["id"] in chosen.ids)]
        show_pairs(wanted, trees, chosen.show_posture)
    if chosen.twins:
        for twin in lines_of(chosen.twins):
            show_twins(twin, trees)
    return 0


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def show_pairs(pairs: Sequence[dict[str, Any]], trees: Path, with_posture: bool) -> None:
    """One line for each function, then how many of each verdict there are at each level."""
    tally: Counter[tuple[str, str]] = Counter()
    for pair in pairs:
        folder = trees / "pairs" / pair["id"]
        if not (folder / "before").is_dir() or not (folder / "after").is_dir():
            print(f"{pair['id']}: skipped, it is not checked out.")
            continue
        rules = POSTURE if pair["level"] == "A" else RULES[pair["rule"]]
        before, after = report(folder / "before"), report(folder / "after")
        print(f"\n{pair['id']}  level {pair['level']}, {pair['rule']}: {pair.get('note', '')}")
        for target in pair["targets"]:
            was = flags(before, target["file"], target["before"], rules)
            now = flags(after, target["file"], target["after"], rules)
            said = verdict(bool(was), bool(now), target.get("expect", ""))
            tally[pair["level"], said] += 1
            print(f"  {said:20} {target['symbol']:30} before: {shown(was):24} after: {shown(now)}")
            if with_posture:
                spans = (postures(before, target["file"], target["before"]), postures(after, target["file"], target["after"]))
                print(f"  {'':20} {'':30} posture: {shown(spans[0]):23} after: {shown(spans[1])}")
    print("\nlevel  verdict              functions")
    for (level, said), number in sorted(tally.items()):
        print(f"{level:6} {said:20} {number}")


def show_twins(twin: dict[str, Any], trees: Path) -> None:
    """One line for each labelled function of one tree."""
    if not (trees / twin["tree"]).is_dir():
        print(f"{twin['tree']}: skipped, it is not checked out.")
        return
    found = report(trees / twin["tree"])
    tally: Counter[str] = Counter()
    print(f"\n{twin['tree']}")
    for target in twin["targets"]:
        flagged = flags(found, target["file"], target["lines"], (target["rule"],))
        said = ("found" if flagged else "missed") if target["flawed"] else ("false alarm" if flagged else "rightly silent")
        tally[said] += 1
        print(f"  {said:20} {target['rule']} {target['symbol']}")
    print("  " + ", ".join(f"{number} {said}" for said, number in sorted(tally.items())))


def verdict(before: bool, after: bool, expect: str = "") -> str:
    """What it means that a function was flagged before its mending, after it, both or neither."""
    if expect == "silent in both":
        return "false alarm" if before or after else "rightly silent"
    return VERDICTS[before, after]


def flags(found: dict[str, Any], file: str, span: Sequence[int], rules: Sequence[str]) -> Counter[str]:
    """How often each of the rules speaks of these lines."""
    return Counter(f["rule"] for f in found["findings"] if f["rule"] in rules and any(touches(p, file, span) for p in places(f)))


def places(finding: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Where a finding is and how it came about; not what it is compared with."""
    yield finding["place"]
    yield from (step["place"] for step in finding["trace"] if step["part"] in ("source", "step", "sink"))


def touches(place: dict[str, Any], file: str, span: Sequence[int]) -> bool:
    return bool(place["path"] == file and span[0] <= place["line"] <= span[1])


def postures(found: dict[str, Any], file: str, span: Sequence[int]) -> Counter[str]:
    return Counter(e["posture"]["level"] for e in found["endpoints"] if touches(e["place"], file, span))


def shown(counts: Counter[str]) -> str:
    """Counts on one line."""
    return " ".join(name if number == 1 else f"{name} x{number}" for name, number in sorted(counts.items())) or "-"


def report(tree: Path) -> dict[str, Any]:
    """The JSON report on a tree, as the command line gives it."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "report.json"
        command = [sys.executable, "-m", "apiposture", "scan", str(tree), "--no-cache", "--fail-on", "none"]
        done = subprocess.run([*command, "--format", "json", "-o", str(out), "-q"], capture_output=True, text=True, check=False)
        if not out.exists():
            raise SystemExit(f"labels: the scan of '{tree}' ended with code {done.returncode}: {done.stderr.strip()[-400:]}")
        read: dict[str, Any] = json.loads(out.read_text("utf-8"))
        return read


if __name__ == "__main__":
    sys.exit(main())
