"""What may be taken from the last time?"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from apiposture.analysis.units import Units, still_true

if TYPE_CHECKING:
    from apiposture.frameworks.library import Library
    from apiposture.program import Program


class Memory:
    """The units of the last time, and those of this time once they are worked out.

    `key` stands for all that answers come from besides the code of functions: the tool, its configuration, the settings files, and
    what is declared in the code.
    """

    def __init__(self, past: Units, key: str) -> None:
        self._past = past
        self._key = key
        self.units = Units()

    def recall(self, program: Program, rows: Sequence[Library]) -> Units:
        """The units that are still true of this program."""
        paths = tuple(module.path for module in program.modules)
        digests = tuple(module.digest for module in program.modules)
        self.units = Units(f"{self._key} {_arranged(program, rows)}", paths, digests)
        return still_true(self._past, self.units.key, paths, digests)

    def keep(self, units: Units) -> None:
        """Put away what is known now."""
        self.units = msgspec.structs.replace(self.units, entered=units.entered, noted=units.noted)


def _arranged(program: Program, rows: Sequence[Library]) -> str:
    """Stands for what start-up code says for all: which implementation serves for which service, and what the model filters."""
    found = sha256(repr(sorted(program.registrations)).encode("utf-8", "surrogatepass"))
    filters = {row.call.rpartition(".")[2] for library in rows for row in library.query if row.does == "model"}
    for module in program.modules:
        if not filters.isdisjoint(module.calls):
            found.update(module.digest.encode())
    return found.hexdigest()
