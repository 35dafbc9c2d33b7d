"""Which endpoints does a Flask application have?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from apiposture.frameworks.python._rule_endpoints import RuleEndpoints
from apiposture.frameworks.python.reading.objects import Objects
from apiposture.frameworks.python.routes.blueprints import Blueprints
from apiposture.frameworks.routing import Entry
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program

NAME = "Flask"

PARAMETER = re.compile(r"<(?:(?P<converter>\w+)(?:\([^<>]*\))?:)?(?P<name>\w+)>")
CONVERTERS = {"int": "int", "float": "double", "uuid": "UUID", "": "segment", "string": "segment", "any": "segment"}
"""https://flask.palletsprojects.com/en/stable/api/#url-route-registrations"""


def recognised(program: Program) -> bool:
    """Does any file import the framework?"""
    return any(
        i.target.partition(".")[0] in ("flask", "flask_restful", "flask_restx", "quart")
        for m in program.modules
        if m.explicit_names
        for i in m.imports
    )


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The endpoints of all applications and blueprints."""
    objects = Objects(program)
    yield from RuleEndpoints(objects, Blueprints(objects), NAME, PARAMETER, CONVERTERS).all()
