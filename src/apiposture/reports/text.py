"""How is text from the scanned code shown, so that it is read and never obeyed?"""

import re
import unicodedata

TAB = 4
"""Columns to which a tab is set; editors differ, and frames must line up in all of them."""
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"}
"""Categories without a glyph: controls, formats (direction marks, joiners), surrogates, separators, unassigned."""

NARROW = re.compile("[ -~\u00a1-\u02ff\u2010-\u205e\u2190-\u21ff\u2500-\u257f]*")
"""Of characters that take one column each: Latin ones, punctuation, arrows, and the lines that frames are drawn with."""


def _is_narrow(text: str) -> bool:
    return text.isprintable() and (text.isascii() or NARROW.fullmatch(text) is not None)


def cells(text: str) -> int:
    """How many columns of the screen a text takes."""
    if _is_narrow(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def resized(text: str, width: int) -> str:
    """The text, cut or filled up to so many columns of the screen."""
    if _is_narrow(text):
        return text[:width].ljust(width)
    from rich.cells import set_cell_size

    return set_cell_size(text, width)


def visible(text: str) -> str:
    """The text with characters that a terminal or a reader could take for something else written out (`\\x1b`)."""
    if text.isprintable():
        return text
    return "".join(spelled(each) if unicodedata.category(each) in HIDDEN else each for each in text)


def visible_lines(text: str) -> str:
    """The same of a text of lines, whose ends stay."""
    return "\n".join(visible(line) for line in text.split("\n"))


def spelled(character: str) -> str:
    """A character as its escape: `\\n`, `\\x1b`, `\\u202e`."""
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    code = ord(character)
    return short or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def code_line(text: str) -> str:
    """A line of code as a frame shows it: tabs set to columns, everything else visible."""
    return set_tabs("\t".join(visible(piece) for piece in text.rstrip("\r\n").split("\t")))


def set_tabs(text: str) -> str:
    """The text with spaces for tabs, by the width of what stands before each."""
    shown = ""
    for number, piece in enumerate(text.split("\t")):
        if number:
            shown += " " * (TAB - cells(shown) % TAB)
        shown += piece
    return shown


def columns_of(line: str, column: int, end_column: int) -> tuple[int, int]:
    """The screen columns, from 0, of the code points `column` to `end_column` (from 1, exclusive) of a line."""
    start = cells(code_line(line[: column - 1]))
    return start, max(start + 1, cells(code_line(line[: end_column - 1])))


def cut(text: str, start: int, width: int) -> str:
    """At most `width` columns of a text from screen column `start` on, with an ellipsis where something is left out."""
    if start:
        rest = text
        while rest and cells(text) - cells(rest) < start + 1:
            rest = rest[1:]
        text = "…" + rest
    return text if cells(text) <= width else resized(text, max(width - 1, 0)).rstrip() + "…"


def wrapped(text: str, width: int, joint: str = " ") -> list[str]:
    """The text in lines of at most `width` columns, broken at its joints where there are any."""
    lines, line = [], ""
    for word in text.split(joint):
        candidate = f"{line}{joint}{word}" if line else word
        if cells(candidate) <= width:
            line = candidate
            continue
        if line:
            lines.append(line)
        while cells(word) > width:
            head = resized(word, width).rstrip()
            lines.append(head)
            word = word[len(head) :]
        line = word
    return [*lines, line] if line or not lines else lines
