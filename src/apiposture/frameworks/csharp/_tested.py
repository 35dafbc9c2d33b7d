"""What do builders say for certain, of which some is declared on one side of a test?"""

from __future__ import annotations

from collections.abc import Iterable

from apiposture.frameworks.csharp._builders import ASKS, Builder, unsure


class Sides:
    """The sides of a test of which nobody knows how it comes out; `builders` are those that are known around it."""

    def __init__(self, builders: Iterable[Builder]) -> None:
        self.around = {id(one): one for one in builders}
        self.before = {key: len(one.said) for key, one in self.around.items()}
        self.so_far = dict(self.before)
        self.certain = set(self.around)
        """Those of which each side so far declared something that asks for a caller, or left."""

    def end(self, goes_on: bool) -> None:
        """One side is behind us."""
        for key, one in self.around.items():
            declared = one.said[self.so_far[key] :]
            if goes_on and not any(each.effect in ASKS for each in declared):
                self.certain.discard(key)
            self.so_far[key] = len(one.said)

    def settle(self) -> None:
        """What only one of the sides declared that goes on may never be said."""
        for key, one in self.around.items():
            if key not in self.certain:
                at = self.before[key]
                one.said[at:] = map(unsure, one.said[at:])
