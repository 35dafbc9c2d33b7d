"""How is the way of sensitive data drawn: from the routes that bring it, by its kinds, to where it is kept, logged and sent?"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from apiposture.model.facts import Datum
from apiposture.model.scan import Inventory
from apiposture.reports.markup import Markup, joined, tag, verbatim
from apiposture.reports.matrix import group_of
from apiposture.reports.text import visible

WIDTH, MARGIN, TOP, ROW, BOX = 1040, 20, 92, 56, 44
COLUMNS = ((MARGIN, 290), (380, 260), (730, 290))
"""Where each column begins, and how wide its boxes are."""
LONGEST = 35
"""Characters of a line in a box."""
MOST = 40
"""Boxes in a column; what is left out is said below the picture."""
TITLES = ("A request brings it", "Kind of data", "It is kept, logged, sent")
SINKS = {"stored": "stored in", "logged": "logged to", "leaves": "sent by"}
STYLE = """
svg { --paper: #fff; --ink: #1a1f28; --soft: #5b6473; --fill: #f2f4f8; --edge: #9aa4b5;
  --kind: #b98a1d; --logged: #b3122f; --leaves: #d1480f; --stored: #2f6fd0;
  background: var(--paper); font: 13px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
@media (prefers-color-scheme: dark) {
  svg { --paper: #12151b; --ink: #e8ebf1; --soft: #9aa4b5; --fill: #1a1f28; --edge: #6b7588;
    --kind: #eec25a; --logged: #ff6f86; --leaves: #ff9a62; --stored: #82acf7; }
}
text { fill: var(--ink); } .soft { fill: var(--soft); font-size: 12px; } .title { font-size: 19px; font-weight: 650; }
.head { font-weight: 650; } .name { font-weight: 600; }
rect { fill: var(--fill); stroke: var(--edge); } path { fill: none; stroke: var(--edge); stroke-opacity: .6; }
.kind rect { stroke: var(--kind); stroke-width: 2; }
.logged rect, path.logged { stroke: var(--logged); } .leaves rect, path.leaves { stroke: var(--leaves); }
.stored rect, path.stored { stroke: var(--stored); }
"""
"""Colours for light and dark; what happens to the data is in words as well."""


class Box(Struct, frozen=True):
    """A box of the picture: what it stands for, and how it is drawn; `more` is told in small letters below its name."""

    key: tuple[str, ...]
    text: str
    style: str = ""
    more: tuple[str, ...] = ()


def drawn(inventory: Inventory) -> str:
    """The picture, complete in itself."""
    columns = [cut(column) for column in (sources(inventory.data), kinds(inventory.data), sinks(inventory.data))]
    left_out = sum(len(column) - MOST for column in columns if len(column) > MOST)
    columns = [column[:MOST] for column in columns]
    height = TOP + ROW * max(1, *map(len, columns)) + 40
    places = {box.key: (column, row) for column, boxes in enumerate(columns) for row, box in enumerate(boxes)}
    note = f"{left_out} more are not drawn; the table and JSON hold all of them." if left_out else ""
    picture = tag(
        "svg",
        tag("title", f"Sensitive data in {inventory.root}"),
        tag("style", verbatim(STYLE)),
        text(MARGIN, 34, f"Sensitive data in {inventory.root}", "title"),
        joined(*(text(start, TOP - 22, title, "head") for (start, _), title in zip(COLUMNS, TITLES, strict=True))),
        joined(*lines(inventory.data, places)),
        joined(*(box(each, *places[each.key]) for boxes in columns for each in boxes)),
        text(MARGIN, height - 14, note or f"{summed(inventory.data)} · ApiPosture {inventory.version}", "soft"),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {height}",
        width=WIDTH,
        height=height,
        role="img",
    )
    return f"{picture}\n"


def summed(data: Sequence[Datum]) -> str:
    """How many points of each kind there are; what does not occur is said as well."""
    roles = {"enters": "enter", "stored": "stored", "logged": "logged", "leaves": "sent to others"}
    return ", ".join(f"{sum(datum.role == role for datum in data) or 'none'} {word}" for role, word in roles.items())


def cut(boxes: Sequence[Box]) -> list[Box]:
    """Each box once, in the order in which it is come to, with all that is told of it."""
    found: dict[tuple[str, ...], Box] = {}
    for box in boxes:
        known = found.setdefault(box.key, box)
        found[box.key] = replace(known, more=tuple(dict.fromkeys((*known.more, *box.more))))
    return list(found.values())


def source_of(datum: Datum) -> tuple[str, ...]:
    """The group of routes that an entering datum is drawn under."""
    return ("source", group_of(datum.where.partition(" ")[2]))


def sink_of(datum: Datum) -> tuple[str, ...]:
    """Where a datum is kept, logged or sent."""
    return (datum.role, datum.where)


def sources(data: Iterable[Datum]) -> list[Box]:
    """The left column."""
    entering = [datum for datum in data if datum.role == "enters"]
    return [Box(source_of(datum), source_of(datum)[1], more=(datum.where.partition(" ")[0],)) for datum in entering]


def kinds(data: Iterable[Datum]) -> list[Box]:
    """The middle column, gravest first as the data are."""
    return [Box(("kind", datum.kind), datum.kind, "kind", datum.what) for datum in data]


def sinks(data: Iterable[Datum]) -> list[Box]:
    """The right column."""
    order = tuple(SINKS)
    there = sorted((datum for datum in data if datum.role in SINKS), key=lambda datum: order.index(datum.role))
    return [Box(sink_of(datum), f"{SINKS[datum.role]} {datum.where}", datum.role, (placed(datum),)) for datum in there]


def placed(datum: Datum) -> str:
    """`User.cs:12`."""
    return f"{PurePosixPath(datum.place.path).name}:{datum.place.line}"


def lines(data: Iterable[Datum], places: Mapping[tuple[str, ...], tuple[int, int]]) -> Iterable[Markup]:
    """One line for each pair of boxes, the thicker the more there are."""
    counts: dict[tuple[tuple[str, ...], tuple[str, ...], str], int] = {}
    for datum in data:
        kind = ("kind", datum.kind)
        ends = (source_of(datum), kind, "") if datum.role == "enters" else (kind, sink_of(datum), datum.role)
        counts[ends] = counts.get(ends, 0) + 1
    for (start, end, style), count in counts.items():
        if start in places and end in places:
            yield line(places[start], places[end], min(6.0, 1 + count / 2), style)


def line(start: tuple[int, int], end: tuple[int, int], wide: float, style: str) -> Markup:
    """A bent line from one box to another."""
    left = COLUMNS[start[0]][0] + COLUMNS[start[0]][1]
    right = COLUMNS[end[0]][0]
    high, low = (TOP + ROW * row + BOX / 2 for row in (start[1], end[1]))
    middle = (left + right) / 2
    way = f"M{left},{high:.1f} C{middle:.1f},{high:.1f} {middle:.1f},{low:.1f} {right},{low:.1f}"
    return tag("path", d=way, stroke_width=f"{wide:.1f}", class_=style or None)


def box(shown: Box, column: int, row: int) -> Markup:
    """A box with its text, which is whole in its tooltip."""
    start, wide = COLUMNS[column]
    top = TOP + ROW * row
    told = ", ".join(shown.more)
    return tag(
        "g",
        tag("title", f"{shown.text}: {told}"),
        tag("rect", x=start, y=top, width=wide, height=BOX, rx=6),
        text(start + 10, top + 18, shortened(shown.text), "name"),
        text(start + 10, top + 35, shortened(told), "soft"),
        class_=shown.style or None,
    )


def shortened(name: str) -> str:
    """The name, or as much of it as has room."""
    name = visible(name)
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def text(x: int, y: int, content: str, style: str) -> Markup:
    """A line of text."""
    return tag("text", content, x=x, y=y, class_=style or None)
