"""How good are the findings, on suites that others labelled?

    APIPOSTURE_CORPORA=FOLDER PYTHONPATH=src:. python -m bench.table [SUITE...] [--peers VENV] [--misses]

One table: suite, rule, language, cases, recall, false alarms, precision, with this version and each suite's commit. A suite whose corpus
is not there is skipped, and said so. `--peers` names a virtual environment; the tools that are found in it are run on the same files, and
get a table of the same rows. `--misses` names each flaw that was not found and each false alarm.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import peers, suites
from bench.asked import ours
from bench.cases import Row, Score, Tree, Verdict, elsewhere, tally

from apiposture.scan import version

Scores = dict[Row, Score]
HEAD = ("suite", "rule", "language", "flawed", "sound", "recall", "false alarms", "precision", "TPR-FPR", "hints")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(suites.names())} (default: all)")
    parser.add_argument("--peers", type=Path, metavar="VENV", help="a virtual environment with other tools")
    parser.add_argument("--misses", action="store_true", help="name what was missed, and each false alarm")
    chosen = parser.parse_args()
    corpora = Path(os.environ.get("APIPOSTURE_CORPORA") or "nowhere")
    scores: Scores = {}
    theirs: dict[str, Scores] = {peer.NAME: {} for peer in peers.installed(chosen.peers)} if chosen.peers else {}
    commits = []
    for name in chosen.suites or suites.names():
        corpus = corpora / suites.suite(name).CORPUS
        if not corpus.is_dir():
            print(f"bench: {name} is skipped, its corpus '{suites.suite(name).CORPUS or 'APIPOSTURE_CORPORA'}' is not here.")
            continue
        with tempfile.TemporaryDirectory(prefix="apiposture-bench-") as scratch:
            trees = list(suites.suite(name).trees(corpus, Path(scratch).resolve()))
            measure(name, trees, scores, chosen.misses)
            for peer in peers.installed(chosen.peers) if chosen.peers else ():
                for tree, said in peers.asked(peer, chosen.peers, trees):
                    tally(name, tree, said, theirs[peer.NAME])
        commits.append(f"{name} {suites.commit_of(corpus)}")
    print(f"\napiposture {version()} at {own_commit()}; {', '.join(commits)}\n")
    print(columns([HEAD, *(line(row, score) for row, score in sorted(scores.items()))]))
    if theirs:
        print("\nOthers on the same files (recall, false alarms; -: it says nothing of the kind)\n")
        print(columns(compared(scores, theirs)))
    return 0


def measure(name: str, trees: Sequence[Tree], scores: Scores, with_misses: bool) -> None:
    """One suite, tree by tree."""
    for tree in trees:
        said = ours(tree.folder)
        verdicts = tally(name, tree, said, scores)
        if with_misses:
            for text in (*wrong(verdicts), *(f"false alarm  {one.rule} {one.places[0]}" for _, one in elsewhere(tree, said))):
                print(f"{name}: {text}")


def wrong(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Flaws that were not found, and sound places that were flagged."""
    for case, sure, hints in verdicts:
        what = f"{'/'.join(case.rules)} {case.weakness} {case.name} {case.file}:{case.lines or ''}"
        if case.flawed and not sure:
            yield f"{'only a hint' if hints else 'missed':12} {what}"
        if (not case.flawed and sure) or (case.flawed and case.most and sure > case.most):
            yield f"{'false alarm':12} {what}"


def line(row: Row, score: Score) -> tuple[str, ...]:
    """One line of the table."""
    hints = f"{score.hinted}/{score.hinted_alarms}" if score.hinted or score.hinted_alarms else ""
    counts = (str(score.flawed), str(score.sound), percent(score.recall), str(score.alarms))
    return (*row, *counts, percent(score.precision), "" if score.youden is None else f"{score.youden:.2f}", hints)


def compared(scores: Scores, theirs: dict[str, Scores]) -> Iterator[tuple[str, ...]]:
    """The same rows, with a column for each tool."""
    yield ("suite", "rule", "language", "apiposture", *theirs)
    for row, score in sorted(scores.items()):
        others = (told(their_scores.get(row, Score())) for their_scores in theirs.values())
        yield (*row, told(score), *others)


def told(score: Score) -> str:
    """Recall and false alarms in one cell."""
    return f"{percent(score.recall)}, {score.alarms}" if score.found or score.alarms else "-"


def percent(part: float | None) -> str:
    return "" if part is None else f"{part:.0%}"


def columns(lines: Sequence[Sequence[str]] | Iterator[tuple[str, ...]]) -> str:
    """Words to the left, figures to the right, as a table of Markdown."""
    lines = list(lines)
    widths = [max(len(row[i]) for row in lines) for i in range(len(lines[0]))]
    text = [" | ".join(cell.ljust(width) if i < 3 else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths, strict=True)))
            for row in lines]  # fmt: skip
    rule = "|".join("-" * (width + 2) if i < 3 else "-" * (width + 1) + ":" for i, width in enumerate(widths))
    return "\n".join([f"| {text[0]} |", f"|{rule}|", *(f"| {row} |" for row in text[1:])])


def own_commit() -> str:
    """The commit of this checkout."""
    command = ("git", "-C", str(Path(__file__).parent), "rev-parse", "--short=10", "HEAD")
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "no commit"


if __name__ == "__main__":
    sys.exit(main())
