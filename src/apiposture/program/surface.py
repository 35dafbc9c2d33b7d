"""What of a module do others see without looking into its code?"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from apiposture.model import ir
from apiposture.model.ir import Module

_POSITIONS = frozenset(("span", "name_span"))


def surface(module: Module) -> str:
    """A digest of all that is declared: names, types, signatures, annotations, first values and imports. The code of functions and the
    positions are left out, so that it stays the same when only they change. The code of a function that replaces an inherited one
    and takes nothing (a text form, say) is part of it: who uses the object sees it.
    """
    declared = (module.package, module.imports, module.annotations, module.types, module.functions)
    return blake2b(repr(list(_written(declared))).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _signature(function: ir.Function) -> ir.Function:
    if function.body is None or ("override" in function.modifiers and not function.params):
        return function
    return ir.Function(
        function.name, function.params, function.returns, (), function.annotations, function.modifiers, function.type_params, 0, 0
    )


def _written(root: Any) -> Iterator[object]:
    """Everything at or below `root`, flat: each struct by its kind and then its parts."""
    pending = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, tuple):
            yield len(node)
            pending.extend(reversed(node))
        elif isinstance(node, ir.Lambda):
            yield "Lambda"
            pending.extend((node.function.body, node.function.params))
        elif isinstance(node, ir.Function):
            yield "Function"
            pending.extend(_parts(_signature(node)))
        elif hasattr(node, "__struct_fields__"):
            yield type(node).__name__
            pending.extend(_parts(node))
        else:
            yield node


def _parts(node: Any) -> list[Any]:
    return [getattr(node, name) for name in reversed(node.__struct_fields__) if name not in _POSITIONS]
