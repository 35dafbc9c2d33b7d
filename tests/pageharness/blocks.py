"""Which fenced blocks does a Markdown page hold?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^(?P<marks>`{3,}|~{3,})[ \t]*(?P<language>[\w+#-]*)(?P<info>[^`]*)$")


@dataclass(frozen=True)
class Block:
    """One fenced block. `line` is the page's line of its first line of content; `shown` the block that shows what becomes of it."""

    page: Path
    line: int
    language: str
    info: tuple[str, ...]
    lines: tuple[str, ...]
    shown: Block | None = None

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)


SHOWN = ("endpoints", "ir", "rendering")
"""Languages of second blocks: they show what becomes of the block before."""


def blocks_of(page: Path) -> list[Block]:
    """The page's blocks in order; a second block belongs to the one before it."""
    found: list[Block] = []
    for block in _all_blocks(page):
        if block.language in SHOWN:
            if not found or found[-1].shown is not None:
                raise ValueError(f"{page.name}:{block.line}: a block '{block.language}' follows no block that it could show")
            first = found.pop()
            block = Block(first.page, first.line, first.language, first.info, first.lines, block)
        found.append(block)
    return found


def _all_blocks(page: Path) -> list[Block]:
    found, opened, content, start = [], None, [], 0
    for number, line in enumerate(page.read_text("utf-8").split("\n"), 1):
        if opened is None:
            opened = _FENCE.match(line)
            content, start = [], number + 1
        elif line.strip() and set(line.strip()) == {opened["marks"][0]} and len(line.strip()) >= len(opened["marks"]):
            found.append(Block(page, start, opened["language"].lower(), tuple(opened["info"].split()), tuple(content)))
            opened = None
        else:
            content.append(line)
    if opened is not None:
        raise ValueError(f"{page.name}:{start - 1}: this block is never closed")
    return found


def rewrite(page: Path, block: Block, text: str) -> None:
    """Put a text into the second block. Blocks before it may have grown meanwhile, so it is found by what leads to it."""
    assert block.shown is not None
    for now in blocks_of(page):
        if now.lines == block.lines and now.shown and now.shown.lines == block.shown.lines:
            lines = page.read_text("utf-8").split("\n")
            start = now.shown.line - 1
            lines[start : start + len(now.shown.lines)] = text.rstrip("\n").split("\n") if text.strip() else []
            page.write_text("\n".join(lines), "utf-8")
            return
    raise ValueError(f"{page.name}: the block of line {block.line} is not there any more")
