"""What is a piece of source text, and how is a place in it named?"""

from msgspec import Struct

Span = int
"""A stretch of one file's text: the start offset in the upper and the end offset in the lower 32 bits.

Offsets count code points of `SourceFile.text`, so that `text[start:end]` is the stretch itself. One integer
instead of a struct keeps a million nodes small; the path is not repeated, the module knows it.
"""


def span(start: int, end: int) -> Span:
    """Pack the offsets of a stretch `text[start:end]` into one integer."""
    return start << 32 | end


def start_of(stretch: Span) -> int:
    """The offset at which the stretch begins."""
    return stretch >> 32


def end_of(stretch: Span) -> int:
    """The offset just past the stretch's last character."""
    return stretch & 0xFFFFFFFF


class SourceFile(Struct, frozen=True):
    """One file as it was read: nothing in it is ever executed, imported or trusted.

    `path` is relative to the scanned root, with forward slashes. `language` names the file of the `languages`
    shelf that lowers it, or is empty for text that is only searched for secrets and settings. `digest` is the
    SHA-256 of the raw bytes, in hexadecimal.
    """

    path: str
    language: str
    text: str
    digest: str


class Place(Struct, frozen=True, order=True):
    """Where something stands, as a reader counts: lines and columns from 1, columns in code points.

    The end is exclusive: `end_column` is the column just past the last character.
    """

    path: str
    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0
