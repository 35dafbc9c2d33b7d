"""What of a module do others see without looking into its code?"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from operator import attrgetter
from typing import Any, Final

from apiposture.model import ir
from apiposture.model.ir import Module

POSITIONS: Final = frozenset(("span", "name_span"))
"""The fields that say where something stands, and nothing else."""


def surface(module: Module) -> str:
    """A digest of all that is declared: names, types, signatures, annotations, first values and imports. The code of functions and the
    positions are left out, so that it stays the same when only they change. The code of a function that replaces an inherited one
    and takes nothing (a text form, say) is part of it, and of one that sets variables outside of it: who uses those sees it.
    """
    declared = (module.package, module.imports, module.annotations, module.types, module.functions)
    return blake2b(repr(_written(declared)).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


_LEAVES: Final = frozenset((str, int, bool, float, bytes, type(None)))
_ELSEWHERE: Final = ...
"""Stands where a part has parts of its own, which are written further on."""


def _written(root: tuple[Any, ...]) -> list[object]:
    """Everything at or below `root`, flat: each struct by its kind and then its parts, each tuple by its length and then its items."""
    found: list[object] = []
    pending: list[Any] = [root]
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind is tuple:
            found.append(len(node))
            parts = node
        else:
            found.append(kind.__name__)
            parts = (_PARTS.get(kind) or _parts_of(kind))(node)
        for part in parts:
            if type(part) in _LEAVES:
                found.append(part)
            else:
                found.append(_ELSEWHERE)
                pending.append(part)
    return found


def _signature(function: ir.Function) -> tuple[Any, ...]:
    """A function without its code, and without where it stands."""
    seen_through = function.body is None or bool(function.rebinds) or ("override" in function.modifiers and not function.params)
    body = function.body if seen_through else ()
    return (function.name, function.params, function.returns, body, function.annotations, function.modifiers, function.type_params)


_PARTS: Final[dict[type, Callable[[Any], tuple[Any, ...]]]] = {
    ir.Function: _signature,
    ir.Lambda: lambda node: (node.function.params, node.function.body),
}
"""What is written of a struct of each kind; the plain ones are entered as they come."""


def _parts_of(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    """All fields of a struct of this kind but those that say where it stands."""
    names = [name for name in kind.__struct_fields__ if name not in POSITIONS]
    parts: Callable[[Any], tuple[Any, ...]] = attrgetter(*names) if len(names) > 1 else lambda node: tuple(getattr(node, n) for n in names)
    return _PARTS.setdefault(kind, parts)
