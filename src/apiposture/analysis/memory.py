"""What is known from the last time?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from apiposture.analysis.units import Routed, Units

if TYPE_CHECKING:
    from apiposture.model.ir import Module


def nothing(path: str, digest: str) -> None:
    """No earlier text of a file is known."""


class Memory:
    """The units of the last time, and those of this time once they are worked out.

    `key` stands for all that answers come from besides the code of functions: the tool, its configuration, the settings files, and
    what is declared in the code. `earlier` gives the file at a path as it was when it had a digest, where that is still known.
    """

    def __init__(self, past: Units, key: str, earlier: Callable[[str, str], Module | None] = nothing) -> None:
        self.past = past
        self.key = key
        self.earlier = earlier
        self.units = Units()

    def keep(self, units: Units, routed: Routed | None = None) -> None:
        """Put away what is known now."""
        put = msgspec.structs.replace
        self.units = put(self.units, entered=units.entered, noted=units.noted, telling=units.telling, routed=routed)
