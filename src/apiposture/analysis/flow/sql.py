"""How does a statement of SQL begin, and what does it do to which table?

The words are those of ISO/IEC 9075-2, and `REPLACE` of MySQL and SQLite.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

BEGINS: Final = re.compile(
    r"[\s(]*(?:select\s+\S|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|replace\s+into\s|with\s+\w+\s+as\s|"
    r"(?:create|alter|drop|truncate)\s+(?:table|view|index|database|schema|user|role)\s)",
    re.IGNORECASE,
)
TABLE: Final = r"[\"`\[]?(?:\w+[\"`\]]?\.[\"`\[]?)?(\w+)"
READS_OR_DELETES: Final = re.compile(rf"\s*(select|delete)\b.*?\bfrom\s+{TABLE}", re.IGNORECASE | re.DOTALL)
UPDATES: Final = re.compile(rf"\s*update\s+{TABLE}", re.IGNORECASE)


class Doing(NamedTuple):
    """`does` is `read`, `update` or `delete`."""

    does: str
    table: str


def is_statement(text: str) -> bool:
    """Does a text begin as a statement does?"""
    return BEGINS.match(text) is not None


def doing(text: str) -> Doing | None:
    """What a statement does to the first of its tables; None where it does nothing to rows that are there."""
    if (changed := UPDATES.match(text)) is not None:
        return Doing("update", changed[1])
    found = READS_OR_DELETES.match(text)
    return Doing("delete" if found[1].lower() == "delete" else "read", found[2]) if found is not None else None
