"""How does a route template read once its tokens, constraints and prefixes are worked out?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

TOKEN: Final = re.compile(r"\[(\w+)\]")
PARAMETER: Final = re.compile(r"\{\*{0,2}([\w.?-]+?)(?::[^{}]*(?:\{[^{}]*\}[^{}]*)*)?(\?)?(?:=[^{}]*)?\}")
"""A parameter with its constraints (which may hold braces of their own, as in regex), optional mark or default."""


def join(*parts: str) -> str:
    """One route of several templates; a later one that starts with `/` or `~/` starts anew, as attribute routes do."""
    joined = ""
    for part in parts:
        if part.startswith(("/", "~/")):
            joined = part.lstrip("~")
        elif part:
            joined = f"{joined.rstrip('/')}/{part}"
    return joined


def nest(prefix: str, template: str) -> str:
    """A template below a prefix: groups put the prefix before any template, whether it starts with `/` or not."""
    inner = template.removeprefix("~").strip("/")
    return f"{prefix.rstrip('/')}/{inner}" if inner else prefix or "/"


def plain(template: str) -> str:
    """The route to show: parameters without constraints, catch-all stars, defaults; one leading slash, none at the end."""
    route = PARAMETER.sub(lambda m: "{" + m[1].rstrip("?") + "}", template.replace("{{", "\0").replace("}}", "\1"))
    route = route.replace("\0", "{").replace("\1", "}")
    return "/" + "/".join(piece for piece in route.removeprefix("~").split("/") if piece)


def parameters(template: str) -> frozenset[str]:
    """The names of the template's parameters, in lower case: routes bind without regard to case."""
    return frozenset(m[1].rstrip("?").lower() for m in PARAMETER.finditer(template))


def fill(template: str, tokens: dict[str, str]) -> str:
    """The template with `[controller]`, `[action]` and `[area]` replaced; `[[` and `]]` are brackets."""
    text = template.replace("[[", "\0").replace("]]", "\1")
    text = TOKEN.sub(lambda m: tokens.get(m[1].lower(), m[0]), text)
    return text.replace("\0", "[").replace("\1", "]")


def conventional(pattern: str, values: dict[str, str], wanted: Iterable[str]) -> str | None:
    """A conventional pattern for one action; None where the pattern can't reach it.

    `values` are controller, action, area and what the defaults fix. Optional parameters that nobody `wants` are left out.
    """
    keep = {name.lower() for name in wanted}
    pieces: list[str] = []
    for piece in pattern.strip("/").split("/"):
        filled = _fill_piece(piece, values, keep)
        if filled is None:
            return None
        if filled:
            pieces.append(filled)
    return "/" + "/".join(pieces)


def _fill_piece(piece: str, values: dict[str, str], keep: set[str]) -> str | None:
    missing = False

    def put(match: re.Match[str]) -> str:
        nonlocal missing
        name = match[1].rstrip("?").lower()
        if name in values:
            return values[name]
        if name in ("area", "controller", "action"):
            missing = True
        optional = match[0].rstrip("}").endswith("?") or "=" in match[0]
        return "" if optional and name not in keep else match[0]

    filled = PARAMETER.sub(put, piece)
    return None if missing else filled


def slug(name: str) -> str:
    """`MyAccount` as `my-account`: what the documented `SlugifyParameterTransformer` does."""
    return re.sub(r"([a-z])([A-Z])", r"\1-\2", name).lower()
