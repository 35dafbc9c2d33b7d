"""Which texts does a function in Go list, as far as that can be told without running it?

gitleaks writes the samples of a rule as Go: literals, joined, filled in, or drawn from a pattern. This is a reader for the few kinds of
expressions that it does so with; anything else is `Unknown`, and the sample is left out. What is drawn is drawn the same each time.
"""

from __future__ import annotations

import re
import re._constants as kinds
import re._parser as patterns
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

Value = str | list[Any]
Calls = Mapping[str, Callable[..., Value]]
TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/|(?P<raw>`[^`]*`)|(?P<text>"(?:[^"\\\n]|\\.)*")|(?P<name>[A-Za-z_][\w.]*)|(?P<sign>\[\]string|\[\]byte|\.\.\.|[-+(){},:=\[\]]|.)""",
    re.DOTALL,
)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'"}


class Unknown(Exception):  # noqa: N818
    """The expression can't be worked out here."""


class Reader:
    """Reads one expression after another from a text. `calls` are the functions that may be called, `names` the variables."""

    def __init__(self, text: str, calls: Calls, names: dict[str, Value] | None = None) -> None:
        found = ((match.lastgroup, match.group()) for match in TOKEN.finditer(text) if match.lastgroup)
        self.tokens = [(kind or "", token) for kind, token in found]
        self.at = 0
        self.calls = calls
        self.names = names if names is not None else {}

    def next(self) -> str:
        """The sign or word that comes next."""
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> tuple[str, str]:
        if self.at >= len(self.tokens) or (wanted and self.next() != wanted):
            raise Unknown(f"{wanted or 'more'} is missing before '{self.next()}'")
        self.at += 1
        return self.tokens[self.at - 1]

    def expression(self) -> Value:
        """Terms that are joined."""
        value = self.term()
        while self.next() == "+":
            self.take()
            other = self.term()
            if not isinstance(value, str) or not isinstance(other, str):
                raise Unknown("only texts are joined")
            value += other
        return value

    def term(self) -> Value:
        kind, token = self.take()
        if kind == "raw":
            return token[1:-1]
        if kind == "text":
            return re.sub(r"\\(.)", lambda match: ESCAPES.get(match[1], match[0]), token[1:-1])
        if token == "[]string":
            return self.listed("{", "}")
        if token == "(":
            value = self.expression()
            self.take(")")
            return value
        if kind == "name" and self.next() == "(":
            given = self.listed("(", ")")
            return self.called(token, given)
        if kind == "name" and token in self.names:
            return self.names[token]
        raise Unknown(token)

    def listed(self, opening: str, closing: str) -> list[Any]:
        """Expressions with commas between; those that are unknown are left out of a list, but no argument may be."""
        self.take(opening)
        appends = self.tokens[self.at - 2][1] == "append"
        values: list[Any] = []
        while self.next() != closing:
            start = self.at
            try:
                value = self.expression()
                if self.next() == "...":
                    self.take()
                if self.next() not in (",", closing):
                    raise Unknown(self.next())
                values.append(value)
            except Unknown:
                if opening == "(" and not appends:
                    raise
                self.at = start
                self.skip(closing)
            if self.next() == ",":
                self.take()
        self.take(closing)
        return values

    def skip(self, closing: str) -> None:
        """To the comma or the bracket that ends this element."""
        depth = 0
        while depth or self.next() not in (",", closing):
            _, token = self.take()
            depth += (token in ("(", "{", "[")) - (token in (")", "}", "]"))

    def called(self, name: str, given: list[Any]) -> Value:
        if name == "append":
            return [text for value in given for text in (value if isinstance(value, list) else [value])]
        if name not in self.calls or not all(isinstance(value, str) for value in given):
            raise Unknown(name)
        return self.calls[name](*given)


def assigned(body: str, calls: Calls) -> Iterator[tuple[str, Value]]:
    """What each `name := ...` and `name = ...` of a function gives the name, in order."""
    names: dict[str, Value] = {}
    for match in re.finditer(r"(?m)^\t+(\w+) :?= ", body):
        try:
            names[match[1]] = Reader(body[match.end() :], calls, names).expression()
        except Unknown:
            continue
        yield match[1], names[match[1]]


def filled(form: str, *values: str) -> str:
    """`fmt.Sprintf` with texts alone."""
    parts = re.split(r"%[sv]", form)
    if len(parts) != len(values) + 1:
        raise Unknown(form)
    return "".join(part + value for part, value in zip(parts, (*values, ""), strict=True))


def drawn(pattern: str) -> str:
    """A text that the pattern matches; the same for the same pattern."""
    try:
        return "".join(_drawn(patterns.parse(pattern), Random(pattern)))
    except (re.error, KeyError) as error:
        raise Unknown(pattern) from error


def _drawn(parsed: Any, chance: Random) -> Iterator[str]:
    for kind, given in parsed:
        if kind is kinds.LITERAL:
            yield chr(given)
        elif kind is kinds.IN:
            yield chance.choice(sorted(_signs(given)))
        elif kind is kinds.ANY:
            yield chance.choice("abcdefghijklmnopqrstuvwxyz0123456789")
        elif kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT):
            least, most, what = given
            for _ in range(chance.randint(least, min(most, max(least, 10)))):
                yield from _drawn(what, chance)
        elif kind is kinds.SUBPATTERN:
            yield from _drawn(given[3], chance)
        elif kind is kinds.BRANCH:
            yield from _drawn(chance.choice(given[1]), chance)
        elif kind is not kinds.AT:
            raise KeyError(kind)


def _signs(parts: Any) -> set[str]:
    """The signs of a class; one that says what it is not is drawn from letters and digits."""
    found: set[str] = set()
    for kind, given in parts:
        if kind is kinds.LITERAL:
            found.add(chr(given))
        elif kind is kinds.RANGE:
            found.update(map(chr, range(given[0], given[1] + 1)))
        elif kind is kinds.CATEGORY:
            found.update("0123456789" if given is kinds.CATEGORY_DIGIT else "abcdefghijklmnopqrstuvwxyz0123456789_")
        else:
            raise KeyError(kind)
    return found
