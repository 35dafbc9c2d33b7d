"""Which operations does an OpenAPI description declare, and what does it ask of their callers?

https://spec.openapis.org/oas/v3.1.0, https://swagger.io/specification/v2/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from msgspec import Struct

from apiposture.frameworks import documents
from apiposture.frameworks.documents import Part
from apiposture.model.source import Place, SourceFile

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
_DECLARES = re.compile(r"""^[ \t{]*["']?(openapi|swagger)["']?[ \t]*:""", re.MULTILINE)
_SUFFIXES = (".json", ".yaml", ".yml")


class Parameter(Struct, frozen=True):
    """One parameter of an operation. `where`: path, query, header, cookie, body or formData."""

    name: str
    where: str
    type: str = ""
    format: str = ""


class Requirement(Struct, frozen=True):
    """One way in: the schemes that a caller must satisfy together, each with its scopes; none at all lets everybody in."""

    schemes: tuple[tuple[str, tuple[str, ...]], ...]


class Security(Struct, frozen=True):
    """What is said about who may call: any one of the requirements is enough. `whole`: it is said of the whole description."""

    place: Place
    requirements: tuple[Requirement, ...]
    whole: bool = False


class Operation(Struct, frozen=True):
    """One operation. `security` is None where nothing is said, for it or for the whole."""

    method: str
    path: str
    place: Place
    part: Part
    parameters: tuple[Parameter, ...]
    security: Security | None


class Description(Struct, frozen=True):
    """A whole description. `base` is the path under which its paths stand."""

    path: str
    base: str
    root: Part
    operations: tuple[Operation, ...]


def is_description(source: SourceFile) -> bool:
    """Is the file an OpenAPI description, as far as can be told without reading it?"""
    return source.path.endswith(_SUFFIXES) and _DECLARES.search(source.text) is not None


def read(source: SourceFile) -> Description | None:
    """The description in a file; None where it is none."""
    root = documents.read(source)
    if root is None or not (root.says("openapi") or root.says("swagger")):
        return None
    return Description(source.path, _base(root), root, tuple(_operations(root)))


def _base(root: Part) -> str:
    servers = root.get("servers")
    first = servers.items[0].says("url") if servers is not None and servers.items else ""
    return (root.says("basePath") or urlsplit(first).path).rstrip("/")


def _operations(root: Part) -> Iterator[Operation]:
    paths = root.get("paths")
    whole = _security(root, True)
    for path, item in paths.entries.items() if paths is not None else ():
        shared = list(_parameters(root, item))
        for method, part in item.entries.items():
            if method in METHODS:
                own = list(_parameters(root, part))
                names = {(one.name, one.where) for one in own}
                given = (*(one for one in shared if (one.name, one.where) not in names), *own)
                yield Operation(method.upper(), path, part.place, part, given, _security(part, False) or whole)


def _security(part: Part, whole: bool) -> Security | None:
    said = part.get("security")
    if said is None:
        return None
    ways = (
        Requirement(tuple((name, tuple(scope.text for scope in scopes.items)) for name, scopes in item.entries.items()))
        for item in said.items
    )
    return Security(said.place, tuple(ways), whole)


def _parameters(root: Part, part: Part) -> Iterator[Parameter]:
    listed = part.get("parameters")
    for item in listed.items if listed is not None else ():
        one = followed(root, item)
        schema = followed(root, one.get("schema") or one)
        yield Parameter(one.says("name"), one.says("in"), schema.says("type"), schema.says("format"))


def followed(root: Part, part: Part) -> Part:
    """What a reference inside the same document leads to; the part itself where it is none."""
    reference = part.says("$ref")
    if not reference.startswith("#/"):
        return part
    return root.get(*(name.replace("~1", "/").replace("~0", "~") for name in reference[2:].split("/"))) or part
