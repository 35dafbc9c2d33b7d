"""Which objects never are part of a ring? The compiler is told, so that Python's collector need not know of them (decisions/0055)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_extensions import mypyc_attr
else:

    def mypyc_attr(**_):
        """What mypyc understands; to Python it says nothing, so that what ships needs no library for it."""
        return lambda declared: declared


__all__ = ["mypyc_attr"]
