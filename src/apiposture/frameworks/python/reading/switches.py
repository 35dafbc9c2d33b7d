"""Does the program's own code make a setting of an application: `app.config["LOGIN_DISABLED"] = True`?"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.frameworks.python.reading.objects import Objects, texts_of
from apiposture.model import ir
from apiposture.program import Program, walk


def is_set(objects: Objects, name: str) -> bool:
    """Is there anything in the scanned source that may set it?"""
    if objects.settings is None:
        objects.settings = frozenset(_names(objects.program))
    return name in objects.settings


def _names(program: Program) -> Iterator[str]:
    """The settings that are made: fields of classes and modules of settings, keys of a `config`."""
    for declared in program.types:
        yield from (name for name in declared.fields if name.isupper())
    for module in program.modules:
        yield from _in(module.body)
    for routine in program.routines:
        if "config" in walk.uses(routine.function):
            yield from _in(routine.function.body or ())


def _in(body: tuple[ir.Stmt, ...]) -> Iterator[str]:
    for node in walk.nodes(body):
        if isinstance(node, ir.Assign) and isinstance(node.target, ir.Index):
            yield from (key.value for key in node.target.keys if isinstance(key, ir.Literal) and isinstance(key.value, str))
        elif isinstance(node, ir.Call) and walk.called_name(node) in ("update", "from_mapping", "setdefault"):
            yield from (arg.name for arg in node.args if arg.name)
            yield from texts_of(node.args)
