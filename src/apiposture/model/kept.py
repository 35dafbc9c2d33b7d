"""How does a part of something stored stay as it was stored until somebody looks at it?

Most functions of a program are never looked into: a scan that has all it needs to know of them would decode their code for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Raw

from apiposture.model.looking import look_into

if TYPE_CHECKING:
    from apiposture.model.ir import Stmt

    Body = tuple[Stmt, ...] | None
else:
    Body = Raw

_NONE = Raw(msgspec.msgpack.encode(None))
_EMPTY = Raw(msgspec.msgpack.encode(()))


class WithBody:
    """A struct with a `body` that is decoded when it is first looked at. Equal are two that say the same, looked at or not."""

    __slots__ = ()

    @property
    def has_body(self) -> bool:
        """Is there a body, be it an empty one? Asked without looking at it."""
        kept = type(self).__dict__["body"].kept(self)
        return kept is not None and (type(kept) is not Raw or bool(kept != _NONE))

    @property
    def has_code(self) -> bool:
        """Is there anything in its body? Asked without looking at it."""
        kept = type(self).__dict__["body"].kept(self)
        return kept != _NONE and kept != _EMPTY if type(kept) is Raw else bool(kept)


class _Body:
    """Stands in the place of the `body` that msgspec reads and writes."""

    def __init__(self, stored: Any, kind: Any) -> None:
        self.kept = stored.__get__
        self._keep = stored.__set__
        self._decode = msgspec.msgpack.Decoder(kind).decode

    def __get__(self, holder: Any, _: type | None = None) -> Any:
        if holder is None:
            return self
        look_into(holder)
        body = self.kept(holder)
        if type(body) is Raw:
            body = self._decode(body)
            self._keep(holder, body)
        return body

    def __set__(self, holder: Any, body: Any) -> None:
        self._keep(holder, body)


def decoded_late(holder: Any, kind: Any) -> None:
    """Make the `body` of a struct type, which holds a `kind`, one that is decoded when it is first looked at."""
    names = holder.__struct_fields__

    def is_same(one: Any, other: object) -> bool:
        return type(other) is holder and all(getattr(one, name) == getattr(other, name) for name in names)

    holder.body = _Body(holder.body, kind)
    holder.__eq__ = is_same
    holder.__hash__ = lambda one: hash((one.name, one.span))
