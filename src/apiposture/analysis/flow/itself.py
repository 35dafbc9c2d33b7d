"""What does a method know of the object that it is called on?"""

from __future__ import annotations

from typing import Final

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import Label
from apiposture.analysis.flow.queries import Query
from apiposture.analysis.flow.values import Value
from apiposture.program.types import Type, TypeUse

UNTOLD: Final = TypeUse("")
"""What the queries of a store find of which only its user knows what it holds."""


def itself(frame: Frame, owner: Type) -> Value:
    """The object at hand: of a store of the program's own, a query for whatever the caller's one is for; of a class method, the class."""
    routine, program = frame.routine, frame.summaries.program
    of_type = frame.module.explicit_names and "static" in routine.function.modifiers and owner.kind != "module"
    query = _of_store(frame, owner) if frame.module.explicit_names and owner.kind == "class" else None
    return Value({Label.of("param", -1): None}, program.as_use(owner), query=query, static=owner if of_type else None)


def _of_store(frame: Frame, owner: Type) -> Query | None:
    """The query that an object of a type is which extends a library's store: `class PlanQuerySet(QuerySet)`."""
    knowledge = frame.knowledge
    for declared, base in frame.summaries.program.ancestors(owner):
        names = knowledge.lineage(base.name) if declared is None else ()
        if not knowledge.stores.isdisjoint(names) and not any(knowledge.is_by_nature(name, "stored") for name in names):
            return Query(base.args[-1] if base.args else UNTOLD, origin=-1)
    return None


def of_store(value: Value) -> Query | None:
    """The query that a value is, or, of a store that was asked for nothing yet, one for all that it holds."""
    if value.query is not None or value.type is None or not value.type.args:
        return value.query
    return Query(value.type.args[-1])
