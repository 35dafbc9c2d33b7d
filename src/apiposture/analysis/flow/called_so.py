"""Does a variable's name say that what was put into it is sensitive, where nothing else tells what it is?

`password = getpass()` holds a password, whoever made it. Only what a call gives, or what is taken from a collection, is taken at the
variable's word: what a parameter or member is called is known there, and a text that stands in the program is no secret by its name.
"""

from __future__ import annotations

from typing import Final

from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import Label, Trail, Way
from apiposture.analysis.flow.values import ANSWERED, EXPOSURE, TELLING, Value
from apiposture.analysis.sensitive import kinds_of, kinds_of_parameter, makes_safe, words_of
from apiposture.model import ir
from apiposture.model.source import Span
from apiposture.program import walk

GRAVE: Final = ("credential", "token", "payment-card", "national-id")
"""The kinds for which a variable's name is enough: what is called an address, a header or a location is so in many ways."""

MAKES: Final = frozenset("generate create issue make new sign obtain acquire fetch request refresh renew".split())
"""Beginnings of the names of functions that give somebody a token; what goes through texts has tokens of another sort."""


def taken_at_its_word(frame: Frame, name: str, value: Value, written: ir.Expr | None, span: Span) -> Value:
    """The value under a name, marked as what the name says that it is."""
    if type(written) not in (ir.Call, ir.Index) or value.constants is not None or value.fields or value.items or value.query:
        return value
    if value.type is not None and (value.type.decl is not None or value.type.args):
        return value
    stated = value.type.name if value.type is not None else ""
    if not kinds_of(name, stated):
        return value
    if any(label.kind in TELLING or (label.clean >= EXPOSURE and not label.clean >= ANSWERED) for label in value.labels):
        return value  # it is known what it is, or was made safe
    function = frame.routine.function
    owner = frame.owner.simple if frame.owner is not None else ""
    beside = (function.name, owner, *(param.name for param in function.params))
    kinds = tuple(kind for kind in kinds_of_parameter(name, stated, beside) if kind in GRAVE)
    if not kinds or any(makes_safe(walk.called_name(call)) for call in walk.calls(written)):
        return value
    if len(words_of(name)) == 1 and "credential" not in kinds and not _makes_one(written):
        return value
    labels: dict[Label, Way] = dict(value.labels)
    for kind in kinds:
        labels.setdefault(Label.of("sensitive", kind, (name,)), Trail(frame.module, span, f"'{name}' is set"))
    return Value(labels, value.type, value.about)


def _makes_one(written: ir.Expr | None) -> bool:
    """Is it given by a function that says that it makes one: `GenerateResetToken(user)`?"""
    return type(written) is ir.Call and not MAKES.isdisjoint(words_of(walk.called_name(written))[:1])
