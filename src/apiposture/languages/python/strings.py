"""Which text does a string literal stand for, and which values stand in it?"""

from __future__ import annotations

import re
from typing import Final

from tree_sitter import Node

from apiposture.languages.python.dispatch import Lowering, expr, expression, ids, span_of, text_at
from apiposture.model.ir import Expr, Literal, Template

_STRING: Final = ids("string")
_CONTENT: Final = ids("string_content")
_START: Final = ids("string_start")
_INTERPOLATION: Final = ids("interpolation")
_ESCAPES: Final = re.compile(r"\\(\n|\r\n|[\\'\"abfnrtv]|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\})")
_SIGNS: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\n": "", "\r\n": ""}
_HIGHEST: Final = 0x10FFFF


def _sign(match: re.Match[str]) -> str:
    code = match[1]
    if code in _SIGNS:
        return _SIGNS[code]
    if code[0] in "xuU":
        number = int(code[1:], 16)
        return chr(number) if number <= _HIGHEST and not 0xD800 <= number <= 0xDFFF else match[0]
    if code[0].isdigit():
        return chr(int(code, 8))
    return match[0] if code[0] == "N" else code


def _pieces(c: Lowering, n: Node) -> list[str | Expr]:
    """The literal texts and the values of one string, in order."""
    found: list[str | Expr] = []
    prefix = ""
    for k in n.children:
        kind = k.kind_id
        if kind in _START:
            prefix = text_at(c, k).rstrip("'\"").lower()
        elif kind in _CONTENT:
            found.append(_content(text_at(c, k), prefix))
        elif kind in _INTERPOLATION:
            found += _interpolated(c, k)
    return found


def _content(text: str, prefix: str) -> str:
    if "f" in prefix or "t" in prefix:
        text = text.replace("{{", "{").replace("}}", "}")
    return text if "r" in prefix or "\\" not in text else _ESCAPES.sub(_sign, text)


def _interpolated(c: Lowering, n: Node) -> list[str | Expr]:
    """The value in braces, what it says of itself (`=`), and the values in its format."""
    found: list[str | Expr] = []
    value = n.child_by_field_name("expression")
    if value is not None:
        if any(k.type == "=" for k in n.children):
            found.append(f"{text_at(c, value)}=")
        found.append(expr(c, value))
    layout = n.child_by_field_name("format_specifier")
    for k in layout.children if layout is not None else ():
        inner = k.child_by_field_name("expression")
        if inner is not None:
            found.append(expr(c, inner))
    return found


def made(pieces: list[str | Expr], place: int) -> Expr:
    """A literal where there are only texts, else a template of texts and values."""
    if all(isinstance(piece, str) for piece in pieces):
        return Literal("".join(str(piece) for piece in pieces), place)
    joined: list[Expr] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, str):
            if isinstance(last, Literal) and isinstance(last.value, str) and last.span == place:
                joined[-1] = Literal(last.value + piece, place)
            elif piece:
                joined.append(Literal(piece, place))
        else:
            joined.append(piece)
    return Template(tuple(joined), place)


@expression("string")
def string(c: Lowering, n: Node) -> Expr:
    return made(_pieces(c, n), span_of(n))


@expression("concatenated_string")
def concatenated(c: Lowering, n: Node) -> Expr:
    return made([piece for k in n.children if k.kind_id in _STRING for piece in _pieces(c, k)], span_of(n))


def plain_text(c: Lowering, n: Node) -> str:
    """The literal text of a string, without its values."""
    strings = [n] if n.kind_id in _STRING else [k for k in n.children if k.kind_id in _STRING]
    texts: list[str] = []
    for one in strings:
        texts += (text_at(c, k) for k in one.children if k.kind_id in _CONTENT)
    return "".join(texts)


_HOLE: Final = re.compile(r"\{(\w*)(?:[.\[!:][^{}]*)?\}|%(?:\((\w+)\))?[-#0 +]*[\d*.]*([sdifrxXeEgGcoua])")


def formatted(text: str, positional: list[Expr], named: dict[str, Expr], place: int, percent: bool) -> Expr | None:
    """A text whose holes (`{}`, `%s`) the values fill, as a template; None where a hole has no value."""
    pieces: list[str | Expr] = []
    at = 0
    taken = 0
    for match in _HOLE.finditer(text.replace("{{", "\0\0").replace("}}", "\1\1") if not percent else text.replace("%%", "\0\0")):
        is_percent = match[0].startswith("%")
        if is_percent != percent:
            continue
        pieces.append(text[at : match.start()])
        at = match.end()
        key = (match[2] if percent else match[1]) or ""
        value = named.get(key) if key and not key.isdigit() else None
        if value is None:
            index = int(key) if key.isdigit() else taken
            taken += 1
            value = positional[index] if index < len(positional) and (not key or key.isdigit()) else None
        if value is None:
            return None
        pieces.append(value)
    pieces.append(text[at:])
    doubled = ("%%", "%") if percent else ("{{", "{")
    return made([p.replace(*doubled).replace("}}", "}") if isinstance(p, str) else p for p in pieces], place)
