"""What do the files say that ship with the tool: pages, tables of rows, styles?

Read as a zipped or a plain installation has them. `importlib.resources` and `tomllib` would load a fifth of what an unchanged tree needs.
"""

from __future__ import annotations

from pkgutil import get_data
from typing import Any


def text(package: str, name: str) -> str:
    """A file that stands beside a package's modules, or below them (`ownership/owners.toml`). Raises OSError where it is missing."""
    return (get_data(package, name) or b"").decode("utf-8").replace("\r\n", "\n")


def table(package: str, name: str) -> dict[str, Any]:
    """A TOML file of a package. Raises OSError where it is missing, tomllib.TOMLDecodeError where it is none."""
    import tomllib

    return tomllib.loads(text(package, name))


def names(package: str, folder: str, ending: str) -> tuple[str, ...]:
    """The files of a package's folder whose names end so, in their order; none where there is no such folder."""
    from importlib.resources import files

    place = files(package).joinpath(folder) if folder else files(package)
    return tuple(sorted(each.name for each in place.iterdir() if each.name.endswith(ending))) if place.is_dir() else ()
