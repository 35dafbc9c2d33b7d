"""How is text read that the grammar can't read, though the compiler can?

The grammar (tree-sitter-c-sharp 0.23.5) stumbles over a few things. They are rewritten to something of the same length and
nearly the same meaning: always where the grammar would misread them without an error, else only in files with errors, of
which the reading with the least unreadable text is kept. Names and literals are sliced from the source itself, so that
they don't change.
"""

from __future__ import annotations

import re
from typing import Final

from tree_sitter import Node, Parser

from apiposture.languages.csharp.dispatch import ERROR
from apiposture.model.ir import Fault

_LARGEST: Final = 1_000_000
_MOST_FAULTS: Final = 100


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n\r]", " ", match[0])


def _quotes(match: re.Match[str]) -> str:
    return match[1] + match[2].replace('""', "xx") + '"'


def _as_record(match: re.Match[str]) -> str:
    """The block as a record, with what it takes (if that has a name) as its primary constructor."""
    taken = f"({match['taken']})"
    if _UNNAMED.fullmatch(match["taken"]):
        taken = re.sub(r"[^\n\r]", " ", taken)
    return f"{match['before']}record ex{match['types'] or ''}{match['space']}{taken}"


def _without_mark(match: re.Match[str]) -> str:
    return " " + match[0][1:]


def _as_name(match: re.Match[str]) -> str:
    return match[0][:-1] + "x"


EXTENSION: Final = "extension"
"""How a block of members begins that are added to another type (C# 14); the grammar reads it as a constructor, or not at all."""

_BLOCK: Final = re.compile(
    r"(?:^|(?<=[{};]))(?P<before>[ \t]*)extension(?P<types>\s*<[^(){};]*>)?(?P<space>\s*)"
    r"\((?P<taken>[^(){};]*(?:\([^(){};]*\)[^(){};]*)*)\)(?=(?:[^;{}()]|\(\s*\))*\{)",
    re.MULTILINE,
)
_UNNAMED: Final = re.compile(r"\s*[\w.:]+(?:<.*>)?[?\[\],]*\s*")
"""What a block takes that adds static members alone: a type, and no name for an object of it."""

_MARK: Final = re.compile(rb"\?(?=\.\s*[A-Za-z_@])")
"""What the IR leaves out of `a?.b`."""

_VERBATIM: Final = re.compile(r'((?:\$@|@\$)")((?:[^"]|"")*)"')
_OPENING: Final = re.compile(r'(?:\$@|@\$|\$)"(?!"")')
_HOLE: Final = re.compile(r'\{(?:[^{}"\n]|"(?:[^"\\\n]|\\.)*"|\{[^{}\n]*\})*\}')

_REWRITES: Final = (
    # C# 14: a?.b = c
    (re.compile(r"\?(?=\.\w[\w.]*\s*(?:[-+*/|&^%]|\?\?)?=(?![=>]))"), _without_mark),
    (re.compile(r"\?(?=\[[^\]\n]*\]\s*=(?![=>]))"), _without_mark),
    # Contextual keywords as values: [type]
    (re.compile(r"(?<=[\[,(]) *\b(?:field|method|param|property|type|typevar)(?= *[\],)])"), _as_name),
    # C# 13: where T : allows ref struct
    (re.compile(r"(?:,|\bwhere\s+\w+\s*:)\s*allows\s+ref\s+struct"), _blank),
    # C# 11: [a, .. var rest]
    (re.compile(r"(?<=[\[,])\s*\.\.(?=\s*var\s+\w+\s*[\],])"), _blank),
)

_DIRECTIVE: Final = re.compile(r"[ \t]*#[ \t]*(if|elif|else|endif)\b")


def read(parser: Parser, data: bytes) -> tuple[Node, tuple[Fault, ...]]:
    """The syntax tree of the text, and the stretches that could not be read."""
    data = _without_misreadings(data)
    root = parser.parse(data).root_node
    if not root.has_error:
        return root, ()
    best, fewest, faults = root, *faults_of(root)
    for text in _rewritten(data.decode("ascii")) if len(data) <= _LARGEST else ():
        if not fewest:
            break
        other = parser.parse(text.encode("ascii")).root_node
        unread, found = faults_of(other)
        if unread < fewest:
            best, fewest, faults = other, unread, found
    return best, faults


def _without_misreadings(data: bytes) -> bytes:
    """The text without what the grammar misreads silently.

    It is `a && b?.c`, which it reads as `(a && b)?.c`, a quote that ends a verbatim interpolated string after an escaped one (three
    in a row), braces that are escaped right before a hole, as in `$"{{{x}}}"`, and blocks of extension members.
    """
    if b"?." in data:
        data = _MARK.sub(b" ", data)
    if b'$@"' in data or b'@$"' in data:
        data = _VERBATIM.sub(_quotes, data.decode("ascii")).encode("ascii")
    if b"{{{" in data:
        data = _with_plain_braces(data.decode("ascii")).encode("ascii")
    if b"extension" in data:
        data = _BLOCK.sub(_as_record, data.decode("ascii")).encode("ascii")
    return data


def _with_plain_braces(text: str) -> str:
    """The text with escaped braces before a hole of an interpolated string rewritten to other characters."""
    pieces: list[str] = []
    done = 0
    for opening in _OPENING.finditer(text):
        at = opening.end()
        while at < len(text) and at >= done and text[at] not in '"\n':
            if text[at] == "\\":
                at += 2
            elif text[at] != "{":
                at += 1
            else:
                braces = len(text[at : at + 99]) - len(text[at : at + 99].lstrip("{"))
                escaped = braces - braces % 2
                if braces > 2 and braces % 2:
                    pieces += [text[done:at], "_" * escaped]
                    done = at + escaped
                hole = _HOLE.match(text, at + escaped) if braces % 2 else None
                at = hole.end() if hole else at + braces
    return "".join([*pieces, text[done:]])


def _rewritten(text: str) -> list[str]:
    """The text with each kind of rewriting alone, and with all of them."""
    simple = text
    for pattern, replacement in _REWRITES:
        simple = pattern.sub(replacement, simple)
    unconditional = without_branches(text)
    both = without_branches(simple)
    tried: list[str] = []
    for candidate in (simple, unconditional, both):
        if candidate != text and candidate not in tried:
            tried.append(candidate)
    return tried


def without_branches(text: str) -> str:
    """The text with only the first branch of each `#if`; what falls away becomes spaces."""
    if "#" not in text:
        return text
    kept: list[bool] = []
    lines = text.splitlines(keepends=True)
    for i, line in enumerate(lines):
        match = _DIRECTIVE.match(line)
        word = match[1] if match else ""
        if word == "if":
            kept.append(True)
        elif word in ("else", "elif") and kept:
            kept[-1] = False
        if word or not all(kept):
            lines[i] = re.sub(r"[^\n\r]", " ", line)
        if word == "endif" and kept:
            kept.pop()
    return "".join(lines)


def faults_of(root: Node) -> tuple[int, tuple[Fault, ...]]:
    """How much could not be read, and where; a token that is missing counts as one character."""
    found: list[Fault] = []
    unread = 0
    waiting = [root]
    while waiting:
        n = waiting.pop()
        missing = n.is_missing
        if n.kind_id == ERROR or missing:
            unread += max(n.end_byte - n.start_byte, 1)
            message = f"'{n.type}' is missing" if missing else "unreadable"
            found.append(Fault(n.start_byte << 32 | n.end_byte, message))
        elif n.has_error:
            waiting.extend(reversed(n.children))
    return unread, tuple(found[:_MOST_FAULTS])
