"""Does a function that is given its caller ask for those of whose parts one is the caller: `room.Members.Any(m => m.Id == me)`?

`rooms.Of(me)` is given the caller; `rooms.Of(new Filter { User = me, Name = name })` an object that holds it among other things. A part
that only belongs to the caller (`show.Requests.Any(r => r.UserId == me)`) makes the whole nobody's.
"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.analysis.flow.labels import is_handed_in
from apiposture.analysis.flow.queries import Predicate
from apiposture.analysis.flow.values import SOME, Value
from apiposture.analysis.words import words


def asks_for_caller(predicate: Predicate, args: Sequence[Value]) -> bool:
    """Is an item's own identifier asked for, by a parameter that is handed the caller and nothing else?"""
    if not any("." in member and member.rpartition(".")[2] in words().identifiers for member in predicate.members):
        return False
    keys = [x.key for x in predicate.about if is_handed_in(x) and not x.path and not x.clean >= SOME]
    return any(_is_caller(args[key]) for key in keys if isinstance(key, int) and 0 <= key < len(args))


def _is_caller(value: Value) -> bool:
    """Is it the caller, or what tells the caller from others, and no object of the program's own?"""
    if value.fields or (value.type is not None and value.type.decl is not None):
        return False
    return any(x.kind == "principal" for x in value.labels)
