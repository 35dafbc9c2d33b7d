"""What value does a literal stand for?"""

from __future__ import annotations

import re
from typing import Final

from tree_sitter import Node

from apiposture.languages.csharp.dispatch import NAMED, Lowering, expr, expression, ids, solid, span_of
from apiposture.model.ir import Expr, Literal, Template

_INTERPOLATION: Final = ids("interpolation")
_START: Final = ids("interpolation_start")
_QUOTE: Final = ids("interpolation_quote", "raw_string_start")
_FORMAT: Final = ids("interpolation_format_clause", "interpolation_alignment_clause", "interpolation_brace")

_ESCAPE: Final = re.compile(r"\\(?:x[0-9a-fA-F]{1,4}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_SINGLE: Final = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}


def _escaped(match: re.Match[str]) -> str:
    escape = match[0]
    if len(escape) > 2:
        point = int(escape[2:], 16)
        return chr(point) if point <= 0x10FFFF else "\ufffd"
    return _SINGLE.get(escape[1], escape[1])


def unescape(text: str) -> str:
    """The text that a regular string's source stands for. Half a surrogate pair, which is no text, becomes U+FFFD."""
    if "\\" not in text:
        return text
    found = _ESCAPE.sub(_escaped, text)
    return found if found.isascii() else found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@expression("string_literal")
def string(c: Lowering, n: Node) -> Expr:
    start = n.start_byte
    end = n.end_byte
    text = c.text[start + 1 : end - 1]
    if c.text[end - 1] != '"':
        text = text.removesuffix('"') if text.endswith('"') else text[: text.rfind('"')]
    if "\\" in text:
        text = unescape(text)
    return Literal(text, start << 32 | end)


@expression("verbatim_string_literal")
def verbatim(c: Lowering, n: Node) -> Expr:
    text = c.text[n.start_byte : n.end_byte]
    return Literal(text[2 : text.rfind('"')].replace('""', '"'), span_of(n))


@expression("raw_string_literal")
def raw(c: Lowering, n: Node) -> Expr:
    text = c.text[n.start_byte : n.end_byte]
    text = text[: text.rfind('"') + 1]
    quotes = len(text) - len(text.lstrip('"'))
    return Literal(_dedent(text[quotes : len(text) - quotes]), span_of(n))


def _dedent(text: str) -> str:
    """The value of a raw string: on several lines, the first break and the last line's indent fall away."""
    lines = text.replace("\r\n", "\n").split("\n")
    if len(lines) < 2 or lines[0].strip() or lines[-1].strip():
        return text
    indent = len(lines[-1])
    return "\n".join([line[indent:] if not line[:indent].strip() else line for line in lines[1:-1]])


@expression("character_literal")
def character(c: Lowering, n: Node) -> Expr:
    return Literal(unescape(c.text[n.start_byte + 1 : n.end_byte - 1]), span_of(n))


@expression("integer_literal")
def integer(c: Lowering, n: Node) -> Expr:
    text = c.text[n.start_byte : n.end_byte]
    if text.isdecimal() and len(text) < 19:
        return Literal(int(text), span_of(n))
    digits = text.replace("_", "").rstrip("uUlL")
    base = {"0x": 16, "0b": 2}.get(digits[:2].lower(), 10)
    try:
        value = int(digits[2:] if base != 10 else digits, base) if len(digits) < 80 else 1 << 64
    except ValueError:
        return Literal(text, span_of(n))
    return Literal(value if value < 1 << 63 else digits, span_of(n))


@expression("real_literal")
def real(c: Lowering, n: Node) -> Expr:
    text = c.text[n.start_byte : n.end_byte]
    try:
        value = float(text.replace("_", "").rstrip("fFdDmM"))
    except ValueError:
        return Literal(text, span_of(n))
    return Literal(value if abs(value) != float("inf") else text, span_of(n))


@expression("boolean_literal")
def boolean(c: Lowering, n: Node) -> Expr:
    return Literal(n.end_byte - n.start_byte == 4, span_of(n))


@expression("null_literal")
def null(c: Lowering, n: Node) -> Expr:
    return Literal(None, span_of(n))


@expression("interpolated_string_expression")
def template(c: Lowering, n: Node) -> Expr:
    children = solid(c, n)
    opening = c.text[children[0].start_byte : children[0].end_byte] if children else "$"
    is_raw = any(k.kind_id in _QUOTE for k in children[1:2])
    verbatim = "@" in opening
    pieces: list[Expr] = []
    start = end = 0
    text: list[str] = []
    for k in children[2:-1]:
        if k.kind_id in _INTERPOLATION:
            if text:
                pieces.append(Literal("".join(text), start << 32 | end))
                text = []
            pieces.extend(_hole(c, k))
        else:
            start = start if text else k.start_byte
            end = k.end_byte
            text.append(_piece(c.text[k.start_byte : end], is_raw, verbatim))
    if text:
        pieces.append(Literal("".join(text), start << 32 | end))
    if is_raw:
        pieces = _dedented(pieces)
    if not pieces:
        return Literal("", span_of(n))
    if len(pieces) == 1 and isinstance(pieces[0], Literal):
        return Literal(pieces[0].value, span_of(n))
    return Template(tuple(pieces), span_of(n))


def _hole(c: Lowering, n: Node) -> list[Expr]:
    """The value of an interpolation; how it is formatted says nothing."""
    return [expr(c, k) for k in solid(c, n) if k.kind_id in NAMED and k.kind_id not in _FORMAT][:1]


def _piece(text: str, is_raw: bool, verbatim: bool) -> str:
    if is_raw:
        return text
    text = text.replace("{{", "{").replace("}}", "}")
    return text.replace('""', '"') if verbatim else unescape(text)


def _dedented(pieces: list[Expr]) -> list[Expr]:
    """The pieces of a raw string on several lines without the indent of its last line."""
    first, last = pieces[0] if pieces else None, pieces[-1] if pieces else None
    if not (isinstance(first, Literal) and isinstance(last, Literal)):
        return pieces
    head, tail = str(first.value).replace("\r\n", "\n"), str(last.value).replace("\r\n", "\n")
    indent = tail.rpartition("\n")[2]
    if head.partition("\n")[0].strip() or "\n" not in head or indent.strip() or "\n" not in tail:
        return pieces
    out: list[Expr] = []
    for i, piece in enumerate(pieces):
        if isinstance(piece, Literal) and isinstance(piece.value, str):
            value = piece.value.replace("\r\n", "\n").replace("\n" + indent, "\n")
            value = value.partition("\n")[2] if i == 0 else value
            value = value.removeprefix(indent) if i == 0 else value
            value = value.rpartition("\n")[0] if i == len(pieces) - 1 else value
            piece = Literal(value, piece.span)
            if value == "":
                continue
        out.append(piece)
    return out
