"""Which frameworks does a program use whose endpoints are not understood yet?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apiposture.frameworks.routing import Entry
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program

NAME = "other Python frameworks"

OTHERS = {
    "ninja": "Django Ninja",
    "aiohttp.web": "aiohttp",
    "litestar": "Litestar",
    "sanic": "Sanic",
    "falcon": "Falcon",
    "connexion": "connexion",
    "bottle": "Bottle",
    "pyramid.config": "Pyramid",
    "quart": "Quart",
    "strawberry": "Strawberry",
    "graphene": "Graphene",
    "ariadne": "Ariadne",
}
"""What is imported by code that declares endpoints with them."""


def recognised(program: Program) -> bool:
    """Does any file import one of them?"""
    return next(_used(program), None) is not None


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """One problem for each: a scan that does not see their endpoints must not look complete."""
    seen: set[str] = set()
    for name, path in _used(program):
        if name not in seen:
            seen.add(name)
            yield Problem(
                "no-endpoints", f"'{name}' is used here; its endpoints are not understood yet, and none of them was looked at.", path
            )


def _used(program: Program) -> Iterator[tuple[str, str]]:
    for module in program.modules:
        for one in module.imports if module.explicit_names else ():
            for target, name in OTHERS.items():
                if f"{one.target}.".startswith(f"{target}.") and _is_foreign(program, one.target):
                    yield name, module.path


def _is_foreign(program: Program, target: str) -> bool:
    """Is it no module of the program's own that is called like that?"""
    first = target.partition(".")[0]
    return all(not module.package.startswith(f"{first}.") for module in program.modules)
