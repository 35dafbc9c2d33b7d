"""How do the verifier's modules become one file that needs nothing but Python?"""

from __future__ import annotations

import ast
from functools import cache
from pprint import pformat

import msgspec

from apiposture import shipped
from apiposture.evidence.standards import load, names
from apiposture.evidence.verifier.canonical import sha256, written

ORDER = (
    "canonical", "ed25519", "chain", "commits", "container", "envelope", "der", "publickeys", "certificates", "timestamps", "register",
    "findings", "assessed", "statuses", "tables", "figures", "sheets", "shown", "drawing", "pictures", "oscal", "handoffs", "copies",
    "sampling", "checks", "asked",
)  # fmt: skip
"""Each after what it uses."""

_PACKAGE = "apiposture.evidence.verifier"
_HEAD = '''#!/usr/bin/env python3
"""Verify an ApiPosture evidence pack, with Python (3.11 or newer) and its standard library alone.

    python verify.py evidence.zip --key-fingerprint FINGERPRINT

The fingerprint must come from elsewhere: a letter, a call. So should this file: every pack holds a copy, but who changes a pack can change
the copy as well. Nothing here reaches the network, writes a file or runs anything from the pack. Joined from the modules of
`apiposture.evidence.verifier`.
"""

from __future__ import annotations

'''
_UNKNOWN = "KNOWN_MAPPINGS: Json = {}"
_TAIL = """

if __name__ == "__main__":
    raise SystemExit(main())
"""


@cache
def verify_py() -> bytes:
    """The verifier as one file. A name that two modules have would be a ValueError."""
    imports: set[str] = set()
    bodies: list[str] = []
    defined: set[str] = set()
    for module in ORDER:
        text = shipped.text(_PACKAGE, f"{module}.py")
        bodies.append(_body(text, imports, defined))
    whole = _HEAD + "\n".join(sorted(imports)) + "\n\n\n" + "\n\n\n".join(bodies) + _TAIL
    return whole.replace(_UNKNOWN, f"KNOWN_MAPPINGS: Json = {pformat(mappings())}").encode("utf-8")


def mappings() -> dict[str, str]:
    """The digest of each standard's rows, as a pack holds them, by the file's name."""
    return {f"mapping/{name}.json": sha256(written(msgspec.to_builtins(load(name)))) for name in names()}


def _body(text: str, imports: set[str], names: set[str]) -> str:
    """A module's code, its opening question as a comment; what it imports is put with the rest."""
    tree = ast.parse(text)
    lines = text.splitlines()
    question = (ast.get_docstring(tree) or "").split("\n")
    for node in [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]:
        if isinstance(node, ast.Import) or not (node.module or "").startswith(("apiposture", "__future__")):
            imports.add(ast.unparse(node))
    for name in _defined(tree):
        if name in names:
            raise ValueError(f"Two modules of the verifier define '{name}'.")
        names.add(name)
    first = next(node for node in tree.body[1:] if not isinstance(node, ast.Import | ast.ImportFrom))
    start = first.decorator_list[0].lineno if isinstance(first, ast.FunctionDef | ast.ClassDef) and first.decorator_list else first.lineno
    return "\n".join([*(f"# {line}".rstrip() for line in question), "", *lines[start - 1 :]])


def _defined(tree: ast.Module) -> list[str]:
    """The names that a module gives to its functions, classes and values."""
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found += [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    return found
