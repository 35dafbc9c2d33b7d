"""What do the answers of a helper say of what was held against the caller on the way to them?

`allowed, role = self.asked(request)`, where the helper answers `(True, role)` only behind a query for the caller's role.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from apiposture.frameworks.python.walks.seen import NOTHING, UNKNOWN, Seen, of_truth, truth

CARRYING = ("constant", "items", "object", "unknown")
"""Kinds of values that may be asked about later."""


def carrying(answer: Seen, held: frozenset[Any], row: bool) -> Seen:
    """An answer, with what was held against the caller by then; each part of a tuple may be what decides."""
    if answer.kind not in CARRYING or truth(answer) is False or not (held or row):
        return answer
    if answer.kind == "items" and isinstance(answer.value, tuple):
        return answer._replace(value=tuple([carrying(one, held, False) for one in answer.value]))
    return answer._replace(asked=answer.asked | held, row=answer.row or row)


def one_of(answers: Iterable[Seen]) -> Seen:
    """What is known of a value that is one of these."""
    found = list(dict.fromkeys(answers))
    if len(found) == 1:
        return found[0]
    tuples = [one.value for one in found if one.kind == "items" and isinstance(one.value, tuple)]
    if len(tuples) == len(found) and len(set(map(len, tuples))) == 1:
        return Seen("items", tuple([one_of(same) for same in zip(*tuples, strict=True)]))
    plain = {one._replace(asked=frozenset()) for one in found}
    truths = {truth(one) for one in found}
    known = plain.pop() if len(plain) == 1 else of_truth(truths.pop()) if len(truths) == 1 else UNKNOWN
    return known if known == NOTHING else known._replace(asked=_asked_of_all(found), row=all(one.row or one == NOTHING for one in found))


def _asked_of_all(answers: Sequence[Seen]) -> frozenset[Any]:
    """What was held against the caller wherever the answer is yes, or, where some say no in so many words, wherever it is anything else."""
    says_no = any(one.kind == "constant" and one.value is False for one in answers)
    ways = [one.asked for one in answers if truth(one) is not False or (says_no and one == NOTHING)]
    return frozenset.intersection(*ways) if ways else frozenset()
