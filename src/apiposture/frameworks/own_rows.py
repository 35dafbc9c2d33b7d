"""Which rows of library knowledge does a user add, and can the engine read them?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from apiposture.frameworks.library import File, Library, spelled_out
from apiposture.frameworks.vocabulary import slips
from apiposture.model.error import PostureError

Rows = Mapping[str, Sequence[dict[str, Any]]]


def with_rows(shipped: Library, own: Rows) -> Library:
    """The shipped rows and a user's own, by kind. Raises PostureError, naming row, key and value, for one that does not fit."""
    kinds = Library.__struct_fields__
    for kind in own:
        if kind not in kinds:
            from difflib import get_close_matches

            near = get_close_matches(kind, kinds, 1)
            advice = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(kinds)}."
            raise PostureError(f"'{kind}' is no kind of row; {advice}")
    return Library(**{kind: (*getattr(shipped, kind), *_checked(kind, own.get(kind, ()))) for kind in kinds})


def _checked(kind: str, rows: Sequence[dict[str, Any]]) -> Iterator[Any]:
    """A user's rows of one kind, each held against the vocabulary."""
    for number, written in enumerate(rows):
        for spelled in spelled_out(written):
            row = _converted(f"{kind}[{number}]", kind, spelled)
            for slip in slips(kind, row):
                raise PostureError(f"'{kind}[{number}].{slip.key}' is '{slip.value}'; it must be {slip.wanted}.")
            yield row


_AT_KEY = re.compile(r"^(?P<what>.*) - at `\$\.\w+\[0\]\.(?P<key>\w+)[^`]*`$")


def _converted(name: str, kind: str, written: dict[str, Any]) -> Any:
    try:
        (row,) = getattr(msgspec.convert({kind: [written]}, File), kind)
    except msgspec.ValidationError as error:
        placed = _AT_KEY.match(str(error))
        if placed:
            raise PostureError(f"'{name}.{placed['key']}' is '{written[placed['key']]}': {placed['what']}.") from None
        raise PostureError(f"'{name}': {str(error).partition(' - at ')[0]}.") from None
    return row
