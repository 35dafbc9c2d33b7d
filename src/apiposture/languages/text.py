"""Which bytes does a parser read of a text, and where do its lines begin?"""

from __future__ import annotations

import re
from itertools import accumulate

_FOREIGN = re.compile(r"[^\x00-\x7f]")


def ascii_of(text: str) -> bytes:
    """The text with one ASCII byte for each character, so that the parser's byte offsets count characters."""
    if text[:1] == "\ufeff":
        text = " " + text[1:]
    if not text.isascii():
        text = _FOREIGN.sub(_stand_in, text)
    return text.encode("ascii")


def _stand_in(match: re.Match[str]) -> str:
    character = match[0]
    if character.isalnum():
        return "x"
    return " " if character.isspace() else "_"


def lines_of(data: bytes) -> tuple[int, ...]:
    """The offset at which each line starts."""
    starts = list(accumulate(map(len, data.splitlines(keepends=True)), initial=0))
    if len(starts) > 1 and not data.endswith((b"\n", b"\r")):
        starts.pop()
    return tuple(starts)
