"""How is a finding drawn over the code that it speaks about?"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from apiposture.model.finding import Finding, Step
from apiposture.model.source import Place
from apiposture.reports.options import Options
from apiposture.reports.text import cells, code_line, columns_of, cut, visible, wrapped

Line = list[tuple[str, str]]
"""One line on the screen: pieces of text, each with its style."""
Snippets = Mapping[str, Mapping[int, str]]

DIM, SOURCE, SINK, FIX, FAINT = "blue", "yellow", "bold red", "bold green", "dim"
FIX_LABEL, JOINT = "fix: ", " · "
LEAST_WIDTH = 40
"""Below this, notes beside code can't be read; the frame is drawn as if there were that much."""
NOTES_AT, LEAST_GAP = 46, 3
"""Where notes beside code begin, as long as there is room; they stay at least a gap away from it."""
LEAST_BESIDE = 28
"""Columns beside a mark in which a note of several lines can be read."""
LEAD = 12
"""Columns of code kept before a mark when a long line is cut."""


def frame(finding: Finding, snippets: Snippets, options: Options) -> Iterator[Line]:
    """The frame below a finding's headline: code with marks, siblings, the remedy, and what it speaks to."""
    drawing = Drawing(finding, snippets, max(options.width, LEAST_WIDTH))
    yield from drawing.head()
    yield from drawing.code()
    yield from drawing.foot(options)


class Drawing:
    """One finding's frame: everything in it shares a gutter and a width."""

    def __init__(self, finding: Finding, snippets: Snippets, width: int) -> None:
        self.finding = finding
        self.snippets = snippets
        self.width = width
        self.steps = [step for step in finding.trace if step.part != "sibling"]
        if all(step.place.line != finding.place.line or step.place.path != finding.place.path for step in self.steps):
            self.steps.append(Step(finding.place, "", "sink"))
        self.indent = 0
        self.digits = max(2, *(len(str(step.place.line)) for step in self.steps))
        self.room = width - self.digits - 5
        self.ways = [step for step in self.steps if step.part != "declaration" and step.note]

    def head(self) -> Iterator[Line]:
        """Where it is, and at the right the endpoint; where it does not fit there, on a line of its own."""
        place = self.finding.place
        left = f"{' ' * (self.digits + 2)}┌─ {visible(place.path)}:{place.line}:{place.column}"
        right = f"{self.finding.method} {visible(self.finding.route)}".strip()
        gap = self.width - cells(left) - cells(right)
        if right and gap >= 2:
            yield [(left, DIM), (" " * gap + right, "bold")]
            return
        yield [(left, DIM)]
        for piece in wrapped(right, self.room) if right else ():
            yield [*self.gutter(), (piece, "bold")]

    def code(self) -> Iterator[Line]:
        """The lines of the trace, file by file in the order in which the trace comes to them."""
        for number, path in enumerate(dict.fromkeys(step.place.path for step in self.steps)):
            if number or path != self.finding.place.path:
                yield [(f"{' ' * (self.digits + 2)}├─ {visible(path)}", DIM)]
            here = [step for step in self.steps if step.place.path == path]
            self.indent = self.indent_of(path, here)
            for line in sorted({step.place.line for step in here}):
                yield from self.code_at(path, line, [step for step in here if step.place.line == line])

    def indent_of(self, path: str, steps: list[Step]) -> int:
        """The columns by which all shown lines of a file are indented: they are taken off."""
        known = self.snippets.get(path, {})
        shown = [code_line(known[step.place.line]) for step in steps if step.place.line in known]
        return min((len(text) - len(text.lstrip(" ")) for text in shown if text.strip()), default=0)

    def columns(self, step: Step, source: str) -> tuple[int, int]:
        """The screen columns of a step's stretch, without the indent."""
        start, end = columns_of(source, step.place.column, end_in(step.place, source))
        return max(start - self.indent, 0), max(end - self.indent, 1)

    def code_at(self, path: str, line: int, steps: list[Step]) -> Iterator[Line]:
        """One line of code with its marks and notes."""
        source = self.snippets.get(path, {}).get(line)
        if source is None:
            yield from self.notes_below(line, steps)
            return
        marked = [step for step in steps if is_marked(step.place, source)]
        beside = [step for step in steps if step not in marked and step.note]
        text = code_line(source)[self.indent :]
        start = self.first_column(text, source, marked)
        shown = cut(text, start, self.room)
        note = "; ".join(self.noted(step) for step in beside)
        free = self.room - cells(shown) - cells(note)
        gap = min(free, max(NOTES_AT - cells(shown), LEAST_GAP))
        fits = bool(note) and gap >= LEAST_GAP
        style = SINK if any(step.part == "sink" for step in beside) else FAINT
        yield [*self.gutter(line), (shown, ""), *([(" " * gap + note, style)] if fits else [])]
        for step in sorted(marked, key=lambda each: each.place.column):
            yield from self.mark(step, source, start)
        if note and not fits:
            for piece in wrapped(note, self.room - 4):
                yield [*self.gutter(), ("    " + piece, style)]

    def notes_below(self, line: int, steps: list[Step]) -> Iterator[Line]:
        """The notes of a line whose text isn't at hand."""
        for number, piece in enumerate(wrapped("; ".join(self.noted(step) for step in steps), self.room)):
            yield [*(self.gutter() if number else self.gutter(line)), (piece, "dim")]

    def first_column(self, text: str, source: str, marked: list[Step]) -> int:
        """The screen column at which a line that is too long begins, so that its first mark is seen."""
        if cells(text) <= self.room or not marked:
            return 0
        starts = [self.columns(step, source)[0] for step in marked]
        return max(0, min(starts) - LEAD) if min(starts) > self.room // 2 else 0

    def mark(self, step: Step, source: str, start: int) -> Iterator[Line]:
        """The marks under a stretch, with its note behind them; where that is too narrow, before them or below."""
        sign, style = ("^", SINK) if step.part == "sink" else ("-", SOURCE)
        begin, end = self.columns(step, source)
        begin, end = max(begin - start, 0), min(end - start, self.room)
        if begin >= self.room:
            begin, end = self.room - 1, self.room
        marks, note = " " * begin + sign * max(end - begin, 1), self.noted(step)
        beside = self.room - cells(marks) - 1
        longest = max(map(cells, note.split(" ")))
        if cells(note) <= beside or beside >= max(LEAST_BESIDE, longest):
            pieces = wrapped(note, beside)
            yield [*self.gutter(), (f"{marks} {pieces[0]}".rstrip(), style)]
            for piece in pieces[1:]:
                yield [*self.gutter(), (" " * (cells(marks) + 1) + piece, style)]
            return
        if cells(note) + 1 <= begin:
            lead = " " * (begin - 1 - cells(note))
            yield [*self.gutter(), (f"{lead}{note} {marks[begin:]}", style)]
            return
        yield [*self.gutter(), (marks, style)]
        for piece in wrapped(note, self.room - 4):
            yield [*self.gutter(), ("    " + piece, style)]

    def noted(self, step: Step) -> str:
        """A step's note with its number on the way; one that is alone on the way needs none."""
        numbered = step in self.ways and len(self.ways) > 1
        return (f"{self.ways.index(step) + 1}. " if numbered else "") + visible(step.note)

    def gutter(self, line: int | None = None) -> Line:
        """The line number and the rule at the left."""
        number = "" if line is None else str(line)
        return [(f"  {number:>{self.digits}} │ ", DIM)]

    def foot(self, options: Options) -> Iterator[Line]:
        """What stands below the code."""
        siblings = [step for step in self.finding.trace if step.part == "sibling"]
        texts = []
        if siblings:
            texts.append(f"{visible(siblings[0].note)} ({places(siblings)})")
        if options.details:
            texts += [f"looked for: {visible(each)}" for each in self.finding.looked_for]
        for text in texts:
            yield from ([*self.gutter(), (piece, FAINT)] for piece in wrapped(text, self.room))
        if self.finding.remedy:
            for number, piece in enumerate(wrapped(visible(self.finding.remedy), self.room - len(FIX_LABEL))):
                yield [*self.gutter(), *([(" " * len(FIX_LABEL), "")] if number else [(FIX_LABEL, FIX)]), (piece, "")]
        yield from ([*self.gutter(), (piece, FAINT)] for piece in self.references())

    def references(self) -> list[str]:
        """The criterion, the categories and the weakness; how sure it is, and the fingerprint's first half: those two stay together."""
        finding = self.finding
        criteria = [f"SOC 2 {', '.join(finding.soc2)}"] if finding.soc2 else []
        standards = JOINT.join(filter(None, [*criteria, *finding.owasp, *finding.cwe]))
        itself = JOINT.join(filter(None, [f"certainty {finding.certainty}", finding.fingerprint[:8]]))
        whole = JOINT.join(filter(None, [standards, itself]))
        return [whole] if cells(whole) <= self.room else [*wrapped(standards, self.room, JOINT), *wrapped(itself, self.room, JOINT)]


def is_marked(place: Place, source: str) -> bool:
    """Has the place an exact stretch within its line, smaller than the line's code?"""
    end = end_in(place, source)
    return place.column < end <= len(source) + 1 and source[place.column - 1 : end - 1].strip() != source.strip()


def end_in(place: Place, source: str) -> int:
    """The column just past the place in its first line: one that goes on is marked to the line's end."""
    return len(source.rstrip()) + 1 if place.end_line > place.line else place.end_column


def places(steps: Iterable[Step]) -> str:
    """`OrderController.cs:41, 50, Cart.cs:9`: a file's name once for all of its lines, and each line once."""
    told: dict[tuple[str, int], str] = {}
    last = ""
    for place in (step.place for step in steps):
        told.setdefault((place.path, place.line), str(place.line) if place.path == last else short(place))
        last = place.path
    return ", ".join(told.values())


def short(place: Place) -> str:
    """`OrderController.cs:41`."""
    return f"{visible(PurePosixPath(place.path).name)}:{place.line}"
