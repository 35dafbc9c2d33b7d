"""Which part of a request does a decorator of webargs hand to a function's parameters?

https://webargs.readthedocs.io/en/latest/quickstart.html#request-locations
"""

from __future__ import annotations

from apiposture.frameworks.python.reading.objects import texts_of
from apiposture.model import ir

DECORATORS = ("use_args", "use_kwargs")
LOCATIONS = {"query": "query", "querystring": "query", "form": "form", "headers": "header", "cookies": "cookie", "files": "file",
             "view_args": "route"}  # fmt: skip
"""Where the arguments are taken from, if that is said; they are in the body if not."""


def parsed(function: ir.Function) -> dict[str, str]:
    """The parameters that are taken from the request, each with the kind of request data that it holds."""
    handed = [one for one in function.annotations if one.name.rpartition(".")[2] in DECORATORS]
    found: dict[str, str] = {}
    for one in handed:
        names = set(texts_of(one.args[:1]))
        for param in function.params:
            if param.name in names or len(handed) == 1:
                found.setdefault(param.name, _location(one))
    return found


def _location(decorator: ir.Annotation) -> str:
    said = next((arg.value for arg in decorator.args if arg.name == "location"), None)
    return LOCATIONS.get(str(said.value), "body") if isinstance(said, ir.Literal) else "body"
