"""What did the analyses find out?"""

from __future__ import annotations

from msgspec import Struct

from apiposture.model.facts import Facts
from apiposture.model.scan import Problem


class Derived(Struct, frozen=True):
    """The facts, what could not be handled on the way, and the frameworks that were recognised."""

    facts: Facts
    problems: tuple[Problem, ...]
    frameworks: tuple[str, ...]
