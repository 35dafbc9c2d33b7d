"""How long does a scan take, in units of merely parsing the same files?

    make bench                                       samples/ only, unless APIPOSTURE_CORPORA names a folder of trees
    APIPOSTURE_CORPORA=FOLDER make bench ARGS="--rounds 7 --no-growth"
    make compiled; make bench ARGS="--package build/compiled"

The unit is the time that bare tree-sitter parsing of all C# files of the main tree takes in one process, files already read.
Everything else is timed from the start of a process to its end. Each round does every case once, with the unit before and after it: a ratio
is to the mean of both, and medians over the rounds are shown. Absolute times say little on a shared machine, and so does the number of its
processors: the unit is also run in two processes at once, and how much longer each of them takes then is said below the table.

The main tree is `bitwarden/src` of the corpora (without it: samples/), `eshoponweb` is the small one, and what grows is `kavita`, in
copies with namespaces of their own. They are copied into a temporary folder first: nothing is written into them, and the cache of the
person who measures is left alone. Goals are shown, and a goal that is missed does not fail: time is nobody's unit test.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree, ignore_patterns
from statistics import median
from time import perf_counter, sleep

TOP = Path(__file__).resolve().parent.parent
TOOL = (sys.executable, "-m", "apiposture")
JOBS = "2"
TWICE = "unit, twice at once"
FUNCTION = re.compile(r"\)\r?\n\s*\{(?=\r?\n)")
"""Where a function's body begins, as C# is mostly laid out (a few of these are conditions; a statement fits there as well)."""


@dataclass
class Case:
    """One thing that is measured once a round. `against` is the case that its ratio is taken to."""

    name: str
    run: Callable[[], float]
    against: str = "unit"
    goal: float | None = None
    goal_seconds: float | None = None
    seconds: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    """What the unit took around each run, where that is what it is held against."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-growth", action="store_true", help="leave out the copies of a tree")
    parser.add_argument("--package", type=Path, default=TOP / "src", help="the folder that holds the package (default: src)")
    parser.add_argument("--parse", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.parse:
        print(parse_seconds(chosen.parse))
        return 0
    with tempfile.TemporaryDirectory(prefix="apiposture-bench-") as folder:
        measure(Path(folder), chosen.package.resolve(), max(1, chosen.rounds), not chosen.no_growth)
    return 0


def measure(folder: Path, package: Path, rounds: int, with_growth: bool) -> None:
    corpora = os.environ.get("APIPOSTURE_CORPORA", "")
    trees = {name: tree_of(corpora, path) for name, path in (("main", "bitwarden/src"), ("small", "eshoponweb"), ("grown", "kavita"))}
    for name, tree in trees.items():
        if tree is None:
            print(f"bench: the {name} tree is not here (APIPOSTURE_CORPORA{'=' + corpora if corpora else ' is not set'}); ", end="")
            print("samples/ stands in for it." if name == "main" else "its rows are left out.")
    main_tree = copied(trees["main"] or TOP / "samples", folder / "main")
    environment = {**os.environ, "PYTHONPATH": str(package), "APIPOSTURE_CACHE_DIR": str(folder / "cache")}
    cases = list(main_cases(main_tree, environment))
    if trees["main"] is None:  # a tree of a few files is all start-up
        for case in cases:
            case.goal = None
    if trees["small"]:
        small = copied(trees["small"], folder / "small")
        cases.append(Case("small tree, cold", lambda: timed(scan(small, "--no-cache"), environment), goal_seconds=1.0))
    if trees["grown"] and with_growth:
        cases += growth_cases(trees["grown"], folder, environment)
    timed(scan(main_tree), environment)  # fills the cache; the files of the operating system's cache too
    for number in range(rounds):
        go_round(cases)
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    kind = "as compiled modules" if any(package.glob("*.so")) or any(package.glob("*.pyd")) else "as Python source"
    print(f"{lines_of(main_tree):,} lines of C# in the main tree, {rounds} rounds, {JOBS} jobs, the engine {kind}\n")
    print(table(rows(cases)))
    print(f"\nEach of two processes at once took {cost_of_company(cases):.2f} times as long as one alone; 1.00 on two whole processors.")
    for line in memory_lines(main_tree, environment):
        print(line)


def go_round(cases: Sequence[Case]) -> None:
    """Run each case once; the first one is the unit, which is run around whatever is held against it and takes its time."""
    unit, *others = cases
    unit.seconds.append(unit.run())
    for case in others:
        before = unit.seconds[-1]
        case.seconds.append(case.run())
        if case.against == unit.name and case.seconds[-1] * 10 > before:
            unit.seconds.append(unit.run())
        case.beside.append((before + unit.seconds[-1]) / 2)


def cost_of_company(cases: Sequence[Case]) -> float:
    """How many times as long each of two processes takes that do at once what one does alone."""
    return next(median(ratios(case.seconds, case.beside)) for case in cases if case.name == TWICE)


def main_cases(tree: Path, environment: dict[str, str]) -> Iterator[Case]:
    parse = (sys.executable, str(Path(__file__).resolve()), "--parse", str(tree))
    changed = middle_file(tree)
    numbers = iter(range(1_000_000))

    def after_a_change() -> float:
        """A statement more in the first function of a file in the middle: the lines below move, and its code is another."""
        text = changed.read_text("utf-8")
        opening = FUNCTION.search(text)
        at = opening.end() if opening else len(text)
        changed.write_text(f"{text[:at]}\nvar added{next(numbers)} = 1;\n{text[at:]}", "utf-8")
        return timed(scan(tree), environment)

    yield Case("unit", lambda: float(answer(parse, environment)))
    yield Case(TWICE, lambda: max(map(float, answers([parse, parse], environment))))
    yield Case("cold scan", lambda: timed(scan(tree, "--no-cache"), environment), goal=3.0)
    yield Case("cold scan, 1 job", lambda: timed(scan(tree, "--no-cache", jobs="1"), environment))
    yield Case("endpoints, cold", lambda: timed((*TOOL, "endpoints", str(tree), "--jobs", JOBS, "--no-cache"), environment))
    yield Case("warm scan", lambda: timed(scan(tree), environment))
    yield Case("warm, one file changed", after_a_change, goal=0.5)
    yield from editor_cases(tree, environment)
    yield Case("apiposture --version", lambda: timed((*TOOL, "--version"), environment), goal_seconds=0.15)
    yield Case("python alone", lambda: timed((sys.executable, "-c", "pass"), environment))


def editor_cases(tree: Path, environment: dict[str, str]) -> Iterator[Case]:
    """How long an editor waits for what is typed; one process a round answers both."""
    command = (sys.executable, str(TOP / "bench" / "typing_time.py"), str(tree))
    told: list[float] = []

    def glance() -> float:
        told[:] = map(float, answer(command, environment).split())
        return told[0]

    yield Case("editor, the edited file", glance, goal_seconds=0.2)
    yield Case("editor, everything else", lambda: told[1])


def growth_cases(tree: Path, folder: Path, environment: dict[str, str]) -> list[Case]:
    """The same tree once, 3 and 10 times side by side, each copy with namespaces of its own."""
    cases = []
    for times, goal in ((1, None), (3, 3.6), (10, 12.0)):
        grown = folder / f"grown{times}"
        for copy in range(times):
            renamed(copied(tree, grown / f"copy{copy}"), f"Copy{copy}")
        run = lambda grown=grown: timed(scan(grown, "--no-cache"), environment)  # noqa: E731
        cases.append(Case(f"growth {times}x", run, against="growth 1x", goal=goal))
    return cases


def scan(tree: Path, *options: str, jobs: str = JOBS) -> tuple[str, ...]:
    return (*TOOL, "scan", str(tree), "--jobs", jobs, "--fail-on", "none", "--quiet", *options)


def timed(command: Sequence[str], environment: dict[str, str]) -> float:
    """Seconds from the start of a process to its end."""
    started = perf_counter()
    answer(command, environment)
    return perf_counter() - started


def answers(commands: Sequence[Sequence[str]], environment: dict[str, str]) -> list[str]:
    """What commands that run at once print."""
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for command in commands]
    return [process.communicate()[0] for process in running]


def answer(command: Sequence[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 4):  # 4: the tree could not be read whole
        raise SystemExit(f"bench: '{' '.join(command)}' ended with code {done.returncode}: {done.stderr.strip()[-400:]}")
    return done.stdout


def parse_seconds(tree: Path) -> float:
    """Bare parsing of the files that a scan would read; in a process of its own."""
    import gc

    import tree_sitter_c_sharp
    from tree_sitter import Language, Parser

    from apiposture.files import Entry, entries

    sources = [Path(e.file).read_bytes() for e in entries([tree]) if isinstance(e, Entry) and e.language == "csharp"]
    parser = Parser(Language(tree_sitter_c_sharp.language()))
    gc.disable()
    started = perf_counter()
    for source in sources:
        parser.parse(source)
    return perf_counter() - started


# -- trees -------------------------------------------------------------------------------------------------------------


def tree_of(corpora: str, path: str) -> Path | None:
    tree = Path(corpora) / path
    return tree if corpora and tree.is_dir() else None


def copied(tree: Path, to: Path) -> Path:
    copytree(tree, to, ignore=ignore_patterns(".git", "node_modules"))
    return to


def middle_file(tree: Path) -> Path:
    """A C# file of middling size, among those with a function that has a body."""
    files = sorted(tree.rglob("*.cs"), key=lambda file: (file.stat().st_size, str(file)))
    telling = [file for file in files if FUNCTION.search(file.read_text("utf-8", "replace"))] or files
    return telling[len(telling) // 2]


def lines_of(tree: Path) -> int:
    return sum(file.read_bytes().count(b"\n") for file in tree.rglob("*.cs"))


def renamed(tree: Path, prefix: str) -> None:
    """Put the tree's own namespaces below another one, so that no two copies declare the same type."""
    files = {file: file.read_text("utf-8-sig", "replace") for file in sorted(tree.rglob("*.cs"))}
    roots = own_roots(text for text in files.values())
    for file, text in files.items():
        file.write_text(below(text, roots, prefix), "utf-8")


FOREIGN = re.compile(r"(System|Microsoft\.(AspNetCore|Extensions|EntityFrameworkCore))\b")


def own_roots(texts: Iterator[str]) -> tuple[str, ...]:
    """The namespaces that the texts declare and that lie in no other one of them; not those of the platform, which people extend."""
    declared = {name for text in texts for name in re.findall(r"(?m)^\s*namespace\s+([\w.]+)", text) if not FOREIGN.match(name)}
    return tuple(sorted(name for name in declared if not any(name.startswith(f"{other}.") for other in declared)))


def below(text: str, roots: Sequence[str], prefix: str) -> str:
    """The text with each of the roots, where it is written whole, below the prefix."""
    if not roots:
        return text
    longest_first = "|".join(re.escape(root) for root in sorted(roots, key=len, reverse=True))
    return re.sub(rf"(?<=namespace )(?:{longest_first})\b|(?<=using )(?:{longest_first})\b", rf"{prefix}.\g<0>", text)


# -- figures -----------------------------------------------------------------------------------------------------------


def ratios(times: Sequence[float], units: Sequence[float]) -> list[float]:
    """Round by round, so that a slow round is slow for both."""
    return [time / unit for time, unit in zip(times, units, strict=True)]


def rows(cases: Sequence[Case]) -> list[tuple[str, ...]]:
    """One row for each case: median, spread, ratio, goal and whether it was met."""
    by_name = {case.name: case for case in cases}
    found: list[tuple[str, ...]] = [("what", "median", "least", "most", "ratio", "to", "goal", "")]
    for case in cases:
        ratio = median(ratios(case.seconds, case.beside if case.against == "unit" and case.beside else by_name[case.against].seconds))
        goal, met = "", ""
        if case.goal is not None:
            goal, met = f"{case.goal:g}x", said(ratio <= case.goal)
        if case.goal_seconds is not None:
            goal, met = f"{case.goal_seconds:g} s", said(median(case.seconds) <= case.goal_seconds)
        times = (f"{seconds:.3f} s" for seconds in (median(case.seconds), min(case.seconds), max(case.seconds)))
        found.append((case.name, *times, f"{ratio:.2f}x", case.against, goal, met))
    return found


def said(met: bool) -> str:
    return "met" if met else "missed"


LEFT = (0, 5, 7)
"""The columns that hold words, not figures."""


def table(lines: Sequence[Sequence[str]]) -> str:
    """Columns as wide as what stands in them; the first to the left, figures to the right."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join("  ".join(map(padded, range(len(line)), line, widths)).rstrip() for line in lines)


def padded(column: int, cell: str, width: int) -> str:
    return cell.ljust(width) if column in LEFT else cell.rjust(width)


# -- memory ------------------------------------------------------------------------------------------------------------


def memory_lines(tree: Path, environment: dict[str, str]) -> Iterator[str]:
    """Peak memory of one cold scan: the largest process, and (on Linux) all of them with shared pages counted once."""
    process = subprocess.Popen(scan(tree, "--no-cache"), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = [0]
    ended = threading.Event()
    watch = threading.Thread(target=watched, args=(process.pid, peak, ended))
    watch.start()
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    ended.set()
    watch.join()
    largest = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)
    yield f"\npeak memory of a cold scan: {largest:.0f} MB in the largest process (goal: 600 MB, {said(largest <= 600)})"
    if peak[0]:
        yield f"                            {peak[0] / 1024:.0f} MB in all processes together, shared pages counted once"


def watched(pid: int, peak: list[int], ended: threading.Event) -> None:
    while not ended.is_set():
        peak[0] = max(peak[0], sum(proportional_kb(one) for one in family(pid)))
        sleep(0.05)


def family(pid: int) -> Iterator[int]:
    """A process and all that it started, where the system says so in files."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in children.read_text().split():
                yield from family(int(child))
        except OSError:
            continue


def proportional_kb(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"(?m)^Pss:\s+(\d+) kB", text)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    sys.exit(main())
