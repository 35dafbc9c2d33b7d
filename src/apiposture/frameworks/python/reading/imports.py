"""Which packages does a program import?"""

from __future__ import annotations

from collections.abc import Collection

from apiposture.program import Program


def imports_any(program: Program, packages: Collection[str]) -> bool:
    """Does any file import one of these packages?"""
    return any(i.target.partition(".")[0] in packages for m in program.modules if m.explicit_names for i in m.imports)
