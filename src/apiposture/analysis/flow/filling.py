"""Where does a thing stay that was put into something else: `parts.append(text)`, `_sql.Append(text)`, `found["x"].append(text)`?

In the variable or member that holds the other one, and where that came in as a parameter, in what the caller handed over.
"""

from __future__ import annotations

from typing import Final

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import Labels, is_parameter
from apiposture.analysis.flow.values import Value, flat, merge, union
from apiposture.model import ir
from apiposture.model.source import Span
from apiposture.program.types import TypeUse

HANDS_BACK: Final = ("out", "ref")
"""Modes of parameters."""


def is_container(frame: Frame, kind: TypeUse | None) -> bool:
    """Does a library's type hold what is put into it, for whoever holds it?"""
    if kind is None or kind.decl is not None:
        return False
    return any(frame.knowledge.is_by_nature(name, "container") for name in frame.knowledge.lineage(kind.name))


def is_entry_of_variable(frame: Frame, holder: ir.Expr) -> bool:
    """Is it what stands under a key in a variable that nothing says is anything else than a container: `found["x"]`?"""
    around = frame.env.get(holder.object.id) if type(holder) is ir.Index and type(holder.object) is ir.Name else None
    return around is not None and around.static is None and (around.type is None or is_container(frame, around.type))


def keep(frame: Frame, holder: ir.Expr, changed: Value, span: Span) -> None:
    """Something holds more from now on: whatever is written here as what holds it is `changed`."""
    if type(holder) is ir.Name and holder.id in frame.env:
        frame.env[holder.id] = changed
        frame.filled.add(holder.id)
    elif not is_container(frame, changed.type) and not is_entry_of_variable(frame, holder):
        return
    elif type(holder) is ir.Name and frame.module.implicit_this:
        _keep_member(frame, ir.Name("this", span), holder.id, changed)
    elif type(holder) is ir.Member:
        _keep_member(frame, holder.object, holder.name, changed)
    elif type(holder) is ir.Index and type(holder.object) is not ir.Index:
        around = frame.value(holder.object)
        more = Value(merge((around.labels, flat(changed))), around.type, union((around.about, changed.about)), None, around.fields)
        keep(frame, holder.object, more, span)


def _keep_member(frame: Frame, holder: ir.Expr, name: str, changed: Value) -> None:
    """The object at hand, or one that was made here, has a member that holds more. What is put beside stored things is none of them."""
    held = frame.value(holder)
    is_own = len(held.labels) == 1 and all(is_parameter(label) and label.key == -1 for label in held.labels)
    is_made = not held.labels and held.fields is not None and held.query is None
    if is_own:
        frame.effects.writes[(-1, name)] = changed
    if (is_own or is_made) and type(holder) is ir.Name and holder.id in frame.env:
        frame.env[holder.id] = held.with_field(name, changed)


def filled(frame: Frame, known: Value, handed: Value) -> Value | None:
    """What a value is that was handed to a function which put something into it; None where it is none that holds anything."""
    is_passed_on = known.type is None and len(known.labels) == 1 and all(map(is_parameter, known.labels))
    if not is_passed_on and not is_container(frame, known.type):
        return None
    own = flat(known)
    more: Labels = {label: way for label, way in handed.labels.items() if label not in own}
    fields = {**(known.fields or {}), **(handed.fields or {})} or None
    held = own if known.items is not None else known.labels
    return Value(merge((held, more)), known.type, union((known.about, handed.about)), None, fields, known.query)


def held_at_end(inner: Frame, function: ir.Function) -> dict[int, Value]:
    """What the parameters hold that hand something back, or were filled, once a function was run; by their positions."""
    env = inner.env
    held = {index: param for index, param in enumerate(function.params) if param.mode in HANDS_BACK or param.name in inner.filled}
    return {index: env[param.name].typed(inner.type(param.type)) for index, param in held.items() if param.name in env}
