"""What was made of the files that ship is the same whether it was kept or not."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from apiposture import shipped
from apiposture.analysis.secrets import shelf
from apiposture.config import Config
from apiposture.frameworks import library as libraries
from apiposture.frameworks.library import library
from apiposture.scan.rows import KeptRows, rows_at_hand


def read() -> tuple[bytes, bytes]:
    """The rows, as a process reads them that has read none."""
    library.cache_clear()
    shelf._files.cache_clear()
    return msgspec.json.encode(library("csharp")), msgspec.json.encode(shelf._files())


def test_rows_are_read_once(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = read()
    with rows_at_hand(Config()):
        assert read() == plain
    (kept,) = own_cache.iterdir()
    monkeypatch.setattr(libraries, "_read", pytest.fail)
    monkeypatch.setattr(shelf, "_read_all", lambda: pytest.fail("read again"))
    with rows_at_hand(Config()):
        assert read() == plain
    assert list(own_cache.iterdir()) == [kept]


def test_nothing_is_kept_of_a_scan_without_a_cache(own_cache: Path) -> None:
    with rows_at_hand(Config(cache=False)):
        read()
    assert not own_cache.exists() or list(own_cache.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "garbage", "folder"])
def test_rows_that_are_damaged_are_read_again(own_cache: Path, damage: str) -> None:
    with rows_at_hand(Config()):
        plain = read()
    (kept,) = own_cache.iterdir()
    raw = bytearray(kept.read_bytes())
    if damage == "flip":
        raw[-200] ^= 0xFF
    kept.unlink()
    if damage == "folder":
        kept.mkdir()
    else:
        kept.write_bytes({"cut": raw[: len(raw) // 2], "flip": raw, "empty": b"", "garbage": b"\xff" * 5000}[damage])
    with rows_at_hand(Config()):
        assert read() == plain


def test_rows_of_another_tool_go(own_cache: Path) -> None:
    own_cache.mkdir(parents=True, exist_ok=True)
    (own_cache / "rows-other").write_bytes(b"old")
    with rows_at_hand(Config()):
        read()
    assert not (own_cache / "rows-other").exists()


def test_what_is_kept_in_another_shape_is_made_anew() -> None:
    keeper = KeptRows()
    keeper.put("name", msgspec.msgpack.encode({"no": "number"}))
    shipped.keep_with(keeper)
    try:
        assert shipped.made("name", int, lambda: 3) == 3
        assert shipped.made("name", int, lambda: 4) == 3
    finally:
        shipped.keep_with(None)
