"""Which tool is this, down to the grammar that read the code?"""

import os
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path

import apiposture
from apiposture.frameworks import documents
from apiposture.languages import grammars

_PARTS = (("tree_sitter", "_binding"), ("msgspec", "_core"), (documents.GRAMMAR, "_binding"))
"""The compiled parts of others that decide, with the languages' grammars, what is read and how it is stored."""


def version() -> str:
    """The version that is shown."""
    return apiposture.__version__


@cache
def tool_key() -> str:
    """Changes with everything that may change what is said about one file: our own files, the grammars, the storage format."""
    parts = (*_PARTS, *((grammar, "_binding") for grammar in grammars()))
    found = [f"{package} {_stamp(_file_of(package, module))}" for package, module in parts]
    found += _stamps(os.path.dirname(apiposture.__file__), "")
    return sha256("\n".join(found).encode()).hexdigest()[:24]


@cache
def content_digests() -> tuple[str, str, str]:
    """The digests of what our files say, whenever and wherever they were installed: of all, of the rules, of the standards."""
    top = Path(apiposture.__file__).parent
    return _content(top), _content(top / "rules"), _content(top / "evidence" / "standards")


def _content(folder: Path) -> str:
    found = sha256()
    for file in sorted(file for file in folder.rglob("*") if file.suffix in (".py", ".toml", ".md", ".txt", ".json", ".so", ".pyd")):
        found.update(f"{file.relative_to(folder).as_posix()} {sha256(file.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()


def _stamps(folder: str, shown: str) -> Iterator[str]:
    """The stamps of all our files below a folder that say what is done."""
    with os.scandir(folder) as listing:
        children = sorted(listing, key=lambda child: child.name)
    for child in children:
        if child.name.endswith((".py", ".toml", ".so", ".pyd")):
            yield f"{shown}{child.name} {_stamp_of(child.stat())}"
        elif child.name != "__pycache__" and child.is_dir():
            yield from _stamps(child.path, f"{shown}{child.name}/")


def _file_of(package: str, module: str) -> str:
    """The file of a package's module. Neither is loaded: an unchanged tree needs no grammar."""
    found = find_spec(package)
    folders = found.submodule_search_locations if found is not None else None
    inside = PathFinder.find_spec(f"{package}.{module}", folders) if folders is not None else None
    return (inside.origin if inside is not None else None) or ""


def _stamp(file: str) -> str:
    """The size and the time of a file; asking for versions of distributions would cost the start of a small program."""
    return _stamp_of(os.stat(file)) if file else ""


def _stamp_of(stat: os.stat_result) -> str:
    return f"{stat.st_size} {stat.st_mtime_ns}"
