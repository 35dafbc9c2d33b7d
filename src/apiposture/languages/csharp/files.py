"""How does a whole C# file become a module?"""

from __future__ import annotations

from functools import cache

from tree_sitter import Parser

from apiposture.languages.csharp import creations, literals, operators, queries, rows, statements, switches  # noqa: F401
from apiposture.languages.csharp.declarations import Gathered, Scope, gather
from apiposture.languages.csharp.dispatch import ERROR, GRAMMAR, Lowering
from apiposture.languages.csharp.repair import read
from apiposture.languages.text import ascii_of, lines_of
from apiposture.model.ir import Module
from apiposture.model.source import SourceFile


@cache
def _parser() -> Parser:
    return Parser(GRAMMAR)


def lower_file(source: SourceFile) -> Module:
    """The file in the IR."""
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
