"""Is a scan the same whatever way it is done, and does no secret leave it?"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import msgspec
import pytest

from apiposture.analysis import secrets
from apiposture.config import Config
from apiposture.model.error import PostureError
from apiposture.model.scan import Scan
from apiposture.scan import cache as cache_module
from apiposture.scan import gather, scan, workers
from apiposture.scan.together import inventory

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "orders-aspnetcore"


def encoded(found: Scan) -> bytes:
    return msgspec.json.encode(found)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "orders"))


def test_the_sample_has_its_five_flaws_and_no_other() -> None:
    found = scan([SAMPLE], Config(cache=False))
    assert [(f.rule, f.place.path.rpartition("/")[2], f.place.line) for f in found.findings] == [
        ("AP103", "OperationsController.cs", 20),
        ("AP101", "OrderController.cs", 24),
        ("AP004", "ProductController.cs", 25),
        ("AP102", "CustomerController.cs", 25),
        ("AP201", "PaymentGateway.cs", 11),
    ]
    assert found.findings[1].message == "Possible BOLA in OrderController.cs:24. Missing ownership check for 'id'."
    assert found.problems == ()
    assert all(finding.fingerprint for finding in found.findings)


def test_same_tree_same_bytes(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One process or three, cold or warm, here or elsewhere."""
    alone = encoded(scan([SAMPLE], Config(jobs=1, cache=False)))
    root = msgspec.json.encode(SAMPLE.name)
    monkeypatch.setattr(workers, "FEW_FILES", 0)
    for config in (Config(jobs=3, cache=False), Config(jobs=3), Config(jobs=1)):
        again = encoded(scan([tree], config)).replace(b'"root":"orders"', b'"root":' + root)
        assert again == alone


def test_what_is_unchanged_is_not_examined_again(tree: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    age(tree)
    first = gather([tree], Config())
    assert sorted(file.suffix for file in own_cache.iterdir()) == [".pack", ".store"]
    examined: list[str] = []
    real = workers.examine_entry
    monkeypatch.setattr(workers, "examine_entry", lambda entry, *how: (examined.append(entry.path), real(entry, *how))[1])
    again = gather([tree], Config())
    assert examined == []
    assert (again.records(), again.modules(), again.secrets()) == (first.records(), first.modules(), first.secrets())
    changed = tree / "Models" / "Product.cs"
    changed.write_text(changed.read_text() + "// changed\n")
    third = gather([tree], Config())
    assert examined == ["Models/Product.cs"]
    assert third.records() != first.records()


def test_a_file_of_the_same_size_and_time_is_still_told_apart(tree: Path) -> None:
    """Whoever sets a file's time back can't set back when its entry was changed."""
    age(tree)
    target = tree / "Models" / "Product.cs"
    before = target.stat()
    first = gather([tree], Config())
    target.write_text(target.read_text().replace("Product", "Produce"))
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert target.stat().st_size == before.st_size
    second = gather([tree], Config())
    assert first.records() != second.records()


@pytest.mark.parametrize("kind", ["pack", "store", "facts"])
@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "garbage", "folder"])
def test_a_damaged_cache_is_not_used(tree: Path, own_cache: Path, damage: str, kind: str) -> None:
    age(tree)
    whole = encoded(scan([tree], Config()))
    (pack,) = own_cache.glob(f"*.{kind}")
    raw = bytearray(pack.read_bytes())
    if damage == "flip":
        raw[-200] ^= 0xFF
    pack.unlink()
    if damage == "folder":
        pack.mkdir()
    else:
        pack.write_bytes({"cut": raw[: len(raw) // 2], "flip": raw, "empty": b"", "garbage": b"\xff" * 5000}[damage])
    assert encoded(scan([tree], Config())) == whole


def forget_facts(own_cache: Path) -> None:
    """Leave of what is remembered only what was found in each file, so that a scan has to look at the code."""
    for file in own_cache.iterdir():
        if file.suffix not in (".pack", ".store"):
            file.unlink()


@pytest.mark.parametrize("at", range(-2000, -1, 100))
def test_code_that_is_damaged_is_read_again(tree: Path, own_cache: Path, at: int) -> None:
    age(tree)
    whole = encoded(scan([tree], Config()))
    forget_facts(own_cache)
    (store,) = own_cache.glob("*.store")
    raw = bytearray(store.read_bytes())
    raw[at] ^= 0xFF
    store.write_bytes(raw)
    assert encoded(scan([tree], Config())) == whole


def test_code_that_another_scan_replaced_is_read_again(tree: Path, own_cache: Path) -> None:
    age(tree)
    first = gather([tree], Config())
    found = gather([tree], Config())
    (store,) = own_cache.glob("*.store")
    store.write_bytes(store.read_bytes()[:-1000])
    assert found.modules() == first.modules()
    found = gather([tree], Config())
    (store,) = own_cache.glob("*.store")
    store.unlink()
    assert found.modules() == first.modules()


def test_an_edit_while_the_code_is_lost_is_told(tree: Path, own_cache: Path) -> None:
    age(tree)
    gather([tree], Config())
    found = gather([tree], Config())
    (store,) = own_cache.glob("*.store")
    store.unlink()
    (tree / "Models" / "Product.cs").unlink()
    with pytest.raises(PostureError, match=r"'Models/Product.cs' changed while it was being scanned"):
        found.modules()


def test_after_an_edit_the_code_of_other_files_is_not_written_again(tree: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    age(tree)
    gather([tree], Config())
    changed = tree / "Models" / "Product.cs"
    stores = [own_cache / "none"]
    for number in range(3):
        stores.append(*own_cache.glob("*.store"))
        changed.write_text(f"{changed.read_text()}// {number}\n")
        assert gather([tree], Config()).modules() == gather([tree], Config(cache=False)).modules()
    assert len(set(stores)) == 2
    monkeypatch.setattr(cache_module, "LITTLE", 1)
    changed.write_text(f"{changed.read_text()}// more\n")
    assert gather([tree], Config()).modules() == gather([tree], Config(cache=False)).modules()
    (store,) = own_cache.glob("*.store")
    assert store not in stores


def test_a_store_that_was_damaged_is_made_anew(tree: Path, own_cache: Path) -> None:
    age(tree)
    whole = gather([tree], Config()).modules()
    (store,) = own_cache.glob("*.store")
    first = store.read_bytes()
    store.write_bytes(bytes(len(first)))
    assert gather([tree], Config()).modules() == whole
    assert gather([tree], Config()).modules() == whole
    assert store.read_bytes() == first


def test_an_unchanged_tree_does_not_read_code(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    age(tree)
    first = encoded(scan([tree], Config()))
    monkeypatch.setattr(cache_module.Cache, "code_of", lambda self, path: pytest.fail(path))
    assert encoded(scan([tree], Config())) == first


def test_endpoints_alone_are_found_without_a_search_for_secrets(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for what is kept, which whoever asks next relies on."""
    age(tree)
    monkeypatch.setattr(secrets, "find", lambda source: pytest.fail(source.path))
    alone = inventory([tree], Config(cache=False))
    monkeypatch.undo()
    assert len(alone.endpoints) == 14
    assert inventory([tree], Config()).endpoints == alone.endpoints
    assert "AP201" in {finding.rule for finding in scan([tree], Config()).findings}


def test_another_tool_does_not_trust_the_cache(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    age(tree)
    gather([tree], Config())
    monkeypatch.setattr(cache_module, "tool_key", lambda: "another")
    examined: list[str] = []
    real = workers.examine_entry
    monkeypatch.setattr(workers, "examine_entry", lambda entry, *how: (examined.append(entry.path), real(entry, *how))[1])
    gather([tree], Config())
    assert len(examined) == 12


def test_a_cache_that_cannot_be_written_is_no_failure(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APIPOSTURE_CACHE_DIR", str(tree / "Program.cs" / "below-a-file"))
    assert len(scan([tree], Config()).findings) == 5


def test_the_scanned_tree_is_left_as_it_was(tree: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in tree.rglob("*")}
    scan([tree], Config())
    assert {path: path.stat().st_mtime_ns for path in tree.rglob("*")} == before


def test_no_secret_leaves_a_scan(tmp_path: Path) -> None:
    value = "q7Zt9XbLw3VnR5sKd8PmFy2HcJ6gTa4E"
    (tmp_path / "C.cs").write_text(
        "using Microsoft.AspNetCore.Mvc;\n[ApiController]\n[Route(\"api/c\")]\n"
        "public class C : ControllerBase\n{\n"
        f'    [HttpPost] public void Post(string q) {{ var apiKey = "{value}"; _db.Database.ExecuteSqlRaw("{value}" + q); }}\n}}\n'
    )
    found = scan([tmp_path], Config(cache=False))
    assert "AP201" in {finding.rule for finding in found.findings}
    assert value.encode() not in encoded(found)
    shown = found.snippets["C.cs"][6]
    assert len(shown) == len((tmp_path / "C.cs").read_text().split("\n")[5]), "columns must still hold"


def test_no_piece_of_a_secret_leaves_a_scan(tmp_path: Path) -> None:
    pieces = ("tidewater", "tablecloth", "sailor", "mastwood", "keelson")
    (tmp_path / "app.py").write_text(
        f'import jwt\nFORM = "{pieces[0]}"\n\n\ndef first(p):\n    return jwt.encode(p, f"{{FORM}} {pieces[1]}")\n\n\n'
        f'def other(p):\n    return jwt.encode(p, "{pieces[2]}" + "{pieces[3]}" + "{pieces[4]}")\n'
    )
    found = scan([tmp_path], Config(cache=False))
    assert [finding.rule for finding in found.findings] == ["AP201", "AP201"]
    assert not [piece for piece in pieces if piece.encode() in encoded(found)]


def test_no_piece_of_a_secret_that_its_name_tells_leaves_a_scan(tmp_path: Path) -> None:
    first, rest = "q7Zt9XbLw3VnR5sKd8PmFy2HcJ6gTa4E", "tidewater4"
    (tmp_path / "app.py").write_text(
        f'import jwt\n\n\ndef first(p):\n    secret_key = "{first}" + "{rest}"\n    return jwt.encode(p, secret_key)\n'
    )
    found = scan([tmp_path], Config(cache=False))
    assert [finding.rule for finding in found.findings] == ["AP201"]
    assert not [piece for piece in (first, rest) if piece.encode() in encoded(found)]


def age(tree: Path) -> None:
    """Make the files older than any clock's step: a file that was just written is never taken from the cache."""
    import time

    for path in tree.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    time.sleep(0.05)
