"""Which sinks and log calls of a function are its caller's as well, and what of a value does a log show?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from apiposture.analysis.flow.acting import says_itself, shows_its_name
from apiposture.analysis.flow.effects import LogEffect, Summary
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import Label, Labels
from apiposture.analysis.flow.switches import still_taken
from apiposture.analysis.flow.values import TELLING, UNKNOWN, Value, flat, merge
from apiposture.analysis.text_forms import text_form

if TYPE_CHECKING:
    from apiposture.analysis.flow.composition import Mapping


def noted(frame: Frame, mapping: Mapping, summary: Summary) -> None:
    """Note what reaches a sink or log of the called function from here."""
    for sink in summary.sinks:
        taken = still_taken(sink.taken, mapping.args)
        if taken is None:
            continue
        labels = mapping.labels({label: trail for label, trail in sink.labels.items() if label.kind == "param"})
        if labels:
            reached = sink._replace(labels=labels, facts=mapping.facts(sink.facts), taken=frame.taken | taken)
            frame.effects.add_sink(reached)
            chosen = {label: trail for label, trail in labels.items() if not _is_part_of_found(label)}
            if frame.routine.function.name and any(label.kind == "request" for label in chosen):
                frame.summaries.note_sink(frame, reached._replace(labels=chosen))
    for log in summary.logs:
        labels = _shown(frame, mapping, log)
        types = tuple((v.type, flat(v)) for v in _logged_args(mapping, log.labels) if v.type is not None)
        if labels or types:
            effect = log._replace(labels=labels, types=types, depth=log.depth + 1)
            frame.effects.add_log(effect)
            if any(use.decl is not None for use, _ in types) or any(x.kind in ("sensitive", "whole") for x in labels):
                frame.summaries.note_log(frame, effect)


TEXTS: Final = ("route", "header", "cookie")
"""Kinds of request data that are texts."""


def _is_part_of_found(label: Label) -> bool:
    """Is it a member of what was found by a text of the request, which has no members itself: `Event.get(view_args["id"]).url`?"""
    return label.kind == "request" and label.key in TEXTS and len(label.path) > 2


def in_text(frame: Frame, value: Value) -> Labels:
    """The labels of what a value's text form shows: what was set in an object that came from elsewhere is not seen in it."""
    if says_itself(frame.knowledge, value.type):
        return {x: t for x, t in value.labels.items() if x.kind not in TELLING}
    came = frame.module.explicit_names and any(x.kind in ("param", "object") for x in value.labels)
    if came or not value.fields:
        return value.labels
    shown = text_form(frame.summaries.program, value.type.decl) if value.type is not None and value.type.decl is not None else None
    if shown is None:
        return flat(value)
    return merge((value.labels, *(flat(field) for name, field in value.fields.items() if name in shown)))


def _shown(frame: Frame, mapping: Mapping, log: LogEffect) -> Labels:
    """The caller's labels behind those that a log call shows."""
    shown = {label: trail for label, trail in log.labels.items() if label.kind == "param"}
    if log.taken_apart:
        return mapping.labels(shown)
    kept: Labels = {}
    unseen: set[object] = set()
    for label, trail in shown.items():
        given = _given(mapping, label.key) if not label.path else UNKNOWN
        if not (shows_its_name(frame.knowledge, given.type) or says_itself(frame.knowledge, given.type)):
            kept = {**kept, label: trail}
            unseen.update(flat(given).keys() - in_text(frame, given).keys())
    labels = mapping.labels(kept)
    return {label: trail for label, trail in labels.items() if label not in unseen} if unseen else labels


def _given(mapping: Mapping, index: object) -> Value:
    """What was passed for a parameter."""
    return mapping.args[index] if isinstance(index, int) and 0 <= index < len(mapping.args) else UNKNOWN


def _logged_args(mapping: Mapping, labels: Labels) -> list[Value]:
    shown = [x.key for x in labels if x.kind == "param" and not x.path and "exposure" not in x.clean]
    whole = [key for key in shown if isinstance(key, int) and 0 <= key < len(mapping.args)]
    return [mapping.args[index] for index in whole]
