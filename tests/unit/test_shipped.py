"""What ships with the tool is read from a plain installation and from an archive alike."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from apiposture import shipped


@pytest.fixture
def brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """A package with a page, a table and a folder, on the path as it is or in an archive."""
    package = f"brought_{request.param}"
    files = {"__init__.py": "", "page.md": "# Page\r\nOf it\n", "rows.toml": "a = 1\n", "below/one.toml": "b = 2\n", "below/two.md": ""}
    if request.param == "archived":
        with ZipFile(tmp_path / "it.zip", "w") as archive:
            for name, text in files.items():
                archive.writestr(f"{package}/{name}", text)
        monkeypatch.syspath_prepend(tmp_path / "it.zip")
    else:
        for name, text in files.items():
            (tmp_path / package / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / package / name).write_bytes(text.encode())
        monkeypatch.syspath_prepend(tmp_path)
    return package


@pytest.mark.parametrize("brought", ["archived", "plain"], indirect=True)
def test_pages_and_tables_are_read(brought: str) -> None:
    assert shipped.text(brought, "page.md") == "# Page\nOf it\n"
    assert shipped.table(brought, "rows.toml") == {"a": 1}
    assert shipped.table(brought, "below/one.toml") == {"b": 2}


@pytest.mark.parametrize("brought", ["archived", "plain"], indirect=True)
def test_what_is_there_is_listed_by_its_ending(brought: str) -> None:
    assert shipped.names(brought, "", ".toml") == ("rows.toml",)
    assert shipped.names(brought, "below", ".toml") == ("one.toml",)
    assert shipped.names(brought, "nowhere", ".toml") == ()


@pytest.mark.parametrize("brought", ["archived", "plain"], indirect=True)
def test_what_is_missing_is_an_error(brought: str) -> None:
    with pytest.raises(OSError):
        shipped.text(brought, "other.md")
