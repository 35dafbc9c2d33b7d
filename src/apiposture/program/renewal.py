"""How does a file that is linked already take in its new text?

Only where nothing is declared differently (its `surface` is the same): then every type, function and field is still itself, with new code
and at another place. What is known of a declaration by its identity stays known. This is the one place where IR is written to: the
modules belong to whoever renews them.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import force_setattr

from apiposture.model.ir import Field, Function, Module, TypeDecl

_DECLARATIONS = frozenset((TypeDecl, Function, Field))


def take_in(module: Module, new: Module) -> None:
    """Make the module, and all that it declares, say what `new` says, which has the same surface. Raises ValueError where it has not."""
    _become(module, new)


def _become(old: Any, new: Any) -> None:
    for name in type(old).__struct_fields__:
        was, now = getattr(old, name), getattr(new, name)
        if type(was) is tuple and was and type(was[0]) in _DECLARATIONS:
            for one, other in zip(was, now, strict=True):
                _become(one, other)
        elif type(was) in _DECLARATIONS:
            _become(was, now)
        else:
            force_setattr(old, name, now)
