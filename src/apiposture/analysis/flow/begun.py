"""What does a store of the project's own hold, before anything is asked of it: `class Published(Manager)` with its own `get_queryset`?"""

from __future__ import annotations

from apiposture.analysis.flow.callee import Callee
from apiposture.analysis.flow.composition import apply
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.values import Value
from apiposture.model.source import Span


def as_begun(frame: Frame, callee: Callee, span: Span) -> Callee:
    """Who is called, on what the store's own beginning leaves of all objects; the same where it has none of its own."""
    store = callee.receiver
    kind = store.type
    if kind is None or kind.decl is None or not kind.args or store.query is not None or not frame.module.explicit_names:
        return callee
    for name in sorted(frame.knowledge.idioms("begins") - {callee.name}):
        for routine in frame.summaries.program.methods(kind.decl, name)[:1]:
            begun = apply(frame, routine, store, [], span, {}).value
            if begun.query is not None:
                return callee.on(Value(store.labels, kind, store.about, fields=store.fields, query=begun.query))
    return callee
