"""What does a request hold where a row says that it is read, and what of that is in a part of it?"""

from __future__ import annotations

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import NONE, Label, Labels, Trail, Way
from apiposture.analysis.sensitive import is_of_whole
from apiposture.frameworks.rows import Source
from apiposture.model.source import Span
from apiposture.program.types import TypeUse


def sent(row: Source, label: Label, trail: Trail) -> dict[Label, Way]:
    """What was sent; as a whole it is sensitive where the row says so, whatever stands in it."""
    found: dict[Label, Way] = {label: trail}
    if row.shows:
        holder = (row.member or row.call).rpartition(".")[0]
        found[Label.of("sensitive", row.shows, (f"{holder}.{label.path[0]}",))] = trail
    return found


def parted(labels: Labels) -> Labels:
    """What a part is of which nobody knows the name: what is sensitive as a whole is not so in each of its parts."""
    if not any(x.kind == "sensitive" and is_of_whole(str(x.key)) for x in labels):
        return labels
    return {x: trail for x, trail in labels.items() if x.kind != "sensitive" or not is_of_whole(str(x.key))}


def brought(frame: Frame, kind: TypeUse, span: Span) -> Labels:
    """What a new object takes from the request by itself, because its type is one of a library's, or extends it, that does."""
    for found, row, sure in frame.knowledge.rows("new", kind, None):
        if found == "source" and sure:
            return sent(row, Label.of("request", row.kind, ()), Trail(frame.module, span, f"'{kind.name}' is filled from the request"))
    return NONE
