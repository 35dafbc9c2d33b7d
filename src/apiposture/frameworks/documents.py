"""What does a document in YAML or JSON say, and on which lines?

JSON is read by the grammar of YAML, which holds it; so both keep the place of each part, and what can't be read costs only itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from apiposture.languages.text import ascii_of
from apiposture.model.source import Place, SourceFile

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

GRAMMAR = "tree_sitter_yaml"
MAX_DEPTH = 60
"""Documents that are nested deeper are no descriptions of anything; the rest of them is left out."""

_MAPPINGS = ("block_mapping", "flow_mapping")
_SEQUENCES = ("block_sequence", "flow_sequence")
_PAIRS = ("block_mapping_pair", "flow_pair")


class Part(Struct, frozen=True):
    """A piece of a document: a text (numbers and the like as they are written), a list, or a mapping."""

    place: Place
    text: str = ""
    items: tuple[Part, ...] = ()
    entries: dict[str, Part] = {}

    def get(self, *names: str) -> Part | None:
        """What stands under names, one inside the other."""
        found: Part | None = self
        for name in names:
            found = found.entries.get(name) if found is not None else None
        return found

    def says(self, *names: str) -> str:
        """The text that stands under names; empty where there is none."""
        found = self.get(*names)
        return found.text if found is not None else ""


def read(source: SourceFile) -> Part | None:
    """The first document of a file; None where it holds nothing."""
    root = _parser().parse(ascii_of(source.text)).root_node
    document = next((child for child in root.named_children if child.type == "document"), None)
    return _Reading(source).part(document, 0) if document is not None else None


@cache
def _parser() -> Parser:
    import tree_sitter_yaml
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_yaml.language()))


class _Reading:
    """One document: its file, and the parts that have a name of their own (`&name`), to be used again (`*name`)."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.named: dict[str, Part] = {}

    def part(self, node: Node, depth: int) -> Part | None:
        """What a node says; None where it says nothing."""
        if depth > MAX_DEPTH:
            return None
        kind = node.type
        if kind in ("document", "block_node", "flow_node"):
            return self._wrapped(node, depth)
        if kind in _MAPPINGS:
            return Part(self._place(node), entries=self._entries(node, depth))
        if kind in _SEQUENCES:
            return Part(self._place(node), items=tuple(self._items(node, depth)))
        if kind == "alias":
            return self.named.get(self._text(node).removeprefix("*"))
        return Part(self._place(node), self._scalar(node)) if kind.endswith("_scalar") else None

    def _wrapped(self, node: Node, depth: int) -> Part | None:
        name = ""
        found: Part | None = None
        for child in node.named_children:
            if child.type == "anchor":
                name = self._text(child).removeprefix("&")
            else:
                found = self.part(child, depth + 1) or found
        if name and found is not None:
            self.named[name] = found
        return found

    def _entries(self, node: Node, depth: int) -> dict[str, Part]:
        found: dict[str, Part] = {}
        for pair in node.named_children:
            if pair.type not in _PAIRS:
                continue
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            name = self.part(key, depth + 1) if key is not None else None
            said = self.part(value, depth + 1) if value is not None else None
            if name is not None and name.text == "<<" and said is not None:
                found = {**said.entries, **found}
            elif name is not None:
                found[name.text] = said or Part(self._place(pair))
        return found

    def _items(self, node: Node, depth: int) -> Iterator[Part]:
        for item in node.named_children:
            inner = item.named_children[0] if item.type == "block_sequence_item" and item.named_children else item
            said = self.part(inner, depth + 1)
            if said is not None:
                yield said

    def _scalar(self, node: Node) -> str:
        text = self._text(node)
        if node.type == "single_quote_scalar":
            return text[1:-1].replace("''", "'")
        if node.type == "double_quote_scalar":
            try:
                return str(json.loads(text))
            except ValueError:
                return text[1:-1]
        return text

    def _text(self, node: Node) -> str:
        return self.source.text[node.start_byte : node.end_byte]

    def _place(self, node: Node) -> Place:
        (line, column), (end_line, end_column) = node.start_point, node.end_point
        return Place(self.source.path, line + 1, column + 1, end_line + 1, end_column + 1)
