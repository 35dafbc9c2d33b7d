"""Is a document in YAML or JSON read with everything in its place, and does any text at all give an answer?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apiposture.frameworks import documents, openapi
from apiposture.frameworks.documents import Part
from apiposture.languages import source_of


def read(text: str, path: str = "a.yaml") -> Part | None:
    return documents.read(source_of(path, text))


def plain(part: Part | None) -> Any:
    if part is None:
        return None
    if part.entries:
        return {name: plain(inner) for name, inner in part.entries.items()}
    return [plain(item) for item in part.items] if part.items else part.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: two words\n", {"a": "1", "b": "two words"}),
        ("a:\n  - x\n  - y: z\n", {"a": ["x", {"y": "z"}]}),
        ("a: {b: c, 'd': \"e\\\"f\"}\n", {"a": {"b": "c", "d": 'e"f'}}),
        ("a: 'it''s'\n", {"a": "it's"}),
        ("a: &one {b: c}\nd: *one\n", {"a": {"b": "c"}, "d": {"b": "c"}}),
        ("a: &one {b: c, e: f}\nd:\n  <<: *one\n  e: g\n", {"a": {"b": "c", "e": "f"}, "d": {"b": "c", "e": "g"}}),
        ("ä: ö\n", {"ä": "ö"}),
        ("- a\n- b\n---\n- c\n", ["a", "b"]),
        ("a:\nb: c\n", {"a": "", "b": "c"}),
    ],
)
def test_yaml(text: str, said: object) -> None:
    assert plain(read(text)) == said


def test_every_part_knows_its_line() -> None:
    found = read("a:\n  b:\n    - c\n")
    assert found is not None
    inner = found.get("a", "b")
    assert inner is not None
    assert (inner.items[0].place.line, inner.items[0].place.column) == (3, 7)
    assert found.says("a", "nothing") == ""


words = st.text("abcdefgh_-/äß", min_size=1, max_size=8)


@given(st.recursive(words, lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(words, inner, min_size=1, max_size=3)))
def test_json_is_read_as_json(said: object) -> None:
    assert plain(read(json.dumps(said, ensure_ascii=False), "a.json")) == said


@given(st.text(max_size=200))
def test_any_text_gives_an_answer(text: str) -> None:
    source = source_of("a.yaml", text)
    documents.read(source)
    openapi.read(source)
