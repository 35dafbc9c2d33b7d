"""Which lines does a comment of a test file speak of? Comments stand above or behind the code; this says how far that code goes."""

from __future__ import annotations

import re

OPENS = re.compile(r"^\s*(?:@|def |async def |class |\[|(?:public|private|protected|internal)\s(?!.*=))")
COMMENT = re.compile(r"^\s*(?:#|//)")


def span(lines: list[str], at: int) -> tuple[int, int]:
    """First and last line (counted from 1) of what begins at the line `at` (counted from 0): a statement, or a whole function."""
    while at < len(lines) - 1 and (COMMENT.match(lines[at]) or not lines[at].strip()):
        at += 1
    return at + 1, (_end_of_block(lines, at) if OPENS.match(lines[at]) else _end_of_statement(lines, at)) + 1


def _end_of_statement(lines: list[str], at: int) -> int:
    """Where the brackets that it opens are closed again; a block's own braces are not part of the statement that opens it."""
    depth = 0
    for number in range(at, min(len(lines), at + 60)):
        code = re.sub(r"\"[^\"]*\"|'[^']*'", "", lines[number])
        depth += sum(map(code.count, "([")) - sum(map(code.count, ")]"))
        if depth <= 0:
            return number
    return at


def _end_of_block(lines: list[str], at: int) -> int:
    """The last line that is indented deeper than the head, or that closes it; decorators and attributes belong to the head."""
    indent = _indent(lines[at])
    head = at
    while head < len(lines) - 1 and (OPENS.match(lines[head]) is not None and lines[head].lstrip().startswith(("@", "["))):
        head = _end_of_statement(lines, head) + 1
    end = _end_of_statement(lines, head)
    for number in range(end + 1, len(lines)):
        text = lines[number]
        if not text.strip():
            continue
        if _indent(text) > indent or text.strip() in ("{", "}"):
            end = number
            if text.strip() == "}" and _indent(text) <= indent:
                break
        else:
            break
    return end


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())
