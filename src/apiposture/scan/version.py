"""Which tool is this, down to the grammar that read the code?"""

import os
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path

import apiposture

_PARTS = ("tree-sitter", "tree-sitter-c-sharp", "msgspec")


def version() -> str:
    """The version that is shown."""
    return apiposture.__version__


@cache
def tool_key() -> str:
    """Changes with everything that may change what is said about one file: our own files, the grammars, the storage format."""
    found = [f"{name} {_version_of(name)}" for name in _PARTS]
    top = Path(apiposture.__file__).parent
    for folder, folders, names in os.walk(top):
        folders.sort()
        for name in sorted(names):
            if name.endswith((".py", ".toml")):
                stat = os.stat(os.path.join(folder, name))
                found.append(f"{os.path.relpath(folder, top)}/{name} {stat.st_size} {stat.st_mtime_ns}")
    return sha256("\n".join(found).encode()).hexdigest()[:24]


def _version_of(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""
