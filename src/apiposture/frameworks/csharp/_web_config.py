"""What does `web.config` ask of whoever calls what lies in its folder?

As in ASP.NET: the rules of the nearest folder come first, those of a `location` are those of the folder that it names, and the first
one that fits whoever calls decides. Without one, everybody may.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from apiposture.frameworks.csharp._statements import Statement, needs_of
from apiposture.model.facts import Need
from apiposture.model.source import Place, SourceFile

COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
LOCATION: Final = re.compile(r"<location\b(?P<attributes>[^>]*)>(?P<inside>.*?)</location\s*>", re.DOTALL | re.IGNORECASE)
SECTION: Final = re.compile(r"<authorization\b[^>]*>(?P<inside>.*?)</authorization\s*>", re.DOTALL | re.IGNORECASE)
RULE: Final = re.compile(r"<(?P<kind>allow|deny)\b(?P<attributes>[^>]*?)/?>", re.IGNORECASE)
ATTRIBUTE: Final = re.compile(r"(?P<name>[\w-]+)\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')")
"""https://learn.microsoft.com/previous-versions/aspnet/8d82143t(v=vs.100)"""

LOGIN: Final = re.compile(r"<authentication\b[^>]*\bmode\s*=\s*[\"'](?!None\b)\w", re.IGNORECASE)
HIDDEN: Final = re.compile(
    r"<add\b(?=[^>]*\bpath\s*=\s*[\"']\*(?:\.aspx)?[\"'])(?=[^>]*\btype\s*=\s*[\"'][\w.]*HttpNotFoundHandler)", re.IGNORECASE
)
"""The pages of a folder that nobody can ask for: they are templates that code uses."""


class Rule(Struct, frozen=True):
    """One line: whom it lets in, or turns away."""

    allows: bool
    users: frozenset[str]
    roles: str
    place: Place
    text: str

    @property
    def fits_anybody(self) -> bool:
        """Does it speak of whoever is not logged in?"""
        return not self.users.isdisjoint("*?")


class Rules:
    """The rules of all folders of the scanned tree."""

    def __init__(self, settings: Sequence[SourceFile]) -> None:
        files = [(file, _blanked(COMMENT, file.text)) for file in settings if posixpath.basename(file.path).lower() == "web.config"]
        self.is_known = bool(files)
        self.knows_logins = any(LOGIN.search(text) for _, text in files)
        self._hidden = tuple(posixpath.dirname(file.path).lower() for file, text in files if HIDDEN.search(text))
        found: dict[str, list[Rule]] = {}
        for file, text in files:
            for covered, rules in _sections(file, text):
                found.setdefault(covered.lower().strip("/"), []).extend(rules)
        self._covered = dict(sorted(found.items(), key=lambda each: -len(each[0])))

    def hides(self, path: str) -> bool:
        """Is nothing served from the folder of this file?"""
        return any(not folder or path.lower().startswith(f"{folder}/") for folder in self._hidden)

    def statements(self, path: str) -> Iterator[Statement]:
        """What is asked of whoever calls the file at this path."""
        lowered = path.lower().strip("/")
        roles: list[Need] = []
        for covered, rules in self._covered.items():
            if covered not in ("", lowered) and not lowered.startswith(f"{covered}/"):
                continue
            for rule in rules:
                if rule.fits_anybody:
                    effect = "anonymous" if rule.allows else "authorize"
                    needs = () if rule.allows or "*" not in rule.users else tuple(roles)
                    yield Statement(effect, "group", covered or "/", rule.place, rule.text, needs=needs)
                    return
                roles += needs_of("role", rule.roles) if rule.allows else ()


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    """The text with spaces where the pattern is found, so that everything else stays where it is."""
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def _sections(file: SourceFile, text: str) -> Iterator[tuple[str, list[Rule]]]:
    """What each section of a file covers, with its rules; those of a `location` first. `text` is the file's without comments."""
    folder = posixpath.dirname(file.path)
    for found in LOCATION.finditer(text):
        covered = posixpath.join(folder, _attributes(found["attributes"]).get("path", ""))
        yield from ((covered, _rules(file, section, found.start("inside"))) for section in SECTION.finditer(found["inside"]))
    yield from ((folder, _rules(file, section, 0)) for section in SECTION.finditer(_blanked(LOCATION, text)))


def _rules(file: SourceFile, section: re.Match[str], offset: int) -> list[Rule]:
    found = []
    for rule in RULE.finditer(section["inside"]):
        attributes = _attributes(rule["attributes"])
        if "verbs" in attributes:
            continue
        users = frozenset(name.strip() for name in attributes.get("users", "").split(","))
        at = _place(file, offset + section.start("inside") + rule.start(), len(rule[0]))
        found.append(Rule(rule["kind"].lower() == "allow", users, attributes.get("roles", ""), at, " ".join(rule[0].split())))
    return found


def _attributes(text: str) -> dict[str, str]:
    return {found["name"].lower(): found["double"] or found["single"] or "" for found in ATTRIBUTE.finditer(text)}


def _place(file: SourceFile, at: int, length: int) -> Place:
    line, column = file.text.count("\n", 0, at) + 1, at - file.text.rfind("\n", 0, at)
    return Place(file.path, line, column, line, column + length)
