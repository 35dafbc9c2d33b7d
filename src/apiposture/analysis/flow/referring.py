"""Which stored objects refer to the one at hand: `user.shelf_set`, `author.books`?

What refers to it says so where it is declared: `ForeignKey(User, related_name="books")`.
"""

from __future__ import annotations

from apiposture.analysis.flow.digging import identity
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.queries import Predicate, Query
from apiposture.analysis.flow.values import Value
from apiposture.model.source import Span


def referring(frame: Frame, holder: Value, name: str, span: Span) -> Value | None:
    """The store of those that refer to an object under this name, held to that object; None where none do."""
    declared = holder.type.decl if holder.type is not None else None
    found = frame.knowledge.referring(declared, name) if declared is not None and frame.module.explicit_names else None
    if found is None:
        return None
    owner, member = found
    use = frame.summaries.program.as_use(owner)
    store = frame.knowledge.member_type(use, frame.knowledge.of_references)
    if store is None:
        return None
    held = Predicate(frozenset((member,)), identity(holder), holder.everything(), frame.module, span, owners=frozenset((owner.simple,)))
    return Value(type=store, about=holder.about, query=Query(use, (held,)))
