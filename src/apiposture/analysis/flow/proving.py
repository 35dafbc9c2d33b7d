"""What does it prove of whoever sent something that a call which was given it came back?"""

from __future__ import annotations

from typing import Final

from apiposture.analysis.flow.effects import NOTHING, Facts
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import Guard, Labels
from apiposture.model import ir

SEALED: Final = "sealed"
"""A mark of what the service itself had sealed: who sends it was given it."""

SIGNED: Final = "signed"
"""A mark of what somebody signed whom the service trusts: who sends it is known."""

KEYED: Final = "keyed"
"""A mark of a digest that nobody makes without a key."""


def came_back(frame: Frame, call: ir.Call, made: Labels) -> Facts:
    """What holds behind a call that raises where what it was given was not sealed or signed; `made` is what it gives, with such marks."""
    shown = frozenset(label for label in made if SEALED in label.clean or SIGNED in label.clean)
    return frozenset((Guard.of((shown,), frame.module, call.span, True),)) if shown else NOTHING
