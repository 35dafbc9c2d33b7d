"""Are the right files read, in one order, with the right text?"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apiposture.files import common_root, walk
from apiposture.files.text import decoded
from apiposture.model.error import PostureError
from apiposture.model.source import SourceFile


def paths(root: Path, *exclude: str) -> list[str]:
    return [found.path for found in walk([root], exclude)]


def fill(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("class A { }")


def test_order_is_by_name_and_paths_are_relative(tmp_path: Path) -> None:
    fill(tmp_path, "b.cs", "a/z.cs", "a/B.cs", "C.cs", "a.cs")
    assert paths(tmp_path) == ["C.cs", "a/B.cs", "a/z.cs", "a.cs", "b.cs"]


def test_a_file_knows_its_language_and_the_digest_of_its_bytes(tmp_path: Path) -> None:
    raw = "\ufeffclass Größe { }\r\n".encode()
    (tmp_path / "A.cs").write_bytes(raw)
    (found,) = walk([tmp_path])
    assert found == SourceFile("A.cs", "csharp", "class Größe { }\r\n", hashlib.sha256(raw).hexdigest())


def test_bulk_and_generated_files_are_left_out(tmp_path: Path) -> None:
    fill(tmp_path, "logo.png", "app.min.js", "package-lock.json", "Form.Designer.cs", "style.css", ".env", "Dockerfile", "id_rsa", "A.cs")
    assert paths(tmp_path) == [".env", "A.cs", "Dockerfile", "id_rsa"]


@pytest.mark.parametrize("folder", ["bin", "obj", "node_modules", ".git", "venv", "dist", "build", "wwwroot/lib", "a/__pycache__", "Bin"])
def test_built_and_fetched_folders_are_pruned(tmp_path: Path, folder: str) -> None:
    fill(tmp_path, f"{folder}/A.cs", "A.cs")
    assert paths(tmp_path) == ["A.cs"]


def test_packages_is_pruned_only_where_it_was_fetched(tmp_path: Path) -> None:
    fill(tmp_path, "one/packages/Newtonsoft.Json.13.0.1/A.cs", "two/packages/orders/A.cs")
    assert paths(tmp_path) == ["two/packages/orders/A.cs"]


def test_a_virtual_environment_of_any_name_is_pruned(tmp_path: Path) -> None:
    fill(tmp_path, "myenv/pyvenv.cfg", "myenv/lib/a.cs", "A.cs")
    assert paths(tmp_path) == ["A.cs"]


def test_exclude_works_as_in_gitignore_and_is_final(tmp_path: Path) -> None:
    fill(tmp_path, "tests/A.cs", "src/tests/A.cs", "src/A.cs", "src/B.cs")
    (tmp_path / ".gitignore").write_text("!tests/\n")
    assert paths(tmp_path, "tests/", "/src/B.cs") == [".gitignore", "src/A.cs"]


def test_several_roots_share_a_folder_and_no_file_comes_twice(tmp_path: Path) -> None:
    fill(tmp_path, "a/A.cs", "b/B.cs", "c/C.cs")
    found = [source.path for source in walk([tmp_path / "b", tmp_path / "a", tmp_path / "a" / "A.cs"])]
    assert found == ["a/A.cs", "b/B.cs"]


def test_a_named_file_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    fill(tmp_path, "picture.png")
    assert [source.path for source in walk([tmp_path / "picture.png"])] == ["picture.png"]


def test_no_root_and_a_missing_one_are_the_users_to_mend(tmp_path: Path) -> None:
    with pytest.raises(PostureError, match="No path"):
        common_root([])
    with pytest.raises(PostureError, match="does not exist"):
        list(walk([tmp_path / "gone"]))


IGNORED = """\
*.log
[Bb]in2/
/root.cs
deep/*.cs
!deep/kept.cs
**/any/x.cs
trailing/
a?c.cs
"""


@pytest.mark.skipif(shutil.which("git") is None, reason="git is the judge here")
def test_gitignore_means_what_git_means(tmp_path: Path) -> None:
    """Nested files, negation, anchors, and the folders above the scanned one: git itself says what is ignored."""
    fill(tmp_path, "root.cs", "sub/root.cs", "x.log", "sub/x.log", "bin2/A.cs", "sub/Bin2/A.cs", "abc.cs", "sub/abc.cs")
    fill(tmp_path, "deep/a.cs", "deep/kept.cs", "sub/deep/a.cs", "any/x.cs", "sub/any/x.cs", "trailing/A.cs", "sub/trailing")
    fill(tmp_path, "sub/own.cs", "sub/again.log", "sub/more/own.cs")
    (tmp_path / ".gitignore").write_text(IGNORED)
    (tmp_path / "sub" / ".gitignore").write_text("own.cs\n!again.log\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    listed = subprocess.run(["git", "ls-files", "-o", "--exclude-standard"], cwd=tmp_path, capture_output=True, text=True, check=True)
    wanted = sorted(listed.stdout.split())
    assert sorted(paths(tmp_path)) == wanted
    below = sorted(name.removeprefix("sub/") for name in wanted if name.startswith("sub/"))
    assert sorted(paths(tmp_path / "sub")) == below


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_not(raw: bytes) -> None:
    text = decoded(raw)
    assert text is None or "\0" not in text


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_unicode_is_read_as_it_was_written(text: str) -> None:
    assert decoded(text.encode("utf-8")) == text.removeprefix("\ufeff")
    assert decoded(b"\xef\xbb\xbf" + text.encode()) == text
