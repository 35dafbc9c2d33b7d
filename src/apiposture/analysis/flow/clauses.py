"""Which parameters does a text of SQL hold every row against?

Only what is plainly so counts: `column = :name`, as a condition that all rows of the one statement meet. In doubt nothing is held.
"""

from __future__ import annotations

import re
from typing import Final

HOLE: Final = "{}"
"""What stands in a text for a piece of it that is not known."""

SET_APART: Final = re.compile(r"--[^\n]*|/\*.*?\*/|'((?:[^']|'')*)'|[\"`](\w+)[\"`]|\[([A-Za-z_]\w*)\]", re.DOTALL)
UNSURE: Final = re.compile(r"\$\$|#|/\*|\*/|['\"`]|\bcase\b|\bxor\b|\bintersect\b|\bexcept\b|\|\||;\s*\S", re.IGNORECASE)
BRACKETS: Final = re.compile(r"\(([^()]*)\)")
KEPT: Final = re.compile(r"\x00(\d+)\x00")
WHERE: Final = re.compile(r"\bwhere\b", re.IGNORECASE)
ENDS: Final = re.compile(r"\b(?:group\s+by|order\s+by|having|window|limit|offset|fetch|for|returning|on)\b", re.IGNORECASE)
UNION: Final = re.compile(r"\bunion\b(?:\s+all\b)?", re.IGNORECASE)
OR: Final = re.compile(r"\bor\b", re.IGNORECASE)
AND: Final = re.compile(r"\band\b", re.IGNORECASE)
SELECT: Final = re.compile(r"\s*select\b", re.IGNORECASE)

COLUMN: Final = r"(?:\w+\.)*([A-Za-z_]\w*)"
PARAMETER: Final = r"(?<!:)[:@$](\w+)(?:::\w+)?"
IS: Final = re.compile(rf"\s*{COLUMN}\s*=\s*{PARAMETER}\s*", re.IGNORECASE)
IS_TURNED: Final = re.compile(rf"\s*{PARAMETER}\s*=\s*{COLUMN}\s*", re.IGNORECASE)
AMONG: Final = re.compile(rf"\s*{COLUMN}\s*(?:=|\bin)\s*\x00(\d+)\x00\s*", re.IGNORECASE)
APART: Final = re.compile(r"\bfrom\b.*(?:,|\bcross\b)", re.IGNORECASE | re.DOTALL)
TOGETHER: Final = re.compile(r"\s*\w+\.\w+\s*=\s*\w+\.\w+\s*")
UNKNOWN: Final = re.compile(rf"\s*(?:{COLUMN}\s*(?:=|\bin)\s*)?\{{\}}\s*", re.IGNORECASE)
NAMELESS: Final = re.compile(r"\?|%s")
NUMBERED: Final = re.compile(r"\$(\d+)")
NAMED_IN_BRACKETS: Final = re.compile(r"[%$]\((\w+)\)s?")


def plain(text: str) -> str:
    """The statement without its comments, and with nothing in its literals."""
    return SET_APART.sub(lambda found: f"{found[2] or found[3]}" if found[2] or found[3] else "''" if found[0][0] == "'" else " ", text)


def held(text: str) -> dict[str, str]:
    """The columns that a whole statement holds its parameters against, by their names; those without one are counted from 0."""
    said = plain(text).replace("''", "0").rstrip("; \n\t")
    return {} if "\\" in text or UNSURE.search(said) is not None else _Statement(said).held()


class _Statement:
    """A statement with its brackets set apart, each under a number."""

    def __init__(self, text: str) -> None:
        self.brackets: list[str] = []
        self.count = -1
        text = NUMBERED.sub(lambda found: f":{int(found[1]) - 1}", NAMED_IN_BRACKETS.sub(r":\1", text))
        self.text = self._apart(NAMELESS.sub(self._numbered, text))

    def _numbered(self, found: re.Match[str]) -> str:
        self.count += 1
        return f":{self.count}"

    def _apart(self, text: str) -> str:
        before = ""
        while before != text:
            before, text = text, BRACKETS.sub(self._keep, text)
        return text

    def _keep(self, found: re.Match[str]) -> str:
        self.brackets.append(found[1])
        return f"\x00{len(self.brackets) - 1}\x00"

    def held(self) -> dict[str, str]:
        """What every row of the statement is held against."""
        return {} if "(" in self.text or ")" in self.text else self._selected(self.text)

    def _selected(self, text: str) -> dict[str, str]:
        return in_all([self._where(part) for part in UNION.split(text)])

    def _where(self, text: str) -> dict[str, str]:
        parts = WHERE.split(text)
        if len(parts) != 2:
            return {}
        condition, *after = ENDS.split(parts[1])
        if APART.search(parts[0]) is not None and not any(TOGETHER.fullmatch(one) is not None for one in AND.split(condition)):
            return {}  # every row beside every other
        return {} if any(OR.search(one) is not None for one in after) else self._condition(condition)

    def _condition(self, text: str) -> dict[str, str]:
        return in_all([self._conjuncts(part) for part in OR.split(text)])

    def _conjuncts(self, text: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for part in AND.split(text):
            if HOLE in part and UNKNOWN.fullmatch(part) is None:
                return {}  # what is not known may go on with an alternative
            found.update(self._conjunct(part))
        return found

    def _conjunct(self, text: str) -> dict[str, str]:
        if (bracket := KEPT.fullmatch(text.strip())) is not None:
            return self._condition(self.brackets[int(bracket[1])])
        if (among := AMONG.fullmatch(text)) is not None:
            return self._among(among[1], self.brackets[int(among[2])])
        if (plainly := IS.fullmatch(text)) is not None:
            return {plainly[2]: plainly[1]}
        turned = IS_TURNED.fullmatch(text)
        return {turned[1]: turned[2]} if turned is not None else {}

    def _among(self, column: str, within: str) -> dict[str, str]:
        """`column IN (:name)`, or in what a statement finds that is held itself."""
        if SELECT.match(within):
            return self._selected(within)
        one = re.fullmatch(PARAMETER, within.strip())
        return {one[1]: column} if one is not None else {}


def in_all(ways: list[dict[str, str]]) -> dict[str, str]:
    """What holds in each of several ways."""
    first = ways[0]
    return {name: column for name, column in first.items() if all(name in way for way in ways)}
