"""How is a finding's code shown in a page, with its marks and its way?"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import PurePosixPath

from apiposture.model.finding import Finding, Step
from apiposture.model.source import Place
from apiposture.reports.frame import end_in
from apiposture.reports.markup import Markup, joined, tag
from apiposture.reports.text import code_line

Snippets = Mapping[str, Mapping[int, str]]

AROUND = 2
"""Lines shown before and after those that the way goes through."""
PARTS = ("sink", "source", "step", "declaration")
"""What a mark may say, the most important first: of several on the same text it is the one that is seen."""


def code_of(finding: Finding, snippets: Snippets) -> Markup:
    """The lines of the way, file by file in its order, each with its marks and the notes below it."""
    steps = steps_of(finding)
    numbers = numbered(steps)
    files = [
        figure(path, [step for step in steps if step.place.path == path], numbers, snippets.get(path, {}))
        for path in dict.fromkeys(step.place.path for step in steps)
    ]
    return joined(*files)


def steps_of(finding: Finding) -> list[Step]:
    """The way, with the finding's own place where no step stands there."""
    steps = [step for step in finding.trace if step.part != "sibling"]
    own = finding.place
    if all((step.place.path, step.place.line) != (own.path, own.line) for step in steps):
        steps.append(Step(own, "", "sink"))
    return steps


def numbered(steps: Sequence[Step]) -> dict[int, int]:
    """The number of each step on the way, by its position in the list; a declaration has none, nor has a way of one step."""
    ways = [at for at, step in enumerate(steps) if step.part != "declaration" and step.note]
    return {id(steps[at]): number for number, at in enumerate(ways, 1)} if len(ways) > 1 else {}


def figure(path: str, steps: Sequence[Step], numbers: Mapping[int, int], known: Mapping[int, str]) -> Markup:
    """One file's part of the way."""
    first = min(step.place.line for step in steps)
    rows: list[Markup] = []
    before = 0
    for line in lines_shown(steps, known):
        if before and line > before + 1:
            rows.append(tag("div", tag("span", "⋯", class_="n"), class_="row gap"))
        before = line
        here = [step for step in steps if step.place.line == line]
        rows.append(row(line, known.get(line), here, numbers, path))
        rows += [note(step, numbers) for step in here if step.note]
    return tag(
        "figure",
        tag("figcaption", tag("span", f"{path}:{first}", class_="path")),
        tag("div", *rows, class_="code", tabindex="0", role="region", aria_label=f"Code of {PurePosixPath(path).name}"),
    )


def lines_shown(steps: Sequence[Step], known: Mapping[int, str]) -> list[int]:
    """The lines of the steps and a few around them, as far as the report may show them."""
    own = {step.place.line for step in steps}
    around = {line + way for line in own for way in range(-AROUND, AROUND + 1)}
    lines = sorted(own | (around & set(known)))
    while lines[0] not in own and not known[lines[0]].strip():
        lines = lines[1:]
    while lines[-1] not in own and not known[lines[-1]].strip():
        lines = lines[:-1]
    return lines


def row(line: int, source: str | None, steps: Sequence[Step], numbers: Mapping[int, int], path: str) -> Markup:
    """One line of code; lines without a step are context."""
    text = [tag("span", "(not at hand)", class_="gone")] if source is None else marked(source, steps)
    return tag("div", tag("span", str(line), class_="n"), tag("code", *text), class_="row" if steps else "row context")


def marked(source: str, steps: Sequence[Step]) -> list[Markup]:
    """The line cut at the ends of its marks; where marks overlap, the inner one is shown within the outer."""
    spans = [(step.place.column - 1, end_in(step.place, source) - 1, step.part) for step in steps if is_within(step.place, source)]
    cuts = sorted({0, len(source), *(edge for start, end, _ in spans for edge in (start, end))})
    pieces = []
    for start, end in pairwise(cuts):
        parts = [part for begin, stop, part in spans if begin <= start and end <= stop]
        text = code_line(source[:end])[len(code_line(source[:start])) :]
        pieces.append(tag("mark", text, class_=foremost(parts)) if parts else joined(text))
    return pieces


def is_within(place: Place, source: str) -> bool:
    """Is the place an exact stretch of its line?"""
    return place.column < end_in(place, source) <= len(source) + 1


def foremost(parts: Sequence[str]) -> str:
    """Which of several marks on the same text is seen."""
    return next((part for part in PARTS if part in parts), "step")


def note(step: Step, numbers: Mapping[int, int]) -> Markup:
    """What happens on the line, below it."""
    number = numbers.get(id(step))
    return tag(
        "div",
        tag("span", "", class_="n"),
        tag("span", tag("b", f"{number}.") if number else None, " " if number else None, step.note),
        class_=f"note {foremost([step.part])}",
    )


def siblings_of(finding: Finding) -> Iterator[Place]:
    """The other endpoints that do it right."""
    return (step.place for step in finding.trace if step.part == "sibling")
