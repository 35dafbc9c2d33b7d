"""What does a C# file say in the IR?"""

from __future__ import annotations

from apiposture.model.ir import Module
from apiposture.model.source import SourceFile

SUFFIXES = (".cs",)
GRAMMAR = "tree_sitter_c_sharp"


def lower(source: SourceFile) -> Module:
    """The file in the IR; the grammar is loaded by the first call."""
    from apiposture.languages.csharp.files import lower_file

    return lower_file(source)
