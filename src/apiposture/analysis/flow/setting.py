"""What does a call set on the objects that it is given, in the caller's eyes?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apiposture.analysis.flow.digging import dig
from apiposture.analysis.flow.filling import is_container
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import is_of_own_object, is_parameter
from apiposture.analysis.flow.surely import is_always_done, or_as_before
from apiposture.analysis.flow.values import UNKNOWN, Value

if TYPE_CHECKING:
    from apiposture.analysis.flow.composition import Mapping


def write(frame: Frame, mapping: Mapping, index: int, name: str, value: Value) -> None:
    """Note that a member of the receiver (-1) or of an argument was set."""
    target = mapping.receiver if index == -1 else mapping.args[index] if index < len(mapping.args) else UNKNOWN
    frame.note_use("assign", target, mapping.spot.span)
    for label in target.labels:
        if is_parameter(label):
            always = bool(value.labels) or is_always_done(frame.routine, mapping.spot.span)
            frame.effects.writes[(label.key, name)] = value if always else or_as_before(value, label, name)
        elif is_of_own_object(label):
            frame.effects.writes[(-1, f"{label.path[0]}.{name}")] = value
    if target is UNKNOWN or _is_beside_stored(frame, target, name):
        return
    for variable, known in frame.env.items():
        if known is target:
            frame.env[variable] = mapping.changed(index, known.with_field(name, value))
            break


def _is_beside_stored(frame: Frame, target: Value, name: str) -> bool:
    """Is it a collection of a stored object's? What is put there tells nothing of what is there already."""
    declared = target.type.decl if target.type is not None else None
    slot = frame.summaries.program.slot(declared, name) if declared is not None else None
    if slot is None or not any(label.kind == "object" for label in target.labels):
        return False
    return is_container(frame, frame.knowledge.unwrap(frame.summaries.program.type_of(slot)))


def write_below(frame: Frame, mapping: Mapping, name: str, value: Value) -> None:
    """A member of what the receiver holds was set: `self.order.note = text`."""
    target, unknown = dig(mapping.receiver, (name.partition(".")[0],))
    if not unknown:
        frame.note_use("assign", target, mapping.spot.span)
    elif any(is_parameter(label) and label.key == -1 for label in target.labels):
        frame.effects.writes[(-1, name)] = value
