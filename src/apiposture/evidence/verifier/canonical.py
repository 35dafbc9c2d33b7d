"""In which one way is a value written, so that its digest means something?"""

from __future__ import annotations

import hashlib
import json
from typing import Any

Json = dict[str, Any]


class BrokenError(Exception):
    """Something in the pack does not hold; the message says what."""


def harmless(text: str) -> str:
    """Text from a pack that a terminal does not obey: what has no glyph is written out."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)


def sha256(data: bytes) -> str:
    """The digest, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def written(value: Any) -> bytes:
    """Canonical JSON with a line end: keys sorted, no spaces, ASCII, no fractions."""
    return (json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False) + "\n").encode("ascii")


def read(data: bytes, name: str) -> Any:
    """The value of canonical JSON. Anything else, such as the same value in another spelling, is broken."""
    value = _parsed(data, name, _refused, None)  # a key that stands twice would be written once
    if written(value) != data:
        raise BrokenError(f"'{name}' is not in its canonical form: it was written by somebody else, or changed.")
    return value


def loose(data: bytes, name: str, fractions: bool = False) -> Any:
    """The value of JSON in any spelling; a key that stands twice, what is no JSON, or a fraction where there may be none is broken."""
    return _parsed(data, name, float if fractions else _refused, _once)


def _parsed(data: bytes, name: str, number: Any, pairs: Any) -> Any:
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=pairs, parse_float=number, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise BrokenError(f"'{name}' can't be read: {error}.") from None


def lines(data: bytes, name: str) -> list[bytes]:
    """The lines of a file of lines; one without an end is broken."""
    if data and not data.endswith(b"\n"):
        raise BrokenError(f"'{name}' ends in the middle of a line.")
    return [line + b"\n" for line in data.split(b"\n")[:-1]]


def _once(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refused(text: str) -> Any:
    raise ValueError(f"the number {text} is no whole number")
