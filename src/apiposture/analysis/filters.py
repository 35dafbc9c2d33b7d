"""Which entities does the model itself show to their owners only?"""

from __future__ import annotations

from apiposture.analysis.flow.asking import conditions
from apiposture.analysis.flow.frame import Effects, Frame
from apiposture.analysis.flow.labels import PRINCIPAL, Label
from apiposture.analysis.flow.summaries import Summaries
from apiposture.analysis.flow.values import Value
from apiposture.analysis.ownership import named_owner
from apiposture.model import ir
from apiposture.model.facts import Check
from apiposture.program import walk
from apiposture.program.places import place
from apiposture.program.types import TypeUse


def filtered(summaries: Summaries) -> dict[str, Check]:
    """For each entity whose every query is narrowed to the caller's own: the line that says so."""
    found: dict[str, Check] = {}
    names = {name for module in summaries.program.modules for name in summaries.knowledge(module).model_filters}
    for routine, call in summaries.program.calling(*names):
        this = Value({Label.of("param", -1): None}, summaries.program.as_use(routine.owner)) if routine.owner else Value()
        frame = Frame(summaries, routine, {"this": this}, Effects())
        entity = _entity(frame, call)
        if entity is None or not call.args:
            continue
        value = frame.value(call.args[-1].value)
        holder = Value(type=TypeUse("IQueryable", (entity,)))
        for predicate in conditions(frame, holder, [value]):
            held = predicate.about.union(predicate.against)
            by_owner = any(named_owner(member) for member in predicate.members) and any(x.kind == "param" for x in held)
            if PRINCIPAL in held or by_owner:
                at = place(routine.module, predicate.span)
                found.setdefault(entity.name, Check("predicate", at, f"every query of '{entity.name}' asks for the caller's own"))
    return found


def _entity(frame: Frame, call: ir.Call) -> TypeUse | None:
    for inner in walk.chain(call):
        if inner.type_args and walk.called_name(inner) == "Entity":
            return frame.type(inner.type_args[0])
    receiver = frame.value(call.function.object) if type(call.function) is ir.Member else None
    return receiver.type.args[0] if receiver is not None and receiver.type is not None and receiver.type.args else None
