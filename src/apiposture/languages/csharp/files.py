"""How does a whole C# file become a module?"""

from __future__ import annotations

import gc
import re
from functools import cache
from itertools import accumulate

from tree_sitter import Parser

from apiposture.languages.csharp import creations, literals, operators, queries, rows, statements, switches  # noqa: F401
from apiposture.languages.csharp.declarations import Gathered, Scope, gather
from apiposture.languages.csharp.dispatch import ERROR, GRAMMAR, Lowering
from apiposture.languages.csharp.repair import read
from apiposture.model.ir import Module
from apiposture.model.source import SourceFile

_FOREIGN = re.compile(r"[^\x00-\x7f]")


@cache
def _parser() -> Parser:
    return Parser(GRAMMAR)


def lower_file(source: SourceFile) -> Module:
    """The file in the IR."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _lower(source)
    finally:
        if collecting:
            gc.enable()


def _lower(source: SourceFile) -> Module:
    text = source.text
    data = ascii_of(text)
    root, unread = read(_parser(), data)
    c = Lowering(text, root.has_error)
    g = Gathered()
    scope = Scope("", "")
    gather(c, g, root.children if root.kind_id != ERROR else (root,), scope)
    faults = (*c.faults, *unread)
    return Module(
        source.path, "csharp", source.digest, g.package, tuple(g.imports), tuple(g.annotations), tuple(g.types),
        tuple(scope.functions), tuple(g.body), lines_of(data), True, c.nodes, c.opaque, faults, tuple(sorted(c.calls)),
    )  # fmt: skip


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
