"""Does what is kept become void with each part that decides what is read?"""

from __future__ import annotations

from importlib import import_module

import pytest

from apiposture import languages
from apiposture.frameworks import documents

version = import_module("apiposture.scan.version")


@pytest.mark.parametrize("grammar", [*languages.grammars(), documents.GRAMMAR])
def test_another_grammar_is_another_tool(grammar: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = version.tool_key.__wrapped__()
    stamp = version._stamp
    monkeypatch.setattr(version, "_stamp", lambda file: "another" if f"/{grammar}/" in file.replace("\\", "/") else stamp(file))
    assert version.tool_key.__wrapped__() != now
