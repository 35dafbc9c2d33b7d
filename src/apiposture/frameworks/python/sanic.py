"""Which endpoints does a Sanic application have?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from apiposture.frameworks.python._rule_endpoints import RuleEndpoints
from apiposture.frameworks.python.reading.imports import imports_any
from apiposture.frameworks.python.reading.objects import Objects
from apiposture.frameworks.python.routes.sanic_blueprints import SanicBlueprints
from apiposture.frameworks.routing import Entry
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program

NAME = "Sanic"

PARAMETER = re.compile(r"<(?P<name>\w+)(?::(?P<converter>[^<>]*))?>")
TYPES = {
    "int": "int", "float": "double", "uuid": "UUID", "ymd": "date",
    **dict.fromkeys(("", "str", "strorempty", "slug", "alpha"), "segment"),
}
"""https://sanic.dev/en/guide/basics/routing.html#type-matching"""


def recognised(program: Program) -> bool:
    """Does any file import the framework?"""
    return imports_any(program, ("sanic",))


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The endpoints of all applications and blueprints."""
    objects = Objects(program)
    yield from RuleEndpoints(objects, SanicBlueprints(objects), NAME, PARAMETER, TYPES).all()
