"""Which language is a file written in, and what does it say in the IR?

A language is a module or package of this folder with its page (`<name>.md`) beside it; it offers `SUFFIXES`, `GRAMMAR` (the
package of its grammar) and `lower`. Its grammar is loaded when the first file of it is met.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from apiposture.languages.resting import collector_resting
from apiposture.model.ir import Module
from apiposture.model.source import SourceFile


class Language(Protocol):
    """What a module of this shelf offers."""

    SUFFIXES: tuple[str, ...]
    GRAMMAR: str

    def lower(self, source: SourceFile) -> Module:
        """The file in the IR; total, so that any text gives a module."""


@cache
def names() -> tuple[str, ...]:
    """The languages of the shelf, in alphabetical order."""
    entries = os.listdir(os.path.dirname(__file__))
    return tuple(sorted(name.removesuffix(".md") for name in entries if name.endswith(".md")))


def grammars() -> tuple[str, ...]:
    """The packages of the languages' grammars."""
    return tuple(_language(name).GRAMMAR for name in names())


@cache
def language_of(path: str) -> str:
    """The language that lowers a file of this name, or `''` if none does."""
    _, dot, suffix = path.rpartition("/")[2].rpartition(".")
    return _languages_by_suffix().get(dot + suffix.lower(), "") if dot else ""


def lower(source: SourceFile) -> Module:
    """The file in the IR. Text of no known language gives an empty module."""
    if not source.language:
        return Module(
            source.path, "", source.digest, "", (), (), (), (), (), (0,), False, 0, 0, ()
        )
    with collector_resting():
        return _language(source.language).lower(source)


def source_of(path: str, text: str) -> SourceFile:
    """A source file from text at hand, such as an example on a page."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return SourceFile(path, language_of(path), text, digest)


def suffixes_of(language: str) -> tuple[str, ...]:
    """The ends of the names of a language's files; none for a language that is not on the shelf."""
    return _language(language).SUFFIXES if language in names() else ()


@cache
def _language(name: str) -> Language:
    return cast(Language, import_module(f"{__name__}.{name}"))


@cache
def _languages_by_suffix() -> dict[str, str]:
    return {suffix: name for name in names() for suffix in _language(name).SUFFIXES}
