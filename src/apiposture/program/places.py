"""Where is a span of a module, as a reader counts?"""

from bisect import bisect_right

from apiposture.model.ir import Module
from apiposture.model.source import Place, Span


def place(module: Module, span: Span) -> Place:
    """The place of a span: lines and columns from 1, the end exclusive."""
    start, end = span >> 32, span & 0xFFFFFFFF
    lines = module.lines
    first = bisect_right(lines, start)
    last = bisect_right(lines, end)
    start_column = start - (lines[first - 1] if first else 0) + 1
    end_column = end - (lines[last - 1] if last else 0) + 1
    return Place(module.path, max(first, 1), start_column, max(last, 1), end_column)
